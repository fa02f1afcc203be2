//! Sums of multiples of points: `sum_j x_j G_j`.
//!
//! **Small multiples** ([`Buckets`]): points whose factor has absolute value b are added up (negated for negative factors),
//! then `sum_b b B_b`. The additions inside the buckets are affine and pairwise, a tree in which many pairs share one
//! inversion (Montgomery's trick), so that an addition costs six multiplications. For many rows over the same points see
//! [`crate::prover::subsets`].
//!
//! **Any multiples** ([`msm`]): a scalar is cut into signed digits of c bits, and each digit position is a sum of small
//! multiples (Pippenger's method).
//!
//! Two points of one bucket may be equal or opposite, and partial sums may meet again further up the tree: then an affine
//! addition would divide by zero. Among generators without a known relation this cannot be brought about, among the points
//! of a proof it can; such a row is finished with complete additions, at about twice the cost.
//!
//! Nothing here is constant-time: memory is addressed by the factors.

use crate::curve::{Affine, Base, Projective, Scalar};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField, Zero};
use zeroize::Zeroize;

/// Additions that share one inversion: it costs as much as 270 multiplications, and what the block touches stays in the
/// second-level cache.
const BLOCK: usize = 4096;

/// One addition of a level: the points at `from` and `from + 1` give the one at `to` of the next level.
#[derive(Clone, Copy)]
struct Pair {
    from: usize,
    to: usize,
}

/// Scratch memory for one sum at a time.
#[derive(Default)]
pub struct Buckets {
    /// Points of each bucket, from the one of factor 1 up.
    counts: Vec<usize>,
    /// This level's points, bucket after bucket.
    points: Vec<Affine>,
    /// The next level's points.
    next: Vec<Affine>,
    pairs: Vec<Pair>,
    products: Vec<Base>,
}

impl Buckets {
    /// `sum_j factors[j] points[j]` over the shorter length.
    pub fn sum(&mut self, factors: &[i16], points: &[Affine]) -> Projective {
        self.sort(factors, points);
        while self.counts.iter().any(|&count| count > 1) {
            if !self.halve() {
                break;
            }
        }
        // sum_b b B_b by running sums from the top
        let (mut running, mut total) = (Projective::zero(), Projective::zero());
        let mut rest = self.points.as_slice();
        for &count in self.counts.iter().rev() {
            let (lower, bucket) = rest.split_at(rest.len().saturating_sub(count));
            rest = lower;
            bucket.iter().for_each(|point| running += point);
            total += running;
        }
        total
    }

    /// Puts each point into the bucket of its factor; those of factor 0 are left out.
    fn sort(&mut self, factors: &[i16], points: &[Affine]) {
        let widest = factors.iter().map(|x| x.unsigned_abs()).max().unwrap_or(0);
        self.counts.clear();
        self.counts.resize(usize::from(widest), 0);
        // the identity adds nothing
        let bucket = |factor: i16, point: &Affine| {
            usize::from(factor.unsigned_abs()).checked_sub(1).filter(|_| !point.is_zero())
        };
        for b in factors.iter().zip(points).filter_map(|(&factor, point)| bucket(factor, point)) {
            self.counts.iter_mut().skip(b).take(1).for_each(|count| *count = count.saturating_add(1));
        }
        let mut end = 0_usize;
        let mut slots: Vec<usize> = Vec::with_capacity(self.counts.len());
        for &count in &self.counts {
            slots.push(end);
            end = end.saturating_add(count);
        }
        self.points.clear();
        self.points.resize(end, Affine::identity());
        for (&factor, &point) in factors.iter().zip(points) {
            let Some(slot) = bucket(factor, &point).and_then(|b| slots.get_mut(b)) else { continue };
            if let Some(place) = self.points.get_mut(*slot) {
                *place = if factor < 0 { -point } else { point };
            }
            *slot = slot.saturating_add(1);
        }
    }

    /// Adds the points of each bucket pairwise. False, and nothing done, if a pair is equal or opposite.
    fn halve(&mut self) -> bool {
        self.pairs.clear();
        self.next.clear();
        self.next.reserve(self.points.len().div_ceil(2).saturating_add(self.counts.len()));
        let mut from = 0_usize;
        for &count in &self.counts {
            for _ in 0..count >> 1 {
                self.pairs.push(Pair { from, to: self.next.len() });
                self.next.push(Affine::identity());
                from = from.saturating_add(2);
            }
            if count % 2 == 1 {
                self.next.extend(self.points.get(from));
                from = from.saturating_add(1);
            }
        }
        let (points, next, products) = (&self.points, &mut self.next, &mut self.products);
        if !self.pairs.chunks(BLOCK).all(|block| add_pairs(block, points, next, products)) {
            return false;
        }
        std::mem::swap(&mut self.points, &mut self.next);
        self.counts.iter_mut().for_each(|count| *count = count.div_ceil(2));
        true
    }
}

