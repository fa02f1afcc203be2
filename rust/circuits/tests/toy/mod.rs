//! Toy models: small pseudo-random weights, committed, fingerprinted and proved under profile toy-1.
#![allow(dead_code, reason = "every test binary uses another part")]

pub mod fields;
pub mod layout;

use huref_circuits::{
    challenge::Challenge,
    commit::generators::Generators,
    curve::Affine,
    error::Refusal,
    profile::TOY_1,
    prover::{
        fingerprint::{Rounded, round},
        progress::Progress,
        prove::prove,
        rows::commit_rows,
        secrets::{Blinds, Seed, WeightsDigest},
        sketch::sketches,
        weights::{Matrix, Weights},
    },
    statement::{Public, Shape, Statement},
    verify::verify,
};
use num_bigint::BigInt;
use std::sync::OnceLock;

/// The generators of profile toy-1.
pub fn generators() -> &'static Generators {
    static GENERATORS: OnceLock<Generators> = OnceLock::new();
    GENERATORS.get_or_init(|| Generators::derive(TOY_1.log_n))
}

/// A shape with layers 0, 1, .. and tokens `token-0`, `token-1`, ..
pub fn shape(hidden: u32, heads: u32, kv_heads: u32, head_dim: u32, ffn: u32, layers: u32, tokens: usize) -> Shape {
    let tokens = (0..tokens).map(|i| format!("token-{i}").into_bytes()).collect();
    Shape { hidden, heads, kv_heads, head_dim, ffn, layers: (0..layers).collect(), tokens }
}

/// The shape of most tests: grouped queries, a hidden size that is no power of two, one layer.
pub fn small() -> Shape {
    shape(6, 4, 2, 2, 12, 1, 16)
}

/// Pseudo-random weights in [-999, 999] (linear congruential; nothing here needs more).
pub fn weights(shape: &Shape, seed: u64) -> Weights {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) % 1999) as i16 - 999
    };
    let columns = shape.hidden as usize;
    let matrix = |rows: &usize| Matrix { columns, entries: (0..rows * columns).map(|_| next()).collect() };
    let matrices = shape.matrices().iter().map(matrix).collect();
    Weights::new(shape.clone(), matrices).unwrap()
}

/// Equal weights: [`Weights`] are not `Clone`, they hold a model.
pub fn copy(weights: &Weights) -> Weights {
    let matrices = weights.matrices.iter().map(|m| Matrix { columns: m.columns, entries: m.entries.clone() }).collect();
    Weights::new(weights.shape.clone(), matrices).unwrap()
}

/// A toy model and everything its owner knows.
pub struct Toy {
    /// The secret weights.
    pub weights: Weights,
    /// Exact sketches.
    pub sketches: Vec<Vec<BigInt>>,
    /// The fingerprint and what is behind it.
    pub rounded: Rounded,
    /// The seed of the commitment.
    pub seed: Seed,
    /// Row commitments.
    pub commitment: Vec<Affine>,
    /// The challenge that is answered.
    pub challenge: Challenge,
}

impl Toy {
    /// The model of these weights, honestly fingerprinted and committed to.
    pub fn new(weights: Weights, seed: [u8; 32]) -> Self {
        Self::answering(None, weights, seed)
    }

    /// The same model, whose owner answers a challenge.
    pub fn answering(challenge: Challenge, weights: Weights, seed: [u8; 32]) -> Self {
        let sketches = sketches(&TOY_1, &weights, &challenge, &Progress::default()).unwrap();
        let rounded = round(&TOY_1, &sketches, &challenge).unwrap();
        let seed = Seed(seed);
        let commitment = commit(&weights, &seed);
        Self { weights, sketches, rounded, seed, commitment, challenge }
    }

    /// The toy of most tests.
    pub fn small() -> Self {
        Self::new(weights(&small(), 7), [3; 32])
    }

    /// The toy of most tests, under a challenge.
    pub fn challenged() -> Self {
        Self::answering(Some([0xc4; 32]), weights(&small(), 7), [3; 32])
    }

    /// What this model's owner states if the public outputs are these.
    pub fn statement(&self, public: Public) -> Statement {
        let (shape, commitment) = (self.weights.shape.clone(), self.commitment.clone());
        Statement { profile: &TOY_1, shape, commitment, public, challenge: self.challenge }
    }

    /// The honest statement and its proof.
    pub fn prove(&self, randomness: u8) -> (Statement, Vec<u8>) {
        let statement = self.statement(self.rounded.public.clone());
        let proof = self.prove_this(&statement, &self.sketches, &self.rounded, randomness);
        (statement, proof)
    }

    /// A proof of any statement from any witness. An honest prover makes a false one only if a liar leads its hand.
    pub fn prove_this(
        &self,
        statement: &Statement,
        sketches: &[Vec<BigInt>],
        rounded: &Rounded,
        randomness: u8,
    ) -> Vec<u8> {
        let progress = Progress::default();
        prove(&self.weights, statement, sketches, rounded, &self.seed, &[randomness; 32], generators(), &progress)
            .unwrap()
    }
}

/// Row commitments to weights under a seed.
pub fn commit(weights: &Weights, seed: &Seed) -> Vec<Affine> {
    let blinds = Blinds::new(seed, &WeightsDigest::new(weights, &TOY_1));
    commit_rows(weights, &TOY_1, generators(), &|row| blinds.row(row), &Progress::default()).unwrap()
}

/// The verifier's verdict: `Ok`, or the name of the check that refused.
pub fn verdict(statement: &Statement, proof: &[u8]) -> Result<(), &'static str> {
    verify(statement, proof, generators()).map_err(|refusal: Refusal| refusal.check())
}
