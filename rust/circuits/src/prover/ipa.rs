//! The prover's part of [`crate::commit::ipa`]: vectors that halve in every round.

use crate::{
    commit::{generators::Generators, ipa::coefficients},
    curve::{Affine, Scalar},
    poly::dot,
    prover::subsets::scalars::{folded, multiples},
};
use ark_ec::CurveGroup;
use ark_ff::Field;
use std::borrow::Cow;

/// Rounds after which generators are folded. Each round is two multi-scalar multiplications over all that there are, and
/// folding costs as much as two or three such rounds, however many rounds it makes up for.
const ROUNDS: usize = 4;

/// The prover's running vectors.
pub struct Folding<'a> {
    /// Folded by all challenges but those below.
    g: Cow<'a, [Affine]>,
    u: (Affine, Scalar),
    a: Vec<Scalar>,
    b: Vec<Scalar>,
    challenges: Vec<(Scalar, Scalar)>,
}

impl<'a> Folding<'a> {
    /// Vectors of length n, and the challenge that scales U.
    #[must_use]
    pub fn new(generators: &'a Generators, u: Scalar, a: Vec<Scalar>, b: Vec<Scalar>) -> Self {
        Self { g: Cow::Borrowed(generators.g()), u: (generators.u(), u), a, b, challenges: Vec::new() }
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
        let (u, factor) = self.u;
        let (mut points, mut scalars) = (vec![u], vec![factor * dot(a, b)]);
        for (block, s) in self.g.chunks(length).zip(coefficients(Scalar::ONE, &self.challenges)) {
            points.extend_from_slice(&block[offset..][..a.len()]);
            scalars.extend(a.iter().map(|&a| a * s));
        }
        multiples(&points, &scalars).into_affine()
    }

    /// Folds both vectors, and the generators when it is their turn.
    pub fn fold(&mut self, x: Scalar) {
        let inverse = x.inverse().expect("challenges are not zero");
        let fold = |v: &[Scalar], low: Scalar, high: Scalar| -> Vec<Scalar> {
            let (first, second) = v.split_at(v.len() / 2);
            first.iter().zip(second).map(|(&p, &q)| p * low + q * high).collect()
        };
        self.a = fold(&self.a, x, inverse);
        self.b = fold(&self.b, inverse, x);
        self.challenges.push((x, inverse));
        if self.challenges.len() == ROUNDS {
            self.g = Cow::Owned(folded(&self.g, &coefficients(Scalar::ONE, &self.challenges)));
            self.challenges.clear();
        }
    }

    /// What `a` folded to.
    #[must_use]
    pub fn last(&self) -> Scalar {
        self.a[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::multiply::msm;
    use ark_ff::UniformRand;

    /// L, R and the last number are those of the textbook, in which every vector folds in every round.
    #[test]
    fn rounds_are_those_of_the_textbook() {
        let (mut rng, generators) = (ark_std::test_rng(), Generators::derive(7));
        let [a, b]: [Vec<Scalar>; 2] = std::array::from_fn(|_| (0..128).map(|_| Scalar::rand(&mut rng)).collect());
        let u = Scalar::rand(&mut rng);
        let mut folding = Folding::new(&generators, u, a.clone(), b.clone());
        let (mut a, mut b, mut g) = (a, b, generators.g().to_vec());
        while a.len() > 1 {
            let half = a.len() / 2;
            let cross = |a: &[Scalar], b: &[Scalar], g: &[Affine]| {
                let points = [g, &[generators.u()]].concat();
                msm(&points, &[a, &[u * dot(a, b)]].concat()).unwrap().into_affine()
            };
            let expected = (cross(&a[..half], &b[half..], &g[half..]), cross(&a[half..], &b[..half], &g[..half]));
            assert_eq!(folding.cross(), expected);
            let x = Scalar::rand(&mut rng);
            let inverse = x.inverse().unwrap();
            folding.fold(x);
            a = (0..half).map(|i| a[i] * x + a[half + i] * inverse).collect();
            b = (0..half).map(|i| b[i] * inverse + b[half + i] * x).collect();
            g = (0..half).map(|i| (g[i] * inverse + g[half + i] * x).into_affine()).collect();
        }
        assert_eq!(folding.last(), a[0]);
    }
}
