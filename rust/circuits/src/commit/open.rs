//! All opening claims become one (proofs/spec/opening.md).
//!
//! A claim is `sum over committed rows of <weights, row> = value`. With powers of gamma they are one sum over the columns
//! of the commitment rows, which a sumcheck brings to a point sigma. There
//!
//! ```text
//! <eq(sigma), sum_m w_m row_m> = last,     w_m public
//! ```
//!
//! and `sum_m w_m C_m` is one multi-scalar multiplication, however many claims there were. The verifier never writes weights
//! out over the bits: `w_m` follows from their description, so its memory does not grow with the bit string.
//!
//! Soundness error: `(claims + 2 log n) / p`.

use crate::{
    curve::Scalar,
    layout::{Columns, Flat},
    pads::Form,
    poly::{dot, powers},
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

/// Commitment rows of Y.
fn y_rows(context: &Context<'_>) -> usize {
    let projection = context.profile().projection as usize;
    projection.saturating_mul(projection).div_ceil(context.profile().n())
}

impl Claims {
    /// Weight of each commitment row at sigma: weights, Y, bits.
    fn rows(&self, context: &Context<'_>, gammas: &[Scalar], at: &Columns) -> Vec<Scalar> {
        let counts = context.shape().commitment_rows(context.profile());
        let d = self.columns.len().max(1);
        let slots: Vec<Scalar> = at.eq.chunks_exact(d).map(|slot| dot(slot, &self.columns)).collect();
        let mut weights = vec![Scalar::zero(); counts.iter().sum()];
        let mut y = vec![Scalar::zero(); y_rows(context)];
        let mut bits = vec![Scalar::zero(); context.layout.rows];
        for ((claim, _), &gamma) in self.list.iter().zip(gammas) {
            match claim {
                Weights::Bits(flat) => flat.add_rows(at, gamma, &mut bits),
                Weights::Y(flat) => flat.add_rows(at, gamma, &mut y),
                Weights::Matrix { matrix, rows } => {
                    let first = counts.iter().take(*matrix).sum();
                    for (x, row) in weights.iter_mut().skip(first).zip(rows.chunks(slots.len().max(1))) {
                        *x += gamma * dot(row, &slots);
                    }
                }
                Weights::All { rows, columns } => {
                    let factor = gamma * dot(columns, &at.eq);
                    for (x, &row) in weights.iter_mut().zip(rows) {
                        *x += factor * row;
                    }
                }
            }
        }
        [weights, y, bits].concat()
    }
}

/// Batches all claims and runs the last sumcheck.
///
/// # Errors
/// Those of the side.
pub fn open<S: Side>(side: &mut S, context: &Context<'_>, claims: &Claims) -> Result<Opening, S::Error> {
    let gamma = side.challenge()?;
    let powers = powers(gamma);
    #[cfg(feature = "liar")]
    let powers = crate::liar::thinned(crate::liar::Check::Claim, powers);
    let gammas: Vec<Scalar> = powers.take(claims.list.len()).collect();
    let mut claim = Form::default();
    for ((_, value), &gamma) in claims.list.iter().zip(&gammas) {
        claim += &value.times(gamma);
    }
    let variables = context.profile().log_n as usize;
    let (sigma, value) = sumcheck(side, Sum::Opening { claims, gammas: &gammas }, claim, 2, variables)?;
    let columns = Columns::new(sigma);
    let rows = claims.rows(context, &gammas, &columns);
    Ok(Opening { eq: columns.eq, rows, value })
}

/// All claims, combined by powers of gamma and written out: what the prover's sumcheck needs.
#[cfg(feature = "prover")]
pub struct Batch {
    /// Weights of the rows of each matrix.
    pub matrices: Vec<Vec<Scalar>>,
    /// Power of gamma of each matrix's claim (of its last one).
    pub powers: Vec<Scalar>,
    /// Weights of all commitment rows of weights ..
    pub all_rows: Vec<Scalar>,
    /// .. and of their columns.
    pub all_columns: Vec<Scalar>,
    /// Weights of the bit rows, flat.
    pub bits: Vec<Scalar>,
    /// Weights of the Y rows, flat.
    pub y: Vec<Scalar>,
}

#[cfg(feature = "prover")]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "prover: sizes are those of the checked shape"
)]
impl Batch {
    /// The claims with these powers of gamma.
    #[must_use]
    pub fn new(context: &Context<'_>, claims: &Claims, gammas: &[Scalar]) -> Self {
        let (n, matrices) = (context.profile().n(), context.shape().matrices());
        let mut batch = Self {
            powers: vec![Scalar::zero(); matrices.len()],
            matrices: matrices.into_iter().map(|rows| vec![Scalar::zero(); rows]).collect(),
            all_rows: Vec::new(),
            all_columns: Vec::new(),
            bits: vec![Scalar::zero(); context.layout.rows * n],
            y: vec![Scalar::zero(); y_rows(context) * n],
        };
        for ((weights, _), &gamma) in claims.list.iter().zip(gammas) {
            match weights {
                Weights::Bits(flat) => flat.add_to(&mut batch.bits, gamma),
                Weights::Y(flat) => flat.add_to(&mut batch.y, gamma),
                Weights::Matrix { matrix, rows } => {
                    batch.powers[*matrix] = gamma;
                    batch.matrices[*matrix].iter_mut().zip(rows).for_each(|(x, &y)| *x += gamma * y);
                }
                Weights::All { rows, columns } => {
                    batch.all_rows = rows.iter().map(|&x| x * gamma).collect();
                    batch.all_columns.clone_from(columns);
                }
            }
        }
        batch
    }
}
