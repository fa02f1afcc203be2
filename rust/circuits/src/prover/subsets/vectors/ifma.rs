//! Eight elements of the base field at a time, one in each 64-bit lane of a 512-bit vector.
//!
//! An element is five limbs of 52 bits, which AVX-512 IFMA multiplies and adds in one instruction. Two kinds of values:
//!
//! - **reduced**: limbs below `2^52`, the top one at most `2^48 + 2^8`, so the value is below `2^256 + 2^217 < 2 p`;
//! - **loose**: limbs below `2^52`, so the value is below `2^260`.
//!
//! Products take loose values and give reduced ones; differences take reduced values and give loose ones. Equality has no
//! meaning here: a value is compared after [`Lanes::unpack`].
#![expect(clippy::needless_range_loop, reason = "indices below the number of limbs, in several numbers at once")]

use crate::field::{Base, FOLD};
use ark_ff::{BigInt, BigInteger, PrimeField};
use core::arch::x86_64::*;

super::engine!(Ifma, "avx512f,avx512ifma", ["avx512f", "avx512ifma"], 16);

const LIMBS: usize = 5;
const MASK: u64 = (1 << 52) - 1;
/// `2^260` mod p.
const FOLD_260: u64 = FOLD << 4;

/// Eight elements.
#[derive(Clone, Copy)]
struct Lanes([__m512i; LIMBS]);

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(x: u64) -> __m512i {
    _mm512_set1_epi64(x as i64)
}

/// `2^bits p`, where each limb lends `2^(bits - 2)` to the one below, so that limbs of what is subtracted may be larger.
const fn multiple(bits: u32) -> [u64; LIMBS] {
    let lent = 1 << (bits - 2);
    let middle = MASK + (lent << 52) - lent;
    [((lent + 1) << 52) - (FOLD << bits), middle, middle, middle, (1 << (48 + bits)) - 1 - lent]
}

/// Minuend for one reduced value.
const FOUR: [u64; LIMBS] = multiple(2);
/// Minuend for two reduced values and a difference.
const SIXTEEN: [u64; LIMBS] = multiple(4);

/// Carries from limb to limb; the top limb keeps what it gets.
#[inline]
#[target_feature(enable = "avx512f")]
fn carried(mut limbs: [__m512i; LIMBS]) -> Lanes {
    let mask = splat(MASK);
    for i in 0..LIMBS - 1 {
        limbs[i + 1] = _mm512_add_epi64(limbs[i + 1], _mm512_srli_epi64::<52>(limbs[i]));
        limbs[i] = _mm512_and_si512(limbs[i], mask);
    }
    Lanes(limbs)
}

/// `constant - x`, limb by limb.
#[inline]
#[target_feature(enable = "avx512f")]
fn less(constant: [u64; LIMBS], x: Lanes) -> [__m512i; LIMBS] {
    let mut limbs = [splat(0); LIMBS];
    for i in 0..LIMBS {
        limbs[i] = _mm512_sub_epi64(splat(constant[i]), x.0[i]);
    }
    limbs
}

#[inline]
#[target_feature(enable = "avx512f")]
fn plus(mut a: [__m512i; LIMBS], b: [__m512i; LIMBS]) -> [__m512i; LIMBS] {
    for i in 0..LIMBS {
        a[i] = _mm512_add_epi64(a[i], b[i]);
    }
    a
}

/// A product before reduction, not carried, plus limbs below `2^56`; reduced.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn reduced(mut t: [__m512i; 2 * LIMBS], rest: [__m512i; LIMBS]) -> Lanes {
    // the upper half: carries only, because a multiplication ignores what is above its 52 bits
    for i in LIMBS..2 * LIMBS - 1 {
        t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64::<52>(t[i]));
    }
    let fold = splat(FOLD_260);
    let zero = splat(0);
    let mut r = [zero; LIMBS + 1];
    for i in 0..LIMBS {
        r[i] = _mm512_add_epi64(t[i], rest[i]);
    }
    for i in 0..LIMBS {
        r[i] = _mm512_madd52lo_epu64(r[i], t[LIMBS + i], fold);
        r[i + 1] = _mm512_madd52hi_epu64(r[i + 1], t[LIMBS + i], fold);
    }
    // what stands above 2^256, less carries still to come: below 2^42
    let above = _mm512_add_epi64(_mm512_srli_epi64::<48>(r[4]), _mm512_slli_epi64::<4>(r[5]));
    let fold = splat(FOLD);
    r[4] = _mm512_and_si512(r[4], splat((1 << 48) - 1));
    r[0] = _mm512_madd52lo_epu64(r[0], above, fold);
    r[1] = _mm512_madd52hi_epu64(r[1], above, fold);
    carried([r[0], r[1], r[2], r[3], r[4]])
}

