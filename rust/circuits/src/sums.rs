//! Sums of many scalars, reduced once.

use crate::{curve::Scalar, poly::reduced};
use ark_ff::BigInt;

/// A sum of up to 2^12 scalars: of their Montgomery forms `x 2^256 mod p`, as integers. Each of five digits of 52 bits has
/// room for what is carried from it, so an addition is five independent ones, of which the compiler makes vectors.
#[derive(Clone, Copy, Default)]
pub struct Sum([u64; 5]);

/// Bits of a digit.
const BITS: u32 = 52;
const DIGIT: u64 = (1 << BITS) - 1;

impl From<Scalar> for Sum {
    fn from(x: Scalar) -> Self {
        let BigInt([a, b, c, d]) = x.0;
        Self([
            a & DIGIT,
            (a >> 52 | b << 12) & DIGIT,
            (b >> 40 | c << 24) & DIGIT,
            (c >> 28 | d << 36) & DIGIT,
            d >> 16,
        ])
    }
}

impl Sum {
    /// Adds another sum.
    #[inline(always)]
    pub fn add(&mut self, other: &Self) {
        for (x, y) in self.0.iter_mut().zip(other.0) {
            *x = x.wrapping_add(y);
        }
    }

    /// The sum mod p, given the scalars 0, 1, .. up to the number of what was added.
    #[must_use]
    pub fn reduce(&self, multiples: &[Scalar]) -> Scalar {
        let mut carry = 0;
        let [a, b, c, d, e] = self.0.map(|digit| {
            let sum = digit.wrapping_add(carry);
            carry = sum >> BITS;
            sum & DIGIT
        });
        let low = BigInt([a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | e << 16]);
        // the form of k is k 2^256; the digits hold 260 bits
        let above = usize::try_from(carry << 4 | e >> 48).ok().and_then(|above| multiples.get(above));
        reduced(low) + above.copied().unwrap_or_default()
    }
}

/// The scalars 0, 1, .., count.
#[must_use]
pub fn multiples(count: usize) -> Vec<Scalar> {
    (0_u64..).map(Scalar::from).take(count.saturating_add(1)).collect()
}

/// Sums that a byte chooses from; 0 beyond the given ones.
#[must_use]
pub fn table(sums: &[Scalar]) -> [Sum; 256] {
    std::array::from_fn(|index| sums.get(index).copied().unwrap_or_default().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::PROFILES;
    use ark_ff::{BigInteger, PrimeField, UniformRand};

    #[test]
    fn sums_are_reduced_once() {
        let mut rng = ark_std::test_rng();
        let mut largest = Scalar::MODULUS;
        largest.sub_with_borrow(&BigInt::from(1_u64));
        for count in [0, 1, 2, 3, 17, 1000, 4096] {
            for scalars in
                [vec![Scalar::new_unchecked(largest); count], (0..count).map(|_| Scalar::rand(&mut rng)).collect()]
            {
                let mut sum = Sum::default();
                scalars.iter().for_each(|&x| sum.add(&x.into()));
                assert_eq!(sum.reduce(&multiples(count)), scalars.iter().sum::<Scalar>(), "{count}");
            }
        }
    }

    /// Four rows of a projection are one table, and eight of an encoder.
    #[test]
    fn no_profile_adds_more() {
        for profile in PROFILES {
            assert!(profile.projection.max(profile.projection_z).div_ceil(4) <= 1 << 12, "{}", profile.name);
            assert!(profile.outputs.div_ceil(8) <= 1 << 12, "{}", profile.name);
        }
    }

    #[test]
    fn a_byte_beyond_the_table_chooses_zero() {
        let sums = table(&[Scalar::from(5_u64)]);
        assert_eq!(sums.map(|sum| sum.reduce(&[])).iter().sum::<Scalar>(), Scalar::from(5_u64));
    }
}
