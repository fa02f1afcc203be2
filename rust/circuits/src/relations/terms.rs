//! Relation "terms": the sketches in the bit string are those of the committed weights (proofs/spec/relations.md, "terms").
//!
//! ```text
//! sum_t rho^t S~_t(ri, rj) = sum_t rho^t sum_k A_t[k] B_t[k]          k over positions
//! A_t[k] = sum_l left_t[wire(k)][l] x_u[l],   x_u = X^T P^T eq(ri)     l over hidden indices
//! B_t[k] = sum_l right_t[wire(k)][l] x_v[l],  x_v = X^T Q^T eq(rj)
//! ```
//!
//! The first line is one sumcheck over positions; its ends `A_t(s)`, `B_t(s)` are, with `V_m = (row weights)^T M`, one
//! sumcheck over hidden indices; its ends are openings of committed rows (Thaler 2013, matrix products).
//!
//! A position i stands at index `(i div per) 2^sv + (i mod per)`: commitment row, then slot. So `eq(s)` is a product of a
//! row part and a slot part for every hidden size, and the prover's `V_m` is one pass over the matrix.
//!
//! Soundness error: `(2 kv + 2 hv + 3 T + 2 log r) / p`.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    instance::Instance,
    layout::{Flat, RowWeights},
    pads::Form,
    poly::{eq_table, log2_ceil, power_of_two, powers, signed, sum},
    security::position_variables,
    side::{Question, Side, Sum},
    size::size,
    sumcheck::sumcheck,
    tokens::sketch_matrices,
};
use ark_ff::Zero;
use std::sync::Arc;

/// `weights^T M` for small public integers, `weights` one for each row. A row has few different integers (see
/// [`crate::tokens`]), so each product is computed once.
fn push_through(weights: &[Scalar], matrix: &[Vec<i64>]) -> Vec<Scalar> {
    let columns = matrix.first().map_or(0, Vec::len);
    let mut out = vec![Scalar::zero(); columns];
    for (&weight, row) in weights.iter().zip(matrix) {
        let mut products: Vec<(i64, Scalar)> = Vec::new();
        for (x, &entry) in out.iter_mut().zip(row).filter(|(_, entry)| **entry != 0) {
            *x += match products.iter().find(|(known, _)| *known == entry) {
                Some(&(_, product)) => product,
                None => {
                    let product = weight * signed(i128::from(entry));
                    products.push((entry, product));
                    product
                }
            };
        }
    }
    out
}

/// `sum_t rho^t S~_t(ri, rj)` as weights over the bits, up to the returned constant.
fn sketch_entries(instance: &Instance<'_>, rho: &[Scalar], ei: &[Scalar], ej: &[Scalar]) -> (Flat, Scalar) {
    let (mut weights, mut constant) = (Flat::default(), Scalar::zero());
    for ((&rho, &group), &e) in rho.iter().zip(&instance.layout.sketches).zip(&instance.statement.public.e) {
        let entry: Vec<Scalar> = ei.iter().flat_map(|&x| ej.iter().map(move |&y| rho * x * y)).collect();
        // the bits hold S + 2^(width-1) + half
        let mut offset = power_of_two(group.width.saturating_sub(1));
        if e > 0 {
            offset += power_of_two(size(e).saturating_sub(1));
        }
        constant += sum(&entry) * offset;
        weights = weights.and(Flat::integers(group, &entry, 0));
    }
    (weights, constant)
}

/// Runs the relation.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn check<S: Side>(side: &mut S, instance: &Instance<'_>, claims: &mut Claims) -> Result<(), S::Error> {
    let (profile, shape) = (instance.profile(), instance.shape());
    let terms = shape.terms();
    let log_r = log2_ceil(size(profile.sketch));

    // a random point of all sketches, read off the bits
    let rho = side.challenge()?;
    let (ri, rj) = (side.challenges(log_r)?, side.challenges(log_r)?);
    let (ei, ej) = (eq_table(&ri), eq_table(&rj));
    let (u, v) = side.public(|| {
        let (p, q) = sketch_matrices(profile, &shape.tokens, &instance.statement.challenge)?;
        Ok((push_through(&ei, &p), push_through(&ej, &q)))
    })?;
    let rho: Vec<Scalar> = powers(rho).take(terms.len()).collect();
    let (weights, constant) = side.public(|| Ok(sketch_entries(instance, &rho, &ei, &ej)))?;
    let value = side.secret(Question::Bits(&weights, constant))?.form();
    claims.add(Weights::Bits(weights), value.clone().plus(constant));

    // ... is a sum over positions
    let (row_variables, slot_variables) = position_variables(shape, profile);
    let rounds = row_variables.saturating_add(slot_variables);
    let chains = Sum::Chains { rho: &rho, tokens: [&u, &v] };
    let (s, mut last) = sumcheck(side, chains, value, 2, rounds)?;
    let (high, low) = s.split_at(row_variables.min(s.len()));
    let (high, low) = side.public(|| Ok((Arc::new(eq_table(high)), Arc::new(eq_table(low)))))?;
    let mut sides = Vec::new();
    let mut values = Vec::new();
    for (t, (term, &rho)) in terms.iter().zip(&rho).enumerate() {
        let a = side.secret(Question::End(t.saturating_mul(2)))?;
        let b = side.secret(Question::End(t.saturating_mul(2).saturating_add(1)))?;
        last -= &side.ledger().product(a, b).times(rho);
        for (sent, which) in [(a, term.left), (b, term.right)] {
            values.push(sent.form());
            sides.push(RowWeights {
                matrix: which.matrix,
                wiring: which.wiring,
                positions: term.positions,
                high: Arc::clone(&high),
                low: Arc::clone(&low),
            });
        }
    }
    side.ledger().zero(last);

    // all matrix-vector products at once
    let beta = side.challenge()?;
    let beta: Vec<Scalar> = powers(beta).take(sides.len()).collect();
    let mut claim = Form::default();
    for (value, &beta) in values.iter().zip(&beta) {
        claim += &value.times(beta);
    }
    let products = Sum::MatrixVector { beta: &beta, sides: &sides };
    let (point, mut last) = sumcheck(side, products, claim, 2, log2_ceil(size(shape.hidden)))?;
    claims.columns = side.public(|| Ok(eq_table(&point)))?;
    claims.columns.truncate(size(shape.hidden));
    let x_u = side.secret(Question::End(sides.len()))?;
    let x_v = side.secret(Question::End(sides.len().saturating_add(1)))?;
    claims.add(Weights::Matrix { matrix: 0, rows: u }, x_u.form());
    claims.add(Weights::Matrix { matrix: 0, rows: v }, x_v.form());
    let slots = shape.slots(profile);
    for (m, ((weights, &beta), x)) in sides.iter().zip(&beta).zip([x_u, x_v].into_iter().cycle()).enumerate() {
        let v = side.secret(Question::End(m))?;
        let rows = side.public(|| Ok(weights.rows(shape, slots)))?;
        claims.add(Weights::Matrix { matrix: weights.matrix, rows }, v.form());
        last -= &side.ledger().product(v, x).times(beta);
    }
    side.ledger().zero(last);
    Ok(())
}
