//! Relation "range": no value of the statement wraps around p (proofs/spec/relations.md, "range").
//!
//! W is the matrix of all commitment rows, A and C are ternary and drawn after W was committed to, D after Y:
//!
//! ```text
//! Y = A W C^T,   Z = D Y,   |Z_i| < 2^(z_bits - 1),   sum Y^2 <= n_max
//! ```
//!
//! Lemmas L1, L2: the entries of W are below `2^(z_bits + 2)` in absolute value but with probability 2^-160 + 2^-255, so
//! nothing above wraps. Lemma L3: `|W|_F^2 <= n_max / 676` but with probability 2^-133.
//!
//! Soundness error in addition: `(6 log proj + log proj_z) / p`.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    instance::Instance,
    layout::Flat,
    poly::{eq_table, log2_ceil, power_of_two, sum},
    side::{Question, Side, Sum},
    size::size,
    sumcheck::sumcheck,
};

pub use crate::ternary::Ternary;

/// The three projections.
#[derive(Default)]
pub struct Ternaries {
    /// proj x commitment rows.
    pub a: Ternary,
    /// proj x n.
    pub c: Ternary,
    /// proj_z x proj^2.
    pub d: Ternary,
}

/// Runs the relation without the norm of Y: entries are bounded. The projections, megabytes, end here.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn check<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    claims: &mut Claims,
    ternary: Ternaries,
) -> Result<(), S::Error> {
    let (profile, layout) = (instance.profile(), &instance.layout);
    let log = log2_ceil(size(profile.projection));
    let (r1, r2) = (side.challenges(log)?, side.challenges(log)?);
    let rz = side.challenges(log2_ceil(size(profile.projection_z)))?;
    let (e1, e2, mut ez) = (eq_table(&r1), eq_table(&r2), eq_table(&rz));
    ez.truncate(size(profile.projection_z));

    // Y = A W C^T at a random point
    let y = Flat::point([r1, r2].concat());
    let value = side.secret(Question::Y(&y))?.form();
    claims.add(Weights::Y(y), value.clone());
    let Ternaries { a, c, d } = ternary;
    let (rows, columns) = side.public(|| Ok((a.combine(&e1), c.combine(&e2))))?;
    drop((a, c));
    claims.add(Weights::All { rows, columns }, value);

    // Z = D Y, and the bits of Z
    let z = side.public(|| Ok(Flat::dense(d.combine(&ez))))?;
    let value = side.secret(Question::Y(&z))?.form();
    claims.add(Weights::Y(z), value.clone());
    let top = power_of_two(instance.bounds.z_bits.saturating_sub(1));
    claims.add(Weights::Bits(Flat::integers(layout.z, &ez, 0)), value.plus(sum(&ez) * top));
    Ok(())
}

/// The norm of Y: `sum Y^2 <= n_max`.
///
/// # Errors
/// As [`check`].
pub fn norm<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    let (profile, layout) = (instance.profile(), &instance.layout);
    let log = log2_ceil(size(profile.projection));
    let norm = side.secret(Question::ProjectionSquares)?.form();
    let (point, mut last) = sumcheck(side, Sum::Projection, norm.clone(), 2, log.saturating_mul(2))?;
    let y = side.secret(Question::End(0))?;
    last -= &side.ledger().product(y, y);
    side.ledger().zero(last);
    claims.add(Weights::Y(Flat::point(point)), y.form());
    let slack = norm.times(-Scalar::from(1_u64)).plus(Scalar::from(instance.bounds.n_max.clone()));
    claims.add(Weights::Bits(Flat::one(layout.norm, 0)), slack);
    Ok(())
}
