//! The bit string of an honest prover (specification, "what is committed"): every secret integer of the encoder, little-endian,
//! at the place that [`Layout`] gives it.

use crate::{
    curve::Scalar,
    drift::{Drift, Limit},
    hidden::by_layer,
    instance::Instance,
    layout::{Group, Layout},
    nearness::{COSINE_BITS, LEAST_SCALE, LOG_SCALE, Nearness},
    network::Network,
    prover::{
        convolution::{committed_inputs, inputs},
        drift::Measured,
        fingerprint::Rounded,
        hooks,
        known::Known,
        nearness::Compared,
    },
    public::Public,
    relations::range::Ternary,
    security::scale_target,
    statement::{Statement, TERM_KINDS},
};
use ark_ff::{AdditiveGroup, Field, Zero};
use num_bigint::{BigInt, BigUint};
use rayon::prelude::*;

/// All of it; `None` if Z or the norm do not fit.
#[must_use]
pub fn bit_string(
    instance: &Instance<'_>,
    sketches: &[Vec<BigInt>],
    known: Known<'_>,
    y: &[i64],
    d: &Ternary,
) -> Option<Vec<Scalar>> {
    let layout = &instance.layout;
    let mut bits = match (instance.public, known) {
        (Public::Fingerprint(statement), Known::Fingerprint(rounded)) => {
            of_weights(statement, layout, instance.network.as_ref(), sketches, rounded)?
        }
        (Public::Nearness(nearness), Known::Nearness(compared)) => of_nearness(nearness, layout, sketches, compared)?,
        (Public::Drift(drift), Known::Drift(measured)) => of_drift(drift, layout, measured)?,
        _ => return None,
    };
    let Layout { z, norm, .. } = layout;
    let offset = BigInt::from(1) << (z.width - 1);
    let combined = |row| y.iter().zip(d.entries_of(row)).map(|(&y, d)| y * i64::from(d)).sum::<i64>();
    let combined: Vec<i64> = (0..z.count).into_par_iter().map(combined).collect();
    put(&mut bits, *z, combined.into_iter().map(|sum| BigInt::from(sum) + &offset))?;
    if norm.count > 0 {
        let squares: BigInt = y.iter().map(|&y| BigInt::from(y).pow(2)).sum();
        put(&mut bits, *norm, std::iter::once(BigInt::from(instance.bounds.n_max.clone()) - squares))?;
    }
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
    let Layout { slack_lo, slack_hi, rem, c_lo, c_hi, .. } = layout;
    let one = || BigInt::from(1);
    let mut bits = raised(layout, sketches)?;
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

/// The same part of a statement of nearness: sketches, scales, slacks of norms and intervals.
fn of_nearness(
    nearness: &Nearness,
    layout: &Layout,
    sketches: &[Vec<BigInt>],
    compared: &Compared,
) -> Option<Vec<Scalar>> {
    let Layout { scale, slack_lo, slack_hi, sign, low, high, .. } = layout;
    let Compared { norms, scales, products, squares, inner, .. } = compared;
    let mut bits = raised(layout, sketches)?;
    let top = BigInt::from(1) << (2 * LOG_SCALE);
    let terms = || scales.iter().zip(products).zip(norms).map(|((&a, p), &n)| (BigInt::from(a) * p, p, n));
    put(&mut bits, *scale, scales.iter().map(|&a| BigInt::from(a) - LEAST_SCALE))?;
    put(&mut bits, *slack_lo, terms().map(|(square, ..)| &top - square))?;
    put(&mut bits, *slack_hi, terms().map(|(square, p, n)| square + p * 2 + n - &top - 1))?;
    let theirs = nearness.in_question();
    let intervals: Vec<_> = nearness
        .intervals()
        .into_iter()
        .map(|interval| {
            let (place, z) = theirs[interval.vector];
            let z: BigInt = z.iter().map(|&z| BigInt::from(z).pow(2)).sum();
            (interval, &inner[place][interval.own], z * &squares[interval.own])
        })
        .collect();
    let inside = |g: &BigInt| (g * g) << (2 * COSINE_BITS);
    let signs =
        intervals.iter().filter_map(|(it, g, _)| it.negative.map(|negative| if negative { -*g } else { (*g).clone() }));
    put(&mut bits, *sign, signs)?;
    let lows = intervals.iter().filter_map(|(it, g, zd)| {
        it.low.map(|low| inside(g) - BigInt::from(low.at).pow(2) * zd - u8::from(low.strict))
    });
    put(&mut bits, *low, lows)?;
    let highs =
        intervals.iter().map(|(it, g, zd)| BigInt::from(it.high.at).pow(2) * zd - inside(g) - u8::from(it.high.strict));
    put(&mut bits, *high, highs)?;
    Some(bits)
}

/// The same part of a statement of drift: slacks of the blocks.
fn of_drift(drift: &Drift, layout: &Layout, measured: &Measured) -> Option<Vec<Scalar>> {
    let mut bits = vec![Scalar::zero(); layout.size];
    let limits = |block: usize| match &drift.limit {
        Limit::Relative(_) => BigInt::ZERO,
        Limit::Absolute(limits) => BigInt::from(limits[block]),
    };
    let slacks = measured.excess(drift).into_iter().enumerate().map(|(block, excess)| limits(block) - excess);
    put(&mut bits, layout.slack, slacks)?;
    Some(bits)
}

/// The bit string with nothing but the sketches, shifted to be non-negative.
fn raised(layout: &Layout, sketches: &[Vec<BigInt>]) -> Option<Vec<Scalar>> {
    let one = || BigInt::from(1);
    let mut bits = vec![Scalar::zero(); layout.size];
    for (group, entries) in layout.sketches.iter().zip(sketches) {
        let shift = layout.shift(*group);
        let half = if shift > 0 { one() << (shift - 1) } else { BigInt::ZERO };
        let offset = (one() << (group.width - 1)) + half;
        put(&mut bits, *group, entries.iter().map(|s| s + &offset))?;
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
    let whole = |value| BigUint::try_from(hooks::clipped(value, group.width)).ok();
    let values: Vec<BigUint> = values.take(group.count).map(whole).collect::<Option<_>>()?;
    let runs = bits[group.start..].par_chunks_mut(group.width).take(group.count);
    runs.zip(values)
        .map(|(run, value)| {
            for (i, bit) in run.iter_mut().enumerate() {
                *bit = if value.bit(i as u64) { Scalar::ONE } else { Scalar::ZERO };
            }
            (value.bits() <= group.width as u64).then_some(())
        })
        .collect()
}
