//! Multiples by whole scalars, with the additions of this machine.
//!
//! **One sum** ([`multiples`]): buckets in the lanes, where the machine has vectors.
//!
//! **Many sums with the same scalars** ([`folded`]). All sums take the same steps, so each step adds points of all of them with
//! one inversion; and one chain of doublings serves all points of a sum (Straus 1964).

#[cfg(any(target_arch = "x86_64", test))]
use super::buckets;
use super::{Engine, Portable, engine::BLOCK};
use crate::{
    curve::{Affine, Projective, Scalar},
    multiply::msm,
};
use ark_ec::CurveGroup;
use ark_ff::{BigInteger, PrimeField};
use rayon::prelude::*;

/// `sum_j scalars[j] points[j]`, of as many points as scalars. The scalars may be secrets.
pub fn multiples(points: &[Affine], scalars: &[Scalar]) -> Projective {
    assert_eq!(points.len(), scalars.len(), "a scalar for each point");
    in_lanes(points, scalars).unwrap_or_else(|| msm(points, scalars).expect("equal lengths"))
}

/// With the vectors of the machine, if it has some and they serve.
#[cfg(target_arch = "x86_64")]
fn in_lanes(points: &[Affine], scalars: &[Scalar]) -> Option<Projective> {
    if points.len() < buckets::FEW {
        return None;
    }
    match super::vectors::Ifma::detect() {
        Some(engine) => buckets::sum(&engine, points, scalars),
        None => buckets::sum(&super::vectors::Avx2::detect()?, points, scalars),
    }
}

#[cfg(not(target_arch = "x86_64"))]
const fn in_lanes(_: &[Affine], _: &[Scalar]) -> Option<Projective> {
    None
}

/// Width of the signed digits of the scalars that fold: odd ones below `2^(WIDTH - 1)`, at most one in WIDTH + 1 places.
const WIDTH: usize = 4;
/// Sums of one task: they share inversions, and their tables take 5 MiB for sixteen scalars.
const TOGETHER: usize = 512;

/// `sum_j s_j P_(j, i)` for each i, where block j of the points is `P_(j, 0), P_(j, 1), ..`.
#[must_use]
pub fn folded(points: &[Affine], scalars: &[Scalar]) -> Vec<Affine> {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(engine) = super::vectors::Ifma::detect() {
            return folded_by(&engine, points, scalars);
        }
        if let Some(engine) = super::vectors::Avx2::detect() {
            return folded_by(&engine, points, scalars);
        }
    }
    folded_by(&Portable::default(), points, scalars)
}

fn folded_by<E: Engine>(engine: &E, points: &[Affine], scalars: &[Scalar]) -> Vec<Affine> {
    let length = points.len() / scalars.len();
    let digits: Vec<Vec<i64>> =
        scalars.iter().map(|s| s.into_bigint().find_wnaf(WIDTH).expect("a width within its range")).collect();
    let places: Vec<usize> = (0..length).collect();
    let part = |places: &[usize]| {
        let blocks: Vec<Vec<Affine>> =
            points.chunks(length).map(|block| places.iter().map(|&i| block[i]).collect()).collect();
        straus(&mut engine.fresh(), &blocks, &digits).unwrap_or_else(|| {
            let sum = |i: usize| {
                let points: Vec<Affine> = blocks.iter().map(|block| block[i]).collect();
                msm(&points, scalars).expect("equal lengths")
            };
            Projective::normalize_batch(&(0..places.len()).map(sum).collect::<Vec<_>>())
        })
    };
    places.par_chunks(TOGETHER).flat_map_iter(part).collect()
}

/// One task. `None` where two points that meet are equal or opposite, or one is the identity.
fn straus<E: Engine>(engine: &mut E, blocks: &[Vec<Affine>], digits: &[Vec<i64>]) -> Option<Vec<Affine>> {
    let tables: Vec<_> = blocks.iter().map(|block| odd_multiples(engine, block)).collect::<Option<_>>()?;
    let mut sum: Option<Vec<E::Octet>> = None;
    for place in (0..digits.iter().map(Vec::len).max()?).rev() {
        if !sum.as_mut().is_none_or(|sum| engine.double(sum)) {
            return None;
        }
        for (table, digits) in tables.iter().zip(digits) {
            let digit = digits.get(place).copied().unwrap_or(0);
            if digit == 0 {
                continue;
            }
            let multiple = &table[usize::from(digit < 0)][digit.unsigned_abs() as usize / 2];
            let Some(sum) = &mut sum else {
                sum = Some(multiple.clone());
                continue;
            };
            if !engine.add(sum, multiple) {
                return None;
            }
        }
    }
    let mut points: Vec<Affine> = sum?.iter().flat_map(|octet| engine.unpack(octet)).collect();
    points.truncate(blocks.first()?.len());
    Some(points)
}