/// The two points of a pair.
#[inline(always)]
fn both(points: &[Affine], pair: Pair) -> (Affine, Affine) {
    match points.get(pair.from..) {
        Some([first, second, ..]) => (*first, *second),
        _ => (Affine::identity(), Affine::identity()),
    }
}

/// Independent chains of products, so that one multiplication need not wait for another.
const CHAINS: usize = 2;

/// All additions of a block with one inversion. False if one of them has no slope.
fn add_pairs(pairs: &[Pair], points: &[Affine], next: &mut [Affine], products: &mut Vec<Base>) -> bool {
    products.clear();
    let mut chains = [Base::ONE; CHAINS];
    for group in pairs.chunks(CHAINS) {
        for (chain, &pair) in chains.iter_mut().zip(group) {
            let (p, q) = both(points, pair);
            products.push(*chain);
            *chain *= q.x - p.x;
        }
    }
    let [first, second] = chains;
    let Some(inverse) = (first * second).inverse() else { return false };
    let mut inverses = [inverse * second, inverse * first];
    for (group, products) in pairs.chunks(CHAINS).zip(products.chunks(CHAINS)).rev() {
        for ((inverse, &pair), &product) in inverses.iter_mut().zip(group).zip(products) {
            let (p, q) = both(points, pair);
            let slope = (q.y - p.y) * (*inverse * product);
            *inverse *= q.x - p.x;
            let x = slope.square() - p.x - q.x;
            if let Some(sum) = next.get_mut(pair.to) {
                *sum = Affine::new_unchecked(x, slope * (p.x - x) - p.y);
            }
        }
    }
    true
}

/// Below this many points the general method of arkworks is as fast.
const FEW: usize = 128;

/// `sum_i scalars[i] points[i]`; `None` when the lengths differ.
#[must_use]
pub fn msm(points: &[Affine], scalars: &[Scalar]) -> Option<Projective> {
    use ark_ec::scalar_mul::variable_base::VariableBaseMSM;
    if points.len() != scalars.len() {
        return None;
    }
    if points.len() < FEW {
        return Projective::msm(points, scalars).ok();
    }
    let mut digits = Digits::new(scalars);
    let mut buckets = Buckets::default();
    let mut windows = Vec::new();
    while let Some(row) = digits.next_row() {
        windows.push(buckets.sum(row, points));
    }
    let shift = |sum: Projective| (0..digits.bits).fold(sum, |sum, _| sum.double());
    Some(windows.into_iter().rev().fold(Projective::zero(), |sum, window| shift(sum) + window))
}

/// Scalars as signed digits, the lowest position first.
struct Digits {
    /// Bits of a digit, at most 15.
    bits: u32,
    /// What is left of each scalar, whose sign is apart: small negative numbers have few digits.
    rest: Vec<(<Scalar as PrimeField>::BigInt, bool)>,
    row: Vec<i16>,
}

impl Digits {
    fn new(scalars: &[Scalar]) -> Self {
        let rest = scalars
            .iter()
            .map(|&x| {
                let (value, opposite) = (x.into_bigint(), (-x).into_bigint());
                if value <= opposite { (value, false) } else { (opposite, true) }
            })
            .collect();
        Self { bits: digit_bits(scalars.len()), rest, row: Vec::with_capacity(scalars.len()) }
    }

    /// The digits of the next position; `None` when nothing is left.
    fn next_row(&mut self) -> Option<&[i16]> {
        if self.rest.iter().all(|(rest, _)| rest.is_zero()) {
            return None;
        }
        let (bits, half) = (self.bits, 1_i32 << self.bits.saturating_sub(1));
        self.row.clear();
        for (rest, negative) in &mut self.rest {
            let low = rest.as_ref().first().map_or(0, |limb| limb & 1_u64.wrapping_shl(bits).wrapping_sub(1));
            let mut digit = i32::try_from(low).unwrap_or(0);
            *rest >>= bits;
            if digit > half {
                // a scalar is below 2^255, so the carry has room
                digit = digit.wrapping_sub(half.wrapping_mul(2));
                rest.add_with_carry(&1_u64.into());
            }
            let digit = if *negative { digit.wrapping_neg() } else { digit };
            self.row.push(i16::try_from(digit).unwrap_or(0));
        }
        Some(&self.row)
    }
}

