//! Relation "nearness": the cosines of the encoded sketches with published vectors lie in the intervals of an answer
//! (proofs/spec/nearness.md, "Relation").
//!
//! ```text
//! N_t = sum_j q_(t,j)^2,          a_t^2 N_t <= 2^140 < (a_t + 1)^2 N_t                       term t
//! f'_l[k] = m f_l[k] - sum f_l,   f_l[k] = sum over the terms t of layer l of a_t <R_k, q_t>
//! D_l = sum_k f'_l[k]^2,          G_(v,l) = <z_v, f'_l>                                     layer l, their vector v
//! low^2 |z_v|^2 D_l <= 2^16 G_(v,l)^2 <= high^2 |z_v|^2 D_l,   s G_(v,l) >= 0,   or < where an end is strict
//! ```
//!
//! It stands in place of "encode", from which it differs in that nothing of it is public but the intervals: scales, vectors
//! and their products are secret, and the products of two secrets are what it adds.
//!
//! Soundness error: `((T - 1) + 3 jv + (L - 1) + 2 log m + V) / p`.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    encoder::Encoder,
    instance::Instance,
    layout::Flat,
    nearness::{COSINE_BITS, Interval, LEAST_SCALE, LOG_SCALE, Nearness, entry_variables},
    pads::{Form, Sent},
    poly::{eq_table, log2_ceil, power_of_two, powers, signed, sum},
    side::{Question, Side, Sum},
    size::size,
    statement::TERM_KINDS,
    sumcheck::sumcheck,
};
use ark_ff::{Field, Zero};

/// Runs the relation.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn check<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    statement: &Nearness,
    claims: &mut Claims,
) -> Result<(), S::Error> {
    let norms = norms(side, instance, claims)?;
    let scales = scales(side, instance, claims, &norms)?;
    let vectors = vectors(side, instance, statement, claims, &scales)?;
    intervals(side, instance, statement, claims, &vectors);
    Ok(())
}

/// The squared norms of all rounded sketches.
fn norms<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<Vec<Sent>, S::Error> {
    let (profile, layout) = (instance.profile(), &instance.layout);
    let norms = (0..instance.terms()).map(|t| side.secret(Question::Norm(t))).collect::<Result<Vec<_>, _>>()?;
    let theta = side.challenge()?;
    let theta: Vec<Scalar> = powers(theta).take(norms.len()).collect();
    let claim = Form::combined(&theta, &forms(&norms));
    let variables = entry_variables(instance.shape(), profile);
    let (point, mut last) = sumcheck(side, Sum::Squares { theta: &theta }, claim, 3, variables)?;
    let root = side.secret(Question::End(1))?;
    let (weights, constant, factor) = side.public(|| {
        let mut eq = eq_table(&point);
        eq.truncate(norms.len().saturating_mul(profile.entries()));
        let parts = eq.chunks(profile.entries()).zip(&theta);
        let factor: Scalar = parts.map(|(part, &theta)| sum(part) * theta).sum();
        let (weights, constant) = layout.upper_parts(0, profile.entries(), &eq);
        Ok((weights, constant, factor))
    })?;
    last -= &side.ledger().product(root, root).times(factor);
    side.ledger().zero(last);
    claims.add(Weights::Bits(weights), root.form().plus(constant));
    Ok(norms)
}

/// The scale of each term follows from its norm: `a = isqrt(2^140 / N)`, with `P = a N`.
fn scales<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    claims: &mut Claims,
    norms: &[Sent],
) -> Result<Vec<Sent>, S::Error> {
    let (layout, top) = (&instance.layout, power_of_two(size(LOG_SCALE).saturating_mul(2)));
    let mut scales = Vec::with_capacity(norms.len());
    for (t, &norm) in norms.iter().enumerate() {
        let scale = side.secret(Question::TermScale(t))?;
        let product = side.secret(Question::ScaledNorm(t))?;
        let mut wrong = product.form();
        wrong -= &side.ledger().product(scale, norm);
        side.ledger().zero(wrong);
        let square = side.ledger().product(scale, product);
        let mut add = |group, value| claims.add(Weights::Bits(Flat::one(group, t)), value);
        add(layout.scale, scale.form().plus(-Scalar::from(LEAST_SCALE)));
        add(layout.slack_lo, square.times(-Scalar::from(1_u64)).plus(top));
        let mut above = square;
        above += &product.form().times(Scalar::from(2_u64));
        above += &norm.form();
        add(layout.slack_hi, above.plus(-top - Scalar::from(1_u64)));
        scales.push(scale);
    }
    Ok(scales)
}

/// What the vectors `f'` come down to: `D_l` of each layer, `G_(v,l)` of each vector in question and each layer.
struct Vectors {
    squares: Vec<Sent>,
    inner: Vec<Vec<Sent>>,
}

fn forms(sent: &[Sent]) -> Vec<Form> {
    sent.iter().map(|sent| sent.form()).collect()
}

