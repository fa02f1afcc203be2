//! Eight elements of the base field at a time, in the lanes of AVX2 vectors of four doubles, two vectors for each limb.
//!
//! AVX2 multiplies 32 bits at most, but a fused multiply-add of doubles rounds a product of 106 bits only once, and so gives its
//! upper half and, subtracted from it again, its lower half. An element is five limbs, which are integers with a sign and weights
//! `2^(52 k)`. All sums and products below are exact, because they are integers (or multiples of some power of two) of at most 53
//! bits. Limbs of
//!
//! - **reduced** values have absolute values of at most `2^51 + 8`, the top one `2^47 + 8`;
//! - **differences** the same, the top one `2^49`. Products take both kinds and give reduced values.
//!
//! Bounds in comments are in units of `2^51`, less what is below `2^51 / 1000`.
#![expect(clippy::needless_range_loop, reason = "indices below the number of limbs, in several numbers at once")]

use crate::field::{Base, FOLD};
use ark_ff::{BigInt, PrimeField};
use core::arch::x86_64::*;

super::engine!(Avx2, "avx2,fma", ["avx2", "fma"], 16);

const LIMBS: usize = 5;
const TWO_52: f64 = (1_u64 << 52) as f64;
/// One limb down.
const DOWN: f64 = 1.0 / TWO_52;
/// `1.5 2^104`: what is added to it is rounded to multiples of `2^52`, if below `2^103`.
const GRID: f64 = 1.5 * TWO_52 * TWO_52;
/// `2^48`, where the top limb of a reduced value ends: `2^256` less the weights of the limbs below.
const TOP: f64 = (1_u64 << 48) as f64;
/// `2^260` mod p.
const FOLD_260: f64 = (FOLD << 4) as f64;

/// Four elements.
#[derive(Clone, Copy)]
struct Quad([__m256d; LIMBS]);

/// Eight elements.
#[derive(Clone, Copy)]
struct Lanes([Quad; 2]);

/// x, then y, four words of 64 bits each.
type Entry = [__m256i; 2];

#[inline]
#[target_feature(enable = "avx2,fma")]
fn splat(x: f64) -> __m256d {
    _mm256_set1_pd(x)
}

/// x as a multiple of the unit of `grid`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn rounded(x: __m256d, grid: f64) -> __m256d {
    _mm256_sub_pd(_mm256_add_pd(x, splat(grid)), splat(grid))
}

/// `chain += a b`, rounded to a multiple of `2^52`; returns what was rounded off, an integer of at most 1.
///
/// The chain stays between `2^104` and `2^105`, where doubles are such multiples: it begins at [`GRID`], and what is added is below
/// `2^103`. The difference of two of them is exact, and the rest is a fused multiply-add with an exact result.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn extend(chain: &mut __m256d, a: __m256d, b: __m256d) -> __m256d {
    let before = *chain;
    *chain = _mm256_fmadd_pd(a, b, before);
    _mm256_fmadd_pd(a, b, _mm256_sub_pd(before, *chain))
}

/// `chain += x`, rounded as in [`extend`]; returns the rest.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn round_off(chain: &mut __m256d, x: __m256d) -> __m256d {
    let before = *chain;
    *chain = _mm256_add_pd(before, x);
    _mm256_add_pd(x, _mm256_sub_pd(before, *chain))
}

/// Column k of a product: what stays, and what is carried, a multiple of `2^52`. `chain` may have begun already.
///
/// Products of two limbs below the top are at most `2^102`, those with a top limb a quarter of it: a chain takes one of the former and
/// two of the latter, together `1.5 2^102`. Chains begin at plus and minus [`GRID`] in turn, so that two of them cancel it.
///
/// What stays is a sum of at most four, at most 4. In columns 4 to 6 all but the last are rounded off first: at most 2.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn column(a: &[__m256d; LIMBS], b: &[__m256d; LIMBS], k: usize, mut chain: __m256d) -> [__m256d; 2] {
    let (first, last) = (k.saturating_sub(LIMBS - 1), k.min(LIMBS - 1));
    let below = |i: usize| i < LIMBS - 1 && k - i < LIMBS - 1;
    let mut rest = extend(&mut chain, a[first], b[k - first]);
    let (mut held, mut pairs) = (None, None);
    for i in first + 1..=last {
        if below(i) && below(i - 1) {
            if let Some(other) = held.take() {
                pairs = Some(_mm256_add_pd(other, chain));
                chain = splat(GRID);
            } else {
                held = Some(chain);
                chain = splat(-GRID);
            }
        }
        if (4..=6).contains(&k) && i == last {
            rest = round_off(&mut chain, rest);
        }
        rest = _mm256_add_pd(rest, extend(&mut chain, a[i], b[k - i]));
    }
    let mut carry = _mm256_add_pd(chain, held.unwrap_or_else(|| splat(-GRID)));
    if let Some(pairs) = pairs {
        carry = _mm256_add_pd(carry, pairs);
    }
    [rest, carry]
}

