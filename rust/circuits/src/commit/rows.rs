//! Row commitments to small integers: `C = sum_j w_j G_j + r H`.
//!
//! All rows have the same generators, so tables of subset sums serve them all (see [`crate::subsets`]): about one affine addition
//! for each weight, the less the more rows there are.
#![expect(clippy::arithmetic_side_effects, reason = "prover: sizes are checked when the weights are made")]

use crate::{
    commit::generators::Generators,
    curve::{Affine, Projective, Scalar, normalise},
    error::Failure,
    profile::Profile,
    progress::{Progress, Stage},
    subsets::sums,
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
    let sums = sums(&rows, &generators.g, progress)?;
    let points: Vec<Projective> =
        sums.into_par_iter().enumerate().map(|(m, sum)| sum + generators.h * blind(m)).collect();
    Ok(normalise(&points))
}
