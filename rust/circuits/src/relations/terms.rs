//! Relation "terms": the sketches in the bit string are those of the committed weights (proofs/spec/relations.md, "terms").
//!
//! ```text
//! sum_i rho^i S~_i(ri, rj) = sum_i rho^i sum_k A_i[k] B_i[k]            i = u T + t: term t of draw u; k over positions
//! A_i[k] = sum_l left_t[wire(k)][l] x_(u,left)[l],    x_(u,left)  = X^T P_u^T eq(ri)     l over hidden indices
//! B_i[k] = sum_l right_t[wire(k)][l] x_(u,right)[l],  x_(u,right) = X^T Q_u^T eq(rj)
//! ```
//!
//! The first line is one sumcheck over positions; its ends `A_i(s)`, `B_i(s)` are, with `V_m = (row weights)^T M`, one
//! sumcheck over hidden indices; its ends are openings of committed rows (Thaler 2013, matrix products). The point s is the
//! same for every draw. So a matrix has one row weight, whatever the number of draws: they meet in the embedding, where
//! `x_left = sum_u beta^(2 T u) x_(u,left)`, and x_right likewise.
//!
//! Powers of rho and of beta run on through all draws: anew for each, lies in two of them could cancel.
//!
//! A position i stands at index `(i div per) 2^sv + (i mod per)`: commitment row, then slot. So `eq(s)` is a product of a
//! row part and a slot part for every hidden size, and the prover's `V_m` is one pass over the matrix.
//!
//! Soundness error: `(2 kv + 2 hv + 3 U T + 2 log r) / p`.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    instance::Instance,
    layout::{Flat, RowWeights},
    pads::Form,
    poly::{eq_table, log2_ceil, power_of_two, powers, sum},
    security::position_variables,
    side::{Question, Side, Sum},
    size::size,
    statement,
    sumcheck::sumcheck,
    switches::running,
    tokens::combined,
};
use ark_ff::Zero;
use std::sync::Arc;

/// `sum_i rho^i S~_i(ri, rj)` as weights over the bits, up to the returned constant.
fn sketch_entries(instance: &Instance<'_>, rho: &[Scalar], ei: &[Scalar], ej: &[Scalar]) -> (Flat, Scalar) {
    let (mut weights, mut constant) = (Flat::default(), Scalar::zero());
    for (&rho, &group) in rho.iter().zip(&instance.layout.sketches) {
        let entry: Vec<Scalar> = ei.iter().flat_map(|&x| ej.iter().map(move |&y| rho * x * y)).collect();
        // the bits hold S + 2^(width-1) + half
        let mut offset = power_of_two(group.width.saturating_sub(1));
        let shift = instance.layout.shift(group);
        if shift > 0 {
            offset += power_of_two(shift.saturating_sub(1));
        }
        constant += sum(&entry) * offset;
        weights = weights.and(Flat::integers(group, &entry, 0));
    }
    (weights, constant)
}

/// `sum_i factors[i] vectors[i]`, all of one length.
fn mixed<'a>(factors: &[Scalar], vectors: impl Iterator<Item = &'a Vec<Scalar>>) -> Vec<Scalar> {
    let mut out = Vec::new();
    for (&factor, vector) in factors.iter().zip(vectors) {
        out.resize(vector.len(), Scalar::zero());
        out.iter_mut().zip(vector).for_each(|(x, &y)| *x += factor * y);
    }
    out
}

/// Runs the relation.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn check<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    let (profile, shape) = (instance.profile(), instance.shape());
    let terms = shape.terms();
    let draws = instance.streams.len();
    let log_r = log2_ceil(size(profile.sketch));

    // a random point of all sketches, read off the bits
    let rho = side.challenge()?;
    let (ri, rj) = (side.challenges(log_r)?, side.challenges(log_r)?);
    let (ei, ej) = (eq_table(&ri), eq_table(&rj));
    let tokens = side.public(|| {
        let weights = |streams| combined(profile, &shape.tokens, streams, [&ei, &ej]);
        instance.streams.iter().map(weights).collect::<Result<Vec<_>, _>>()
    })?;
    let rho = running(rho, terms.len().saturating_mul(draws));
    let (weights, constant) = side.public(|| Ok(sketch_entries(instance, &rho, &ei, &ej)))?;
    let value = side.secret(Question::Bits(&weights, constant))?.form();
    claims.add(Weights::Bits(weights), value.clone().plus(constant));

    // ... is a sum over positions
    let (row_variables, slot_variables) = position_variables(shape, profile);
    let rounds = row_variables.saturating_add(slot_variables);
    let (s, mut last) = sumcheck(side, Sum::Chains { rho: &rho, tokens: &tokens }, value, 2, rounds)?;
    let mut values = Vec::new();
    for (i, &rho) in rho.iter().enumerate() {
        let a = side.secret(Question::End(i.saturating_mul(2)))?;
        let b = side.secret(Question::End(i.saturating_mul(2).saturating_add(1)))?;
        last -= &side.ledger().product(a, b).times(rho);
        values.extend([a.form(), b.form()]);
    }
    side.ledger().zero(last);

    // all matrix-vector products at once
    let beta = side.challenge()?;
    let beta: Vec<Scalar> = powers(beta).take(values.len()).collect();
    let claim = Form::combined(&beta, &values);
    let (high, low) = s.split_at(row_variables.min(s.len()));
    let (high, low) = side.public(|| Ok((Arc::new(eq_table(high)), Arc::new(eq_table(low)))))?;
    let read = |which: statement::Side, positions| RowWeights {
        matrix: which.matrix,
        wiring: which.wiring,
        positions,
        high: Arc::clone(&high),
        low: Arc::clone(&low),
    };
    let sides: Vec<RowWeights> =
        terms.iter().flat_map(|term| [term.left, term.right].map(|which| read(which, term.positions))).collect();
    // one factor for each draw
    let mix: Vec<Scalar> = beta.iter().step_by(sides.len().max(1)).copied().collect();
    let products = Sum::MatrixVector { beta: &beta, mix: &mix, sides: &sides };
    let (point, mut last) = sumcheck(side, products, claim, 2, log2_ceil(size(shape.hidden)))?;
    claims.columns = side.public(|| Ok(eq_table(&point)))?;
    claims.columns.truncate(size(shape.hidden));
    let x = [side.secret(Question::End(sides.len()))?, side.secret(Question::End(sides.len().saturating_add(1)))?];
    let rows = side.public(|| Ok([0, 1].map(|which| mixed(&mix, tokens.iter().filter_map(|pair| pair.get(which))))))?;
    for (rows, x) in rows.into_iter().zip(x) {
        claims.add(Weights::Matrix { matrix: 0, rows }, x.form());
    }
    let slots = shape.slots(profile);
    for (m, ((weights, &beta), x)) in sides.iter().zip(&beta).zip(x.into_iter().cycle()).enumerate() {
        let v = side.secret(Question::End(m))?;
        let rows = side.public(|| Ok(weights.rows(shape, slots)))?;
        claims.add(Weights::Matrix { matrix: weights.matrix, rows }, v.form());
        last -= &side.ledger().product(v, x).times(beta);
    }
    side.ledger().zero(last);
    Ok(())
}