/// Column k of a product less c, at most 4 as well: from column `crowded` to the last below the top, where that and c would
/// be more together, what stays of the product is rounded off first, to at most 1.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn less([rest, carry]: [__m256d; 2], c: &[__m256d; LIMBS], k: usize, crowded: usize) -> [__m256d; 2] {
    match k {
        0..LIMBS if (crowded..LIMBS - 1).contains(&k) => {
            let over = rounded(rest, GRID);
            [_mm256_sub_pd(_mm256_sub_pd(rest, over), c[k]), _mm256_add_pd(carry, over)]
        }
        0..LIMBS => [_mm256_sub_pd(rest, c[k]), carry],
        _ => [rest, carry],
    }
}

/// `a + b`, limbs of a at most 4, of b below 3, the top one given; limbs below the top are rounded off.
///
/// The sum itself may lose its last bit, but not what is left of it: it is at most 1, and `a` less the carry at most 1 more than b.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn carried(a: [__m256d; LIMBS], b: [__m256d; LIMBS], top: __m256d) -> Quad {
    let mut r = [top; LIMBS];
    let mut carry = splat(0.0);
    for k in 0..LIMBS - 1 {
        let next = rounded(_mm256_add_pd(a[k], b[k]), GRID);
        r[k] = _mm256_add_pd(_mm256_sub_pd(a[k], next), b[k]);
        if k > 0 {
            r[k] = _mm256_fmadd_pd(carry, splat(DOWN), r[k]);
        }
        carry = next;
    }
    r[LIMBS - 1] = _mm256_fmadd_pd(carry, splat(DOWN), top);
    Quad(r)
}

/// `a + b` as in [`carried`], top limbs below `2^50`; reduced.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn reduced(a: [__m256d; LIMBS], mut b: [__m256d; LIMBS]) -> Quad {
    let top = _mm256_add_pd(a[4], b[4]);
    let above = rounded(top, GRID / TWO_52 * TOP);
    // eight times FOLD at most
    b[0] = _mm256_fmadd_pd(above, splat(FOLD as f64 / TOP), b[0]);
    carried(a, b, _mm256_sub_pd(top, above))
}

/// A product from its columns; reduced.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn product(column: impl Fn(usize, __m256d) -> [__m256d; 2]) -> Quad {
    let (grid, down) = (splat(GRID), splat(DOWN));
    // columns 5 to 9, at most 2 + 1.75
    let mut upper = [grid; LIMBS];
    let [fourth, mut carry] = column(4, grid);
    for k in 5..2 * LIMBS - 1 {
        let [rest, next] = column(k, grid);
        upper[k - LIMBS] = _mm256_fmadd_pd(carry, down, rest);
        carry = next;
    }
    // below 2^46
    upper[4] = _mm256_mul_pd(carry, down);
    // columns 0 to 3, to which the upper ones are folded: a at most 4, b at most 1 + 1.5
    let (mut a, mut b) = (upper, upper);
    for k in 0..LIMBS {
        let mut chain = grid;
        b[k] = extend(&mut chain, upper[k], splat(FOLD_260));
        if k > 0 && k < LIMBS - 1 {
            b[k] = _mm256_fmadd_pd(carry, down, b[k]);
        }
        if k < LIMBS - 1 {
            [a[k], carry] = column(k, chain);
        } else {
            // a at most 2 + 1 and the top of what is subtracted, below 0.4; b at most 2
            a[k] = _mm256_add_pd(fourth, b[k]);
            b[k] = _mm256_mul_pd(carry, down);
            carry = _mm256_sub_pd(chain, grid);
        }
    }
    // what stands above 2^256: below 2^35
    let over = rounded(_mm256_add_pd(a[4], b[4]), GRID / TWO_52 * TOP);
    let top = _mm256_add_pd(_mm256_sub_pd(a[4], over), b[4]);
    let above = _mm256_fmadd_pd(over, splat(1.0 / TOP), _mm256_mul_pd(carry, splat(16.0 * DOWN)));
    let mut chain = grid;
    b[0] = _mm256_add_pd(b[0], extend(&mut chain, above, splat(FOLD as f64)));
    b[1] = _mm256_fmadd_pd(_mm256_sub_pd(chain, grid), down, b[1]);
    carried(a, b, top)
}

