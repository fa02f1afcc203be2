//! The base field of secp256k1 without Montgomery form.
//!
//! `p = 2^256 - 2^32 - 977`, so `2^256 = FOLD` mod p with `FOLD = 2^32 + 977`: the upper half of a product, times FOLD, is
//! added to the lower one. Two folds bring 512 bits below `2^256 + p`, and the last conditional `+ FOLD` that removes
//! the carry is the same one that makes the value canonical.
//!
//! Invariant: an element is stored as the integer `0 <= x < p` that it is. So equality, hashing and serialisation compare
//! integers, as everywhere in arkworks, and conversion to an integer costs nothing. Differential tests against
//! `ark-secp256k1` stand at the end, against `k256` in [`crate::curve`]; the argument stands in
//! `docs/decisions/0001-folded-field.md`.
//!
//! No branch and no memory access depends on a value, except in [`inverse`](FpConfig::inverse) of 0 and in [`sqrt`], whose
//! inputs are public points.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::integer_division,
    reason = "limb arithmetic: every sum below fits 128 bits, as noted, and truncation to 64 bits is what is meant"
)]

use ark_ff::{BigInt, Field, Fp, FpConfig, SqrtPrecomputation, Zero};
use std::marker::PhantomData;

/// Limbs, the lowest first.
type Limbs = [u64; 4];

/// `2^256 - p`.
pub(crate) const FOLD: u64 = (1 << 32) + 977;
/// p.
const MODULUS: Limbs = [u64::MAX - (FOLD - 1), u64::MAX, u64::MAX, u64::MAX];
/// `(p + 1) / 4`, for square roots.
const ROOT_EXPONENT: Limbs = [u64::MAX - (FOLD / 4 - 1), u64::MAX, u64::MAX, u64::MAX >> 2];

/// Arithmetic modulo p by folding.
pub struct Folded;

/// An element of the base field.
pub type Base = Fp<Folded, 4>;

const fn element(limbs: Limbs) -> Base {
    Fp(BigInt(limbs), PhantomData)
}

/// An element from the limbs of an integer below p: for constants.
#[must_use]
pub const fn constant(limbs: Limbs) -> Base {
    assert!(limbs[3] < u64::MAX, "not obviously below p");
    element(limbs)
}

const fn low(x: u128) -> u64 {
    x as u64
}

const fn high(x: u128) -> u64 {
    (x >> 64) as u64
}

/// `x y + a + b`: at most `2^128 - 1`.
#[inline(always)]
const fn mac(x: u64, y: u64, a: u64, b: u64) -> u128 {
    x as u128 * y as u128 + a as u128 + b as u128
}

/// Sum of two limbs and a carry.
#[inline(always)]
const fn adc(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry as u64);
    (sum, first | second)
}

/// Difference of two limbs and a borrow.
#[inline(always)]
const fn sbb(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow as u64);
    (difference, first | second)
}

/// Sum and carry.
#[inline(always)]
const fn add(a: Limbs, b: Limbs) -> (Limbs, bool) {
    let (r0, carry) = adc(a[0], b[0], false);
    let (r1, carry) = adc(a[1], b[1], carry);
    let (r2, carry) = adc(a[2], b[2], carry);
    let (r3, carry) = adc(a[3], b[3], carry);
    ([r0, r1, r2, r3], carry)
}

/// Difference and borrow.
#[inline(always)]
const fn sub(a: Limbs, b: Limbs) -> (Limbs, bool) {
    let (r0, borrow) = sbb(a[0], b[0], false);
    let (r1, borrow) = sbb(a[1], b[1], borrow);
    let (r2, borrow) = sbb(a[2], b[2], borrow);
    let (r3, borrow) = sbb(a[3], b[3], borrow);
    ([r0, r1, r2, r3], borrow)
}

/// `other` if so, otherwise x: by a mask, not by a branch.
#[inline(always)]
const fn chosen(x: Limbs, other: Limbs, so: bool) -> Limbs {
    let mask = (so as u64).wrapping_neg();
    [
        x[0] ^ mask & (x[0] ^ other[0]),
        x[1] ^ mask & (x[1] ^ other[1]),
        x[2] ^ mask & (x[2] ^ other[2]),
        x[3] ^ mask & (x[3] ^ other[3]),
    ]
}

