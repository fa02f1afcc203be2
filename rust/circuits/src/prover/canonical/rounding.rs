//! Rounding: one scale for a matrix.

use super::dense::{Dense, widest};
use crate::{
    profile::Profile,
    prover::{failure::Failure, simd::wide, weights::Matrix},
};
use rayon::prelude::*;

/// The smallest power of two with all `|w| <= 2^(b-1) - 1` after rounding half to even.
#[derive(Clone, Copy)]
pub struct Scale(f64);

/// The largest of some magnitudes; infinity or NaN if there is one. As bits magnitudes have the order of their values, and
/// these two are above all.
pub fn largest(magnitudes: impl Iterator<Item = f64>) -> f64 {
    f64::from_bits(magnitudes.map(|w| w.abs().to_bits()).max().unwrap_or(0))
}

impl Scale {
    /// That of a matrix with this largest magnitude.
    ///
    /// # Errors
    /// [`Failure::Weights`]: it is not finite, or zero.
    pub fn of(widest: f64, profile: &Profile, name: &str) -> Result<Self, Failure> {
        let top = f64::from((1_u32 << (profile.weight_bits - 1)) - 1);
        if !widest.is_finite() {
            return Err(Failure::Weights(format!("{name}: values too large for the canonical form")));
        }
        if widest == 0.0 {
            return Err(Failure::Weights(format!("{name}: all entries are zero")));
        }
        // powers of two divide exactly, so the loop finds the one scale whatever the starting point
        let mut scale = 1.0_f64;
        while (widest / scale).round_ties_even() > top {
            scale *= 2.0;
        }
        while (widest / (scale / 2.0)).round_ties_even() <= top {
            scale /= 2.0;
        }
        Ok(Self(scale))
    }

    /// Rounds what `f` makes of each entry.
    pub fn round(self, row: &[f64], out: &mut [i16], f: impl Fn(f64) -> f64) {
        wide(
            #[inline(always)]
            || out.iter_mut().zip(row).for_each(|(out, &w)| *out = (f(w) / self.0).round_ties_even() as i16),
        );
    }
}

/// A matrix in integers of the profile.
///
/// # Errors
/// As for [`Scale::of`].
pub fn round(profile: &Profile, matrix: &Dense, name: &str) -> Result<Matrix, Failure> {
    let rows = matrix.entries.par_chunks(matrix.columns);
    let widest: Vec<f64> = rows.map(widest).collect();
    let scale = Scale::of(largest(widest.into_iter()), profile, name)?;
    let mut entries = vec![0; matrix.entries.len()];
    let rows = entries.par_chunks_mut(matrix.columns).zip(matrix.entries.par_chunks(matrix.columns));
    rows.for_each(|(out, row)| scale.round(row, out, |w| w));
    Ok(Matrix { columns: matrix.columns, entries })
}