/// P, 3 P, 5 P, .. below `2^(WIDTH - 1)`, in octets, and their opposites.
fn odd_multiples<E: Engine>(engine: &mut E, block: &[Affine]) -> Option<[Vec<Vec<E::Octet>>; 2]> {
    let octet = |points: &[Affine]| std::array::from_fn(|lane| points[lane.min(points.len() - 1)]);
    let mut next: Vec<E::Octet> = block.chunks(8).map(|points| engine.pack(&octet(points))).collect();
    if block.iter().any(ark_ec::AffineRepr::is_zero) {
        return None;
    }
    let mut twice = next.clone();
    if !engine.double(&mut twice) {
        return None;
    }
    let mut multiples = vec![next.clone()];
    for _ in 1..1 << (WIDTH - 2) {
        if !engine.add(&mut next, &twice) {
            return None;
        }
        multiples.push(next.clone());
    }
    let opposite = |octet: &E::Octet| engine.pack(&engine.unpack(octet).map(|point| -point));
    let opposites = multiples.iter().map(|multiple| multiple.iter().map(opposite).collect()).collect();
    Some([multiples, opposites])
}

const _: () = assert!(TOGETHER / 8 <= BLOCK, "a step has one inversion");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{commit::generators::Generators, poly::power_of_two};
    use ark_ff::UniformRand;

    #[test]
    fn any_scalars_agree() {
        let mut rng = ark_std::test_rng();
        let g = Generators::derive(11).g().to_vec();
        for count in [0, 1, buckets::FEW - 1, buckets::FEW, 1500, 2048] {
            let mut scalars: Vec<Scalar> = (0..count).map(|_| Scalar::rand(&mut rng)).collect();
            // around what the digits hold, and around half of the order
            for (i, power) in (0..256).step_by(5).map(power_of_two).enumerate().take(count / 8) {
                scalars[4 * i] = power;
                scalars[4 * i + 1] = -power;
                scalars[4 * i + 2] = power - Scalar::from(1_u64);
                scalars[4 * i + 3] = Scalar::from(i as u64);
            }
            let expected = msm(&g[..count], &scalars).unwrap();
            assert_eq!(multiples(&g[..count], &scalars), expected, "{count} points");
            if count < buckets::FEW {
                continue;
            }
            let sum = buckets::sum(&Portable::default(), &g[..count], &scalars);
            assert_eq!(sum, Some(expected), "{count} points");
            #[cfg(target_arch = "x86_64")]
            if let Some(engine) = super::super::vectors::Avx2::detect() {
                assert_eq!(buckets::sum(&engine, &g[..count], &scalars), sum, "{count} points");
            }
        }
    }

    /// Buckets without a point, overfull ones, points that meet, the identity: not in lanes, and right all the same.
    #[test]
    fn what_does_not_fit_lanes_agrees() {
        let (mut rng, g) = (ark_std::test_rng(), Generators::derive(11).g().to_vec());
        let random: Vec<Scalar> = (0..2048).map(|_| Scalar::rand(&mut rng)).collect();
        let small: Vec<Scalar> = (0..2048_u64).map(Scalar::from).collect();
        let (equal, mut absent) = (vec![g[0]; 2048], g.clone());
        absent[7] = Affine::identity();
        for (points, scalars) in [(&g, &small), (&g, &vec![random[0]; 2048]), (&equal, &random), (&absent, &random)] {
            assert_eq!(buckets::sum(&Portable::default(), points, scalars), None);
            assert_eq!(Some(multiples(points, scalars)), msm(points, scalars));
        }
    }

    #[test]
    fn folded_points_are_the_sums_of_their_multiples() {
        let (mut rng, g) = (ark_std::test_rng(), Generators::derive(12).g().to_vec());
        let related: Vec<Affine> = (0..64).map(|i| g[i % 3]).collect();
        for (points, count) in [(&g[..64], 1), (&g[..64], 2), (&g[..60], 5), (&g, 4), (&related, 16)] {
            let mut scalars: Vec<Scalar> = (0..count).map(|_| Scalar::rand(&mut rng)).collect();
            scalars[0] = -Scalar::from(1_u64);
            let length = points.len() / count;
            let expected: Vec<Affine> = (0..length)
                .map(|i| {
                    let points: Vec<Affine> = points[i..].iter().step_by(length).copied().collect();
                    msm(&points, &scalars).unwrap().into_affine()
                })
                .collect();
            assert_eq!(folded(points, &scalars), expected, "{count} blocks");
            #[cfg(target_arch = "x86_64")]
            if let Some(engine) = super::super::vectors::Avx2::detect() {
                assert_eq!(folded_by(&engine, points, &scalars), expected, "{count} blocks");
            }
            assert_eq!(folded_by(&Portable::default(), points, &scalars), expected, "{count} blocks");
        }
    }
}
