//! Multilinear extensions. The first variable is the most significant bit of an index.

use crate::{curve::Scalar, size::size};
use ark_ff::{AdditiveGroup, Field, One, Zero};

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
    a.iter().zip(b).map(|(&x, &y)| x * y).sum()
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
