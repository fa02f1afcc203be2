//! Exact products of small integers with large ones, in floating point.
//!
//! A large integer is cut into limbs of 24 bits. A limb times a weight of at most 12 bits is below 2^36, and sums of up to
//! 2^16 of them stay below 2^53, so double precision holds every intermediate value exactly: the order of additions does
//! not matter, and the compiler may use the widest vectors there are.

use crate::prover::simd::{dots, wide};
use rayon::prelude::*;

/// Bits of a limb.
pub const LIMB_BITS: u32 = 24;
/// Products that one accumulator holds.
pub const FLUSH: usize = 1 << 16;
/// Rows that share the loads of one vector.
const ROWS: usize = 8;
/// Columns at a time: a block of [`ROWS`] rows fits the first-level cache.
const TILE: usize = 512;

/// For each row of a matrix with `columns` columns: its inner products with all vectors, row after row. Entries of the
/// vectors are limbs, at most 2^24 in absolute value.
#[must_use]
pub fn apply(entries: &[i16], columns: usize, vectors: &[Vec<f64>]) -> Vec<f64> {
    let count = vectors.len();
    let mut out = vec![0.0; entries.len() / columns * count];
    out.par_chunks_mut(ROWS * count).zip(entries.par_chunks(ROWS * columns)).for_each(|(out, rows)| {
        let mut block = [[0.0; TILE]; ROWS];
        for first in (0..columns).step_by(TILE) {
            let width = TILE.min(columns - first);
            wide(
                #[inline(always)]
                || {
                    for (block, row) in block.iter_mut().zip(rows.chunks_exact(columns)) {
                        block.iter_mut().zip(&row[first..first + width]).for_each(|(x, &w)| *x = f64::from(w));
                    }
                    for (v, vector) in vectors.iter().enumerate() {
                        let sums = dots(&vector[first..first + width], block.each_ref().map(|row| &row[..width]));
                        out.chunks_exact_mut(count).zip(sums).for_each(|(out, sum)| out[v] += sum);
                    }
                },
            );
        }
    });
    out
}

/// Columns that one task accumulates: its accumulators fit the second-level cache.
const STRIP: usize = 2048;
/// Columns at a time: converted entries fit the first-level cache.
const PART: usize = 256;
/// Rows that share the loads and stores of the accumulators.
const GROUP: usize = 8;

/// `sum_m weights[m] row_m` limb by limb, where row m is `entries[m * width..][..width]` and the last row may be short. One
/// vector of `width` sums for each limb; at most [`FLUSH`] rows.
#[must_use]
pub fn combine<const L: usize>(entries: &[i16], width: usize, weights: &[[f64; L]]) -> Vec<Vec<f64>> {
    assert!(weights.len() <= FLUSH, "more rows than an accumulator holds");
    let mut out = vec![vec![0.0; width]; L];
    let mut strips: Vec<Vec<&mut [f64]>> = (0..width.div_ceil(STRIP)).map(|_| Vec::with_capacity(L)).collect();
    for limb in &mut out {
        strips.iter_mut().zip(limb.chunks_mut(STRIP)).for_each(|(strip, part)| strip.push(part));
    }
    strips.into_par_iter().enumerate().for_each(|(s, mut strip)| {
        let mut group = [[0.0; PART]; GROUP];
        for (rows, weights) in entries.chunks(GROUP * width).zip(weights.chunks(GROUP)) {
            let mut factors = [[0.0; L]; GROUP];
            factors.iter_mut().zip(weights).for_each(|(factor, weight)| *factor = *weight);
            for first in (0..strip[0].len()).step_by(PART) {
                wide(
                    #[inline(always)]
                    || {
                        let mut rows = rows.chunks(width);
                        for part in &mut group {
                            let row = rows.next().unwrap_or_default();
                            let start = (s * STRIP + first).min(row.len());
                            let row = &row[start..row.len().min(start + PART)];
                            part.iter_mut().zip(row).for_each(|(x, &w)| *x = f64::from(w));
                            part[row.len()..].fill(0.0);
                        }
                        for (l, sums) in strip.iter_mut().enumerate() {
                            let width = PART.min(sums.len() - first);
                            accumulate(&mut sums[first..first + width], &group, &factors.map(|factor| factor[l]));
                        }
                    },
                );
            }
        }
    });
    out
}

/// `sums += sum_r factors[r] rows[r]`.
#[inline(always)]
fn accumulate(sums: &mut [f64], rows: &[[f64; PART]; GROUP], factors: &[f64; GROUP]) {
    let [a, b, c, d, e, f, g, h] = rows;
    for (i, sum) in sums.iter_mut().enumerate().take(PART) {
        let first = a[i] * factors[0] + b[i] * factors[1] + (c[i] * factors[2] + d[i] * factors[3]);
        let second = e[i] * factors[4] + f[i] * factors[5] + (g[i] * factors[6] + h[i] * factors[7]);
        *sum += first + second;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_integers() {
        for (rows, columns) in [(1, 1), (3, 7), (5, 1025), (9, 2100), (17, 300)] {
            let entries: Vec<i16> = (0..rows * columns).map(|i| ((i * 7919) % 4095) as i16 - 2047).collect();
            let limb = |i: usize| ((i * 48_271) % (1 << 24)) as f64;
            let vectors: Vec<Vec<f64>> = (0..3).map(|v| (0..columns).map(|i| limb(i + 17 * v)).collect()).collect();
            let expected: Vec<f64> = entries
                .chunks(columns)
                .flat_map(|row| vectors.iter().map(|v| row.iter().zip(v).map(|(&w, x)| f64::from(w) * x).sum()))
                .collect();
            assert_eq!(apply(&entries, columns, &vectors), expected, "{rows} x {columns}");

            let weights: Vec<[f64; 2]> = (0..rows).map(|m| [limb(m), -limb(m + 5)]).collect();
            // the last row is short
            let entries = &entries[..entries.len() - columns / 3];
            let combined = combine(entries, columns, &weights);
            for (l, sums) in combined.iter().enumerate() {
                for (i, &sum) in sums.iter().enumerate() {
                    let terms = entries
                        .chunks(columns)
                        .zip(&weights)
                        .filter_map(|(row, w)| row.get(i).map(|&x| f64::from(x) * w[l]));
                    assert_eq!(sum, terms.sum::<f64>(), "{rows} x {columns}, limb {l}, column {i}");
                }
            }
        }
    }
}
