//! Relation "drift": two models differ by no more than a bound, block by block (proofs/spec/drift.md, "Relations").
//!
//! ```text
//! Delta_m = alpha_m W_m - beta_m W'_m
//! den sum_(m in G) |Delta_m|^2 <= num sum_(m in G) |alpha_m W_m|^2      relative: den = 2^20, num = b^2
//! den sum_(m in G) |Delta_m|^2 <= B_G                                  absolute: den = 1
//! ```
//!
//! Soundness error: `(log blocks + 3 log rows + 2 log n) / p`.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    drift::{Drift, Limit, evaluate, factors},
    instance::Instance,
    layout::Flat,
    poly::{dot, eq_table, log2_ceil},
    side::{Question, Side, Sum},
    size::size,
    sumcheck::sumcheck,
};
use ark_ff::Zero;

/// Runs the relation.
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn check<S: Side>(
    side: &mut S,
    instance: &Instance<'_>,
    statement: &Drift,
    claims: &mut Claims,
) -> Result<(), S::Error> {
    let (rows, blocks) = (statement.rows(), statement.blocks());
    let (den, num) = statement.weights();
    let (den, num) = (Scalar::from(den), Scalar::from(num));

    // all blocks at once: what one side exceeds the other by is what the slacks say
    let rho = side.challenges(log2_ceil(blocks))?;
    let mut of_block = eq_table(&rho);
    of_block.truncate(blocks);
    let of_row: Vec<Scalar> =
        rows.iter().map(|row| row.and_then(|(_, block)| of_block.get(block).copied()).unwrap_or_default()).collect();
    let excess = side.secret(Question::Excess(&of_block))?.form();
    let limits: Scalar = match &statement.limit {
        Limit::Relative(_) => Scalar::zero(),
        Limit::Absolute(limits) => of_block.iter().zip(limits).map(|(x, &limit)| *x * Scalar::from(limit)).sum(),
    };
    let slack = excess.times(-Scalar::from(1_u64)).plus(limits);
    claims.add(Weights::Bits(Flat::integers(instance.layout.slack, &of_block, 0)), slack);

    // the sum of squares over rows, then over columns
    let (row_point, last) = sumcheck(side, Sum::Rows { factors: &of_row }, excess, 3, log2_ceil(rows.len()))?;
    let (eq_row, factor) = side.public(|| {
        let eq = eq_table(&row_point);
        let factor = dot(&of_row, &eq);
        Ok((eq, factor))
    })?;
    let (column_point, mut last) = sumcheck(side, Sum::Columns { factor }, last, 2, size(instance.profile().log_n))?;

    // both models at the point
    let [base, other] = side.public(|| Ok(weights(&rows, &eq_row)))?;
    let columns = side.public(|| Ok(eq_table(&column_point)))?;
    let difference = side.secret(Question::End(0))?;
    last -= &side.ledger().product(difference, difference).times(factor * den);
    let (mut both, mut value) = (base.clone(), difference.form());
    match &statement.public {
        None => both.extend(other.iter().map(|&x| -x)),
        Some(model) => {
            let width = instance.shape().slots(instance.profile()).saturating_mul(size(instance.shape().hidden));
            value = value.plus(side.public(|| Ok(evaluate(model, width, &other, &columns)))?);
        }
    }
    claims.add(Weights::All { rows: both, columns: columns.clone() }, value);
    if !num.is_zero() {
        let own = side.secret(Question::End(1))?;
        last += &side.ledger().product(own, own).times(factor * num);
        claims.add(Weights::All { rows: base, columns }, own.form());
    }
    side.ledger().zero(last);
    Ok(())
}

/// `alpha_m eq_m` and `beta_m eq_m`, 0 for a row that is not spoken of.
fn weights(rows: &[Option<(i8, usize)>], eq: &[Scalar]) -> [Vec<Scalar>; 2] {
    let scaled = |which: fn((u32, u32)) -> u32| {
        let weight = |(row, &eq): (&Option<(i8, usize)>, &Scalar)| match *row {
            Some((exponent, _)) => eq * Scalar::from(which(factors(exponent))),
            None => Scalar::zero(),
        };
        rows.iter().zip(eq).map(weight).collect()
    };
    [scaled(|(alpha, _)| alpha), scaled(|(_, beta)| beta)]
}