impl Quad {
    // a call, because the many copies in a loop would be more code than a first-level cache holds
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn times(self, b: Self) -> Self {
        product(|k, chain| column(&self.0, &b.0, k, chain))
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn squared(self) -> Self {
        self.times(self)
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn negative(self) -> [__m256d; LIMBS] {
        let mut limbs = self.0;
        for limb in &mut limbs {
            *limb = _mm256_xor_pd(*limb, splat(-0.0));
        }
        limbs
    }

    /// Limbs with opposite signs where the lowest four bits are set.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn signed(self, negative: u8) -> [__m256d; LIMBS] {
        let bits = _mm256_set_epi64x(8, 4, 2, 1);
        let set = _mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x(negative.into()), bits), bits);
        let sign = _mm256_and_pd(_mm256_castsi256_pd(set), splat(-0.0));
        let mut limbs = self.0;
        for limb in &mut limbs {
            *limb = _mm256_xor_pd(*limb, sign);
        }
        limbs
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn difference(a: [__m256d; LIMBS], b: Self) -> Self {
        let b = b.negative();
        carried(a, b, _mm256_add_pd(a[4], b[4]))
    }

    /// Integers of 52 bits, the top one of 48: at most 2 each.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn from_words(w: [__m256i; 4]) -> Self {
        let limbs = [
            w[0],
            _mm256_or_si256(_mm256_srli_epi64::<52>(w[0]), _mm256_slli_epi64::<12>(w[1])),
            _mm256_or_si256(_mm256_srli_epi64::<40>(w[1]), _mm256_slli_epi64::<24>(w[2])),
            _mm256_or_si256(_mm256_srli_epi64::<28>(w[2]), _mm256_slli_epi64::<36>(w[3])),
            _mm256_srli_epi64::<16>(w[3]),
        ];
        let mask = _mm256_set1_epi64x((1 << 52) - 1);
        let mut doubles = [splat(TWO_52); LIMBS];
        for i in 0..LIMBS {
            // 2^52 has an empty mantissa
            let limb = _mm256_castsi256_pd(_mm256_and_si256(limbs[i], mask));
            doubles[i] = _mm256_sub_pd(_mm256_or_pd(limb, splat(TWO_52)), splat(TWO_52));
        }
        Self(doubles)
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn to_reduced(self) -> Self {
        reduced(self.0, [splat(0.0); LIMBS])
    }
}

impl Lanes {
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn zero() -> Self {
        Self([Quad([splat(0.0); LIMBS]); 2])
    }

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn one() -> Self {
        let zero = splat(0.0);
        Self([Quad([splat(1.0), zero, zero, zero, zero]); 2])
    }

