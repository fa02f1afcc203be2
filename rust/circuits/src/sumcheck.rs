//! The sumcheck protocol (Lund, Fortnow, Karloff, Nisan 1992) over masked messages.
//!
//! Claim: the sum of a polynomial of degree D over the cube is a secret form. In each round the prover sends `g(0), g(2),
//! .., g(D)`; `g(1) := claim - g(0)` by definition, so no round has a check of its own: consistency lives in the forms.
//!
//! Soundness error: `D rounds / p`.

use crate::{
    curve::Scalar,
    pads::Form,
    poly::lagrange,
    side::{Question, Side, Sum},
};

/// Runs a sumcheck. Returns the point and the form that the polynomial must equal there.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn sumcheck<S: Side>(
    side: &mut S,
    sum: Sum<'_>,
    mut claim: Form,
    degree: usize,
    rounds: usize,
) -> Result<(Vec<Scalar>, Form), S::Error> {
    side.begin(sum)?;
    let mut point = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let at_zero = side.secret(Question::Round(0))?.form();
        claim -= &at_zero;
        let mut values = vec![at_zero, claim];
        for (x, _) in (2..).zip(1..degree) {
            values.push(side.secret(Question::Round(x))?.form());
        }
        let r = side.challenge()?;
        side.bind(r);
        point.push(r);
        claim = Form::default();
        let weights = side.public(|| Ok(lagrange(degree, r)))?;
        for (value, &weight) in values.iter().zip(&weights) {
            claim += &value.times(weight);
        }
    }
    Ok((point, claim))
}
