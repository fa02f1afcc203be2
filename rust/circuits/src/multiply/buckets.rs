//! Sums of small multiples of points, `sum_j b_j G_j` with `|b_j| <= 2^15`.
//!
//! Points whose factor has absolute value b are added up in one bucket, `B_b`, negated for negative factors. With
//! `b = 2^k high + low`, `sum_b b B_b` is two sums of small multiples, with factors of half the length.
//!
//! **Additions.** A point is added to a place: a bucket, or one of several that each bucket has where there are few of them.
//! Additions to different places are made together, with one inversion for all (Montgomery's trick), so that an affine
//! addition costs six multiplications. They are made two by two, since a processor can begin a multiplication before it
//! has ended another one.
//!
//! **Exceptions.** A point whose place is taken in the block is added in a later one. Where most points would have to wait,
//! as when all factors are alike, and where a point meets its equal or its opposite, complete additions follow, at about
//! three times the cost. Among generators without a known relation equal points cannot be brought about, among the points
//! of a proof they can.
//!
//! Nothing here is constant-time: memory is addressed by the factors.

use crate::{
    curve::{Affine, Base, Projective, normalise},
    field::opposite_if,
    multiply::shifted,
    size::size,
};
use ark_ec::AffineRepr;
use ark_ff::{Field, Zero};
use std::borrow::Borrow;
use zeroize::{DefaultIsZeroes, Zeroize};

/// Additions that share one inversion, which costs as much as 270 multiplications.
const BLOCK: usize = 1024;
/// Among so many places most points of a block find theirs free. Places and a block stay in the second-level cache.
const PLACES: usize = 4096;
/// Fewer additions than this are not worth an inversion.
const SHORT: usize = 32;
/// So few buckets are weighted by complete additions, two for each.
const FEW_BUCKETS: usize = 64;

/// What a place holds.
#[derive(Clone, Copy, Default)]
enum Place {
    #[default]
    Empty,
    /// A point.
    Free,
    /// A point to which the block adds another one.
    Taken,
}

impl DefaultIsZeroes for Place {}

impl Place {
    /// Of a place that holds this.
    fn of(point: &Affine) -> Self {
        if point.is_zero() { Self::Empty } else { Self::Free }
    }
}

/// A point that the block adds to a place.
#[derive(Clone, Copy)]
struct Addition {
    place: u32,
    point: Affine,
    /// The denominator of the slope: the difference of two x.
    difference: Base,
    /// The product of the denominators before it.
    product: Base,
}

impl Addition {
    /// To no place, of anything that has a slope there.
    const NONE: Self = Self::new(u32::MAX, Affine::new_unchecked(Base::ONE, Base::ONE));

    const fn new(place: u32, point: Affine) -> Self {
        Self { place, point, difference: Base::ONE, product: Base::ONE }
    }
}

impl Zeroize for Addition {
    fn zeroize(&mut self) {
        self.place.zeroize();
        self.point.zeroize();
        self.difference.zeroize();
        self.product.zeroize();
    }
}

/// Room for points, kept from one sum to the next.
#[derive(Default)]
pub struct Buckets {
    places: Vec<Place>,
    /// The points in these places; the identity where there is none.
    points: Vec<Affine>,
    block: Vec<Addition>,
    /// Points whose places were taken.
    late: Vec<(u32, Affine)>,
    /// Points that are left to complete additions.
    rest: Vec<(u32, Affine)>,
}

impl Buckets {
    /// `sum_j factors[j] points[j]` over the shorter length.
    pub fn sum(&mut self, factors: &[i16], points: &[impl Borrow<Affine>]) -> Projective {
        let widest = factors.iter().map(|factor| factor.unsigned_abs()).max().unwrap_or(0);
        // bucket b has number b - 1
        let bits = u16::BITS.saturating_sub(widest.saturating_sub(1).leading_zeros());
        let most = PLACES.min(points.len()).checked_ilog2().unwrap_or(0);
        let copies = 1_u32.wrapping_shl(most.saturating_sub(bits));
        self.hold(vec![Affine::identity(); size(copies.wrapping_shl(bits))]);
        for ((&factor, point), copy) in factors.iter().zip(points).zip((0..copies).cycle()) {
            let Some(bucket) = factor.unsigned_abs().checked_sub(1) else { continue };
            let point = point.borrow();
            if !point.is_zero() {
                let y = opposite_if(point.y, factor < 0);
                self.enter(copy.wrapping_shl(bits) | u32::from(bucket), Affine::new_unchecked(point.x, y));
            }
        }
        self.finish();
        let buckets = self.folded(bits);
        let [all, weighted] = self.weighted(buckets);
        all + weighted
    }

