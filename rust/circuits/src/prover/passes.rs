//! Passes over the weights: small integers times field elements, cut into limbs (see [`crate::prover::exact`]).

use crate::{
    curve::Scalar,
    poly::{power_of_two, signed},
    prover::exact::{self, DIGIT_BITS, FLUSH, LIMB_BITS},
};
use ark_ff::{BigInt, BigInteger, PrimeField, Zero};
use rayon::prelude::*;

/// 11 limbs of 24 bits hold 256 bits.
const LIMBS: usize = 11;

fn limbs(x: Scalar) -> [f64; LIMBS] {
    let bytes = x.into_bigint().to_bytes_le();
    std::array::from_fn(|i| {
        let at = |k: usize| u32::from(bytes.get(3 * i + k).copied().unwrap_or(0));
        f64::from(at(0) | at(1) << 8 | at(2) << 16)
    })
}

/// `sum_i limbs[i] 2^(24 i)`, each limb below 2^53 in absolute value. With its carries, all but the last one are 240 bits, which
/// are below p; `top` is 2^240. Millions of sums are read, so the fewest products mod p count.
fn from_limbs(limbs: [f64; LIMBS], top: Scalar) -> Scalar {
    let mut words = [0_u64; 4];
    let mut carry = 0_i64;
    for (i, &limb) in limbs[..LIMBS - 1].iter().enumerate() {
        carry += limb as i64;
        let (digit, bit) = ((carry & ((1 << LIMB_BITS) - 1)) as u64, i * LIMB_BITS as usize);
        words[bit / 64] |= digit << (bit % 64);
        if bit % 64 > 64 - LIMB_BITS as usize {
            words[bit / 64 + 1] |= digit >> (64 - bit % 64);
        }
        carry >>= LIMB_BITS;
    }
    let low = Scalar::from_bigint(BigInt::new(words)).expect("240 bits are below p");
    low + top * Scalar::from(carry + limbs[LIMBS - 1] as i64)
}

/// `sum_m weights[m] rows[m]` where row m is `entries[m * width..][..width]`; the last row may be short.
#[must_use]
pub fn combine(entries: &[i16], width: usize, weights: &[Scalar]) -> Vec<Scalar> {
    let weights: Vec<[f64; LIMBS]> = weights.par_iter().map(|&w| limbs(w)).collect();
    let mut out = vec![Scalar::zero(); width];
    let top = power_of_two((LIMBS - 1) * LIMB_BITS as usize);
    for (rows, weights) in entries.chunks(width * FLUSH).zip(weights.chunks(FLUSH)) {
        let sums = exact::combine(rows, width, weights);
        out.par_iter_mut().enumerate().for_each(|(i, x)| *x += from_limbs(std::array::from_fn(|l| sums[l][i]), top));
    }
    out
}

/// 20 digits of 13 bits hold 256 bits and a carry.
const DIGITS: usize = 20;

fn digits(x: Scalar) -> [i16; DIGITS] {
    let bytes = x.into_bigint().to_bytes_le();
    let mut rest = 0;
    std::array::from_fn(|i| {
        let (first, shift) = (i * DIGIT_BITS as usize / 8, i as u32 * DIGIT_BITS % 8);
        let at = |k: usize| i64::from(bytes.get(first + k).copied().unwrap_or(0));
        rest += (at(0) | at(1) << 8 | at(2) << 16) >> shift & ((1 << DIGIT_BITS) - 1);
        exact::digit(&mut rest)
    })
}

/// `sum_i digits[i] 2^(13 i)`, each below 2^44 in absolute value: five of them at a time stay below 2^97.
fn from_digits(digits: [i64; DIGITS]) -> Scalar {
    let five = |digits: &[i64]| digits.iter().rev().fold(0, |sum, &digit| (sum << DIGIT_BITS) + i128::from(digit));
    let base = Scalar::from(1_u128 << (5 * DIGIT_BITS));
    digits.chunks(5).rev().fold(Scalar::zero(), |sum, digits| sum * base + signed(five(digits)))
}

