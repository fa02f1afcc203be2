//! Row commitments to small integers: `C = sum_j w_j G_j + r H`.
//!
//! One sum of small multiples for each row (see [`crate::multiply`]), about one affine addition for each weight. Rows are
//! independent; every thread keeps the scratch memory of one.
#![expect(clippy::arithmetic_side_effects, reason = "prover: sizes are checked when the weights are made")]

use crate::{
    commit::generators::Generators,
    curve::{Affine, Projective, Scalar, normalise},
    error::Failure,
    multiply::Buckets,
    profile::Profile,
    progress::{Progress, Stage},
    weights::Weights,
};
use rayon::prelude::*;

/// Commits to all rows of all matrices: `floor(n / d)` matrix rows side by side, a new matrix starts a new row. `blind(m)`
/// is the blind of row m.
///
/// # Errors
/// [`Failure::Cancelled`].
pub fn commit_rows(
    weights: &Weights,
    profile: &Profile,
    generators: &Generators,
    blind: &(dyn Fn(usize) -> Scalar + Sync),
    progress: &Progress,
) -> Result<Vec<Affine>, Failure> {
    let width = weights.shape.slots(profile) * weights.shape.hidden as usize;
    let rows: Vec<&[i16]> = weights.matrices.iter().flat_map(|m| m.entries.chunks(width)).collect();
    progress.begin(Stage::Commit, rows.len() as u64);
    let points: Vec<Projective> = rows
        .par_iter()
        .enumerate()
        .map_init(Buckets::default, |buckets, (m, row)| {
            progress.advance(1)?;
            Ok(buckets.sum(row, &generators.g) + generators.h * blind(m))
        })
        .collect::<Result<_, Failure>>()?;
    Ok(normalise(&points))
}