/// `f'` at a random point, and its products with their vectors, are those of scales and rounded sketches.
fn vectors<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    statement: &Nearness,
    claims: &mut Claims,
    scales: &[Sent],
) -> Result<Vectors, S::Error> {
    let (profile, layers, kinds) = (instance.profile(), instance.shape().layers.len(), TERM_KINDS.len());
    let theirs = statement.in_question();
    let squares = (0..layers).map(|l| side.secret(Question::VectorSquares(l))).collect::<Result<Vec<_>, _>>()?;
    let mut of_vector = |v| (0..layers).map(|l| side.secret(Question::Inner(v, l))).collect::<Result<Vec<Sent>, _>>();
    let inner = theirs.iter().map(|&(v, _)| of_vector(v)).collect::<Result<Vec<_>, _>>()?;

    // the squares, of all layers at once
    let delta = side.challenge()?;
    let delta: Vec<Scalar> = powers(delta).take(layers).collect();
    let claim = Form::combined(&delta, &forms(&squares));
    let variables = log2_ceil(size(profile.outputs));
    let (point, mut last) = sumcheck(side, Sum::Vectors { delta: &delta }, claim, 2, variables)?;
    let mut values = Vec::with_capacity(layers);
    for (l, &delta) in delta.iter().enumerate() {
        let value = side.secret(Question::End(l))?;
        last -= &side.ledger().product(value, value).times(delta);
        values.push(value.form());
    }
    side.ledger().zero(last);

    // each layer: what was said of f', at the point and with their vectors, is linear in a_t q_t
    let omega = side.challenge()?;
    let omega: Vec<Scalar> = powers(omega).skip(1).take(theirs.len()).collect();
    let columns = side.public(|| Ok(columns(instance, &point, &theirs, &omega)))?;
    let block = |t: usize| columns.chunks(profile.entries()).nth(t.checked_rem(kinds).unwrap_or(0)).unwrap_or_default();
    let mut terms = scales.iter().enumerate();
    for (l, mut said) in values.into_iter().enumerate() {
        for (inner, &omega) in inner.iter().zip(&omega) {
            said += &inner.get(l).map(|inner| inner.form().times(omega)).unwrap_or_default();
        }
        for (t, &scale) in terms.by_ref().take(kinds) {
            let (weights, constant) =
                side.public(|| Ok(instance.layout.upper_parts(t, profile.entries(), block(t))))?;
            let encoded = side.secret(Question::Bits(&weights, constant))?;
            claims.add(Weights::Bits(weights), encoded.form().plus(constant));
            said -= &side.ledger().product(scale, encoded);
        }
        side.ledger().zero(said);
    }
    Ok(Vectors { squares, inner })
}

/// For each column c of R: `m sum_k y[k] R[k][c] - sum y sum_k R[k][c]`, with `y = eq(point) + sum_v omega^(v + 1) z_v`.
fn columns(instance: &Instance<'_>, point: &[Scalar], theirs: &[(usize, &[i64])], omega: &[Scalar]) -> Vec<Scalar> {
    let profile = instance.profile();
    let mut y = eq_table(point);
    for ((_, z), &omega) in theirs.iter().zip(omega) {
        y.iter_mut().zip(*z).for_each(|(y, &z)| *y += omega * signed(i128::from(z)));
    }
    instance.streams.iter().flat_map(|streams| Encoder::new(profile, streams).centred_columns(&y)).collect()
}

/// What the answer says of each pair: slacks that are not negative.
fn intervals<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    statement: &Nearness,
    claims: &mut Claims,
    vectors: &Vectors,
) {
    let layout = &instance.layout;
    let (one, unit) = (Scalar::from(1_u64), power_of_two(size(COSINE_BITS).saturating_mul(2)));
    let theirs = statement.in_question();
    for (j, interval) in statement.intervals().into_iter().enumerate() {
        let Interval { vector, own, negative, low, high } = interval;
        let (Some((_, z)), Some(&inner), Some(&squares)) =
            (theirs.get(vector), vectors.inner.get(vector).and_then(|inner| inner.get(own)), vectors.squares.get(own))
        else {
            continue;
        };
        let square: Scalar = z.iter().map(|&z| signed(i128::from(z)).square()).sum();
        let size_of = |at: u32| squares.form().times(Scalar::from(at).square() * square);
        let inside = side.ledger().product(inner, inner).times(unit);
        let mut add = |group, value: Form, strict| {
            let less = if strict { -one } else { Scalar::zero() };
            claims.add(Weights::Bits(Flat::one(group, j)), value.plus(less));
        };
        if let Some(negative) = negative {
            add(layout.sign, inner.form().times(if negative { -one } else { one }), false);
        }
        if let Some(low) = low {
            let mut slack = inside.clone();
            slack -= &size_of(low.at);
            add(layout.low, slack, low.strict);
        }
        let mut slack = size_of(high.at);
        slack -= &inside;
        add(layout.high, slack, high.strict);
    }
}
