//! Row commitments to small integers: `C = sum_j w_j G_j + r H`.
//!
//! First the sums. All rows have the same generators, so tables of subset sums serve many at once (see [`crate::prover::subsets`]):
//! about one affine addition for each weight, the less the more rows there are. Rows are independent: the sums of some can be
//! had while others have not been read. Then the blinds: they depend on all weights, so they come last. A sum without its
//! blind is a secret: weights can be guessed against it.

use crate::{
    commit::generators::Generators,
    curve::{self, Affine, Projective, Scalar, normalise},
    profile::Profile,
    prover::{
        failure::Failure,
        progress::{Progress, Stage},
        subsets,
        weights::{Matrix, Weights},
    },
};
use ark_ec::{AffineRepr, scalar_mul::BatchMulPreprocessing};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// The commitment rows of these matrices: `floor(n / d)` matrix rows side by side, a new matrix starts a new row.
#[must_use]
pub fn rows_of<'a>(matrices: &'a [Matrix], profile: &Profile) -> Vec<&'a [i16]> {
    let width = |matrix: &Matrix| (profile.n() / matrix.columns).max(1) * matrix.columns;
    matrices.iter().flat_map(|matrix| matrix.entries.chunks(width(matrix))).collect()
}

/// `sum_j w_j G_j` of each row, on all cores.
///
/// # Errors
/// [`Failure::Cancelled`].
pub fn sum_rows(rows: &[&[i16]], generators: &Generators, progress: &Progress) -> Result<Vec<Affine>, Failure> {
    Ok(normalise(&subsets::sums(rows, generators.g(), progress)?))
}

/// Sums from bytes, 33 for each; `None` if these are none. A sum, unlike a commitment, may be the identity: 33 zero bytes.
#[must_use]
pub fn decode_sums(bytes: &[u8]) -> Option<Vec<Affine>> {
    let (points, rest) = bytes.as_chunks::<33>();
    let point = |bytes: &[u8; 33]| if *bytes == [0; 33] { Some(Affine::identity()) } else { curve::decode(bytes) };
    if rest.is_empty() { points.par_iter().map(point).collect() } else { None }
}

/// `sums[m] + blind(m) H`.
#[must_use]
pub fn blind_rows(sums: &[Affine], generators: &Generators, blind: &dyn Fn(usize) -> Scalar) -> Vec<Affine> {
    let blinds: Zeroizing<Vec<Scalar>> = Zeroizing::new((0..sums.len()).map(blind).collect());
    let multiples = BatchMulPreprocessing::new(generators.h().into_group(), blinds.len()).batch_mul(&blinds);
    let points: Vec<Projective> = sums.iter().zip(multiples).map(|(&sum, multiple)| multiple + sum).collect();
    normalise(&points)
}

/// Commits to all rows of all matrices. `blind(m)` is the blind of row m.
///
/// # Errors
/// [`Failure::Cancelled`].
pub fn commit_rows(
    weights: &Weights,
    profile: &Profile,
    generators: &Generators,
    blind: &dyn Fn(usize) -> Scalar,
    progress: &Progress,
) -> Result<Vec<Affine>, Failure> {
    let rows = rows_of(&weights.matrices, profile);
    progress.begin(Stage::Commit, rows.len() as u64);
    Ok(blind_rows(&sum_rows(&rows, generators, progress)?, generators, blind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{poly::signed, profile::TOY_2};
    use ark_ec::{CurveGroup, scalar_mul::variable_base::VariableBaseMSM};

    #[test]
    fn rows_are_pedersen_commitments_whatever_the_blocks() {
        let generators = Generators::derive(TOY_2.log_n);
        let entry = |i: i32| ((i * 7919 + 13) % 4095 - 2047) as i16;
        let matrices = [
            Matrix { columns: 200, entries: (0..1000).map(entry).collect() }, // rows of two, the last of one
            Matrix { columns: 512, entries: vec![0; 1024] },                  // sums of nothing
        ];
        let rows = rows_of(&matrices, &TOY_2);
        assert_eq!(rows.iter().map(|row| row.len()).collect::<Vec<_>>(), [400, 400, 200, 512, 512]);
        let progress = Progress::default();
        let sums: Vec<Affine> =
            rows.chunks(2).flat_map(|block| sum_rows(block, &generators, &progress).unwrap()).collect();
        let bytes: Vec<u8> = sums.iter().flat_map(curve::encode).collect();
        assert_eq!(decode_sums(&bytes).as_ref(), Some(&sums));
        assert_eq!(decode_sums(&bytes[1..]), None);
        let blind = |m: usize| Scalar::from(1_u64 << (60 - m));
        for (m, (row, point)) in rows.iter().zip(blind_rows(&sums, &generators, &blind)).enumerate() {
            let scalars: Vec<Scalar> = row.iter().map(|&w| signed(i128::from(w))).collect();
            let oracle = Projective::msm(&generators.g()[..row.len()], &scalars).unwrap() + generators.h() * blind(m);
            assert_eq!(point, oracle.into_affine());
        }
    }
}