    /// `a b`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn times(self, b: Self) -> Self {
        Self([self.0[0].times(b.0[0]), self.0[1].times(b.0[1])])
    }

    /// `a b - c`, c reduced.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn times_minus(self, b: Self, c: Self) -> Self {
        let mut r = self;
        for h in 0..2 {
            let (a, b, c) = (&self.0[h].0, &b.0[h].0, &c.0[h].0);
            // three products and c are 4
            r.0[h] = product(|k, chain| less(column(a, b, k, chain), c, k, 3));
        }
        r
    }

    /// `a^2`.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn squared(self) -> Self {
        Self([self.0[0].squared(), self.0[1].squared()])
    }

    /// `a^2 - 2 b - c`, b reduced, c reduced or a difference.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn squared_minus(self, b: Self, c: Self) -> Self {
        let mut r = self;
        for h in 0..2 {
            let (a, mut c) = (&self.0[h].0, c.0[h].0);
            for k in 0..LIMBS {
                c[k] = _mm256_fmadd_pd(b.0[h].0[k], splat(2.0), c[k]);
            }
            // one product and 2 b + c are 4
            r.0[h] = product(|k, chain| less(column(a, a, k, chain), &c, k, 1));
        }
        r
    }

    /// `a - b`, b reduced, a reduced or picked; a difference.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn minus(self, b: Self) -> Self {
        Self([Quad::difference(self.0[0].0, b.0[0]), Quad::difference(self.0[1].0, b.0[1])])
    }

    /// `-a - b` in the lanes of `negative`, `a - b` in the others, b reduced, a reduced or picked; a difference.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn signed_minus(self, negative: u8, b: Self) -> Self {
        let [low, high] = [self.0[0].signed(negative), self.0[1].signed(negative >> 4)];
        Self([Quad::difference(low, b.0[0]), Quad::difference(high, b.0[1])])
    }

    /// `-a` in the lanes of `negative`, a in the others, a reduced or picked; reduced.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn signed(self, negative: u8) -> Self {
        Self([Quad(self.0[0].signed(negative)).to_reduced(), Quad(self.0[1].signed(negative >> 4)).to_reduced()])
    }

    /// `2 a`, a reduced; a difference.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn doubled(self) -> Self {
        let mut twice = self;
        for quad in &mut twice.0 {
            *quad = carried(quad.0, quad.0, _mm256_add_pd(quad.0[4], quad.0[4]));
        }
        twice
    }

    /// `3 a`, a reduced; a difference.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    pub fn tripled(self) -> Self {
        let twice = self.doubled();
        let mut sum = self;
        for h in 0..2 {
            sum.0[h] = carried(twice.0[h].0, self.0[h].0, _mm256_add_pd(twice.0[h].0[4], self.0[h].0[4]));
        }
        sum
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn pack(x: [Base; 8]) -> Self {
        let mut lanes = Self::zero();
        for (quad, x) in lanes.0.iter_mut().zip(x.as_chunks::<4>().0) {
            let rows = x.map(|x| words(x));
            *quad = Quad::from_words(transposed(rows)).to_reduced();
        }
        lanes
    }

    /// Eight elements, from a reduced value.
    #[target_feature(enable = "avx2,fma")]
    pub fn unpack(self) -> [Base; 8] {
        let mut limbs = [[0; LIMBS]; 8];
        for (quad, limbs) in self.0.iter().zip(limbs.as_chunks_mut::<4>().0) {
            for k in 0..LIMBS {
                let doubles = lanes(quad.0[k]);
                for lane in 0..4 {
                    limbs[lane][k] = doubles[lane] as i64;
                }
            }
        }
        limbs.map(element)
    }
}

/// An element from the limbs of a reduced value: above `-p` and below p.
fn element(mut limbs: [i64; LIMBS]) -> Base {
    const MASK: i64 = (1 << 52) - 1;
    const P: [i64; LIMBS] = [MASK + 1 - FOLD as i64, MASK, MASK, MASK, (1 << 48) - 1];
    let carry = |limbs: &mut [i64; LIMBS]| {
        for k in 0..LIMBS - 1 {
            limbs[k + 1] += limbs[k] >> 52;
            limbs[k] &= MASK;
        }
    };
    carry(&mut limbs);
    if limbs[4] < 0 {
        for k in 0..LIMBS {
            limbs[k] += P[k];
        }
        carry(&mut limbs);
    }
    let [a, b, c, d, e] = limbs.map(i64::cast_unsigned);
    let words = [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | e << 16];
    Base::from_bigint(BigInt(words)).unwrap_or_default()
}

#[inline]
#[target_feature(enable = "avx2")]
fn words(x: Base) -> __m256i {
    let [a, b, c, d] = x.into_bigint().0.map(u64::cast_signed);
    _mm256_set_epi64x(d, c, b, a)
}

#[inline]
#[target_feature(enable = "avx2")]
fn lanes(x: __m256d) -> [f64; 4] {
    let x = _mm256_castpd_si256(x);
    [
        _mm256_extract_epi64::<0>(x),
        _mm256_extract_epi64::<1>(x),
        _mm256_extract_epi64::<2>(x),
        _mm256_extract_epi64::<3>(x),
    ]
    .map(|bits| f64::from_bits(bits.cast_unsigned()))
}

