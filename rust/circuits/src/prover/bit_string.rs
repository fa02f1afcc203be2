//! The bit string of an honest prover (specification, "what is committed"): every secret integer of the encoder, little-endian,
//! at the place that [`Layout`] gives it.

use crate::{
    curve::Scalar,
    instance::Instance,
    layout::{Group, Layout},
    prover::{fingerprint::Rounded, hooks},
    relations::range::Ternary,
    security::scale_target,
    statement::Statement,
};
use ark_ff::Zero;
use num_bigint::{BigInt, BigUint};

/// All of it; `None` if Z or the norm do not fit.
#[must_use]
pub fn bit_string(
    instance: &Instance<'_>,
    sketches: &[Vec<BigInt>],
    rounded: &Rounded,
    y: &[i64],
    d: &Ternary,
) -> Option<Vec<Scalar>> {
    let Layout { z, norm, .. } = &instance.layout;
    let mut bits = of_weights(instance.statement, &instance.layout, sketches, rounded)?;
    let mut entries = d.entries();
    let offset = BigInt::from(1) << (z.width - 1);
    let combined = (0..z.count).map(|_| {
        let sum: i64 = y.iter().zip(entries.by_ref().take(y.len())).map(|(&y, d)| y * i64::from(d)).sum();
        BigInt::from(sum) + &offset
    });
    put(&mut bits, *z, combined.collect::<Vec<_>>().into_iter())?;
    let squares: BigInt = y.iter().map(|&y| BigInt::from(y).pow(2)).sum();
    put(&mut bits, *norm, std::iter::once(BigInt::from(instance.bounds.n_max.clone()) - squares))?;
    Some(bits)
}

/// The part that the weights determine: sketches, slacks of the norms, remainders, slacks of c. Z and the norm are left zero.
/// `None` if an integer does not fit, which happens for no honest fingerprint.
#[must_use]
pub fn of_weights(
    statement: &Statement,
    layout: &Layout,
    sketches: &[Vec<BigInt>],
    rounded: &Rounded,
) -> Option<Vec<Scalar>> {
    let profile = statement.profile;
    let Layout { sketches: groups, slack_lo, slack_hi, rem, c_lo, c_hi, size, .. } = layout;
    let one = || BigInt::from(1);
    let mut bits = vec![Scalar::zero(); *size];
    for ((group, entries), e) in groups.iter().zip(sketches).zip(statement.e()) {
        let half = if e > 0 { one() << (e - 1) } else { BigInt::ZERO };
        let offset = (one() << (group.width - 1)) + half;
        put(&mut bits, *group, entries.iter().map(|s| s + &offset))?;
    }
    let top = one() << (2 * profile.log_scale);
    let norms = || rounded.norms.iter().map(|&n| BigInt::from(n)).zip(statement.a());
    put(&mut bits, *slack_lo, norms().map(|(n, a)| &top - BigInt::from(a).pow(2) * n))?;
    put(&mut bits, *slack_hi, norms().map(|(n, a)| BigInt::from(a + 1).pow(2) * n - &top - 1))?;
    put(&mut bits, *rem, rounded.rem.iter().map(|&r| BigInt::from(r)))?;
    let h: Vec<i128> = rounded.multiples(profile).collect();
    let squares = |h: &[i128]| h.iter().map(|&h| BigInt::from(h).pow(2)).sum::<BigInt>();
    let scales = || h.chunks(profile.outputs as usize).map(squares).zip(statement.c());
    let target = BigInt::from(scale_target(profile));
    put(&mut bits, *c_lo, scales().map(|(v, _)| &target - v))?;
    put(
        &mut bits,
        *c_hi,
        scales().map(|(v, c)| BigInt::from(c + 1).pow(2) * v - &target * BigInt::from(c).pow(2) - 1),
    )?;
    Some(bits)
}

/// Writes integers of one group; `None` if one does not fit.
fn put(bits: &mut [Scalar], group: Group, values: impl Iterator<Item = BigInt>) -> Option<()> {
    let runs = bits[group.start..].chunks_mut(group.width).take(group.count);
    for (run, value) in runs.zip(values) {
        let value = BigUint::try_from(hooks::clipped(value, group.width)).ok()?;
        if value.bits() > group.width as u64 {
            return None;
        }
        for (i, bit) in run.iter_mut().enumerate() {
            *bit = Scalar::from(value.bit(i as u64));
        }
    }
    Some(())
}
