//! Relation "bits": everything in the bit rows is 0 or 1 (statement 7.3).
//!
//! ```text
//! sum_x eq(tau, x) b(x) (b(x) - 1) = 0
//! ```
//!
//! Soundness error: `4 bv / p`.

use super::Context;
use crate::{
    commit::open::{Claims, Weights},
    curve::Scalar,
    layout::Flat,
    pads::Form,
    poly::{eq_at, eq_table, log2_ceil},
    side::{Question, Side, Sum},
    sumcheck::sumcheck,
};

/// Runs the relation.
///
/// # Errors
/// Those of the side.
pub fn check<S: Side>(side: &mut S, context: &Context<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    let profile = context.profile();
    let rows = context.layout.rows;
    let variables = log2_ceil(rows).saturating_add(profile.log_n as usize);
    let tau = side.challenges(variables)?;
    let (point, mut last) = sumcheck(side, Sum::Booleanity { tau: &tau }, Form::default(), 3, variables)?;
    let b = side.secret(Question::End(1))?;
    let mut booleanity = side.ledger().product(b, b);
    booleanity -= &b.form();
    last -= &booleanity.times(eq_at(&tau, &point));
    side.ledger().zero(last);
    let mut weights: Vec<Scalar> = eq_table(&point);
    weights.truncate(rows.saturating_mul(profile.n()));
    claims.add(Weights::Bits(Flat::dense(weights)), b.form());
    Ok(())
}
