//! Relation "encode": `z` is the encoding of the sketches in the bit string (proofs/spec/relations.md, "encode").
//!
//! ```text
//! N_t = sum_j q_j^2,            a_t^2 N_t <= 2^80 < (a_t + 1)^2 N_t
//! c f'_k + 2^63 = z_k 2^64 + rem_k,   f'_k = m f_k - sum f,   f_k = sum_t a_t <R_k, q_t>
//! V = sum_k (z_k 2^64 + g_k)^2,       V <= M < (c + 1)^2 V / c^2,   g_k = rem_k - 2^63
//! ```
//!
//! `q_j` are the bits of a sketch entry from position `e_t` up, so shift and range cost nothing. Everything but the two
//! sums of squares is linear in the bits.
//!
//! Soundness error: `(T + 3 jv + 3 log m) / p`.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    encoder::Encoder,
    instance::Instance,
    layout::Flat,
    pads::{Form, Sent},
    poly::{dot, eq_table, log2_ceil, power_of_two, powers, signed, sum},
    security::scale_target,
    side::{Question, Side, Sum},
    size::size,
    sumcheck::sumcheck,
};
use ark_ff::{Field, Zero};

/// Runs the relation.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn check<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    norms(side, instance, claims)?;
    rounding(side, instance, claims)?;
    scale(side, instance, claims)
}

/// Weights over the bits that give `sum_j weights[j] q_j`, up to the returned constant.
fn upper_parts(instance: &Instance<'_>, weights: &[Scalar]) -> (Flat, Scalar) {
    let top = power_of_two(size(instance.profile().q_bits.saturating_sub(1)));
    let mut flat = Flat::default();
    let layout = instance.layout.sketches.iter().zip(&instance.statement.public.e);
    for (weights, (&group, &e)) in weights.chunks(instance.profile().entries()).zip(layout) {
        flat = flat.and(Flat::integers(group, weights, size(e)));
    }
    (flat, sum(weights) * top)
}

/// The norms, and the scales that follow from them.
fn norms<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    let terms = instance.layout.sketches.len();
    let entries = instance.profile().entries().saturating_mul(terms);
    let norms: Vec<Form> =
        (0..terms).map(|t| side.secret(Question::Norm(t)).map(Sent::form)).collect::<Result<_, _>>()?;
    let theta = side.challenge()?;
    let theta: Vec<Scalar> = powers(theta).take(terms).collect();
    let mut claim = Form::default();
    for (norm, &theta) in norms.iter().zip(&theta) {
        claim += &norm.times(theta);
    }
    let (point, mut last) = sumcheck(side, Sum::Norms { theta: &theta }, claim, 3, log2_ceil(entries))?;
    let q = side.secret(Question::End(1))?;
    let ((weights, constant), factor) = side.public(|| {
        let mut eq = eq_table(&point);
        eq.truncate(entries);
        let sums = eq.chunks(instance.profile().entries()).map(sum);
        Ok((upper_parts(instance, &eq), sums.zip(&theta).map(|(sum, &theta)| sum * theta).sum::<Scalar>()))
    })?;
    last -= &side.ledger().product(q, q).times(factor);
    side.ledger().zero(last);
    claims.add(Weights::Bits(weights), q.form().plus(constant));
    let top = power_of_two(size(instance.profile().log_scale).saturating_mul(2));
    for (t, (norm, &a)) in norms.iter().zip(&instance.statement.public.a).enumerate() {
        let square = |a: u64| Scalar::from(a).square();
        let (low, high) = (instance.layout.slack_lo, instance.layout.slack_hi);
        claims.add(Weights::Bits(Flat::one(low, t)), norm.times(-square(a)).plus(top));
        let above = norm.times(square(a.saturating_add(1))).plus(-top - Scalar::from(1_u64));
        claims.add(Weights::Bits(Flat::one(high, t)), above);
    }
    Ok(())
}

/// The rounding equation at a random combination over k.
fn rounding<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    let kappa = side.challenges(log2_ceil(size(instance.profile().outputs)))?;
    let (weights, target) = side.public(|| Ok(rounded(instance, &eq_table(&kappa))))?;
    claims.add(Weights::Bits(weights), Form::public(target));
    Ok(())
}

/// The rounding equations, combined by these weights of k: weights of the bits, and what they must give.
fn rounded(instance: &Instance<'_>, eq: &[Scalar]) -> (Flat, Scalar) {
    let (profile, public) = (instance.profile(), &instance.statement.public);
    let total = sum(eq);
    let outputs = Scalar::from(profile.outputs);
    // column j of R, combined: m sum_k eq_k R_kj - sum eq sum_k R_kj
    let block: Vec<Scalar> = Encoder::new(profile, &instance.statement.challenge)
        .columns(eq)
        .into_iter()
        .map(|(combined, plain)| outputs * combined - total * signed(i128::from(plain)))
        .collect();
    let c = Scalar::from(public.c);
    let coefficients: Vec<Scalar> = public
        .a
        .iter()
        .zip(block.chunks(instance.profile().entries()).cycle())
        .flat_map(|(&a, block)| {
            let factor = c * Scalar::from(a);
            block.iter().map(move |&x| factor * x)
        })
        .collect();
    let (weights, constant) = upper_parts(instance, &coefficients);
    let minus: Vec<Scalar> = eq.iter().map(|&x| -x).collect();
    let weights = weights.and(Flat::integers(instance.layout.rem, &minus, 0));
    let z: Vec<Scalar> = public.z.iter().map(|&z| signed(i128::from(z))).collect();
    let w = size(profile.fraction_bits);
    let target = dot(eq, &z) * power_of_two(w) - total * power_of_two(w.saturating_sub(1)) + constant;
    (weights, target)
}

/// The scale: c is the standardisation of what was rounded.
fn scale<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    let (profile, public, layout) = (instance.profile(), &instance.statement.public, &instance.layout);
    let w = size(profile.fraction_bits);
    let half = power_of_two(w.saturating_sub(1));
    let z: Vec<Scalar> = public.z.iter().map(|&z| signed(i128::from(z))).collect();
    let b = side.secret(Question::RemainderTimesZ)?.form();
    let e = side.secret(Question::RemainderSquares)?.form();
    claims.add(Weights::Bits(Flat::integers(layout.rem, &z, 0)), b.clone().plus(sum(&z) * half));
    let (point, mut last) = sumcheck(side, Sum::Remainders, e.clone(), 2, log2_ceil(size(profile.outputs)))?;
    let g = side.secret(Question::End(0))?;
    last -= &side.ledger().product(g, g);
    side.ledger().zero(last);
    let eq = eq_table(&point);
    claims.add(Weights::Bits(Flat::integers(layout.rem, &eq, 0)), g.form().plus(sum(&eq) * half));
    let squares: Scalar = z.iter().map(Field::square).sum();
    let mut v = b.times(power_of_two(w.saturating_add(1)));
    v += &e;
    let v = v.plus(squares * power_of_two(w.saturating_mul(2)));
    let target = Scalar::from(scale_target(profile));
    let c = Scalar::from(public.c);
    let one = Scalar::from(1_u64);
    claims.add(Weights::Bits(Flat::one(layout.c_lo, 0)), v.times(-one).plus(target));
    let above = v.times((c + one).square()).plus(-(target * c.square() + one));
    claims.add(Weights::Bits(Flat::one(layout.c_hi, 0)), above);
    debug_assert!(!target.is_zero());
    Ok(())
}
