//! The prover's part of [`crate::commit::ipa`]: vectors that halve in every round.

use crate::{
    commit::{generators::Generators, ipa::coefficients},
    curve::{Affine, Scalar},
    multiply::msm,
    poly::dot,
};
use ark_ec::CurveGroup;
use ark_ff::Field;

/// The prover's running vectors. Generators are not folded: their coefficients are, which keeps every round two
/// multi-scalar multiplications over the original ones.
pub struct Folding<'a> {
    generators: &'a Generators,
    u: Scalar,
    a: Vec<Scalar>,
    b: Vec<Scalar>,
    challenges: Vec<(Scalar, Scalar)>,
}

impl<'a> Folding<'a> {
    /// Vectors of length n, and the challenge that scales U.
    #[must_use]
    pub const fn new(generators: &'a Generators, u: Scalar, a: Vec<Scalar>, b: Vec<Scalar>) -> Self {
        Self { generators, u, a, b, challenges: Vec::new() }
    }

    /// L and R of this round.
    pub fn cross(&self) -> (Affine, Affine) {
        let half = self.a.len() / 2;
        let (a, b) = (self.a.split_at(half), self.b.split_at(half));
        rayon::join(|| self.half(a.0, b.1, half), || self.half(a.1, b.0, 0))
    }

    /// `<a, G[offset ..]> + <a, b> U` over the folded generators.
    fn half(&self, a: &[Scalar], b: &[Scalar], offset: usize) -> Affine {
        let length = self.a.len();
        let (mut points, mut scalars) = (vec![self.generators.u], vec![self.u * dot(a, b)]);
        for (block, s) in self.generators.g.chunks(length).zip(coefficients(&self.challenges)) {
            points.extend_from_slice(&block[offset..][..a.len()]);
            scalars.extend(a.iter().map(|&a| a * s));
        }
        msm(&points, &scalars).expect("equal lengths").into_affine()
    }

    /// Folds both vectors.
    pub fn fold(&mut self, x: Scalar) {
        let inverse = x.inverse().expect("challenges are not zero");
        let fold = |v: &[Scalar], low: Scalar, high: Scalar| -> Vec<Scalar> {
            let (first, second) = v.split_at(v.len() / 2);
            first.iter().zip(second).map(|(&p, &q)| p * low + q * high).collect()
        };
        self.a = fold(&self.a, x, inverse);
        self.b = fold(&self.b, inverse, x);
        self.challenges.push((x, inverse));
    }

    /// What `a` folded to.
    #[must_use]
    pub fn last(&self) -> Scalar {
        self.a[0]
    }
}