/// `M x` for vectors x of one length, the number of columns: row after row, one product for each x.
#[must_use]
pub fn apply(entries: &[i16], vectors: &[&[Scalar]]) -> Vec<Scalar> {
    let columns = vectors.first().map_or(0, |x| x.len());
    let cut = |x: &&[Scalar]| -> Vec<Vec<i16>> {
        let cut: Vec<[i16; DIGITS]> = x.par_iter().map(|&x| digits(x)).collect();
        (0..DIGITS).map(|i| cut.iter().map(|digits| digits[i]).collect()).collect()
    };
    let vectors: Vec<Vec<i16>> = vectors.iter().flat_map(cut).collect();
    let products = exact::apply(&entries.chunks(columns).collect::<Vec<_>>(), &vectors);
    products.as_chunks::<DIGITS>().0.par_iter().map(|&digits| from_digits(digits)).collect()
}

/// `A W C^T` for ternary A (one column for each row of W) and C, where W's rows are given in order, each at most n wide.
/// Row after row, `proj x proj` integers.
#[must_use]
pub fn project(rows: &[&[i16]], a: &[i8], c: &[i8], projection: usize, n: usize) -> Vec<i64> {
    let c: Vec<Vec<i16>> = c.chunks(n).map(|row| row.iter().map(|&x| i16::from(x)).collect()).collect();
    let wc = exact::apply(rows, &c);
    let mut y = vec![0; projection * projection];
    y.par_chunks_mut(projection).zip(a.par_chunks(rows.len())).for_each(|(y, a)| {
        for (sign, wc) in a.iter().zip(wc.chunks(projection)) {
            match sign {
                1 => y.iter_mut().zip(wc).for_each(|(y, x)| *y += x),
                -1 => y.iter_mut().zip(wc).for_each(|(y, x)| *y -= x),
                _ => {}
            }
        }
    });
    y
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;

    #[test]
    fn the_widest_limbs_are_read() {
        let top = power_of_two(240);
        let widest = ((1_u64 << 53) - 1) as f64;
        let mixed = std::array::from_fn(|i| if i % 3 == 0 { -widest } else { (i * 77) as f64 });
        for limbs in [[0.0; LIMBS], [widest; LIMBS], [-widest; LIMBS], mixed] {
            let by_hand: Scalar =
                limbs.iter().enumerate().map(|(i, &x)| signed(x as i128) * power_of_two(24 * i)).sum();
            assert_eq!(from_limbs(limbs, top), by_hand, "{limbs:?}");
        }
    }

    #[test]
    fn passes_agree_with_field_arithmetic() {
        let mut rng = ark_std::test_rng();
        let (rows, columns) = (37, 50);
        let entries: Vec<i16> = (0..rows * columns).map(|i| ((i * 7919) % 4095) as i16 - 2047).collect();
        let field = |w: &i16| signed(i128::from(*w));
        let mut random = |count: usize| -> Vec<Scalar> { (0..count).map(|_| Scalar::rand(&mut rng)).collect() };
        let (mut left, right) = (random(rows), [random(columns), random(columns)]);
        left[0] = -Scalar::from(1_u64);
        let products = |row: &[i16]| right.each_ref().map(|x| row.iter().zip(x).map(|(w, x)| field(w) * x).sum());
        let expected: Vec<Scalar> = entries.chunks(columns).flat_map(products).collect();
        assert_eq!(apply(&entries, &right.each_ref().map(Vec::as_slice)), expected);
        let mut expected = vec![Scalar::zero(); columns];
        for (row, weight) in entries.chunks(columns).zip(&left) {
            expected.iter_mut().zip(row).for_each(|(x, w)| *x += field(w) * weight);
        }
        assert_eq!(combine(&entries, columns, &left), expected);
    }
}
