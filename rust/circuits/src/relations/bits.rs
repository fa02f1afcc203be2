//! Relation "bits": everything in the bit rows is 0 or 1 (proofs/spec/relations.md, "bits").
//!
//! ```text
//! sum_x eq(tau, x) b(x) (b(x) - 1) = 0
//! ```
//!
//! Soundness error: `4 bv / p`.

use crate::{
    claims::{Claims, Weights},
    instance::Instance,
    layout::Flat,
    pads::Form,
    poly::eq_at,
    side::{Question, Side, Sum},
    sumcheck::sumcheck,
};

/// Runs the relation.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn check<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    let variables = instance.bit_variables();
    let tau = side.challenges(variables)?;
    let (point, mut last) = sumcheck(side, Sum::Booleanity { tau: &tau }, Form::default(), 3, variables)?;
    let b = side.secret(Question::End(1))?;
    let mut booleanity = side.ledger().product(b, b);
    booleanity -= &b.form();
    last -= &booleanity.times(eq_at(&tau, &point));
    side.ledger().zero(last);
    claims.add(Weights::Bits(Flat::point(point)), b.form());
    Ok(())
}
