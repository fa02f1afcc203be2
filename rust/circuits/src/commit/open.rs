//! All opening claims become one (statement 7.7).
//!
//! A claim is `sum over committed rows of <weights, row> = value`. With powers of gamma they are one sum over the columns
//! of the commitment rows, which a sumcheck brings to a point sigma. There
//!
//! ```text
//! <eq(sigma), sum_m w_m row_m> = last,     w_m public
//! ```
//!
//! and `sum_m w_m C_m` is one multi-scalar multiplication, however many claims there were.
//!
//! Soundness error: `(claims + 2 log n) / p`.

use crate::{
    curve::Scalar,
    layout::Flat,
    pads::Form,
    poly::{dot, eq_table, powers},
    relations::Context,
    side::{Side, Sum},
    sumcheck::sumcheck,
};
use ark_ff::Zero;

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
    list: Vec<(Weights, Form)>,
    /// Weights of the hidden index, shared by all claims about matrices.
    pub columns: Vec<Scalar>,
}

impl Claims {
    /// `<weights, rows> = value`.
    pub fn add(&mut self, weights: Weights, value: Form) {
        self.list.push((weights, value));
    }

    /// How many there are.
    #[cfg(feature = "liar")]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.list.len()
    }
}

/// All claims, combined by powers of gamma.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Weights of the rows of each matrix.
    pub matrices: Vec<Vec<Scalar>>,
    /// Power of gamma of each matrix's claim (of its last one).
    pub powers: Vec<Scalar>,
    /// Weights of the hidden index for all of them.
    pub columns: Vec<Scalar>,
    /// Weights of all commitment rows of weights ..
    pub all_rows: Vec<Scalar>,
    /// .. and of their columns.
    pub all_columns: Vec<Scalar>,
    /// Weights of the bit rows, flat.
    pub bits: Vec<Scalar>,
    /// Weights of the Y rows, flat.
    pub y: Vec<Scalar>,
}

/// What is left to prove.
#[derive(Clone, Debug)]
pub struct Opening {
    /// `eq(sigma)`, n values.
    pub eq: Vec<Scalar>,
    /// One weight for each commitment row: weights, Y, bits.
    pub rows: Vec<Scalar>,
    /// The value.
    pub value: Form,
}

impl Batch {
    fn new(context: &Context<'_>, claims: Claims, gamma: Scalar) -> (Self, Form) {
        let (profile, shape) = (context.profile(), context.shape());
        let n = profile.n();
        let y_rows = (profile.projection as usize).saturating_mul(profile.projection as usize).div_ceil(n);
        let mut batch = Self {
            matrices: shape.matrices().into_iter().map(|rows| vec![Scalar::zero(); rows]).collect(),
            powers: vec![Scalar::zero(); shape.matrices().len()],
            columns: claims.columns,
            all_rows: Vec::new(),
            all_columns: Vec::new(),
            bits: vec![Scalar::zero(); context.layout.rows.saturating_mul(n)],
            y: vec![Scalar::zero(); y_rows.saturating_mul(n)],
        };
        let mut total = Form::default();
        let powers = powers(gamma);
        #[cfg(feature = "liar")]
        let powers = crate::liar::thinned(crate::liar::Check::Claim, powers);
        for ((weights, value), gamma) in claims.list.into_iter().zip(powers) {
            total += &value.times(gamma);
            match weights {
                Weights::Bits(flat) => flat.add_to(&mut batch.bits, gamma),
                Weights::Y(flat) => flat.add_to(&mut batch.y, gamma),
                Weights::Matrix { matrix, rows } => {
                    batch.powers.iter_mut().skip(matrix).take(1).for_each(|power| *power = gamma);
                    for (x, y) in batch.matrices.iter_mut().skip(matrix).take(1).flatten().zip(rows) {
                        *x += gamma * y;
                    }
                }
                Weights::All { rows, columns } => {
                    batch.all_rows = rows.into_iter().map(|x| x * gamma).collect();
                    batch.all_columns = columns;
                }
            }
        }
        (batch, total)
    }

    /// Weight of each commitment row at sigma: weights, Y, bits.
    fn at(&self, eq: &[Scalar]) -> Vec<Scalar> {
        let d = self.columns.len().max(1);
        let slots: Vec<Scalar> = eq.chunks_exact(d).map(|slot| dot(slot, &self.columns)).collect();
        let all = dot(&self.all_columns, eq);
        let mut all_rows = self.all_rows.iter();
        let mut rows = Vec::new();
        for matrix in &self.matrices {
            for (row, &in_all) in matrix.chunks(slots.len().max(1)).zip(all_rows.by_ref()) {
                rows.push(dot(row, &slots) + in_all * all);
            }
        }
        for flat in [&self.y, &self.bits] {
            rows.extend(flat.chunks(eq.len().max(1)).map(|row| dot(row, eq)));
        }
        rows
    }
}

/// Batches all claims and runs the last sumcheck.
///
/// # Errors
/// Those of the side.
pub fn open<S: Side>(side: &mut S, context: &Context<'_>, claims: Claims) -> Result<Opening, S::Error> {
    let gamma = side.challenge()?;
    let (batch, claim) = Batch::new(context, claims, gamma);
    let variables = context.profile().log_n as usize;
    let (sigma, value) = sumcheck(side, Sum::Opening { batch: &batch }, claim, 2, variables)?;
    let eq = eq_table(&sigma);
    let rows = batch.at(&eq);
    Ok(Opening { eq, rows, value })
}