    /// Begins with these points, one in each place.
    fn hold(&mut self, points: Vec<Affine>) {
        self.points.zeroize();
        self.points = points;
        self.places.clear();
        self.places.extend(self.points.iter().map(Place::of));
    }

    /// Adds the upper half of the places to the lower one until `2^bits` are left, and takes their points.
    fn folded(&mut self, bits: u32) -> Vec<Affine> {
        let places = 1_usize.wrapping_shl(bits);
        while self.points.len() > places {
            let half = self.points.len() >> 1;
            for place in 0..half {
                let point = self.points.get(place.saturating_add(half)).copied().unwrap_or_default();
                if !point.is_zero() {
                    self.enter(place.try_into().unwrap_or(u32::MAX), point);
                }
            }
            self.finish();
            self.points.truncate(half);
            self.places.truncate(half);
        }
        std::mem::take(&mut self.points)
    }

    /// `sum_i B_i` and `sum_i i B_i`, of `2^k` buckets: by running sums from the top with complete additions, or by shorter
    /// sums, `i = 2^bits high + low`.
    fn weighted(&mut self, mut buckets: Vec<Affine>) -> [Projective; 2] {
        let sums = if buckets.len() <= FEW_BUCKETS {
            let [mut all, mut weighted] = [Projective::zero(); 2];
            for bucket in buckets.iter().rev() {
                weighted += all;
                all += bucket;
            }
            [all, weighted]
        } else {
            let both = buckets.len().trailing_zeros();
            let bits = both >> 1;
            let columns = 1_usize.wrapping_shl(bits);
            let transposed = (0..columns).flat_map(|column| buckets.iter().skip(column).step_by(columns));
            let transposed = transposed.copied().collect();
            let mut part = |points, bits| {
                self.hold(points);
                let buckets = self.folded(bits);
                self.weighted(buckets)
            };
            let [_, high] = part(transposed, both.saturating_sub(bits));
            let [all, low] = part(buckets.clone(), bits);
            [all, shifted(high, bits) + low]
        };
        buckets.zeroize();
        sums
    }

    /// Adds a point to a place, now or later. Not the identity.
    #[inline(always)]
    fn enter(&mut self, place: u32, point: Affine) {
        let (Some(state), Some(sum)) = (self.places.get_mut(size(place)), self.points.get_mut(size(place))) else {
            return;
        };
        match state {
            Place::Empty => (*state, *sum) = (Place::Free, point),
            Place::Taken => self.late.push((place, point)),
            Place::Free => {
                *state = Place::Taken;
                self.block.push(Addition::new(place, point));
                if self.block.len() >= BLOCK {
                    self.meet();
                    self.retry();
                }
            }
        }
    }

    /// Enters those again whose places were taken, unless they are so many that the same would happen again and again.
    fn retry(&mut self) {
        if self.late.len() > BLOCK {
            self.rest.append(&mut self.late);
        }
        let mut late = std::mem::take(&mut self.late);
        for &(place, point) in &late {
            self.enter(place, point);
        }
        late.zeroize();
    }

    /// Makes all additions that were begun.
    fn finish(&mut self) {
        while self.block.len() > SHORT {
            self.meet();
            self.retry();
        }
        self.rest.extend(self.block.drain(..).map(|Addition { place, point, .. }| (place, point)));
        self.rest.append(&mut self.late);
        self.add_completely();
    }

    /// Makes the additions of the block, with one inversion.
    fn meet(&mut self) {
        let Self { places, points, block, rest, .. } = self;
        if block.len() & 1 == 1 {
            block.push(Addition::NONE);
        }
        let at = |points: &[Affine], place: u32| points.get(size(place)).copied().unwrap_or_default();
        let two = block.as_chunks_mut::<2>().0;
        let mut products = [Base::ONE; 2];
        for additions in two.iter_mut() {
            for (addition, product) in additions.iter_mut().zip(&mut products) {
                let Addition { place, point, .. } = *addition;
                addition.difference = point.x - at(points, place).x;
                if addition.difference.is_zero() {
                    rest.push((place, point));
                    if let Some(state) = places.get_mut(size(place)) {
                        *state = Place::Free;
                    }
                    *addition = Addition::NONE;
                }
                addition.product = *product;
                *product *= addition.difference;
            }
        }
        let [first, second] = products;
        let inverse = (first * second).inverse().unwrap_or_default();
        let mut inverses = [inverse * second, inverse * first];
        for [a, b] in two.iter().rev() {
            let ([p, q], [r, s]) = ([at(points, a.place), a.point], [at(points, b.place), b.point]);
            let [i, j] = inverses;
            inverses = [i * a.difference, j * b.difference];
            let [i, j] = [i * a.product, j * b.product];
            let [m, n] = [i * (q.y - p.y), j * (s.y - r.y)];
            let [x, u] = [m.square() - p.x - q.x, n.square() - r.x - s.x];
            let [y, v] = [m * (p.x - x) - p.y, n * (r.x - u) - r.y];
            for (place, sum) in [(a.place, Affine::new_unchecked(x, y)), (b.place, Affine::new_unchecked(u, v))] {
                if let (Some(state), Some(point)) = (places.get_mut(size(place)), points.get_mut(size(place))) {
                    (*state, *point) = (Place::Free, sum);
                }
            }
        }
        block.clear();
    }

