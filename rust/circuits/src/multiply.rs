//! Sums of multiples of points: `sum_j x_j G_j`.
//!
//! **Small multiples** ([`Buckets`]): points whose factor has absolute value b are added up (negated for negative factors),
//! then `sum_b b B_b`. The additions inside the buckets are affine and pairwise, and many pairs share one
//! inversion (Montgomery's trick), so that an addition costs six multiplications. With `b = 2^k high + low`, `sum_b b B_b`
//! is two sums of small multiples again, with factors of half the length. For many rows over the same points see
//! [`crate::prover::subsets`].
//!
//! **Any multiples** ([`msm`]): a scalar is cut into signed digits of c bits, and each digit position is a sum of small
//! multiples (Pippenger's method).
//!
//! Two points of one bucket may be equal or opposite, and so may partial sums: then an affine addition would divide by
//! zero. Among generators without a known relation this cannot be brought about, among the points of a proof it can; the
//! pairs that would have shared the inversion are then added by complete additions, at about three times the cost.
//!
//! Nothing here is constant-time: memory is addressed by the factors.

use crate::{
    curve::{Affine, Base, Projective, Scalar, normalise},
    size::size,
};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField, Zero};
use zeroize::Zeroize;

/// Additions that share one inversion: it costs as much as 270 multiplications, and what the block touches stays in the
/// second-level cache.
const BLOCK: usize = 2048;
/// Independent chains of products, so that one multiplication need not wait for another.
const CHAINS: usize = 2;
/// So few buckets are weighted by complete additions, two for each.
const FEW_BUCKETS: usize = 64;

/// Two points of one bucket.
#[derive(Clone, Copy)]
struct Pair {
    factor: u16,
    points: [Affine; 2],
}

impl Zeroize for Pair {
    fn zeroize(&mut self) {
        self.factor.zeroize();
        self.points.zeroize();
    }
}

/// Buckets, from the one of factor 0 up. In each of them at most one point waits for a second one; two that meet leave, and
/// their sum comes back. So most points meet one that came shortly before, and nothing is sorted.
#[derive(Default)]
pub struct Buckets {
    /// Whether one waits there: apart from the points, so that it is known at once.
    waits: Vec<bool>,
    waiting: Vec<Affine>,
    /// Those that met, about a block of them.
    pairs: Vec<Pair>,
    /// Room for those that meet while a block is added.
    room: Vec<Pair>,
    /// For each addition of a block, the product of the denominators after it.
    products: Vec<[Base; CHAINS]>,
}

impl Buckets {
    /// `sum_j factors[j] points[j]` over the shorter length.
    pub fn sum(&mut self, factors: &[i16], points: &[Affine]) -> Projective {
        let widest = factors.iter().map(|factor| factor.unsigned_abs()).max().unwrap_or(0);
        self.sum_of(widest, factors.iter().copied().zip(points))
    }

