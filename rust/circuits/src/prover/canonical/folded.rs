//! What is folded into the rows of a matrix before anything else.

use super::dense::{Dense, centre};
use crate::prover::failure::Failure;

/// The weights of a norm that the matrix reads or writes through; and in LayerNorm models every row loses its mean.
pub struct Folded<'a> {
    gamma: Option<&'a [f64]>,
    ones: Option<Vec<f64>>,
}

impl<'a> Folded<'a> {
    /// For matrices of so many columns.
    ///
    /// # Errors
    /// [`Failure::Weights`]: the norm has another number of weights.
    pub fn new(gamma: &'a Option<Vec<f64>>, layer_norm: bool, columns: usize) -> Result<Self, Failure> {
        let gamma = gamma.as_deref();
        if let Some(got) = gamma.map(<[f64]>::len).filter(|&got| got != columns) {
            return Err(Failure::Weights(format!("a norm has {got} weights where the hidden size is {columns}")));
        }
        Ok(Self { gamma, ones: layer_norm.then(|| vec![1.0; columns]) })
    }

    /// Into one row.
    pub fn fold(&self, row: &mut [f64]) {
        if let Some(gamma) = self.gamma {
            row.iter_mut().zip(gamma).for_each(|(w, g)| *w *= g);
        }
        if let Some(ones) = &self.ones {
            centre(row, ones);
        }
    }

    /// Into every row.
    pub fn all(&self, mut matrix: Dense) -> Dense {
        matrix.each_row(|_, row| self.fold(row));
        matrix
    }
}
