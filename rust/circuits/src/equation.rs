//! Equations between points, which is what a proof comes down to, and sums of them.
//!
//! ```text
//! sum_i g_i G_i + h H + u U + sum_j x_j P_j = 0
//! ```
//!
//! A multiple of an equation is an equation over the same generators, and so is a sum: many equations are decided as one
//! (see [`crate::batch`]), and the generators, most of the points of a proof, are then paid for once.

use crate::{
    commit::generators::Generators,
    curve::{Affine, Projective, Scalar},
    multiply::msm,
};
use ark_ff::Zero;

/// An equation, true or false. The default says `0 = 0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Equation {
    /// Multiples of `G_0, G_1, ..`; 0 for those beyond its end.
    pub g: Vec<Scalar>,
    /// Multiple of H.
    pub h: Scalar,
    /// Multiple of U.
    pub u: Scalar,
    /// `(x_j, P_j)`: points of statement and proof with their multiples.
    pub terms: Vec<(Scalar, Affine)>,
}

impl Equation {
    /// Adds `weight` times another equation.
    pub fn add(&mut self, weight: Scalar, other: &Self) {
        if self.g.len() < other.g.len() {
            self.g.resize(other.g.len(), Scalar::zero());
        }
        self.g.iter_mut().zip(&other.g).for_each(|(sum, &x)| *sum += weight * x);
        self.h += weight * other.h;
        self.u += weight * other.u;
        self.terms.extend(other.terms.iter().map(|&(x, point)| (weight * x, point)));
    }

    /// Adds another equation, with the weight 1.
    pub fn join(&mut self, other: Self) {
        if self.g.len() < other.g.len() {
            self.g.resize(other.g.len(), Scalar::zero());
        }
        self.g.iter_mut().zip(&other.g).for_each(|(sum, x)| *sum += x);
        self.h += other.h;
        self.u += other.u;
        self.terms.extend(other.terms);
    }

    /// Whether it is true: one multi-scalar multiplication.
    #[must_use]
    pub fn holds(&self, generators: &Generators) -> bool {
        self.share(generators, 0, 1).is_some_and(|sum| sum.is_zero())
    }

    /// What the points of one of `count` equal shares add to: the equation is true if all shares together give 0. `None`
    /// without generators for it.
    #[must_use]
    pub fn share(&self, generators: &Generators, index: usize, count: usize) -> Option<Projective> {
        let g = generators.g().get(..self.g.len())?;
        let length = self.g.len().saturating_add(2).saturating_add(self.terms.len()).div_ceil(count.max(1));
        let (h, u) = (generators.h(), generators.u());
        let fixed = self.g.iter().zip(g).chain([(&self.h, &h), (&self.u, &u)]);
        let terms = self.terms.iter().map(|(x, point)| (x, point));
        let share = fixed.chain(terms).skip(index.saturating_mul(length)).take(length);
        let (scalars, points): (Vec<Scalar>, Vec<&Affine>) = share.unzip();
        msm(&points, &scalars)
    }
}