impl Drop for Digits {
    /// The scalars may be secrets of a prover.
    fn drop(&mut self) {
        self.rest.iter_mut().for_each(|(rest, _)| rest.zeroize());
        self.row.zeroize();
    }
}

/// The width of a digit that costs least: for each position one addition a point (75 ns) and two for each of the
/// `2^(bits - 1)` buckets (together 250 ns).
fn digit_bits(points: usize) -> u32 {
    let cost = |bits: &u32| {
        let positions = u64::from(256_u32.div_ceil(*bits));
        let buckets = 1_u64.wrapping_shl(bits.saturating_sub(1));
        let additions = u64::try_from(points).unwrap_or(u64::MAX).saturating_mul(75);
        positions.saturating_mul(additions.saturating_add(buckets.saturating_mul(250)))
    };
    (4..=15).min_by_key(cost).unwrap_or(4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{commit::generators::Generators, poly::signed};
    use ark_ec::{CurveGroup, PrimeGroup, scalar_mul::variable_base::VariableBaseMSM};
    use ark_ff::UniformRand;
    use proptest::prelude::*;

    fn oracle(points: &[Affine], scalars: &[Scalar]) -> Projective {
        Projective::msm(points, scalars).unwrap()
    }

    fn check(factors: &[i16], points: &[Affine]) {
        let scalars: Vec<Scalar> = factors.iter().map(|&w| signed(i128::from(w))).collect();
        assert_eq!(Buckets::default().sum(factors, points), oracle(&points[..factors.len()], &scalars));
    }

    /// Small multiples of one point: full of relations.
    fn multiples(count: u64) -> Vec<Affine> {
        (1..=count).map(|k| (Projective::generator() * Scalar::from(k)).into_affine()).collect()
    }

    #[test]
    fn small_multiples_agree() {
        let g = Generators::derive(9).g;
        let row: Vec<i16> = (0..512_i32).map(|i| ((i * 7919 + 13) % 4095 - 2047) as i16).collect();
        check(&row, &g);
        check(&[5; 512], &g);
        check(&[-1; 511], &g);
        check(&[0; 512], &g);
        check(&[], &g);
        check(&[1, -1, 2047, -2047, 0, i16::MIN, i16::MAX], &g);
    }

    #[test]
    fn equal_and_opposite_points_at_every_level() {
        let m = multiples(64);
        let at = |k: i64| if k < 0 { -m[(-k - 1) as usize] } else { m[(k - 1) as usize] };
        let bucket = |ks: &[i64]| {
            let points: Vec<Affine> = ks.iter().map(|&k| at(k)).collect();
            check(&vec![3; ks.len()], &points);
        };
        bucket(&[1, 1]);
        bucket(&[1, -1]);
        // partial sums that meet one level up: 1 + 4 = 2 + 3, and 1 + 4 = -(-2 - 3)
        bucket(&[1, 4, 2, 3]);
        bucket(&[1, 4, -2, -3]);
        // two levels up, and a bucket that sums to zero
        bucket(&[1, 2, 3, 4, 1, 4, 2, 3]);
        bucket(&[1, 2, 3, 4, -1, -2, -3, -4]);
        bucket(&[1, 1, 2, 2, 4, 4, 8, 8, 16]);
        check(&[3, 3, 3, -3, 2], &[at(1), at(1), at(2), at(1), at(-2)]);
        check(&[1, -1, 1], &[at(5), at(5), at(7)]);
        check(&[2, 2, 2], &[at(5), Affine::identity(), at(7)]);
    }

    #[test]
    fn any_multiples_agree() {
        let mut rng = ark_std::test_rng();
        let g = Generators::derive(9).g;
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
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn crowded_buckets_agree(factors in proptest::collection::vec(-3_i16..=3, 1..200), seed in 1_usize..40) {
            let m = multiples(40);
            let points: Vec<Affine> = (0..factors.len()).map(|i| m[(i * seed + i / 7) % 40]).collect();
            check(&factors, &points);
        }
    }
}
