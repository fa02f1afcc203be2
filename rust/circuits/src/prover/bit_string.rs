//! The bit string of an honest prover (specification, "what is committed"): every secret integer of the encoder, little-endian,
//! at the place that [`Layout`] gives it.

use crate::{
    curve::Scalar,
    instance::Instance,
    layout::{Group, Layout},
    profile::Profile,
    prover::{fingerprint::Rounded, hooks},
    relations::range::Ternary,
    security::scale_target,
    statement::Public,
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
    let mut bits = of_weights(instance.profile(), &instance.layout, &instance.statement.public, sketches, rounded)?;
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
    profile: &Profile,
    layout: &Layout,
    public: &Public,
    sketches: &[Vec<BigInt>],
    rounded: &Rounded,
) -> Option<Vec<Scalar>> {
    let Public { z, e, a, c } = public;
    let Layout { sketches: groups, slack_lo, slack_hi, rem, c_lo, c_hi, size, .. } = layout;
    let one = || BigInt::from(1);
    let mut bits = vec![Scalar::zero(); *size];
    for ((group, entries), &e) in groups.iter().zip(sketches).zip(e) {
        let half = if e > 0 { one() << (e - 1) } else { BigInt::ZERO };
        let offset = (one() << (group.width - 1)) + half;
        put(&mut bits, *group, entries.iter().map(|s| s + &offset))?;
    }
    let top = one() << (2 * profile.log_scale);
    let norms = || rounded.norms.iter().map(|&n| BigInt::from(n)).zip(a);
    put(&mut bits, *slack_lo, norms().map(|(n, &a)| &top - BigInt::from(a).pow(2) * n))?;
    put(&mut bits, *slack_hi, norms().map(|(n, &a)| BigInt::from(a + 1).pow(2) * n - &top - 1))?;
    put(&mut bits, *rem, rounded.rem.iter().map(|&r| BigInt::from(r)))?;
    let w = profile.fraction_bits;
    let v: BigInt =
        z.iter().zip(&rounded.rem).map(|(&z, &r)| ((BigInt::from(z) << w) + r - (one() << (w - 1))).pow(2)).sum();
    let target = BigInt::from(scale_target(profile));
    put(&mut bits, *c_lo, std::iter::once(&target - &v))?;
    put(&mut bits, *c_hi, std::iter::once(BigInt::from(c + 1).pow(2) * &v - &target * BigInt::from(*c).pow(2) - 1))?;
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