    /// Adds what is left, whatever it is.
    fn add_completely(&mut self) {
        let mut rest = std::mem::take(&mut self.rest);
        rest.sort_unstable_by_key(|(place, _)| *place);
        let by_place =
            || rest.chunk_by(|(a, _), (b, _)| a == b).filter_map(|same| same.first().map(|(place, _)| (*place, same)));
        let sum = |(place, same): (u32, &[(u32, Affine)])| {
            let first = self.points.get(size(place)).copied().unwrap_or_default();
            same.iter().fold(first.into(), |sum: Projective, (_, point)| sum + point)
        };
        let sums: Vec<Projective> = by_place().map(sum).collect();
        for ((place, _), sum) in by_place().zip(normalise(&sums)) {
            if let (Some(state), Some(point)) = (self.places.get_mut(size(place)), self.points.get_mut(size(place))) {
                (*state, *point) = (Place::of(&sum), sum);
            }
        }
        rest.zeroize();
    }
}

impl Drop for Buckets {
    /// The factors may be secrets of a prover, and where its points stand says what they are.
    fn drop(&mut self) {
        self.places.zeroize();
        self.points.zeroize();
        self.block.zeroize();
        self.late.zeroize();
        self.rest.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commit::generators::Generators,
        curve::Scalar,
        multiply::tests::{multiples, oracle},
        poly::signed,
    };
    use proptest::prelude::*;

    fn check(factors: &[i16], points: &[Affine]) {
        let scalars: Vec<Scalar> = factors.iter().map(|&w| signed(i128::from(w))).collect();
        assert_eq!(Buckets::default().sum(factors, points), oracle(&points[..factors.len()], &scalars));
    }

    #[test]
    fn small_multiples_agree() {
        let g = Generators::derive(9).g().to_vec();
        let row: Vec<i16> = (0..512_i32).map(|i| ((i * 7919 + 13) % 4095 - 2047) as i16).collect();
        check(&row, &g);
        check(&[5; 512], &g);
        check(&[-1; 511], &g);
        check(&[0; 512], &g);
        check(&[], &g);
        check(&[1, -1, 2047, -2047, 0, i16::MIN, i16::MAX], &g);
    }

    #[test]
    fn equal_and_opposite_points() {
        let m = multiples(64);
        let at = |k: i64| if k < 0 { -m[(-k - 1) as usize] } else { m[(k - 1) as usize] };
        let bucket = |ks: &[i64]| {
            let points: Vec<Affine> = ks.iter().map(|&k| at(k)).collect();
            check(&vec![3; ks.len()], &points);
        };
        bucket(&[1, 1]);
        bucket(&[1, -1]);
        // partial sums that meet: 1 + 4 = 2 + 3, and 1 + 4 = -(-2 - 3)
        bucket(&[1, 4, 2, 3]);
        bucket(&[1, 4, -2, -3]);
        // and a bucket that sums to zero
        bucket(&[1, 2, 3, 4, 1, 4, 2, 3]);
        bucket(&[1, 2, 3, 4, -1, -2, -3, -4]);
        bucket(&[1, 1, 2, 2, 4, 4, 8, 8, 16]);
        check(&[3, 3, 3, -3, 2], &[at(1), at(1), at(2), at(1), at(-2)]);
        check(&[1, -1, 1], &[at(5), at(5), at(7)]);
        check(&[2, 2, 2], &[at(5), Affine::identity(), at(7)]);
    }

    /// More points than share an inversion, some of which meet their equals and opposites.
    #[test]
    fn blocks_with_equal_and_opposite_points() {
        let (g, few) = (Generators::derive(11).g().to_vec(), multiples(40));
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
    }

    /// So few places that most points have to wait.
    #[test]
    fn few_factors_far_apart() {
        let g = Generators::derive(12).g().to_vec();
        let row = |factors: &[i16]| factors.iter().copied().cycle().take(g.len()).collect::<Vec<i16>>();
        check(&row(&[4000]), &g);
        check(&row(&[1000, 0, -2000]), &g);
        check(&row(&[i16::MAX, i16::MIN, 1]), &g);
        check(&row(&(3900..4000).collect::<Vec<i16>>()), &g);
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