impl Lanes {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn zero() -> Self {
        Self([splat(0); LIMBS])
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn one() -> Self {
        let zero = splat(0);
        Self([splat(1), zero, zero, zero, zero])
    }

    /// `a b`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub fn times(self, b: Self) -> Self {
        self.times_plus(b, [splat(0); LIMBS])
    }

    /// `a b - c`, c reduced.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub fn times_minus(self, b: Self, c: Self) -> Self {
        self.times_plus(b, less(FOUR, c))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn times_plus(self, b: Self, rest: [__m512i; LIMBS]) -> Self {
        let mut t = [splat(0); 2 * LIMBS];
        for i in 0..LIMBS {
            for j in 0..LIMBS {
                t[i + j] = _mm512_madd52lo_epu64(t[i + j], self.0[i], b.0[j]);
                t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], self.0[i], b.0[j]);
            }
        }
        reduced(t, rest)
    }

    /// `a^2`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub fn squared(self) -> Self {
        self.squared_plus([splat(0); LIMBS])
    }

    /// `a^2 - 2 b - c`, b reduced, c reduced or a difference.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub fn squared_minus(self, b: Self, c: Self) -> Self {
        let mut rest = less(SIXTEEN, b);
        for i in 0..LIMBS {
            rest[i] = _mm512_sub_epi64(rest[i], _mm512_add_epi64(b.0[i], c.0[i]));
        }
        self.squared_plus(rest)
    }

    /// Products off the diagonal once, doubled.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn squared_plus(self, rest: [__m512i; LIMBS]) -> Self {
        let mut t = [splat(0); 2 * LIMBS];
        for i in 0..LIMBS {
            for j in i + 1..LIMBS {
                t[i + j] = _mm512_madd52lo_epu64(t[i + j], self.0[i], self.0[j]);
                t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], self.0[i], self.0[j]);
            }
        }
        for limb in &mut t {
            *limb = _mm512_add_epi64(*limb, *limb);
        }
        for i in 0..LIMBS {
            t[2 * i] = _mm512_madd52lo_epu64(t[2 * i], self.0[i], self.0[i]);
            t[2 * i + 1] = _mm512_madd52hi_epu64(t[2 * i + 1], self.0[i], self.0[i]);
        }
        reduced(t, rest)
    }

    /// `a - b`, both reduced; loose.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn minus(self, b: Self) -> Self {
        carried(plus(self.0, less(FOUR, b)))
    }

    /// `-a - b` in the lanes of `negative`, `a - b` in the others, both reduced; loose.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn signed_minus(self, negative: u8, b: Self) -> Self {
        let opposite = less(FOUR, self);
        let mut a = self.0;
        for i in 0..LIMBS {
            a[i] = _mm512_mask_mov_epi64(a[i], negative, opposite[i]);
        }
        carried(plus(a, less(FOUR, b)))
    }

    /// `-a` in the lanes of `negative`, a in the others; reduced.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub fn signed(self, negative: u8) -> Self {
        self.signed_minus(negative, Self::zero()).times(Self::one())
    }

    /// `2 a`, a reduced; loose.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn doubled(self) -> Self {
        carried(plus(self.0, self.0))
    }

    /// `3 a`, a reduced; loose.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn tripled(self) -> Self {
        carried(plus(plus(self.0, self.0), self.0))
    }

    /// From four words of 64 bits.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub fn from_words(w: [__m512i; 4]) -> Self {
        let mask = splat(MASK);
        Self([
            _mm512_and_si512(w[0], mask),
            _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<52>(w[0]), _mm512_slli_epi64::<12>(w[1])), mask),
            _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<40>(w[1]), _mm512_slli_epi64::<24>(w[2])), mask),
            _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64::<28>(w[2]), _mm512_slli_epi64::<36>(w[3])), mask),
            _mm512_srli_epi64::<16>(w[3]),
        ])
    }

    /// Four words of 64 bits, from a reduced value: below `2^256`, perhaps not below p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub fn words(self) -> [__m512i; 4] {
        let mut limbs = self.0;
        // a value that passes 2^256 does so by less than 2^217, so that one fold is enough
        let above = _mm512_srli_epi64::<48>(limbs[4]);
        limbs[4] = _mm512_and_si512(limbs[4], splat((1 << 48) - 1));
        limbs[0] = _mm512_madd52lo_epu64(limbs[0], above, splat(FOLD));
        let Lanes(l) = carried(limbs);
        [
            _mm512_or_si512(l[0], _mm512_slli_epi64::<52>(l[1])),
            _mm512_or_si512(_mm512_srli_epi64::<12>(l[1]), _mm512_slli_epi64::<40>(l[2])),
            _mm512_or_si512(_mm512_srli_epi64::<24>(l[2]), _mm512_slli_epi64::<28>(l[3])),
            _mm512_or_si512(_mm512_srli_epi64::<36>(l[3]), _mm512_slli_epi64::<16>(l[4])),
        ]
    }

    #[target_feature(enable = "avx512f")]
    pub fn pack(x: [Base; 8]) -> Self {
        let word = |i: usize| {
            let w = x.map(|x| x.into_bigint().0[i] as i64);
            _mm512_set_epi64(w[7], w[6], w[5], w[4], w[3], w[2], w[1], w[0])
        };
        Self::from_words([word(0), word(1), word(2), word(3)])
    }

    /// Eight elements, from a reduced value.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub fn unpack(self) -> [Base; 8] {
        let [a, b, c, d] = self.words();
        let words = [lanes(a), lanes(b), lanes(c), lanes(d)];
        core::array::from_fn(|lane| {
            let mut x = BigInt(words.map(|w| w[lane]));
            if x >= Base::MODULUS {
                x.sub_with_borrow(&Base::MODULUS);
            }
            Base::from_bigint(x).unwrap_or_default()
        })
    }
}