/// The canonical form of `x + carry 2^256`, which must be below `2 p`: if there is a carry or `x >= p`, that is if
/// `x + FOLD` overflows, then `x + FOLD` mod `2^256`.
#[inline(always)]
const fn canonical(x: Limbs, carry: bool) -> Limbs {
    let (folded, overflow) = add(x, [FOLD, 0, 0, 0]);
    chosen(x, folded, carry | overflow)
}

/// `a + b`.
#[inline(always)]
const fn plus(a: Limbs, b: Limbs) -> Limbs {
    let (sum, carry) = add(a, b);
    canonical(sum, carry)
}

/// `a - b`: after a borrow, `+ p` is `- FOLD` mod `2^256`.
#[inline(always)]
const fn minus(a: Limbs, b: Limbs) -> Limbs {
    let (difference, borrow) = sub(a, b);
    sub(difference, [FOLD & (borrow as u64).wrapping_neg(), 0, 0, 0]).0
}

/// `-x` if so, otherwise x: without a branch, since signs are as good as random where this is needed.
#[inline(always)]
#[must_use]
pub const fn opposite_if(x: Base, negative: bool) -> Base {
    let Fp(BigInt(x), _) = x;
    element(chosen(x, minus([0; 4], x), negative))
}

/// One row of a product: `acc + a b` as its lowest limb and the rest.
#[inline(always)]
const fn row(acc: Limbs, a: Limbs, b: u64) -> (u64, Limbs) {
    let t0 = mac(a[0], b, acc[0], 0);
    let t1 = mac(a[1], b, acc[1], high(t0));
    let t2 = mac(a[2], b, acc[2], high(t1));
    let t3 = mac(a[3], b, acc[3], high(t2));
    (low(t0), [low(t1), low(t2), low(t3), high(t3)])
}

/// `lower + 2^256 upper` mod p.
#[inline(always)]
const fn reduce(lower: Limbs, upper: Limbs) -> Limbs {
    // first fold: the carry is at most FOLD
    let t0 = mac(upper[0], FOLD, lower[0], 0);
    let t1 = mac(upper[1], FOLD, lower[1], high(t0));
    let t2 = mac(upper[2], FOLD, lower[2], high(t1));
    let t3 = mac(upper[3], FOLD, lower[3], high(t2));
    // second fold: high(t3) FOLD < 2^67, so the sum is below 2^256 + 2^67 < 2 p
    let s = high(t3) as u128 * FOLD as u128;
    let (sum, carry) = add([low(t0), low(t1), low(t2), low(t3)], [low(s), high(s), 0, 0]);
    canonical(sum, carry)
}

/// `a b`.
#[inline(always)]
const fn times(a: Limbs, b: Limbs) -> Limbs {
    let (r0, acc) = row([0; 4], a, b[0]);
    let (r1, acc) = row(acc, a, b[1]);
    let (r2, acc) = row(acc, a, b[2]);
    let (r3, acc) = row(acc, a, b[3]);
    reduce([r0, r1, r2, r3], acc)
}

/// `a^2`: the six products off the diagonal once, doubled.
#[inline(always)]
const fn squared(a: Limbs) -> Limbs {
    let t1 = mac(a[0], a[1], 0, 0);
    let t2 = mac(a[0], a[2], high(t1), 0);
    let t3 = mac(a[0], a[3], high(t2), 0);
    let u3 = mac(a[1], a[2], low(t3), 0);
    let u4 = mac(a[1], a[3], high(t3), high(u3));
    let u5 = mac(a[2], a[3], high(u4), 0);
    let (c1, c2, c3, c4, c5, c6) = (low(t1), low(t2), low(u3), low(u4), low(u5), high(u5));
    let d = [
        c1 << 1,
        c2 << 1 | c1 >> 63,
        c3 << 1 | c2 >> 63,
        c4 << 1 | c3 >> 63,
        c5 << 1 | c4 >> 63,
        c6 << 1 | c5 >> 63,
        c6 >> 63,
    ];
    let s0 = mac(a[0], a[0], 0, 0);
    let r1 = d[0] as u128 + high(s0) as u128;
    let s1 = mac(a[1], a[1], d[1], high(r1));
    let r3 = d[2] as u128 + high(s1) as u128;
    let s2 = mac(a[2], a[2], d[3], high(r3));
    let r5 = d[4] as u128 + high(s2) as u128;
    let s3 = mac(a[3], a[3], d[5], high(r5));
    reduce([low(s0), low(r1), low(s1), low(r3)], [low(s2), low(r5), low(s3), high(s3) + d[6]])
}