    /// The sum of multiples by factors that are at most `widest`.
    fn sum_of<'a>(&mut self, widest: u16, multiples: impl Iterator<Item = (i16, &'a Affine)>) -> Projective {
        // signs are random: a place in memory that depends on them costs less than a branch
        let positive = |(factor, &Affine { x, y, .. }): (i16, &Affine)| {
            let y = [y, -y].get(usize::from(factor < 0)).copied().unwrap_or_default();
            (factor.unsigned_abs(), Affine::new_unchecked(x, y))
        };
        self.fill(widest, multiples.map(positive));
        let buckets = std::mem::take(&mut self.waiting);
        let sum = self.weighted(&buckets);
        self.waiting = buckets;
        sum
    }

    /// Adds up the points of each bucket.
    fn fill(&mut self, widest: u16, multiples: impl Iterator<Item = (u16, Affine)>) {
        let buckets = usize::from(widest).saturating_add(1);
        self.waits.clear();
        self.waits.resize(buckets, false);
        self.waiting.clear();
        self.waiting.resize(buckets, Affine::identity());
        for (factor, point) in multiples {
            if factor > 0 {
                self.enter(factor, point);
            }
            if self.pairs.len() >= BLOCK {
                self.meet();
            }
        }
        while !self.pairs.is_empty() {
            self.meet();
        }
        for (point, _) in self.waiting.iter_mut().zip(&self.waits).filter(|(_, waits)| !**waits) {
            *point = Affine::identity();
        }
    }

    /// `sum_b b B_b`: by running sums from the top with complete additions, or as two shorter sums, `b = 2^bits high + low`.
    fn weighted(&mut self, buckets: &[Affine]) -> Projective {
        if buckets.len() <= FEW_BUCKETS {
            let (mut running, mut total) = (Projective::zero(), Projective::zero());
            for bucket in buckets.iter().skip(1).rev() {
                running += bucket;
                total += running;
            }
            return total;
        }
        let bits = usize::BITS.saturating_sub(buckets.len().leading_zeros()) >> 1;
        let mut part = |part: &dyn Fn(u16) -> u16| {
            let all = (0..=u16::MAX).zip(buckets);
            let widest = (0..=u16::MAX).zip(buckets).map(|(factor, _)| part(factor)).max().unwrap_or(0);
            self.fill(widest, all.map(|(factor, &point)| (part(factor), point)));
            let buckets = std::mem::take(&mut self.waiting);
            self.weighted(&buckets)
        };
        let high = part(&|factor| factor.wrapping_shr(bits));
        let low = part(&|factor| factor & 1_u16.wrapping_shl(bits).wrapping_sub(1));
        shifted(high, bits) + low
    }

    /// Puts a point into its bucket.
    #[inline(always)]
    fn enter(&mut self, factor: u16, point: Affine) {
        let bucket = usize::from(factor);
        let (Some(waits), Some(other)) = (self.waits.get_mut(bucket), self.waiting.get_mut(bucket)) else { return };
        if point.is_zero() {
            return;
        }
        if *waits {
            self.pairs.push(Pair { factor, points: [*other, point] });
        } else {
            *other = point;
        }
        *waits = !*waits;
    }

    /// Adds a block of pairs with one inversion.
    fn meet(&mut self) {
        let room = std::mem::take(&mut self.room);
        let mut block = std::mem::replace(&mut self.pairs, room);
        self.products.clear();
        let mut chains = [Base::ONE; CHAINS];
        for group in block.chunks(CHAINS).rev() {
            self.products.push(chains);
            for (chain, Pair { points: [p, q], .. }) in chains.iter_mut().zip(group) {
                *chain *= q.x - p.x;
            }
        }
        let [first, second] = chains;
        if let Some(inverse) = (first * second).inverse() {
            let mut inverses = [inverse * second, inverse * first];
            for group in block.chunks(CHAINS) {
                let products = self.products.pop().unwrap_or_default();
                for ((inverse, &Pair { factor, points: [p, q] }), product) in
                    inverses.iter_mut().zip(group).zip(products)
                {
                    let slope = (q.y - p.y) * (*inverse * product);
                    *inverse *= q.x - p.x;
                    let x = slope.square() - p.x - q.x;
                    self.enter(factor, Affine::new_unchecked(x, slope * (p.x - x) - p.y));
                }
            }
        } else {
            // two of them are equal or opposite, and have no slope
            let sums: Vec<Projective> = block.iter().map(|Pair { points: [p, q], .. }| *p + q).collect();
            for (pair, sum) in block.iter().zip(normalise(&sums)) {
                self.enter(pair.factor, sum);
            }
        }
        block.clear();
        self.room = block;
    }
}

impl Drop for Buckets {
    /// The factors may be secrets of a prover, and where its points stand says what they are.
    fn drop(&mut self) {
        self.waits.zeroize();
        self.waiting.zeroize();
        self.pairs.zeroize();
        self.room.zeroize();
    }
}

/// `2^bits point`.
fn shifted(point: Projective, bits: u32) -> Projective {
    (0..bits).fold(point, |point, _| point.double())
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
    let (digits, mut buckets) = (Digits::new(scalars), Buckets::default());
    let widest = 1_u16.wrapping_shl(digits.bits.saturating_sub(1));
    Some(digits.rows.iter().rev().fold(Projective::zero(), |sum, row| {
        shifted(sum, digits.bits) + buckets.sum_of(widest, row.iter().copied().zip(points))
    }))
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

    /// More points than share an inversion, and among most of the pairs some that have no slope.
    #[test]
    fn blocks_with_equal_and_opposite_points() {
        let (g, few) = (Generators::derive(11).g, multiples(40));
        let mut points: Vec<Affine> = [&g[..], &g[..], &g[..]].concat();
        let row: Vec<i16> = (0..points.len() as i32).map(|i| ((i * 7919 + 13) % 301 - 150) as i16).collect();
        check(&row, &points);
        for (i, point) in points.iter_mut().enumerate() {
            match i % 97 {
                0 => *point = few[i % 40],
                1 => *point = -few[i % 7],
                2 => *point = Affine::identity(),
                _ => {}
            }
        }
        check(&row, &points);
        check(&vec![9; points.len()], &points);
        check(&row, &vec![few[3]; points.len()]);
        let mut rng = ark_std::test_rng();
        let scalars: Vec<Scalar> = (0..points.len()).map(|_| Scalar::rand(&mut rng)).collect();
        assert_eq!(msm(&points, &scalars), Some(oracle(&points, &scalars)));
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