#[target_feature(enable = "avx512f")]
fn lanes(w: __m512i) -> [u64; 8] {
    let half = |h: __m256i| {
        [
            _mm256_extract_epi64::<0>(h),
            _mm256_extract_epi64::<1>(h),
            _mm256_extract_epi64::<2>(h),
            _mm256_extract_epi64::<3>(h),
        ]
    };
    let ([a, b, c, d], [e, f, g, h]) =
        (half(_mm512_extracti64x4_epi64::<0>(w)), half(_mm512_extracti64x4_epi64::<1>(w)));
    [a, b, c, d, e, f, g, h].map(|x| x as u64)
}

/// Rows to columns of eight times eight words.
#[inline]
#[target_feature(enable = "avx512f")]
fn transposed(r: [__m512i; 8]) -> [__m512i; 8] {
    // words of a pair of rows side by side: even columns, odd columns; then chunks of two words from four such pairs
    let mut even = [r[0]; 4];
    let mut odd = even;
    for i in 0..4 {
        even[i] = _mm512_unpacklo_epi64(r[2 * i], r[2 * i + 1]);
        odd[i] = _mm512_unpackhi_epi64(r[2 * i], r[2 * i + 1]);
    }
    let ([c0, c2, c4, c6], [c1, c3, c5, c7]) = (chunks(even), chunks(odd));
    [c0, c1, c2, c3, c4, c5, c6, c7]
}