/// `x^(2^k)`.
fn square_times(x: Base, k: u32) -> Base {
    (0..k).fold(x, |x, _| x.square())
}

/// `x^(2^2 - 1)`, `x^(2^22 - 1)` and `x^(2^223 - 1)`: with p of this shape every exponent below is made of such runs of ones
/// (addition chain of libsecp256k1).
fn runs(x: Base) -> (Base, Base, Base) {
    let x2 = x.square() * x;
    let x3 = x2.square() * x;
    let x6 = square_times(x3, 3) * x3;
    let x9 = square_times(x6, 3) * x3;
    let x11 = square_times(x9, 2) * x2;
    let x22 = square_times(x11, 11) * x11;
    let x44 = square_times(x22, 22) * x22;
    let x88 = square_times(x44, 44) * x44;
    let x176 = square_times(x88, 88) * x88;
    let x220 = square_times(x176, 44) * x44;
    (x2, x22, square_times(x220, 3) * x3)
}

/// A square root, if there is one: `x^((p + 1) / 4)`.
#[must_use]
pub fn sqrt(x: Base) -> Option<Base> {
    let (x2, x22, x223) = runs(x);
    let root = square_times(square_times(square_times(x223, 23) * x22, 6) * x2, 2);
    (root.square() == x).then_some(root)
}

impl FpConfig<4> for Folded {
    const MODULUS: BigInt<4> = BigInt(MODULUS);
    const GENERATOR: Base = element([3, 0, 0, 0]);
    const ZERO: Base = element([0; 4]);
    const ONE: Base = element([1, 0, 0, 0]);
    const NEG_ONE: Base = element([MODULUS[0] - 1, MODULUS[1], MODULUS[2], MODULUS[3]]);
    const TWO_ADICITY: u32 = 1;
    const TWO_ADIC_ROOT_OF_UNITY: Base = Self::NEG_ONE;
    const SQRT_PRECOMP: Option<SqrtPrecomputation<Base>> =
        Some(SqrtPrecomputation::Case3Mod4 { modulus_plus_one_div_four: &ROOT_EXPONENT });

    #[inline(always)]
    fn add_assign(a: &mut Base, b: &Base) {
        a.0.0 = plus(a.0.0, b.0.0);
    }

    #[inline(always)]
    fn sub_assign(a: &mut Base, b: &Base) {
        a.0.0 = minus(a.0.0, b.0.0);
    }

    #[inline(always)]
    fn double_in_place(a: &mut Base) {
        a.0.0 = plus(a.0.0, a.0.0);
    }

    #[inline(always)]
    fn neg_in_place(a: &mut Base) {
        a.0.0 = minus([0; 4], a.0.0);
    }

    #[inline(always)]
    fn mul_assign(a: &mut Base, b: &Base) {
        a.0.0 = times(a.0.0, b.0.0);
    }

    fn sum_of_products<const T: usize>(a: &[Base; T], b: &[Base; T]) -> Base {
        a.iter().zip(b).map(|(&x, y)| x * y).sum()
    }

    #[inline(always)]
    fn square_in_place(a: &mut Base) {
        a.0.0 = squared(a.0.0);
    }

    /// `a^(p - 2)`.
    fn inverse(a: &Base) -> Option<Base> {
        if a.is_zero() {
            return None;
        }
        let (x2, x22, x223) = runs(*a);
        let head = square_times(square_times(x223, 23) * x22, 5) * a;
        Some(square_times(square_times(head, 3) * x2, 2) * a)
    }

