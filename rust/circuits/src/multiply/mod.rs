//! Sums of multiples of points: `sum_j x_j G_j`.
//!
//! **Small multiples** ([`Buckets`]): points with factors of 16 bits. For many rows over the same points see
//! [`crate::prover::subsets`].
//!
//! **Any multiples** ([`msm`]): a scalar is cut into signed digits of c bits, and each digit position is a sum of small
//! multiples (Pippenger's method).
//!
//! Nothing here is constant-time: memory is addressed by the factors.

mod buckets;

pub use self::buckets::Buckets;
use crate::{
    curve::{Affine, Projective, Scalar},
    size::size,
};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField, Zero};
use std::borrow::Borrow;
use zeroize::Zeroize;

/// `2^bits point`.
fn shifted(point: Projective, bits: u32) -> Projective {
    (0..bits).fold(point, |point, _| point.double())
}

/// Below this many points the general method of arkworks is as fast.
const FEW: usize = 128;

/// `sum_i scalars[i] points[i]`, points or references to them; `None` when the lengths differ.
#[must_use]
pub fn msm(points: &[impl Borrow<Affine>], scalars: &[Scalar]) -> Option<Projective> {
    use ark_ec::scalar_mul::variable_base::VariableBaseMSM;
    if points.len() != scalars.len() {
        return None;
    }
    if points.len() < FEW {
        let points: Vec<Affine> = points.iter().map(|point| *point.borrow()).collect();
        return Projective::msm(&points, scalars).ok();
    }
    let (digits, mut buckets) = (Digits::new(scalars), Buckets::default());
    Some(
        digits
            .rows
            .iter()
            .rev()
            .fold(Projective::zero(), |sum, row| shifted(sum, digits.bits) + buckets.sum(row, points)),
    )
}

/// Scalars as signed digits.
struct Digits {
    /// Bits of a digit, at most 15.
    bits: u32,
    /// The digits at each position, the lowest first.
    rows: Vec<Vec<i16>>,
}

impl Digits {
    fn new(scalars: &[Scalar]) -> Self {
        let bits = digit_bits(scalars.len());
        // the sign apart: small negative numbers have few digits
        let sized = |x: &Scalar| {
            let (value, mut opposite) = (x.into_bigint(), Scalar::MODULUS);
            opposite.sub_with_borrow(&value);
            if value <= opposite { (value, false) } else { (opposite, true) }
        };
        let mut sizes: Vec<(BigInt<4>, bool)> = scalars.iter().map(sized).collect();
        let largest = sizes.iter().map(|(size, _)| size.num_bits()).max().unwrap_or(0);
        let highest = largest.checked_div(bits).unwrap_or(0);
        // raised by half a digit at every position but the highest, which stays below 2^256, a size has at each position
        // its digit and half a digit, whatever the others are
        let half = 1_i16.wrapping_shl(bits.saturating_sub(1));
        let mut halves = BigInt::zero();
        for _ in 0..highest {
            halves <<= bits;
            halves.add_with_carry(&u64::from(half.unsigned_abs()).into());
        }
        sizes.iter_mut().for_each(|(size, _)| _ = size.add_with_carry(&halves));
        let row = |position: u32| {
            let half = if position < highest { half } else { 0 };
            let digit = |(size, negative): &(BigInt<4>, bool)| {
                let digit = digit(size, position.saturating_mul(bits), bits).wrapping_sub(half);
                if *negative { digit.wrapping_neg() } else { digit }
            };
            sizes.iter().map(digit).collect()
        };
        let rows = (0..=highest).map(row).collect();
        sizes.iter_mut().for_each(|(size, _)| size.zeroize());
        Self { bits, rows }
    }
}

impl Drop for Digits {
    /// The scalars may be secrets of a prover.
    fn drop(&mut self) {
        self.rows.zeroize();
    }
}

/// So many bits, from the given one up.
#[inline(always)]
fn digit(BigInt(limbs): &BigInt<4>, first: u32, bits: u32) -> i16 {
    let (index, shift) = (size(first >> 6), first & 63);
    let limb = |i: usize| limbs.get(i).copied().unwrap_or(0);
    let above = (limb(index.saturating_add(1)) << 1).wrapping_shl(63_u32.saturating_sub(shift));
    i16::try_from((limb(index).wrapping_shr(shift) | above) & 1_u64.wrapping_shl(bits).wrapping_sub(1)).unwrap_or(0)
}

/// The width of a digit that costs least. At each position every point is added to its bucket, but the first one, and every
/// bucket to two sums: points and buckets, of which there are `2^(bits - 1)`.
fn digit_bits(points: usize) -> u32 {
    let cost = |bits: &u32| {
        let positions = size(256_u32.div_ceil(*bits));
        let buckets = 1_usize.wrapping_shl(bits.saturating_sub(1));
        positions.saturating_mul(points.saturating_add(buckets))
    };
    (4..=15).min_by_key(cost).unwrap_or(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commit::generators::Generators;
    use ark_ec::{CurveGroup, PrimeGroup, scalar_mul::variable_base::VariableBaseMSM};
    use ark_ff::UniformRand;

    pub(super) fn oracle(points: &[Affine], scalars: &[Scalar]) -> Projective {
        Projective::msm(points, scalars).unwrap()
    }

    /// Small multiples of one point: full of relations.
    pub(super) fn multiples(count: u64) -> Vec<Affine> {
        (1..=count).map(|k| (Projective::generator() * Scalar::from(k)).into_affine()).collect()
    }

    #[test]
    fn any_multiples_agree() {
        let mut rng = ark_std::test_rng();
        let g = Generators::derive(9).g().to_vec();
        for count in [0, 1, 5, FEW - 1, FEW, 300, 512] {
            let scalars: Vec<Scalar> = (0..count).map(|_| Scalar::rand(&mut rng)).collect();
            assert_eq!(msm(&g[..count], &scalars), Some(oracle(&g[..count], &scalars)), "{count} points");
        }
        let edges: Vec<Scalar> = (0..512_i32)
            .map(|i| {
                let power = crate::poly::power_of_two(i as usize / 2);
                match i % 4 {
                    0 => power,
                    1 => -power,
                    2 => power - Scalar::from(1_u64),
                    _ => Scalar::from(i as u64) - power,
                }
            })
            .collect();
        assert_eq!(msm(&g, &edges), Some(oracle(&g, &edges)));
        assert_eq!(msm(&multiples(200), &edges[..200]), Some(oracle(&multiples(200), &edges[..200])));
        assert_eq!(msm(&g, &edges[1..]), None);
        let points = [&g[..], &g[..], &multiples(512)[..]].concat();
        let scalars: Vec<Scalar> = points.iter().map(|_| Scalar::rand(&mut rng)).collect();
        assert_eq!(msm(&points, &scalars), Some(oracle(&points, &scalars)));
    }
}
