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
    claims::{Claims, Weights},
    curve::Scalar,
    instance::Instance,
    layout::Columns,
    pads::Form,
    poly::{dot, powers},
    side::{Side, Sum},
    size::size,
    sumcheck::sumcheck,
    switches::{Check, thinned},
};
use ark_ff::Zero;

/// What is left to prove.
#[derive(Clone, Debug)]
pub struct FinalClaim {
    /// `eq(sigma)`, n values.
    pub eq: Vec<Scalar>,
    /// One weight for each commitment row: weights, Y, bits.
    pub rows: Vec<Scalar>,
    /// The value.
    pub value: Form,
}

impl Claims {
    /// Weight of each commitment row at sigma: weights, Y, bits.
    fn rows(&self, instance: &Instance<'_>, gammas: &[Scalar], at: &Columns) -> Vec<Scalar> {
        let counts = instance.shape().commitment_rows(instance.profile());
        let d = self.columns.len().max(1);
        let slots: Vec<Scalar> = at.eq.chunks_exact(d).map(|slot| dot(slot, &self.columns)).collect();
        let mut weights = vec![Scalar::zero(); instance.public.commitment().len()];
        let mut y = vec![Scalar::zero(); instance.profile().y_rows()];
        let mut bits = vec![Scalar::zero(); instance.layout.rows];
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
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn open<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &Claims) -> Result<FinalClaim, S::Error> {
    let gamma = side.challenge()?;
    let gammas: Vec<Scalar> = thinned(Check::Claim, powers(gamma)).take(claims.list.len()).collect();
    let mut claim = Form::default();
    for ((_, value), &gamma) in claims.list.iter().zip(&gammas) {
        claim += &value.times(gamma);
    }
    let variables = size(instance.profile().log_n);
    let (sigma, value) = sumcheck(side, Sum::Claims { claims, gammas: &gammas }, claim, 2, variables)?;
    let (eq, rows) = side.public(|| {
        let columns = Columns::new(sigma);
        let rows = claims.rows(instance, &gammas, &columns);
        Ok((columns.eq, rows))
    })?;
    Ok(FinalClaim { eq, rows, value })
}
