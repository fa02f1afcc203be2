//! The neurons of a layer, a strip of them at a time.
//!
//! Their two matrices are the largest of a layer, and in double precision they take four times what their integers do. But a
//! neuron meets the others only through the median of all sizes and through the scale of a matrix. So every strip is read
//! twice: once for norms and largest magnitudes, then to be balanced and rounded. It stays in the cache of its core, and no
//! matrix is ever held in double precision.

use super::{
    CAP,
    balance::median,
    dense::{SIDE, Source, Stored, all_zero, norm, not_finite, widest},
    folded::Folded,
    rounding::{Scale, largest},
};
use crate::{
    profile::Profile,
    prover::{failure::Failure, progress::Progress, weights::Matrix},
};
use rayon::prelude::*;

/// One of the two matrices, `[f, d]`: a neuron is a row of it.
pub struct Side<'a, S> {
    /// For messages.
    pub name: String,
    /// The tensors of the experts on top of each other.
    pub parts: &'a [S],
    /// How they hold it.
    pub stored: Stored,
    /// What is folded into a row.
    pub folded: Folded<'a>,
}

/// Rows of one tensor.
struct Strip {
    tensor: usize,
    first: usize,
    rows: usize,
}

/// A row before it is balanced.
struct Row {
    norm: f64,
    widest: f64,
}

/// What is done to a row: it is divided by its own norm, and multiplied.
struct Factor {
    norm: f64,
    size: f64,
}

impl Factor {
    /// Monotone in the magnitude, so the largest entry of a row stays the largest.
    #[inline(always)]
    fn of(&self, w: f64) -> f64 {
        if self.size > 0.0 { w / self.norm * self.size } else { 0.0 }
    }
}

impl<S: Source> Side<'_, S> {
    fn strips(&self) -> Vec<Strip> {
        let tensors = self.parts.iter().map(|part| self.stored.shape(part)[0]).enumerate();
        let strip = |tensor, rows: usize| {
            (0..rows).step_by(SIDE).map(move |first| Strip { tensor, first, rows: SIDE.min(rows - first) })
        };
        tensors.flat_map(|(tensor, rows)| strip(tensor, rows)).collect()
    }

    /// Reads a strip. The first entry that is not finite, row and column of its tensor.
    fn read(&self, strip: &Strip, d: usize, out: &mut [f64]) -> Option<(usize, usize)> {
        self.stored.strip(&self.parts[strip.tensor], strip.first, d, out)
    }

    /// Norm and largest magnitude of every row.
    fn look(&self, shape: [usize; 2]) -> Result<Vec<Row>, Failure> {
        self.stored.check(self.parts, shape, &self.name)?;
        let d = shape[1];
        let seen = self.strips().into_par_iter().map_init(
            || vec![0.0; SIDE * d],
            |memory, strip| {
                let out = &mut memory[..strip.rows * d];
                let bad = self.read(&strip, d, out).map(|place| (strip.tensor, place));
                let zero = out.iter().all(|&w| w == 0.0);
                out.chunks_exact_mut(d).for_each(|row| self.folded.fold(row));
                let rows: Vec<Row> =
                    out.chunks_exact(d).map(|row| Row { norm: norm(row), widest: widest(row) }).collect();
                (bad, zero, rows)
            },
        );
        let seen: Vec<_> = seen.collect();
        if let Some((tensor, place)) = seen.iter().filter_map(|(bad, ..)| *bad).min() {
            return Err(not_finite(&self.parts[tensor], place));
        }
        if seen.iter().all(|(_, zero, _)| *zero) {
            return Err(all_zero(self.parts, &self.name));
        }
        Ok(seen.into_iter().flat_map(|(.., rows)| rows).collect())
    }

    /// The rounded matrix.
    fn round(&self, d: usize, factors: &[Factor], scale: Scale) -> Matrix {
        let mut entries = vec![0; factors.len() * d];
        let (mut rest, mut factors) = (entries.as_mut_slice(), factors);
        let mut work = Vec::new();
        for strip in self.strips() {
            let (out, behind) = rest.split_at_mut(strip.rows * d);
            let (these, others) = factors.split_at(strip.rows);
            (rest, factors) = (behind, others);
            work.push((strip, out, these));
        }
        work.into_par_iter().for_each_init(
            || vec![0.0; SIDE * d],
            |memory, (strip, out, factors)| {
                let read = &mut memory[..strip.rows * d];
                self.read(&strip, d, read); // as finite as before
                for ((row, out), factor) in read.chunks_exact_mut(d).zip(out.chunks_exact_mut(d)).zip(factors) {
                    self.folded.fold(row);
                    scale.round(row, out, |w| factor.of(w));
                }
            },
        );
        Matrix { columns: d, entries }
    }
}

/// Gives the two rows of each neuron equal norm, caps their size `sqrt(|up| |down|)`, and rounds. Where one of the two is
/// zero the neuron adds nothing, and both become zero. Rows and columns of a matrix are given.
///
/// # Errors
/// [`Failure::Weights`] as for a matrix that is read. [`Failure::Cancelled`].
pub fn neurons<S: Source>(
    profile: &Profile,
    up: &Side<'_, S>,
    down: &Side<'_, S>,
    shape: [usize; 2],
    progress: &Progress,
) -> Result<[Matrix; 2], Failure> {
    let rows = [up.look(shape)?, down.look(shape)?];
    let sizes: Vec<f64> = rows[0].iter().zip(&rows[1]).map(|(up, down)| (up.norm * down.norm).sqrt()).collect();
    let top = CAP * median(&sizes);
    let round = |side: &Side<'_, S>, rows: &[Row]| -> Result<Matrix, Failure> {
        let factor =
            |(row, &size): (&Row, &f64)| Factor { norm: row.norm, size: if size > 0.0 { size.min(top) } else { 0.0 } };
        let factors: Vec<Factor> = rows.iter().zip(&sizes).map(factor).collect();
        let widest = rows.iter().zip(&factors).map(|(row, factor)| factor.of(row.widest));
        let scale = Scale::of(largest(widest), profile, &side.name)?;
        let matrix = side.round(shape[1], &factors, scale);
        progress.advance(shape[0] as u64)?;
        Ok(matrix)
    };
    Ok([round(up, &rows[0])?, round(down, &rows[1])?])
}
