//! Quantised weights in canonical form: the witness. Secret.

use crate::{prover::failure::Failure, statement::Shape};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A matrix of small integers, row after row. Not `Clone` and not `Debug`: it holds a model.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Matrix {
    /// Columns, the hidden size d.
    pub columns: usize,
    /// Entries, `rows * columns` of them.
    pub entries: Vec<i16>,
}

impl Matrix {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.entries.len() / self.columns
    }

    /// One row.
    #[must_use]
    pub fn row(&self, index: usize) -> &[i16] {
        &self.entries[index * self.columns..(index + 1) * self.columns]
    }
}

/// All committed matrices of a model, in the order of [`Shape::matrices`].
pub struct Weights {
    /// The public shape they belong to.
    pub shape: Shape,
    /// The matrices.
    pub matrices: Vec<Matrix>,
}

impl Weights {
    /// Weights of that shape.
    ///
    /// # Errors
    /// [`Failure::Weights`] when number, rows or columns of the matrices differ from the shape.
    pub fn new(shape: Shape, matrices: Vec<Matrix>) -> Result<Self, Failure> {
        let expected = shape.matrices();
        if matrices.len() != expected.len() {
            return Err(Failure::Weights(format!("{} matrices for a shape of {}", matrices.len(), expected.len())));
        }
        for (index, (matrix, &rows)) in matrices.iter().zip(&expected).enumerate() {
            let columns = shape.hidden as usize;
            if matrix.columns != columns || matrix.entries.len() != rows * columns {
                let name = shape.matrix_name(index);
                return Err(Failure::Weights(format!("{name}: expected {rows} x {columns} entries")));
            }
        }
        Ok(Self { shape, matrices })
    }
}
