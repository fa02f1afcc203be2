//! Multilinear extensions. The first variable is the most significant bit of an index.

use crate::{curve::Scalar, size::size};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, One, PrimeField, Zero};

/// `eq(point, x)` for every x of the cube: `prod_i (point_i x_i + (1 - point_i)(1 - x_i))`.
#[must_use]
pub fn eq_table(point: &[Scalar]) -> Vec<Scalar> {
    let mut table = vec![Scalar::one()];
    for &r in point {
        table = table
            .into_iter()
            .flat_map(|v| {
                let high = v * r;
                [v - high, high]
            })
            .collect();
    }
    table
}

/// `eq(a, b)` at two points of equal length.
#[must_use]
pub fn eq_at(a: &[Scalar], b: &[Scalar]) -> Scalar {
    a.iter()
        .zip(b)
        .map(|(&x, &y)| {
            let xy = x * y;
            xy + xy - x - y + Scalar::one()
        })
        .product()
}

/// Lagrange coefficients at `x` of the nodes `0, 1, .., degree`.
#[must_use]
pub fn lagrange(degree: usize, x: Scalar) -> Vec<Scalar> {
    let nodes: Vec<Scalar> = (0_u64..).take(degree.saturating_add(1)).map(Scalar::from).collect();
    nodes
        .iter()
        .map(|&i| {
            let others = || nodes.iter().filter(move |&&j| j != i);
            let numerator: Scalar = others().map(|&j| x - j).product();
            let denominator: Scalar = others().map(|&j| i - j).product();
            numerator * denominator.inverse().unwrap_or_default()
        })
        .collect()
}

/// `sum_i a_i b_i` over the shorter length.
#[must_use]
pub fn dot(a: &[Scalar], b: &[Scalar]) -> Scalar {
    let mut sum = Products::default();
    a.iter().zip(b).for_each(|(&x, &y)| sum.add(x, y));
    sum.reduce()
}

/// A sum of up to 2^64 products, reduced once: of the Montgomery forms `x 2^256 mod p`, as an integer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Products {
    low: BigInt<4>,
    high: BigInt<4>,
    above: u64,
}

impl Products {
    /// Adds `x y`.
    #[inline(always)]
    pub fn add(&mut self, x: Scalar, y: Scalar) {
        let (low, mut high) = x.0.mul(&y.0);
        // a product of two numbers below p leaves room for a carry, which is as often 0 as 1: added, not asked for
        let carry = self.low.add_with_carry(&low);
        high.add_with_carry(&BigInt::from(u64::from(carry)));
        self.above = self.above.saturating_add(u64::from(self.high.add_with_carry(&high)));
    }

    /// The sum.
    #[must_use]
    pub fn reduce(self) -> Scalar {
        // the form of a sum of products is their sum times 2^-256
        reduced(self.low) * reduced(BigInt::from(1_u64)) + reduced(self.high) + Scalar::from(self.above)
    }
}

/// The scalar of which this is the Montgomery form, reduced or not: `x 2^-256`.
#[must_use]
pub fn reduced(mut form: BigInt<4>) -> Scalar {
    // 2^256 < 2 p
    if form >= Scalar::MODULUS {
        form.sub_with_borrow(&Scalar::MODULUS);
    }
    Scalar::new_unchecked(form)
}

/// `1, x, x^2, ..`
pub fn powers(x: Scalar) -> impl Iterator<Item = Scalar> {
    std::iter::successors(Some(Scalar::one()), move |&y| Some(y * x))
}

/// `ceil(log2 x)`, 0 for 0 and 1.
#[must_use]
pub const fn log2_ceil(x: usize) -> usize {
    size(usize::BITS.saturating_sub(x.saturating_sub(1).leading_zeros()))
}

/// A signed integer as a field element.
#[must_use]
pub fn signed(x: i128) -> Scalar {
    let size = Scalar::from(x.unsigned_abs());
    if x < 0 { -size } else { size }
}

/// `2^k` as a field element.
#[must_use]
pub fn power_of_two(k: usize) -> Scalar {
    let mut x = Scalar::one();
    for _ in 0..k {
        x.double_in_place();
    }
    x
}

/// Sum of a slice.
#[must_use]
pub fn sum(values: &[Scalar]) -> Scalar {
    values.iter().fold(Scalar::zero(), |a, &b| a + b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;

    #[test]
    fn sums_of_products_are_reduced_once() {
        let mut rng = ark_std::test_rng();
        for count in [0, 1, 2, 3, 1000] {
            let mut random = || -> Vec<Scalar> { (0..count).map(|_| Scalar::rand(&mut rng)).collect() };
            for (a, b) in [(random(), random()), (vec![largest(); count], vec![largest(); count])] {
                assert_eq!(dot(&a, &b), a.iter().zip(&b).map(|(&x, &y)| x * y).sum::<Scalar>(), "{count}");
            }
        }
    }

    /// Of the largest form.
    fn largest() -> Scalar {
        let mut form = Scalar::MODULUS;
        form.sub_with_borrow(&BigInt::from(1_u64));
        Scalar::new_unchecked(form)
    }
}
