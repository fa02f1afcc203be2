//! Two releases of a toy model, and how far one is from the other.

use super::{commit, context, generators, weights};
use huref_circuits::{
    curve::Affine,
    drift::{Drift, Limit, Partition, PublicModel},
    error::Rejected,
    profile::{Profile, TOY_2},
    prover::{
        drift::Measured,
        progress::Progress,
        prove::prove,
        rows::rows_of,
        secrets::{Model, Rule, Seed, WeightsDigest},
        weights::{Matrix, Weights},
    },
    statement::Shape,
    verify::verify,
};

/// A model and a later one.
pub struct Releases {
    /// The rules.
    pub profile: &'static Profile,
    /// Both of them.
    pub models: [Weights; 2],
    /// Seeds of their commitments.
    pub seeds: [Seed; 2],
    /// Their rows, those of W first.
    pub commitment: Vec<Affine>,
}

/// The second release: the first one, every entry moved by up to `by`, and matrix `doubled` twice as large.
pub fn moved(first: &Weights, by: i16, doubled: Option<usize>) -> Weights {
    let mut state = 11_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) % (2 * u64::from(by.unsigned_abs()) + 1)) as i16 - by
    };
    let mut matrix = |(place, matrix): (usize, &Matrix)| {
        let factor = if doubled == Some(place) { 2 } else { 1 };
        let entries = matrix.entries.iter().map(|&x| (factor * x + noise()).clamp(-2047, 2047)).collect();
        Matrix { columns: matrix.columns, entries }
    };
    let matrices = first.matrices.iter().enumerate().map(&mut matrix).collect();
    Weights::new(first.shape.clone(), matrices).unwrap()
}

impl Releases {
    /// Both models of this shape.
    pub fn new(shape: &Shape, by: i16) -> Self {
        let first = weights(shape, 7);
        let second = moved(&first, by, Some(2));
        Self::of(first, second)
    }

    /// These models.
    pub fn of(first: Weights, second: Weights) -> Self {
        let seeds = [Seed([3; 32]), Seed([4; 32])];
        let models = [first, second];
        let commitment = models.iter().zip(&seeds).flat_map(|(model, seed)| commit(&TOY_2, model, seed)).collect();
        Self { profile: &TOY_2, models, seeds, commitment }
    }

    /// What is behind a statement about them.
    pub fn measured(&self) -> Measured {
        let rows: Vec<&[i16]> = self.models.iter().flat_map(|model| rows_of(&model.matrices, self.profile)).collect();
        Measured::new(&rows)
    }

    /// The statement with this limit, about all matrices; the second model is shown to everybody if it is `public`.
    pub fn statement(&self, partition: Partition, limit: Limit, public: bool) -> Drift {
        let shape = self.models[0].shape.clone();
        let exponents = self.measured().matrices(self.profile, &shape).into_iter().map(|(x, ..)| Some(x)).collect();
        let theirs = || PublicModel::new(self.models[1].matrices.iter().map(|matrix| matrix.entries.clone()).collect());
        let mut commitment = self.commitment.clone();
        if public {
            commitment.truncate(commitment.len() / 2);
        }
        let public = public.then(theirs);
        Drift { profile: self.profile, shape, commitment, public, exponents, partition, limit, context: context() }
    }

    /// The least true relative statement.
    pub fn relative(&self, partition: Partition, public: bool) -> Drift {
        let mut statement = self.statement(partition, Limit::Relative(1), public);
        statement.limit = Limit::Relative(self.measured().least(&statement).unwrap());
        statement
    }

    /// The least true absolute statement.
    pub fn absolute(&self, partition: Partition, public: bool) -> Drift {
        let mut statement = self.statement(partition, Limit::Absolute(Vec::new()), public);
        statement.limit = Limit::Absolute(self.measured().differences(&statement));
        statement
    }

    /// A proof of a statement, from these sums of squares.
    pub fn prove(&self, statement: &Drift, measured: &Measured, randomness: u8) -> Option<Vec<u8>> {
        let digests = self.models.each_ref().map(|model| WeightsDigest::new(Rule::Stream, model, self.profile));
        let models: Vec<Model<'_>> = self
            .models
            .iter()
            .zip(&digests)
            .zip(&self.seeds)
            .map(|((weights, digest), seed)| Model { weights, digest, seed })
            .take(statement.models())
            .collect();
        let progress = Progress::default();
        prove(&models, statement, &[], measured, &[randomness; 32], generators(), &progress).ok()
    }
}

/// The verifier's verdict: `Ok`, or the name of the check that refused.
pub fn verdict(statement: &Drift, proof: &[u8]) -> Result<(), &'static str> {
    verify(statement, proof, generators()).map_err(|refusal: Rejected| refusal.check())
}
