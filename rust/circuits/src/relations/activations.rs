//! Relation "activations": what goes into a network and what comes out of its ReLU, where one encodes (proofs/spec/relations.md,
//! "activations"). For layer l and hidden convolution h, of the common draw:
//!
//! ```text
//! A = a q + 2^27 + 2^41                       one for each entry of each term;    x = (A >> 28) - 2^13 = round(a q / 2^28)
//! Y_(l,h) = y + half_h + 2^(width_h - 1)      y = sum of weight x' + bias,        x' of the convolution before
//! x' = t U                                    t the top bit of Y, U its bits from the shift to below the top
//! ```
//!
//! The bits say all of it: rounding is dropping bits, and `max(0, floor((y + half) / 2^shift))` is exactly `t U`. What a
//! convolution does is linear, so weights on its sums are weights on what goes into it (the transposed convolution); the last
//! one is linear in the activations before it and is never committed to. All that is left are two weighted sums of `t U`,
//! s1 and s2, which are one sumcheck.
//!
//! Soundness error: `(log 3 L r^2 + 4 (lv + iv) + 1) / p`, and five claims, a zero and a product more.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    hidden::{self, OnHidden, by_layer, convolutions, scaled},
    instance::Instance,
    layout::Flat,
    network::{INPUT_BITS, Network, RAISE_BITS, input_shift},
    pads::Form,
    poly::{eq_table, log2_ceil, power_of_two, sum},
    side::{Question, Side, Sum},
    size::size,
    statement::Statement,
    statement::TERM_KINDS,
    sumcheck::sumcheck,
};

/// A weighted sum of hidden activations: the weights, and the secret sum.
pub struct Weighted {
    mu: OnHidden,
    value: Form,
}

/// Weights over all hidden sums at a point: layers, then sums of one.
fn eq_on(instance: &Instance<'_>, network: &Network, point: &[Scalar]) -> OnHidden {
    let count = instance.shape().layers.len();
    let (high, low) = point.split_at(hidden::variables(network, count).0.min(point.len()));
    let (mut layers, mut inside) = (eq_table(high), eq_table(low));
    layers.truncate(count);
    inside.truncate(network.hidden_sums());
    OnHidden { layers, inside }
}

/// From the rounded sketches to the hidden sums. What is left is s1: the activations that the sums after them are made of.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn before<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    statement: &Statement,
    network: &Network,
    claims: &mut Claims,
) -> Result<Weighted, S::Error> {
    let entries = instance.terms().saturating_mul(instance.profile().entries());
    let xi = side.challenges(log2_ceil(entries))?;
    let (weights, value) = side.public(|| Ok(inputs(instance, statement, &eq_table(&xi))))?;
    claims.add(Weights::Bits(weights), Form::public(value));

    let (lv, iv) = hidden::variables(network, instance.shape().layers.len());
    let zeta = side.challenges(lv.saturating_add(iv))?;
    let [first, others] = side.public(|| Ok(sums(instance, network, &eq_on(instance, network, &zeta))))?;
    claims.add(Weights::Bits(first.weights), Form::public(first.constant));
    let value = side.secret(Question::Activations(&others.mu))?.form();
    claims.add(Weights::Bits(others.weights), value.clone().plus(others.constant));
    Ok(Weighted { mu: others.mu, value })
}

/// `sum_i xi_i (A_i - a_t S_i / 2^e_t)` as weights over the bits, and what it is.
fn inputs(instance: &Instance<'_>, statement: &Statement, xi: &[Scalar]) -> (Flat, Scalar) {
    let (profile, layout) = (instance.profile(), &instance.layout);
    let shift = input_shift(profile);
    let offset =
        power_of_two(shift.saturating_sub(1)) + power_of_two(shift.saturating_add(size(INPUT_BITS)).saturating_add(1));
    let middle = power_of_two(size(profile.q_bits.saturating_sub(1)));
    let (mut flat, mut constant) = (Flat::default(), Scalar::default());
    let terms = layout.sketches.iter().zip(statement.a());
    for ((xi, &group), (&sketch, a)) in xi.chunks(profile.entries()).zip(&layout.inputs).zip(terms) {
        let a = Scalar::from(a);
        flat =
            flat.and(Flat::integers(group, xi, 0)).and(Flat::integers(sketch, &scaled(xi, -a), layout.shift(sketch)));
        constant += sum(xi) * (offset - a * middle);
    }
    (flat, constant)
}

/// Weights over the bits, a constant, and weights of the activations that the sums are made of.
#[derive(Default)]
struct Sums {
    weights: Flat,
    constant: Scalar,
    mu: OnHidden,
}

