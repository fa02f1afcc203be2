//! Exact sketches `S_t = (P X) A_t (Q X)^T` of every term (statement section 3, steps 1 to 3). The K x K term is never
//! formed.
//!
//! Sizes: entries of U and V stay below `n_P^2 2^11 < 2^37`, those of L and R below `d 2^11 2^37 < 2^64`, so they are kept
//! in 128 bits; entries of S in big integers.

use crate::{
    error::Failure,
    poly::log2_ceil,
    profile::Profile,
    progress::{Progress, Stage},
    statement::Side,
    tokens::sketch_matrices,
    weights::{Matrix, Weights},
};
use num_bigint::BigInt;
use rayon::prelude::*;

/// Bits of a limb: products with 12-bit weights and sums over 2^16 of them stay exact in double precision.
const LIMB: u32 = 24;
const LANES: usize = 8;

/// The sketches of all terms, r x r each, row after row.
///
/// # Errors
/// [`Failure::Cancelled`]; [`Failure::Refused`] when a side has no token.
pub fn sketches(profile: &Profile, weights: &Weights, progress: &Progress) -> Result<Vec<Vec<BigInt>>, Failure> {
    let shape = &weights.shape;
    let terms = shape.terms();
    let work: usize = terms.iter().map(|t| t.positions * 2).sum();
    progress.begin(Stage::Sketch, work as u64);
    let (p, q) = sketch_matrices(profile, &shape.tokens)?;
    let (u, v) = (project(&p, &weights.matrices[0]), project(&q, &weights.matrices[0]));
    let (u, v) = (Limbs::new(&u), Limbs::new(&v));
    terms
        .iter()
        .map(|term| {
            let chain = |side: Side, x: &Limbs| -> Result<Vec<Vec<i128>>, Failure> {
                let rows = x.apply(&weights.matrices[side.matrix]);
                progress.advance(term.positions as u64)?;
                Ok((0..term.positions).map(|i| rows[shape.row_of(side.wiring, i)].clone()).collect())
            };
            Ok(gram(&chain(term.left, &u)?, &chain(term.right, &v)?))
        })
        .collect()
}

/// `P X`, r x d.
fn project(p: &[Vec<i64>], x: &Matrix) -> Vec<Vec<i64>> {
    p.par_iter()
        .map(|row| {
            let mut out = vec![0_i64; x.columns];
            for (t, &weight) in row.iter().enumerate().filter(|(_, weight)| **weight != 0) {
                out.iter_mut().zip(x.row(t)).for_each(|(o, &w)| *o += weight * i64::from(w));
            }
            out
        })
        .collect()
}

/// Vectors cut into limbs, so that inner products with weights are exact in double precision.
struct Limbs {
    /// For each vector its limbs, lowest first.
    vectors: Vec<Vec<Vec<f64>>>,
}

impl Limbs {
    fn new(vectors: &[Vec<i64>]) -> Self {
        let widest = vectors.iter().flatten().map(|x| x.unsigned_abs()).max().unwrap_or(0);
        let count = (log2_ceil(usize::try_from(widest).unwrap_or(usize::MAX)) as u32 + 1).div_ceil(LIMB).max(1);
        let cut = |vector: &Vec<i64>| {
            (0..count)
                .map(|i| {
                    let limb = |&x: &i64| {
                        let upper = x >> (i * LIMB);
                        // the highest limb keeps the sign
                        if i + 1 == count { upper as f64 } else { (upper & ((1 << LIMB) - 1)) as f64 }
                    };
                    vector.iter().map(limb).collect()
                })
                .collect()
        };
        Self { vectors: vectors.iter().map(cut).collect() }
    }

    /// For each row of M: its inner products with all vectors.
    fn apply(&self, matrix: &Matrix) -> Vec<Vec<i128>> {
        matrix
            .entries
            .par_chunks(matrix.columns)
            .map(|row| {
                let row: Vec<f64> = row.iter().map(|&w| f64::from(w)).collect();
                let value = |limbs: &Vec<Vec<f64>>| {
                    limbs.iter().rev().fold(0_i128, |sum, limb| (sum << LIMB) + inner(&row, limb) as i128)
                };
                self.vectors.iter().map(value).collect()
            })
            .collect()
    }
}

/// Inner product in independent lanes; exact, so their order changes nothing.
fn inner(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, x), y) in lanes.iter_mut().zip(a).zip(b) {
            *lane += x * y;
        }
    }
    lanes.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f64>()
}

/// `sum_k L[k][i] R[k][j]`, exactly: products of 64-bit halves would overflow 128 bits in the sum, so one factor is cut.
fn gram(left: &[Vec<i128>], right: &[Vec<i128>]) -> Vec<BigInt> {
    const HALF: u32 = 32;
    let r = left.first().map_or(0, Vec::len);
    (0..r * r)
        .into_par_iter()
        .map(|ij| {
            let (i, j) = (ij / r, ij % r);
            let mut sums = [0_i128; 2];
            for (l, r) in left.iter().zip(right) {
                let (low, high) = (r[j] & ((1 << HALF) - 1), r[j] >> HALF);
                sums[0] += l[i] * low;
                sums[1] += l[i] * high;
            }
            (BigInt::from(sums[1]) << HALF) + sums[0]
        })
        .collect()
}
