//! Public random matrices with entries 0, +1 and -1.

use crate::{
    curve::{Scalar, scalar_to_bytes},
    sums::{Sum, multiples, table},
};
use ark_ff::Zero;
use shake::{ExtendableOutput, Shake128, Update, XofReader};
use std::ops::Range;

/// A matrix with entries 0 (one half), +1 and -1 (a quarter each) from SHAKE-128, four entries a byte.
#[derive(Default)]
pub struct Ternary {
    rows: usize,
    columns: usize,
    codes: Vec<u8>,
}

/// What a code of two bits means.
const fn sign(code: u8) -> i8 {
    match code & 3 {
        2 => 1,
        3 => -1,
        _ => 0,
    }
}

impl Ternary {
    /// The matrix of that seed and label.
    #[must_use]
    pub fn new(seed: Scalar, label: &[u8], rows: usize, columns: usize) -> Self {
        let mut hasher = Shake128::default();
        hasher.update(&scalar_to_bytes(&seed));
        hasher.update(label);
        let mut codes = vec![0; rows.saturating_mul(columns).div_ceil(4)];
        hasher.finalize_xof().read(&mut codes);
        // so that every code is followed by a byte
        codes.push(0);
        Self { rows, columns, codes }
    }

    /// Codes of one row. A row need not begin with a byte.
    fn row(&self, row: usize) -> impl Iterator<Item = u8> {
        let (byte, code) = place(row.saturating_mul(self.columns));
        let bytes = self.codes.get(byte..).unwrap_or_default();
        let codes = bytes.iter().flat_map(|&byte| [byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6]);
        codes.skip(code).take(self.columns)
    }

    /// The entries of one row.
    pub fn entries_of(&self, row: usize) -> impl Iterator<Item = i8> {
        self.row(row).map(sign)
    }

    /// All entries, row after row.
    pub fn entries(&self) -> impl Iterator<Item = i8> {
        (0..self.rows).flat_map(|row| self.entries_of(row))
    }

    /// The codes of a row from a column on, four a byte; what lies beyond the row is not its own.
    fn tile(&self, row: usize, column: usize, out: &mut [u8; TILE_BYTES]) {
        let (byte, code) = place(row.saturating_mul(self.columns).saturating_add(column));
        let bytes = self.codes.get(byte..).unwrap_or_default();
        if code == 0 {
            out.iter_mut().zip(bytes).for_each(|(out, &byte)| *out = byte);
            return;
        }
        for (out, pair) in out.iter_mut().zip(bytes.windows(2)) {
            if let [low, high] = pair {
                [*out, _] = (u16::from_le_bytes([*low, *high]) >> (code << 1)).to_le_bytes();
            }
        }
    }

    /// The four codes of each column, of four rows or of as many as there are.
    fn choose(&self, rows: Range<usize>, column: usize, out: &mut [[u8; 4]; TILE_BYTES]) {
        let mut tiles = [[0; TILE_BYTES]; 4];
        for (tile, row) in tiles.iter_mut().zip(rows) {
            self.tile(row, column, tile);
        }
        let [a, b, c, d] = &tiles;
        for (out, (((&a, &b), &c), &d)) in out.iter_mut().zip(a.iter().zip(b).zip(c).zip(d)) {
            *out = transpose([a, b, c, d]);
        }
    }

