//! Two toy models and a challenge between them: one has published its vectors, the other shows how near it comes.

use super::{Toy, challenge, generators, shape, weights};
use huref_circuits::{
    error::Rejected,
    nearness::{Answer, Nearness},
    profile::{Profile, TOY_2},
    prover::{
        failure::Failure,
        nearness::{Compared, Reveal, compare},
        progress::Progress,
        prove::prove,
        secrets::{Model, Rule, WeightsDigest},
    },
    verify::verify,
};
use num_bigint::BigInt;

/// The side that answers, and what the other one published.
pub struct Side {
    /// The model.
    pub toy: Toy,
    /// The vectors of the other side.
    pub theirs: Vec<i64>,
    /// What is behind an answer.
    pub compared: Compared,
}

impl Side {
    /// A model of so many layers, against vectors of so many.
    pub fn new(layers: u32, theirs: u32) -> Self {
        Self::of(&TOY_2, layers, theirs)
    }

    /// The same under these rules.
    pub fn of(profile: &'static Profile, layers: u32, theirs: u32) -> Self {
        let side = |layers, seed, secret| {
            Toy::of(profile, &[challenge()], weights(&shape(6, 4, 2, 2, 12, layers, 16), seed), [secret; 32])
        };
        let (toy, other) = (side(layers, 7, 3), side(theirs, 8, 4));
        let theirs = other.rounded.outputs[0].z.clone();
        let compared = compare(toy.profile, &toy.weights.shape, &toy.sketches, &toy.streams[0], &theirs).unwrap();
        Self { toy, theirs, compared }
    }

    /// The true answer.
    pub fn answer(&self, reveal: Reveal) -> Result<Answer, Failure> {
        self.compared.answer(self.toy.profile, &self.theirs, reveal)
    }

    /// What this side states if that is the answer.
    pub fn statement(&self, answer: Answer) -> Nearness {
        Nearness {
            profile: self.toy.profile,
            shape: self.toy.weights.shape.clone(),
            commitment: self.toy.commitment.clone(),
            draw: self.toy.draws[0].clone(),
            theirs: self.theirs.clone(),
            answer,
            context: self.toy.context.clone(),
        }
    }

    /// The true statement and its proof.
    pub fn prove(&self, reveal: Reveal, randomness: u8) -> (Nearness, Vec<u8>) {
        let statement = self.statement(self.answer(reveal).unwrap());
        let proof = self.prove_this(&statement, &self.toy.sketches, &self.compared, randomness);
        (statement, proof)
    }

    /// A proof of any statement from any witness. An honest prover makes a false one only if a liar leads its hand.
    pub fn prove_this(
        &self,
        statement: &Nearness,
        sketches: &[Vec<BigInt>],
        compared: &Compared,
        randomness: u8,
    ) -> Vec<u8> {
        let Toy { weights, profile, seed, .. } = &self.toy;
        let (digest, progress) = (WeightsDigest::new(Rule::Stream, weights, profile), Progress::default());
        let randomness = [randomness; 32];
        let model = Model { weights, digest: &digest, seed };
        prove(&[model], statement, sketches, compared, &randomness, generators(), &progress).unwrap()
    }
}

/// The verifier's verdict: `Ok`, or the name of the check that refused.
pub fn verdict(statement: &Nearness, proof: &[u8]) -> Result<(), &'static str> {
    verify(statement, proof, generators()).map_err(|refusal: Rejected| refusal.check())
}
