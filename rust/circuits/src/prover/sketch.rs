//! Exact sketches `S_t = (P X) A_t (Q X)^T` of every term (proofs/spec/fingerprint.md). The K x K term is never
//! formed.
//!
//! Sizes: entries of U and V stay below `n_P^2 2^11 < 2^37`, those of L and R below `d 2^11 2^37 < 2^64`, so they are kept
//! in 128 bits; entries of S in big integers.

use crate::{
    draw::Streams,
    poly::log2_ceil,
    profile::Profile,
    prover::{
        exact::{self, DIGIT_BITS},
        failure::Failure,
        progress::{Progress, Stage},
        weights::{Matrix, Weights},
    },
    statement::Side,
    tokens::sketch_matrices,
};
use num_bigint::BigInt;
use rayon::prelude::*;
use std::ops::Range;

/// The sketches of all terms under each of these draws in turn, r x r each, row after row. The weights are read once.
///
/// # Errors
/// [`Failure::Cancelled`]; [`Failure::Rejected`] when a side has no token.
pub fn sketches(
    profile: &Profile,
    weights: &Weights,
    draws: &[Streams],
    progress: &Progress,
) -> Result<Vec<Vec<BigInt>>, Failure> {
    let shape = &weights.shape;
    let terms = shape.terms();
    let work: usize = terms.iter().map(|t| t.positions * 2).sum();
    progress.begin(Stage::Sketch, work as u64);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for streams in draws {
        let (p, q) = sketch_matrices(profile, &shape.tokens, streams)?;
        left.extend(project(&p, &weights.matrices[0]));
        right.extend(project(&q, &weights.matrices[0]));
    }
    let (left, right) = (Digits::new(&left), Digits::new(&right));
    // products of one side of a term with the vectors of all draws, position after position
    let chain = |side: Side, positions: usize, x: &Digits| -> Result<Vec<Vec<i128>>, Failure> {
        let rows = x.apply(&weights.matrices[side.matrix]);
        progress.advance(positions as u64)?;
        Ok((0..positions).map(|i| rows[shape.row_of(side.wiring, i)].clone()).collect())
    };
    let r = profile.sketch as usize;
    let mut sketches = vec![Vec::new(); draws.len()];
    for term in terms {
        let (rows, columns) = (chain(term.left, term.positions, &left)?, chain(term.right, term.positions, &right)?);
        for (draw, sketches) in sketches.iter_mut().enumerate() {
            sketches.push(gram(&rows, &columns, draw * r..(draw + 1) * r));
        }
    }
    Ok(sketches.concat())
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

/// Vectors cut into digits, for exact inner products with weights.
struct Digits {
    /// Digits of each vector, lowest first, vector after vector.
    digits: Vec<Vec<i16>>,
    /// Number of digits of one vector.
    count: usize,
}

impl Digits {
    fn new(vectors: &[Vec<i64>]) -> Self {
        let widest = vectors.iter().flatten().map(|x| x.unsigned_abs()).max().unwrap_or(0);
        // the highest digit carries the sign, and takes what the one below hands on
        let bits = log2_ceil(usize::try_from(widest).unwrap_or(usize::MAX)) + 2;
        let count = bits.div_ceil(DIGIT_BITS as usize);
        let cut = |vector: &Vec<i64>| {
            let mut rest = vector.clone();
            (0..count).map(|_| rest.iter_mut().map(exact::digit).collect()).collect::<Vec<_>>()
        };
        Self { digits: vectors.iter().flat_map(cut).collect(), count }
    }

    /// For each row of M: its inner products with all vectors.
    fn apply(&self, matrix: &Matrix) -> Vec<Vec<i128>> {
        let value = |parts: &[i64]| parts.iter().rev().fold(0, |sum, &part| (sum << DIGIT_BITS) + i128::from(part));
        exact::apply(&matrix.entries.chunks(matrix.columns).collect::<Vec<_>>(), &self.digits)
            .par_chunks(self.digits.len())
            .map(|row| row.chunks(self.count).map(value).collect())
            .collect()
    }
}

/// `sum_k L[k][i] R[k][j]` for i and j of one draw, exactly: products of 64-bit halves would overflow 128 bits in the sum, so
/// one factor is cut.
fn gram(left: &[Vec<i128>], right: &[Vec<i128>], draw: Range<usize>) -> Vec<BigInt> {
    const HALF: u32 = 32;
    let r = draw.len();
    (0..r * r)
        .into_par_iter()
        .map(|ij| {
            let (i, j) = (draw.start + ij / r, draw.start + ij % r);
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
