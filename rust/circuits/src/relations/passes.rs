//! Passes over the weights: small integers times field elements, exactly, in floating point.
//!
//! A field element is cut into 11 limbs of 24 bits. A limb times an entry of at most 12 bits is below 2^36, and sums of up
//! to 2^16 of them stay below 2^53, so double precision holds every intermediate value exactly: the order of additions
//! does not matter and the compiler is free to vectorise.

use crate::{curve::Scalar, poly::signed};
use ark_ff::{BigInteger, PrimeField, Zero};
use rayon::prelude::*;

const LIMBS: usize = 11;
const LIMB_BITS: usize = 24;
/// Columns of one block: its accumulators fit the first-level cache.
const BLOCK: usize = 256;
/// Products that one accumulator holds.
const FLUSH: usize = 1 << 16;
const LANES: usize = 8;

fn limbs(x: Scalar) -> [f64; LIMBS] {
    let bytes = x.into_bigint().to_bytes_le();
    std::array::from_fn(|i| {
        let at = |k: usize| u32::from(bytes.get(3 * i + k).copied().unwrap_or(0));
        f64::from(at(0) | at(1) << 8 | at(2) << 16)
    })
}

fn from_limbs(limbs: impl DoubleEndedIterator<Item = f64>) -> Scalar {
    let base = Scalar::from(1_u64 << LIMB_BITS);
    limbs.rev().fold(Scalar::zero(), |sum, limb| sum * base + signed(limb as i128))
}

/// `sum_m weights[m] rows[m]` where row m is `entries[m * width..][..width]`; the last row may be short.
#[must_use]
pub fn combine(entries: &[i16], width: usize, weights: &[Scalar]) -> Vec<Scalar> {
    let weights: Vec<[f64; LIMBS]> = weights.iter().map(|&w| limbs(w)).collect();
    let mut out = vec![Scalar::zero(); width];
    out.par_chunks_mut(BLOCK).enumerate().for_each(|(block, out)| {
        let first = block * BLOCK;
        for (rows, weights) in entries.chunks(width * FLUSH).zip(weights.chunks(FLUSH)) {
            let mut sums = [[0.0; BLOCK]; LIMBS];
            for (row, weight) in rows.chunks(width).zip(weights) {
                let mut entry = [0.0; BLOCK];
                let part = &row[first.min(row.len())..(first + out.len()).min(row.len())];
                for (x, &w) in entry.iter_mut().zip(part) {
                    *x = f64::from(w);
                }
                for (sum, limb) in sums.iter_mut().zip(weight) {
                    for (s, x) in sum.iter_mut().zip(&entry) {
                        *s += x * limb;
                    }
                }
            }
            for (i, x) in out.iter_mut().enumerate() {
                *x += from_limbs(sums.iter().map(|sum| sum[i]));
            }
        }
    });
    out
}

/// `M x` for a matrix of `x.len()` columns.
#[must_use]
pub fn apply(entries: &[i16], x: &[Scalar]) -> Vec<Scalar> {
    let d = x.len();
    let mut columns = vec![vec![0.0; d]; LIMBS];
    for (l, &x) in x.iter().enumerate() {
        for (column, limb) in columns.iter_mut().zip(limbs(x)) {
            column[l] = limb;
        }
    }
    entries
        .par_chunks(d)
        .map_init(
            || vec![0.0; d],
            |row, entries| {
                for (x, &w) in row.iter_mut().zip(entries) {
                    *x = f64::from(w);
                }
                from_limbs(columns.iter().map(|column| inner(row, column)))
            },
        )
        .collect()
}

/// Inner product in independent lanes. Exact, so the lanes change nothing but the speed.
fn inner(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, x), y) in lanes.iter_mut().zip(a).zip(b) {
            *lane += x * y;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    lanes.iter().sum::<f64>() + rest
}

/// `A W C^T` for ternary A (one column for each row of W) and C, where W's rows are given in order, each at most n wide.
/// Row after row, `proj x proj` integers.
#[must_use]
pub fn project(rows: &[&[i16]], a: &[i8], c: &[i8], projection: usize, n: usize) -> Vec<i64> {
    let c: Vec<i16> = c.iter().map(|&x| i16::from(x)).collect();
    let tile = n.min(2048);
    let partial = |(first, rows): (usize, &[&[i16]])| {
        let mut wc = vec![0_i64; rows.len() * projection];
        for start in (0..n).step_by(tile) {
            for (row, sums) in rows.iter().zip(wc.chunks_mut(projection)) {
                let part = &row[start.min(row.len())..(start + tile).min(row.len())];
                for (j, sum) in sums.iter_mut().enumerate() {
                    let c = &c[j * n + start..][..part.len()];
                    *sum += i64::from(part.iter().zip(c).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum::<i32>());
                }
            }
        }
        let mut y = vec![0_i64; projection * projection];
        for (m, wc) in wc.chunks(projection).enumerate() {
            for (i, y) in y.chunks_mut(projection).enumerate() {
                match a[i * (a.len() / projection) + first + m] {
                    1 => y.iter_mut().zip(wc).for_each(|(y, x)| *y += x),
                    -1 => y.iter_mut().zip(wc).for_each(|(y, x)| *y -= x),
                    _ => {}
                }
            }
        }
        y
    };
    let size = 64;
    rows.par_chunks(size)
        .enumerate()
        .map(|(i, rows)| partial((i * size, rows)))
        .reduce(
            || vec![0; projection * projection],
            |mut a, b| {
                a.iter_mut().zip(b).for_each(|(x, y)| *x += y);
                a
            },
        )
}