/// Rows to columns of four times four words.
#[inline]
#[target_feature(enable = "avx2")]
fn transposed([a, b, c, d]: [__m256i; 4]) -> [__m256i; 4] {
    let (even_ab, odd_ab) = (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    let (even_cd, odd_cd) = (_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    [
        _mm256_permute2x128_si256::<0x20>(even_ab, even_cd),
        _mm256_permute2x128_si256::<0x20>(odd_ab, odd_cd),
        _mm256_permute2x128_si256::<0x31>(even_ab, even_cd),
        _mm256_permute2x128_si256::<0x31>(odd_ab, odd_cd),
    ]
}

/// One coordinate of eight entries: picked.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn pick(table: &[Entry], at: &[u32; 8], coordinate: usize) -> Lanes {
    let mut lanes = Lanes::zero();
    for h in 0..2 {
        let mut rows = [_mm256_setzero_si256(); 4];
        for lane in 0..4 {
            rows[lane] = table[at[4 * h + lane] as usize][coordinate];
        }
        lanes.0[h] = Quad::from_words(transposed(rows));
    }
    lanes
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn pick_x(table: &[Entry], at: &[u32; 8]) -> Lanes {
    pick(table, at, 0)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn pick_y(table: &[Entry], at: &[u32; 8]) -> Lanes {
    pick(table, at, 1)
}

#[target_feature(enable = "avx2,fma")]
fn entries(x: Lanes, y: Lanes) -> [Entry; 8] {
    let (x, y) = (x.unpack(), y.unpack());
    let mut entries = [[_mm256_setzero_si256(); 2]; 8];
    for i in 0..8 {
        entries[i] = [words(x[i]), words(y[i])];
    }
    entries
}

#[cfg(test)]
mod tests {
    #![expect(unsafe_code, reason = "calls behind a test of the features they need")]
    use super::*;
    use ark_ff::{AdditiveGroup, Field};
    use proptest::prelude::*;

    /// The largest absolute values of limbs: reduced, below the top and at it; a difference at the top.
    const MOST: [i64; 3] = [(1 << 51) + 8, (1 << 47) + 8, 1 << 49];

    /// Limbs of eight values as integers mod p.
    fn value(limbs: [i64; LIMBS]) -> Base {
        limbs.iter().rev().fold(Base::ZERO, |sum, &limb| sum * Base::from(1_u64 << 52) + Base::from(limb))
    }

    #[target_feature(enable = "avx2,fma")]
    fn from_limbs(limbs: [[i64; LIMBS]; 8]) -> Lanes {
        let mut lanes = Lanes::zero();
        for (quad, limbs) in lanes.0.iter_mut().zip(limbs.as_chunks::<4>().0) {
            for k in 0..LIMBS {
                let l = limbs.map(|l| l[k] as f64);
                quad.0[k] = _mm256_set_pd(l[3], l[2], l[1], l[0]);
            }
        }
        lanes
    }

    super::super::tests::agrees!("avx2,fma");

    /// Limbs within their bounds.
    fn within(x: [[i64; LIMBS]; 8], top: i64) -> [[i64; LIMBS]; 8] {
        x.map(|limbs| {
            let mut limbs = limbs.map(|limb| limb.clamp(-MOST[0], MOST[0]));
            limbs[4] = limbs[4].clamp(-top, top);
            limbs
        })
    }

    fn run(a: [[i64; LIMBS]; 8], b: [[i64; LIMBS]; 8], negative: u8) {
        if Avx2::detect().is_none() {
            return;
        }
        let (a, b, c, d) = (within(a, MOST[2]), within(b, MOST[2]), within(b, MOST[1]), within(a, MOST[1]));
        // SAFETY: the machine has both features.
        unsafe {
            agrees(
                [a, b, c, d].map(|x| x.map(value)),
                from_limbs(a),
                from_limbs(b),
                from_limbs(c),
                from_limbs(d),
                negative,
            )
        }
    }

    /// Limbs that are 0, 1, as large as may be, halfway between two multiples of 2^52 or nearly, with both signs.
    #[test]
    fn agrees_with_the_field_at_the_edges() {
        let [most, ..] = MOST;
        let values = [0, 1, most, most - 1, most - 7, most - 8, most - 9, 1 << 50, 1 << 47, (1 << 47) - 1, 1 << 26];
        let mut edges: Vec<[i64; LIMBS]> = vec![[0; LIMBS]];
        for &value in &values[1..] {
            edges.extend([[value; LIMBS], [-value; LIMBS], [value, -value, value, -value, value]]);
            for limb in 0..LIMBS {
                let mut edge = [0; LIMBS];
                edge[limb] = value;
                edges.push(edge);
                edge = [most; LIMBS];
                edge[limb] = -value;
                edges.push(edge);
            }
        }
        for (i, _) in edges.iter().enumerate() {
            for step in [0, 1, 3, 7, 11] {
                let from = |start: usize| std::array::from_fn(|lane| edges[(start + lane) % edges.len()]);
                run(from(i), from(i * (step + 1) + step), (i * 37 + step) as u8);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn agrees_with_the_field(a: [[i64; LIMBS]; 8], b: [[i64; LIMBS]; 8], shift in 12_u32..20, negative: u8) {
            run(a.map(|x| x.map(|x| x >> shift)), b.map(|x| x.map(|x| x >> shift)), negative);
        }
    }
}
