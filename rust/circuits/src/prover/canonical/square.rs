//! Products with small square matrices, each sum in one order.

use super::tiles::{Lanes, SIDE, subtract};
use crate::prover::simd::Vectors;

/// The other way round.
pub fn transposed(m: &[f64], e: usize) -> Vec<f64> {
    (0..e * e).map(|i| m[i % e * e + i / e]).collect()
}

/// The product of two e x e matrices.
pub fn product(vectors: Vectors, x: &[f64], y: &[f64], e: usize) -> Vec<f64> {
    let mut out = y.to_vec();
    transform(vectors, &mut out, x, e, e);
    out
}

/// Columns of [`transform`] at a time: all rows of so many stay in the second-level cache.
const WIDTH: usize = 128;

/// `rows <- C rows` for e rows of length d, each sum from the first row to the last.
pub fn transform(vectors: Vectors, rows: &mut [f64], c: &[f64], e: usize, d: usize) {
    // turning the sign is exact, so what is subtracted adds up
    let factor = |row: usize, k: usize| if row < e { -c[row * e + k] } else { 0.0 };
    let factors: Vec<Lanes> =
        (0..e.div_ceil(SIDE) * e).map(|i| std::array::from_fn(|row| factor(i / e * SIDE + row, i % e))).collect();
    // eight columns beside each other, row by row; zeros behind the last
    let mut strips = vec![[0.0; SIDE]; WIDTH.min(d).div_ceil(SIDE) * e];
    for first in (0..d).step_by(WIDTH) {
        let width = WIDTH.min(d - first);
        for (k, row) in rows.chunks_exact(d).enumerate() {
            for (strip, part) in strips.chunks_exact_mut(e).zip(row[first..first + width].chunks(SIDE)) {
                strip[k][..part.len()].copy_from_slice(part);
            }
        }
        for (rows, factors) in rows.chunks_mut(SIDE * d).zip(factors.chunks_exact(e)) {
            for (start, strip) in (first..first + width).step_by(SIDE).zip(strips.chunks_exact(e)) {
                let mut tile = [[0.0; SIDE]; SIDE];
                subtract(vectors, &mut tile, factors, strip);
                let end = (start + SIDE).min(first + width);
                for (row, sums) in rows.chunks_exact_mut(d).zip(&tile) {
                    row[start..end].copy_from_slice(&sums[..end - start]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_bits_as_the_textbook_for_all_vectors() {
        for (e, d) in [(1, 1), (3, 17), (8, 8), (9, 128), (16, 300)] {
            // numbers of many sizes, so that every other order of additions would show
            let made_up = |count: usize| {
                (1..=count as i32).map(|i| f64::from(i * 7919 % 1009 - 504) * 10.0_f64.powi(i % 9)).collect::<Vec<_>>()
            };
            let (rows, c) = (made_up(e * d), made_up(e * e));
            let sum = |i: usize, j: usize| (0..e).fold(0.0, |sum, k| sum + c[i * e + k] * rows[k * d + j]);
            let expected: Vec<u64> = (0..e * d).map(|i| sum(i / d, i % d).to_bits()).collect();
            for vectors in [Vectors::Two, Vectors::Four, Vectors::Eight] {
                let mut found = rows.clone();
                transform(vectors, &mut found, &c, e, d);
                assert!(found.iter().map(|x| x.to_bits()).eq(expected.iter().copied()), "{e} x {d}, {vectors:?}");
            }
        }
    }
}
