//! Passes over the weights: small integers times field elements, cut into limbs (see [`crate::prover::exact`]).
//!
//! What is cut is the Montgomery form, an integer below p: the sum of multiples of forms is, mod p, the form of the sum. So
//! nothing is converted on either way.

use crate::{
    curve::Scalar,
    poly::reduced,
    prover::exact::{self, DIGIT_BITS, FLUSH, LIMB_BITS},
    ternary::Ternary,
};
use ark_ff::{BigInt, Zero};
use rayon::prelude::*;

/// Bits `first` to `first + count` of a form.
fn bits(x: Scalar, first: u32, count: u32) -> u64 {
    let words = x.0.0;
    let (at, shift) = ((first / 64) as usize, first % 64);
    let above = if shift > 0 { words.get(at + 1).map_or(0, |&word| word << (64 - shift)) } else { 0 };
    (words[at] >> shift | above) & ((1 << count) - 1)
}

/// The element with the form `sum_i parts[i] 2^(width i)`: some 260 bits of parts, each below 2^54 in absolute value.
fn from_parts(parts: impl IntoIterator<Item = i64>, width: u32) -> Scalar {
    let (mut words, mut at, mut bit, mut rest) = ([0_u64; 4], 0, 0, 0_i128);
    for part in parts {
        // a part begins in the last word at the latest: `rest` stays below 2^119
        if bit >= 64 {
            words[at] = rest as u64;
            (at, bit, rest) = (at + 1, bit - 64, rest >> 64);
        }
        rest += i128::from(part) << bit;
        bit += width;
    }
    words[at] = rest as u64;
    // 2^256 is the form of 1
    reduced(BigInt::new(words)) + Scalar::from((rest >> 64) as i64)
}

/// 11 limbs of 24 bits hold 256 bits.
const LIMBS: usize = 11;

fn limbs(x: Scalar) -> [f64; LIMBS] {
    std::array::from_fn(|i| bits(x, i as u32 * LIMB_BITS, LIMB_BITS) as f64)
}

/// `sum_m weights[m] rows[m]`, `width` entries; rows may be shorter, as if they ended in zeros.
#[must_use]
pub fn combine(rows: &[&[i16]], width: usize, weights: &[Scalar]) -> Vec<Scalar> {
    let weights: Vec<[f64; LIMBS]> = weights.par_iter().map(|&w| limbs(w)).collect();
    let mut out = vec![Scalar::zero(); width];
    for (rows, weights) in rows.chunks(FLUSH).zip(weights.chunks(FLUSH)) {
        let sums = exact::combine(rows, width, weights);
        let sum = |i: usize| from_parts((0..LIMBS).map(|l| sums[l][i] as i64), LIMB_BITS);
        out.par_iter_mut().enumerate().for_each(|(i, x)| *x += sum(i));
    }
    out
}

/// 20 digits of 13 bits hold 256 bits and a carry.
const DIGITS: usize = 20;

fn digits(x: Scalar) -> [i16; DIGITS] {
    let mut rest = 0;
    std::array::from_fn(|i| {
        rest += bits(x, i as u32 * DIGIT_BITS, DIGIT_BITS) as i64;
        exact::digit(&mut rest)
    })
}

/// `M x` for vectors x of one length, the number of columns: row after row, one product for each x.
#[must_use]
pub fn apply(rows: &[&[i16]], vectors: &[&[Scalar]]) -> Vec<Scalar> {
    let cut = |x: &&[Scalar]| -> Vec<Vec<i16>> {
        let cut: Vec<[i16; DIGITS]> = x.par_iter().map(|&x| digits(x)).collect();
        (0..DIGITS).map(|i| cut.iter().map(|digits| digits[i]).collect()).collect()
    };
    let vectors: Vec<Vec<i16>> = vectors.iter().flat_map(cut).collect();
    let products = exact::apply(rows, &vectors);
    products.as_chunks::<DIGITS>().0.par_iter().map(|&digits| from_parts(digits, DIGIT_BITS)).collect()
}

/// `A W C^T` for ternary A (one column for each row of W) and C, where W's rows are given in order, each at most as wide as C.
/// Row after row, `proj x proj` integers.
#[must_use]
pub fn project(rows: &[&[i16]], a: &Ternary, c: &Ternary, projection: usize) -> Vec<i64> {
    let c: Vec<Vec<i16>> =
        (0..projection).into_par_iter().map(|row| c.entries_of(row).map(i16::from).collect()).collect();
    let wc = exact::apply(rows, &c);
    let mut y = vec![0; projection * projection];
    y.par_chunks_mut(projection).enumerate().for_each(|(row, y)| {
        for (sign, wc) in a.entries_of(row).zip(wc.chunks(projection)) {
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
    use crate::poly::{power_of_two, signed};
    use ark_ff::{Field, UniformRand};

    #[test]
    fn the_widest_parts_are_read() {
        let widest = (1_i64 << 53) - 1;
        let mixed = std::array::from_fn(|i| if i % 3 == 0 { -widest } else { i as i64 * 77 });
        let one = power_of_two(256).inverse().unwrap();
        for (width, count) in [(LIMB_BITS, LIMBS), (DIGIT_BITS, DIGITS)] {
            for parts in [[0; DIGITS], [widest; DIGITS], [-widest; DIGITS], [-1; DIGITS], mixed] {
                let power = |i| power_of_two(width as usize * i) * one;
                let by_hand: Scalar = (0..count).map(|i| signed(parts[i].into()) * power(i)).sum();
                assert_eq!(from_parts(parts.into_iter().take(count), width), by_hand, "{width}: {parts:?}");
            }
        }
    }

    #[test]
    fn parts_make_the_element_again() {
        let (mut rng, one) = (ark_std::test_rng(), Scalar::from(1_u64));
        for x in [Scalar::zero(), one, -one, reduced(BigInt::new([u64::MAX; 4])), Scalar::rand(&mut rng)] {
            assert_eq!(from_parts(limbs(x).map(|limb| limb as i64), LIMB_BITS), x);
            assert_eq!(from_parts(digits(x).map(i64::from), DIGIT_BITS), x);
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
        let of_rows: Vec<&[i16]> = entries.chunks(columns).collect();
        let expected: Vec<Scalar> = of_rows.iter().flat_map(|row| products(row)).collect();
        assert_eq!(apply(&of_rows, &right.each_ref().map(Vec::as_slice)), expected);
        let mut expected = vec![Scalar::zero(); columns];
        for (row, weight) in entries.chunks(columns).zip(&left) {
            expected.iter_mut().zip(row).for_each(|(x, w)| *x += field(w) * weight);
        }
        assert_eq!(combine(&of_rows, columns, &left), expected);
    }
}
