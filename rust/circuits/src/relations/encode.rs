//! Relation "encode": `z` is the encoding of the sketches in the bit string (proofs/spec/relations.md, "encode").
//!
//! ```text
//! N_i = sum_j q_(i,j)^2,          a_i^2 N_i <= 2^80 < (a_i + 1)^2 N_i                       term i, of all draws
//! h_(g,k) = z_(g,k) 2^64 + rem_(g,k) - 2^63 = c_g f'_(g,k)                                 layer g, of all draws
//! f'_(g,k) = m f_(g,k) - sum f_g,  f_(g,k) = sum over the terms i of layer g of a_i <R_k, q_i>
//! V_g = sum_k h_(g,k)^2,          V_g <= M < (c_g + 1)^2 V_g / c_g^2
//! ```
//!
//! `q` are the bits of a sketch entry from position `e_i` up, so shift and range cost nothing. Everything but the sums of
//! squares is linear in the bits, and these are one sumcheck. Powers of theta run on through all draws and layers.
//!
//! Where a network encodes the common draw, its f is that of [`super::activations`] in place of `<R, q>`.
//!
//! Soundness error: `(U T + G + 3 jv + log G + log m) / p`.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    encoder::Encoder,
    instance::Instance,
    layout::Flat,
    pads::{Form, Sent},
    poly::{dot, eq_table, log2_ceil, power_of_two, powers, signed, sum},
    relations::activations,
    security::scale_target,
    side::{Question, Side, Sum},
    size::size,
    statement::{Statement, TERM_KINDS},
    sumcheck::sumcheck,
};
use ark_ff::Field;

/// Runs the relation.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn check<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    statement: &Statement,
    claims: &mut Claims,
) -> Result<(), S::Error> {
    let (terms, layers) = (instance.layout.sketches.len(), instance.layout.c_lo.count);
    let mut ask = |count, question: fn(usize) -> Question<'static>| -> Result<Vec<Form>, S::Error> {
        (0..count).map(|i| side.secret(question(i)).map(Sent::form)).collect()
    };
    let (norms, scales) = (ask(terms, Question::Norm)?, ask(layers, Question::Scale)?);
    squares(side, instance, statement, claims, &[&norms[..], &scales].concat())?;
    slacks_of_norms(instance, statement, claims, &norms);
    rounding(side, instance, statement, claims)?;
    slacks_of_scales(instance, statement, claims, &scales);
    Ok(())
}

/// `sum_i weights[i] (z_i 2^64 - 2^63)`: what the remainders add to, to give h.
fn multiples(statement: &Statement, weights: &[Scalar]) -> Scalar {
    let w = size(statement.profile.fraction_bits);
    let z: Vec<Scalar> = statement.z().map(|z| signed(i128::from(z))).collect();
    dot(weights, &z) * power_of_two(w) - sum(weights) * power_of_two(w.saturating_sub(1))
}

/// All sums of squares: those of the rounded sketches, then those of h.
fn squares<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    statement: &Statement,
    claims: &mut Claims,
    sums: &[Form],
) -> Result<(), S::Error> {
    let theta = side.challenge()?;
    let theta: Vec<Scalar> = powers(theta).take(sums.len()).collect();
    let claim = Form::combined(&theta, sums);
    let (layout, entries) = (&instance.layout, instance.profile().entries());
    let sketched = layout.sketches.len().saturating_mul(entries);
    let all = sketched.saturating_add(layout.rem.count);
    let (point, mut last) = sumcheck(side, Sum::Squares { theta: &theta }, claim, 3, log2_ceil(all))?;
    let root = side.secret(Question::End(1))?;
    let (weights, constant, factor) = side.public(|| {
        let mut eq = eq_table(&point);
        eq.truncate(all);
        let (q, h) = eq.split_at(sketched.min(eq.len()));
        let parts = q.chunks(entries).chain(h.chunks(size(instance.profile().outputs)));
        let factor: Scalar = parts.zip(&theta).map(|(part, &theta)| sum(part) * theta).sum();
        let (weights, constant) = layout.upper_parts(0, entries, q);
        Ok((weights.and(Flat::integers(layout.rem, h, 0)), constant - multiples(statement, h), factor))
    })?;
    last -= &side.ledger().product(root, root).times(factor);
    side.ledger().zero(last);
    claims.add(Weights::Bits(weights), root.form().plus(constant));
    Ok(())
}