    /// `weights^T M`, four rows at a time: the 256 ways to add up their weights are one table, in which the four codes of a
    /// column are an index. One addition instead of four, and no branch on random bits. Two tables at once, so that half as
    /// many sums are read and written.
    #[must_use]
    pub fn combine(&self, weights: &[Scalar]) -> Vec<Scalar> {
        let rows = self.rows.min(weights.len());
        let tables = |weights: &[Scalar]| {
            let (first, second) = weights.split_at(weights.len().min(4));
            [first, second].map(|weights| table(&ways(weights)))
        };
        let tables: Vec<_> = weights.chunks(8).map(tables).collect();
        let multiples = multiples(tables.len().saturating_mul(2));
        let mut chosen = [[[0; 4]; TILE_BYTES]; 2];
        let mut out = Vec::with_capacity(self.columns);
        for column in (0..self.columns).step_by(TILE) {
            let mut sums = [Sum::default(); TILE];
            for ([one, two], row) in tables.iter().zip((0..rows).step_by(8)) {
                let [first, second] = &mut chosen;
                let [middle, end] = [4, 8].map(|count| rows.min(row.saturating_add(count)));
                self.choose(row..middle, column, first);
                self.choose(middle..end, column, second);
                for ((sum, &a), &b) in sums.iter_mut().zip(first.as_flattened()).zip(second.as_flattened()) {
                    if let (Some(a), Some(b)) = (one.get(usize::from(a)), two.get(usize::from(b))) {
                        sum.add(a);
                        sum.add(b);
                    }
                }
            }
            let columns = self.columns.saturating_sub(column);
            out.extend(sums.iter().take(columns).map(|sum| sum.reduce(&multiples)));
        }
        out
    }
}

/// The byte of an entry, and which of its four codes.
const fn place(entry: usize) -> (usize, usize) {
    (entry >> 2, entry & 3)
}

/// Columns at a time: their sums and two tables fit the second-level cache, and what is done once for so many is little
/// beside their additions.
const TILE: usize = 4 * TILE_BYTES;
/// Bytes of a row for so many columns.
const TILE_BYTES: usize = 256;

/// Four codes of four rows -> four codes of four columns: a 4 x 4 matrix of pairs of bits, transposed.
fn transpose(rows: [u8; 4]) -> [u8; 4] {
    let mut x = u32::from_le_bytes(rows);
    let swap = (x >> 6 ^ x) & 0x00cc_00cc;
    x ^= swap ^ swap << 6;
    let swap = (x >> 12 ^ x) & 0x0000_f0f0;
    x ^= swap ^ swap << 12;
    x.to_le_bytes()
}

/// For each byte, the sum of up to four weights with the signs that its four codes say.
pub(crate) fn ways(weights: &[Scalar]) -> Vec<Scalar> {
    let mut sums = vec![Scalar::zero()];
    for &weight in weights {
        let (plus, minus) = (sums.iter().map(|&x| x + weight).collect(), sums.iter().map(|&x| x - weight).collect());
        // in the order of the codes: 0 and 1 mean 0
        sums = [sums.clone(), sums, plus, minus].concat();
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;

    #[test]
    fn combines_as_its_entries_say() {
        let mut rng = ark_std::test_rng();
        for (rows, columns) in [(1, 1), (3, 5), (4, 8), (9, 7), (16, 33), (160, 256), (7, 2 * TILE + 3)] {
            let matrix = Ternary::new(Scalar::from(7_u64), b"A", rows, columns);
            let weights: Vec<Scalar> =
                (0..rows).map(|i| if i % 5 == 0 { -Scalar::from(1_u64) } else { Scalar::rand(&mut rng) }).collect();
            let entries: Vec<i8> = matrix.entries().collect();
            assert_eq!(entries.len(), rows * columns);
            let mut expected = vec![Scalar::zero(); columns];
            for (row, weight) in entries.chunks(columns).zip(&weights) {
                expected.iter_mut().zip(row).for_each(|(x, &entry)| *x += Scalar::from(i64::from(entry)) * weight);
            }
            assert_eq!(matrix.combine(&weights), expected, "{rows} x {columns}");
        }
    }

    #[test]
    fn half_of_the_entries_are_zero_and_signs_are_even() {
        let count = |sign| Ternary::new(Scalar::from(1_u64), b"C", 64, 1024).entries().filter(|&x| x == sign).count();
        let near = |got: usize, expected: usize| assert!(got.abs_diff(expected) < 600, "{got} instead of {expected}");
        near(count(0), 32_768);
        near(count(1), 16_384);
        near(count(-1), 16_384);
    }
}
