//! Products with small square matrices, each sum in one order.

use crate::prover::simd::wide;

/// The other way round.
pub fn transposed(m: &[f64], e: usize) -> Vec<f64> {
    (0..e * e).map(|i| m[i % e * e + i / e]).collect()
}

/// The product of two e x e matrices.
pub fn product(x: &[f64], y: &[f64], e: usize) -> Vec<f64> {
    let mut out = y.to_vec();
    transform(&mut out, x, e, e);
    out
}

/// Columns of [`transform`] at a time: all rows of so many stay in the second-level cache.
const TILE: usize = 256;
/// Sums of [`transform`] at a time: so many rows and columns stay in registers.
const ROWS: usize = 4;
const LANES: usize = 16;

/// `rows <- C rows`, each sum from the first row to the last.
pub fn transform(rows: &mut [f64], c: &[f64], e: usize, d: usize) {
    for first in (0..d).step_by(TILE) {
        let width = TILE.min(d - first);
        // columns beside each other, in strips as wide as the registers; zeros behind the last
        let mut strips = vec![[0.0; LANES]; width.div_ceil(LANES) * e];
        for (k, row) in rows.chunks_exact(d).enumerate() {
            for (strip, part) in strips.chunks_exact_mut(e).zip(row[first..first + width].chunks(LANES)) {
                strip[k][..part.len()].copy_from_slice(part);
            }
        }
        for (group, c) in rows.chunks_mut(ROWS * d).zip(c.chunks(ROWS * e)) {
            let factors: Vec<[f64; ROWS]> =
                (0..e).map(|k| std::array::from_fn(|row| c.get(row * e + k).copied().unwrap_or(0.0))).collect();
            for (start, strip) in (first..).step_by(LANES).zip(strips.chunks_exact(e)) {
                let sums = wide(
                    #[inline(always)]
                    || sums(&factors, strip),
                );
                let end = (start + LANES).min(first + width);
                for (row, sums) in group.chunks_exact_mut(d).zip(&sums) {
                    row[start..end].copy_from_slice(&sums[..end - start]);
                }
            }
        }
    }
}

#[inline(always)]
fn sums(factors: &[[f64; ROWS]], strip: &[[f64; LANES]]) -> [[f64; LANES]; ROWS] {
    let mut sums = [[0.0; LANES]; ROWS];
    for (factors, x) in factors.iter().zip(strip) {
        for i in 0..ROWS {
            for j in 0..LANES {
                sums[i][j] += factors[i] * x[j];
            }
        }
    }
    sums
}
