//! Inner products of many rows with many, each bit for bit that of [`dots`](crate::prover::simd::dots).
//!
//! An inner product has eight sums, one for every eighth column, which are added in order; columns that fill no eight
//! follow one by one. A tile here holds one of the eight for eight rows times eight, so what is packed once serves all
//! rows: row by row, each would come from memory again for every few others.

use super::tiles::{Lanes, SIDE, Tile, subtract};
use crate::prover::simd::{LANES, Vectors};

/// Columns of one lane that are packed at a time: 128 rows of all lanes fit the second-level cache.
const DEPTH: usize = 64;

/// `A B^T` for rows of that length.
pub fn products(vectors: Vectors, a: &[f64], b: &[f64], length: usize) -> Vec<f64> {
    let [rows, columns] = [a, b].map(|x| x.len() / length);
    let broad = columns.div_ceil(SIDE);
    let mut sums = Sums::new(rows, broad, length);
    let mut packed = [Vec::new(), Vec::new()];
    for first in sums.blocks() {
        let depth = sums.depth(first);
        packed.iter_mut().zip([a, b]).for_each(|(packed, x)| pack(vectors, x, length, first, depth, packed));
        let [a, b] = &packed;
        sums.add(vectors, a, b, |_| broad);
    }
    let entry = sums.entries([a, b]);
    (0..rows * columns).map(|k| entry(k / columns, k % columns)).collect()
}

/// `A A^T` for rows of that length: only one of two entries that mirror each other is summed.
pub fn gram(vectors: Vectors, a: &[f64], length: usize) -> Vec<f64> {
    let rows = a.len() / length;
    let mut sums = Sums::new(rows, rows.div_ceil(SIDE), length);
    let mut packed = Vec::new();
    for first in sums.blocks() {
        pack(vectors, a, length, first, sums.depth(first), &mut packed);
        sums.add(vectors, &packed, &packed, |p| p + 1);
    }
    let entry = sums.entries([a, a]);
    (0..rows * rows).map(|k| entry((k / rows).max(k % rows), (k / rows).min(k % rows))).collect()
}

/// The sums of all lanes, with the sign turned, which is exact.
struct Sums {
    /// For each lane, for each eight rows of A, for each eight of B.
    tiles: Vec<Tile>,
    /// Tiles of a lane, and of eight rows of A.
    lane: usize,
    broad: usize,
    /// Columns, and those of them that fill eights.
    length: usize,
    whole: usize,
}

impl Sums {
    fn new(rows: usize, broad: usize, length: usize) -> Self {
        let lane = rows.div_ceil(SIDE) * broad;
        let tiles = vec![[[0.0; SIDE]; SIDE]; LANES * lane];
        Self { tiles, lane, broad, length, whole: length - length % LANES }
    }

    /// The first column of each block.
    fn blocks(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.whole).step_by(DEPTH * LANES)
    }

    /// Columns of one lane in the block that begins there.
    fn depth(&self, first: usize) -> usize {
        DEPTH.min((self.whole - first) / LANES)
    }

    /// Adds a block, packed; of the tiles beside panel p of A only the first `count(p)`.
    fn add(&mut self, vectors: Vectors, a: &[Lanes], b: &[Lanes], count: impl Fn(usize) -> usize) {
        let depth = b.len() / (LANES * self.broad);
        let lanes = a.chunks(a.len() / LANES).zip(b.chunks(b.len() / LANES));
        for (tiles, (a, b)) in self.tiles.chunks_mut(self.lane).zip(lanes) {
            for (p, (tiles, a)) in tiles.chunks_mut(self.broad).zip(a.chunks(depth)).enumerate() {
                tiles[..count(p)].iter_mut().zip(b.chunks(depth)).for_each(|(tile, b)| subtract(vectors, tile, a, b));
            }
        }
    }

    /// Adds the lanes up; then the inner product of row i of A with row j of B.
    fn entries<'a>(mut self, [a, b]: [&'a [f64]; 2]) -> impl Fn(usize, usize) -> f64 + use<'a> {
        let (sums, lanes) = self.tiles.split_at_mut(self.lane);
        sums.as_flattened_mut().as_flattened_mut().iter_mut().for_each(|sum| *sum = 0.0 - *sum);
        for lane in lanes.chunks(self.lane) {
            let sums = sums.as_flattened_mut().as_flattened_mut().iter_mut();
            sums.zip(lane.as_flattened().as_flattened()).for_each(|(sum, x)| *sum -= x);
        }
        self.tiles.truncate(self.lane);
        move |i, j| {
            let sum = self.tiles[i / SIDE * self.broad + j / SIDE][i % SIDE][j % SIDE];
            let rest = |row: usize| row * self.length + self.whole..(row + 1) * self.length;
            a[rest(i)].iter().zip(&b[rest(j)]).fold(sum, |sum, (x, y)| sum + x * y)
        }
    }
}

/// So many columns of each lane: for every lane, panels of eight rows one after another, filled up with zeros.
fn pack(vectors: Vectors, rows: &[f64], length: usize, first: usize, depth: usize, packed: &mut Vec<Lanes>) {
    let panels = (rows.len() / length).div_ceil(SIDE);
    packed.resize(LANES * panels * depth, [0.0; SIDE]);
    for (p, rows) in rows.chunks(SIDE * length).enumerate() {
        let mut parts: [&[[f64; LANES]]; SIDE] = [&[[0.0; LANES]; DEPTH]; SIDE];
        for (part, row) in parts.iter_mut().zip(rows.chunks(length)) {
            *part = row[first..].as_chunks().0;
        }
        vectors.run(
            #[inline(always)]
            || {
                for k in 0..depth {
                    let block = parts.map(|part| part[k]);
                    for lane in 0..LANES {
                        packed[(lane * panels + p) * depth + k] = std::array::from_fn(|i| block[i][lane]);
                    }
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prover::{canonical::made_up::made_up, simd::dots};

    /// Numbers of many sizes, so that every other order of additions would show.
    fn sizes(count: usize, seed: u64) -> Vec<f64> {
        made_up(2 * count, seed).chunks(2).map(|pair| pair[0] * 10.0_f64.powi((pair[1] * 8.0) as i32)).collect()
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn same_bits_as_inner_products_for_all_vectors() {
        for (rows, columns, length) in [(1, 1, 1), (3, 2, 7), (8, 16, 8), (9, 5, 41), (17, 24, 1024), (10, 11, 2077)] {
            let (a, b) = (sizes(rows * length, 1), sizes(columns * length, 2));
            let textbook = |a: &[f64], b: &[f64]| -> Vec<f64> {
                let row = |x: &[f64]| b.chunks(length).map(|y| dots(x, [y])[0]).collect::<Vec<_>>();
                a.chunks(length).flat_map(row).collect()
            };
            for vectors in [Vectors::Two, Vectors::Four, Vectors::Eight] {
                let case = format!("{rows} x {columns} x {length}, {vectors:?}");
                assert!(bits(&products(vectors, &a, &b, length)) == bits(&textbook(&a, &b)), "{case}");
                assert!(bits(&gram(vectors, &a, length)) == bits(&textbook(&a, &a)), "{case}");
            }
        }
    }
}