    fn from_bigint(x: BigInt<4>) -> Option<Base> {
        (x < Self::MODULUS).then_some(element(x.0))
    }

    #[inline(always)]
    fn into_bigint(x: Base) -> BigInt<4> {
        x.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{AdditiveGroup, BigInteger, FftField, One, PrimeField};
    use ark_secp256k1::Fq as Oracle;
    use proptest::prelude::*;

    fn ours(x: &BigInt<4>) -> Base {
        Base::from_be_bytes_mod_order(&x.to_bytes_be())
    }

    fn oracle(x: &BigInt<4>) -> Oracle {
        Oracle::from_be_bytes_mod_order(&x.to_bytes_be())
    }

    fn same(a: Base, b: Oracle) {
        assert!(a.into_bigint() < Folded::MODULUS);
        assert_eq!(a.into_bigint(), b.into_bigint());
    }

    /// Everything, for one pair.
    fn check(x: &BigInt<4>, y: &BigInt<4>) {
        let (a, b, c, d) = (ours(x), ours(y), oracle(x), oracle(y));
        same(a, c);
        same(a + b, c + d);
        same(a - b, c - d);
        same(-a, -c);
        same(opposite_if(a, true), -c);
        same(opposite_if(a, false), c);
        same(a.double(), c.double());
        same(a * b, c * d);
        same(a.square(), c.square());
        same(Base::sum_of_products(&[a, b], &[b, b]), Oracle::sum_of_products(&[c, d], &[d, d]));
        assert_eq!(a.inverse().map(|x| x.into_bigint()), c.inverse().map(|x| x.into_bigint()));
        assert_eq!(sqrt(a).is_some(), c.legendre() != ark_ff::LegendreSymbol::QuadraticNonResidue);
        if let Some(root) = sqrt(a) {
            assert_eq!(root.square(), a);
            assert_eq!(a.sqrt(), Some(root));
        }
        assert_eq!(Base::from_bigint(*x).is_some(), Oracle::from_bigint(*x).is_some());
    }

    /// Integers around 0, p, 2^256, the powers of two and FOLD: where carries are born and die.
    fn edges() -> Vec<BigInt<4>> {
        let near = |x: Limbs| (0..3).flat_map(move |k| [add(x, [k, 0, 0, 0]).0, sub(x, [k, 0, 0, 0]).0]);
        let mut bases = vec![[0; 4], MODULUS, [FOLD, 0, 0, 0], [FOLD << 1, 0, 0, 0], sub(MODULUS, [FOLD, 0, 0, 0]).0];
        for i in 0..256 {
            let mut power = [0; 4];
            power[i / 64] = 1 << (i % 64);
            bases.push(power);
        }
        bases.into_iter().flat_map(near).map(BigInt).collect()
    }

    #[test]
    fn constants() {
        assert_eq!(Folded::MODULUS, Oracle::MODULUS);
        assert_eq!(Folded::GENERATOR.into_bigint(), Oracle::GENERATOR.into_bigint());
        assert_eq!(-Base::one(), Folded::NEG_ONE);
        assert_eq!(BigInt(ROOT_EXPONENT).0, {
            let mut x = Oracle::MODULUS;
            x.div2();
            x.div2();
            x.add_with_carry(&BigInt::one());
            x.0
        });
    }

    #[test]
    fn agrees_with_arkworks_at_the_edges() {
        let edges = edges();
        for (i, x) in edges.iter().enumerate() {
            // every edge with itself, its neighbours and a scattering of others
            for j in [i, i + 1, i * 7 + 3, i * 31 + 11, i * 101 + 5] {
                check(x, &edges[j % edges.len()]);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn agrees_with_arkworks(x: [u64; 4], y: [u64; 4]) {
            check(&BigInt(x), &BigInt(y));
        }

        /// Limbs that are all ones or all zeros or nearly so: long carry chains.
        #[test]
        fn agrees_on_long_carries(x: [i8; 4], y: [i8; 4]) {
            let wide = |limbs: [i8; 4]| BigInt(limbs.map(|limb| i64::from(limb / 32) as u64));
            check(&wide(x), &wide(y));
        }
    }
}
