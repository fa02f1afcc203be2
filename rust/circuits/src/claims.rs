//! What the relations leave to be opened: claims about committed rows.

use crate::{curve::Scalar, layout::Flat, pads::Form};

/// Where a claim's weights are.
#[derive(Clone, Debug)]
pub enum Weights {
    /// On the bit string.
    Bits(Flat),
    /// On Y.
    Y(Flat),
    /// On the rows of one matrix, times [`Claims::columns`].
    Matrix {
        /// Index of the matrix.
        matrix: usize,
        /// One weight for each matrix row.
        rows: Vec<Scalar>,
    },
    /// On all commitment rows of weights, times weights of the columns.
    All {
        /// One weight for each commitment row.
        rows: Vec<Scalar>,
        /// One weight for each column.
        columns: Vec<Scalar>,
    },
}

/// Claims, in the order of their powers of gamma.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// Weights and value of each.
    pub list: Vec<(Weights, Form)>,
    /// Weights of the hidden index, shared by all claims about matrices.
    pub columns: Vec<Scalar>,
}

impl Claims {
    /// `<weights, rows> = value`.
    pub fn add(&mut self, weights: Weights, value: Form) {
        self.list.push((weights, value));
    }
}