/// Chunk i of two words from each of four vectors, for all i.
#[inline]
#[target_feature(enable = "avx512f")]
fn chunks([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let (ab, cd) = (_mm512_shuffle_i64x2::<0x44>(a, b), _mm512_shuffle_i64x2::<0x44>(c, d));
    let (ef, gh) = (_mm512_shuffle_i64x2::<0xee>(a, b), _mm512_shuffle_i64x2::<0xee>(c, d));
    [
        _mm512_shuffle_i64x2::<0x88>(ab, cd),
        _mm512_shuffle_i64x2::<0xdd>(ab, cd),
        _mm512_shuffle_i64x2::<0x88>(ef, gh),
        _mm512_shuffle_i64x2::<0xdd>(ef, gh),
    ]
}

/// x, then y, four words each.
type Entry = __m512i;

/// Words 0 to 3 of the picked entries are x, 4 to 7 y.
#[inline]
#[target_feature(enable = "avx512f")]
fn pick(table: &[Entry], at: &[u32; 8]) -> [__m512i; 8] {
    let mut rows = [_mm512_setzero_si512(); 8];
    for lane in 0..8 {
        rows[lane] = table[at[lane] as usize];
    }
    transposed(rows)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn pick_x(table: &[Entry], at: &[u32; 8]) -> Lanes {
    let [a, b, c, d, ..] = pick(table, at);
    Lanes::from_words([a, b, c, d])
}

#[inline]
#[target_feature(enable = "avx512f")]
fn pick_y(table: &[Entry], at: &[u32; 8]) -> Lanes {
    let [.., a, b, c, d] = pick(table, at);
    Lanes::from_words([a, b, c, d])
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn entries(x: Lanes, y: Lanes) -> [Entry; 8] {
    let ([a, b, c, d], [e, f, g, h]) = (x.words(), y.words());
    transposed([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    #![expect(unsafe_code, reason = "calls behind a test of the features they need")]
    use super::*;
    use ark_ff::{AdditiveGroup, Field};
    use proptest::prelude::*;

    /// Limbs of eight values as integers mod p.
    fn value(limbs: [u64; LIMBS]) -> Base {
        limbs.iter().rev().fold(Base::ZERO, |sum, &limb| sum * Base::from(1_u64 << 52) + Base::from(limb))
    }

    #[target_feature(enable = "avx512f")]
    fn from_limbs(limbs: [[u64; LIMBS]; 8]) -> Lanes {
        let limb = |i: usize| {
            let l = limbs.map(|l| l[i] as i64);
            _mm512_set_epi64(l[7], l[6], l[5], l[4], l[3], l[2], l[1], l[0])
        };
        Lanes([limb(0), limb(1), limb(2), limb(3), limb(4)])
    }

    super::super::tests::agrees!("avx512f,avx512ifma");

    fn run(a: [[u64; LIMBS]; 8], b: [[u64; LIMBS]; 8], negative: u8) {
        if Ifma::detect().is_none() {
            return;
        }
        let loose = |x: [[u64; LIMBS]; 8]| x.map(|limbs| limbs.map(|limb| limb & MASK));
        let reduced = |x: [[u64; LIMBS]; 8]| {
            x.map(|[l0, l1, l2, l3, l4]| [l0 & MASK, l1 & MASK, l2 & MASK, l3 & MASK, (l4 & MASK).min((1 << 48) + 256)])
        };
        let (a, b, c, d) = (loose(a), loose(b), reduced(b), reduced(a));
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

    /// Limbs that are 0, 1, all ones or nearly; p itself and 2^256: where carries are born and die.
    #[test]
    fn agrees_with_the_field_at_the_edges() {
        let p = [MASK + 1 - FOLD, MASK, MASK, MASK, (1 << 48) - 1];
        let mut edges =
            vec![[0; LIMBS], [MASK; LIMBS], p, [0, 0, 0, 0, 1 << 48], [MASK, MASK, MASK, MASK, (1 << 48) + 256]];
        for limb in 0..LIMBS {
            for value in [1, MASK, MASK - 1, 1 << 47, FOLD, FOLD_260] {
                let mut edge = [0; LIMBS];
                edge[limb] = value;
                edges.push(edge);
                let mut edge = p;
                edge[limb] = value;
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
        fn agrees_with_the_field(a: [[u64; LIMBS]; 8], b: [[u64; LIMBS]; 8], negative: u8) {
            run(a, b, negative);
        }
    }
}