/// The hidden sums with these weights: those of the first convolution, of which the inputs are in the bits, and all others.
fn sums(instance: &Instance<'_>, network: &Network, e: &OnHidden) -> [Sums; 2] {
    let layout = &instance.layout;
    let layers = sum(&e.layers);
    let (mut first, mut others) = (Sums::default(), Sums::default());
    let mut inputs = Vec::new();
    for (h, (placed, e)) in convolutions(network, &e.inside).enumerate() {
        let (back, bias) = placed.back(e);
        let into = if h == 0 { &mut first } else { &mut others };
        into.constant +=
            layers * (bias + sum(e) * (Scalar::from(placed.half()) + power_of_two(placed.width().saturating_sub(1))));
        if h == 0 { inputs = back } else { others.mu.inside.extend(back) }
    }
    others.mu.layers.clone_from(&e.layers);
    for (&layer, groups) in e.layers.iter().zip(by_layer(network, &layout.sums)) {
        for (h, (&group, (_, e))) in groups.iter().zip(convolutions(network, &e.inside)).enumerate() {
            let into = if h == 0 { &mut first.weights } else { &mut others.weights };
            *into = std::mem::take(into).and(Flat::integers(group, &scaled(e, layer), 0));
        }
    }
    let (shift, entries) = (input_shift(instance.profile()), instance.profile().entries());
    let middle = power_of_two(size(INPUT_BITS).saturating_add(1));
    for (&layer, groups) in e.layers.iter().zip(layout.inputs.chunks(TERM_KINDS.len())) {
        for (&group, x) in groups.iter().zip(inputs.chunks(entries)) {
            let part = Flat::parts(group, &scaled(x, -layer), shift..group.width);
            first.weights = std::mem::take(&mut first.weights).and(part);
        }
    }
    first.constant -= layers * sum(&inputs) * middle;
    [first, others]
}

/// s2, the activations that the outputs are made of: with `layers` the weight of each layer times its scale c and `outputs` that
/// of each number, `sum c f'` is `s2` plus the returned constant.
///
/// # Errors
/// As [`before`].
pub fn outputs<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    network: &Network,
    layers: &[Scalar],
    outputs: &[Scalar],
) -> Result<(Weighted, Scalar), S::Error> {
    let (mu, constant) = side.public(|| {
        let (m, total) = (Scalar::from(instance.profile().outputs), sum(outputs));
        // f' = m f - sum f
        let weights: Vec<Scalar> = outputs.iter().map(|&x| m * x - total).collect();
        let (back, bias) = network.last().map(|placed| placed.back(&weights)).unwrap_or_default();
        let mut inside = vec![Scalar::default(); network.hidden_sums().saturating_sub(back.len())];
        inside.extend(back);
        let layers = scaled(layers, power_of_two(size(RAISE_BITS)));
        let constant = sum(&layers) * bias;
        Ok((OnHidden { layers, inside }, constant))
    })?;
    let value = side.secret(Question::Activations(&mu))?.form();
    Ok((Weighted { mu, value }, constant))
}

impl Weighted {
    /// The secret sum.
    #[must_use]
    pub const fn value(&self) -> &Form {
        &self.value
    }
}

/// Both sums of activations are those of the bits.
///
/// # Errors
/// As [`before`].
pub fn relu<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    network: &Network,
    claims: &mut Claims,
    sums: [Weighted; 2],
) -> Result<(), S::Error> {
    let lambda = side.challenge()?;
    let [s1, s2] = sums;
    let mu = [s1.mu, s2.mu.times(lambda)];
    let mut claim = s1.value;
    claim += &s2.value.times(lambda);
    let (lv, iv) = hidden::variables(network, instance.shape().layers.len());
    let (point, mut last) = sumcheck(side, Sum::Activations { mu: &mu }, claim, 3, lv.saturating_add(iv))?;
    let (t, u) = (side.secret(Question::End(1))?, side.secret(Question::End(2))?);
    let (factor, tops, values) = side.public(|| {
        let eq = eq_on(instance, network, &point);
        let factor: Scalar = mu.iter().map(|mu| mu.dot(&eq)).sum();
        let (mut tops, mut values) = (Flat::default(), Flat::default());
        for (&layer, groups) in eq.layers.iter().zip(by_layer(network, &instance.layout.sums)) {
            for (&group, (placed, eq)) in groups.iter().zip(convolutions(network, &eq.inside)) {
                let (top, eq) = (group.width.saturating_sub(1), scaled(eq, layer));
                tops = tops.and(Flat::parts(group, &eq, top..group.width));
                values = values.and(Flat::parts(group, &eq, size(placed.inner.shift)..top));
            }
        }
        Ok((factor, tops, values))
    })?;
    last -= &side.ledger().product(t, u).times(factor);
    side.ledger().zero(last);
    claims.add(Weights::Bits(tops), t.form());
    claims.add(Weights::Bits(values), u.form());
    Ok(())
}
