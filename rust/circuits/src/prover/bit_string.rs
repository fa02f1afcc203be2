//! The bit string of an honest prover (specification, "what is committed"): every secret integer of the encoder, little-endian,
//! at the place that [`Layout`] gives it.

use crate::{
    curve::Scalar,
    hidden::by_layer,
    instance::Instance,
    layout::{Group, Layout},
    network::Network,
    prover::{
        convolution::{committed_inputs, inputs},
        fingerprint::Rounded,
        hooks,
    },
    relations::range::Ternary,
    security::scale_target,
    statement::{Statement, TERM_KINDS},
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
    let mut bits = of_weights(instance.statement, &instance.layout, instance.network.as_ref(), sketches, rounded)?;
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

/// The part that the weights determine: sketches, slacks of the norms, remainders, slacks of c, activations. Z and the norm are
/// left zero.
/// `None` if an integer does not fit, which happens for no honest fingerprint.
#[must_use]
pub fn of_weights(
    statement: &Statement,
    layout: &Layout,
    network: Option<&Network>,
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
    if let Some(network) = network {
        activations(&mut bits, statement, layout, network, rounded)?;
    }
    Some(bits)
}

/// What goes into a network, and its hidden sums.
fn activations(
    bits: &mut [Scalar],
    statement: &Statement,
    layout: &Layout,
    network: &Network,
    rounded: &Rounded,
) -> Option<()> {
    let (profile, kinds) = (statement.profile, TERM_KINDS.len());
    let (a, entries): (Vec<u64>, _) = (statement.a().collect(), profile.entries());
    for ((group, q), &a) in layout.inputs.iter().zip(rounded.q.chunks(entries)).zip(&a) {
        put(bits, *group, committed_inputs(profile, q, a).map(BigInt::from))?;
    }
    let layers = rounded.q.chunks(entries * kinds).zip(a.chunks(kinds));
    for (groups, (q, a)) in by_layer(network, &layout.sums).zip(layers) {
        let activity = network.apply(&inputs(profile, q, a));
        for ((group, placed), y) in groups.iter().zip(network.hidden()).zip(activity.hidden()) {
            let offset = placed.half() as i64 + (1 << (placed.width() - 1));
            put(bits, *group, y.iter().map(|&y| BigInt::from(y + offset)))?;
        }
    }
    Some(())
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