/// The scale of each term follows from its norm.
fn slacks_of_norms(instance: &Instance<'_>, statement: &Statement, claims: &mut Claims, norms: &[Form]) {
    let top = power_of_two(size(instance.profile().log_scale).saturating_mul(2));
    for (i, (norm, a)) in norms.iter().zip(statement.a()).enumerate() {
        let square = |a: u64| Scalar::from(a).square();
        let (low, high) = (instance.layout.slack_lo, instance.layout.slack_hi);
        claims.add(Weights::Bits(Flat::one(low, i)), norm.times(-square(a)).plus(top));
        let above = norm.times(square(a.saturating_add(1))).plus(-top - Scalar::from(1_u64));
        claims.add(Weights::Bits(Flat::one(high, i)), above);
    }
}

/// The rounding equations at a random combination over layers and k.
fn rounding<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    statement: &Statement,
    claims: &mut Claims,
) -> Result<(), S::Error> {
    let network = instance.network.as_ref();
    let sums = network.map(|network| activations::before(side, instance, statement, network, claims)).transpose()?;
    let layers = side.challenges(log2_ceil(instance.layout.c_lo.count))?;
    let outputs = side.challenges(log2_ceil(size(instance.profile().outputs)))?;
    let (weights, target) =
        side.public(|| Ok(rounded(instance, statement, &eq_table(&layers), &eq_table(&outputs))))?;
    let mut value = Form::public(target);
    let Some((network, sums)) = network.zip(sums) else {
        claims.add(Weights::Bits(weights), value);
        return Ok(());
    };
    let scales = scales(statement, &eq_table(&layers));
    let first = scales.get(..instance.shape().layers.len()).unwrap_or_default();
    let (made, constant) = activations::outputs(side, instance, network, first, &eq_table(&outputs))?;
    value -= made.value();
    claims.add(Weights::Bits(weights), value.plus(-constant));
    activations::relu(side, instance, network, claims, [sums, made])
}

/// The weight of each layer times its scale c.
fn scales(statement: &Statement, layers: &[Scalar]) -> Vec<Scalar> {
    layers.iter().zip(statement.c()).map(|(&eq, c)| eq * Scalar::from(c)).collect()
}

/// The rounding equations, combined by these weights of layers and of k: weights of the bits, and what they must give, but for
/// what a network adds.
fn rounded(instance: &Instance<'_>, statement: &Statement, layers: &[Scalar], outputs: &[Scalar]) -> (Flat, Scalar) {
    let profile = instance.profile();
    // R has one block for each kind of term, the same in every layer
    let scales = scales(statement, layers).into_iter().flat_map(|scale| std::iter::repeat_n(scale, TERM_KINDS.len()));
    let encoded = if instance.network.is_some() { instance.terms() } else { 0 };
    let mut factors = scales.zip(statement.a()).map(|(scale, a)| scale * Scalar::from(a)).skip(encoded);
    let mut coefficients = Vec::new();
    for streams in instance.streams.iter().filter(|streams| streams.network.is_none()) {
        // once for each draw
        let block = Encoder::new(profile, streams).centred_columns(outputs);
        let blocks = block.chunks(profile.entries()).cycle();
        for (factor, block) in factors.by_ref().take(instance.terms()).zip(blocks) {
            coefficients.extend(block.iter().map(|&x| factor * x));
        }
    }
    let (weights, constant) = instance.layout.upper_parts(encoded, profile.entries(), &coefficients);
    let eq: Vec<Scalar> =
        layers.iter().take(instance.layout.c_lo.count).flat_map(|&x| outputs.iter().map(move |&y| x * y)).collect();
    let minus: Vec<Scalar> = eq.iter().map(|&x| -x).collect();
    (weights.and(Flat::integers(instance.layout.rem, &minus, 0)), multiples(statement, &eq) + constant)
}

/// c of each layer is the standardisation of what was rounded.
fn slacks_of_scales(instance: &Instance<'_>, statement: &Statement, claims: &mut Claims, scales: &[Form]) {
    let (layout, one) = (&instance.layout, Scalar::from(1_u64));
    let target = Scalar::from(scale_target(instance.profile()));
    for (g, (v, c)) in scales.iter().zip(statement.c()).enumerate() {
        let c = Scalar::from(c);
        claims.add(Weights::Bits(Flat::one(layout.c_lo, g)), v.times(-one).plus(target));
        let above = v.times((c + one).square()).plus(-(target * c.square() + one));
        claims.add(Weights::Bits(Flat::one(layout.c_hi, g)), above);
    }
}
