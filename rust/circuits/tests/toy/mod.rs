//! Toy models: small pseudo-random weights, committed, fingerprinted and proved under profile toy-2.
#![allow(dead_code, reason = "every test binary uses another part")]

pub mod drift;
pub mod fields;
pub mod layout;
pub mod near;

use huref_circuits::{
    commit::generators::Generators,
    context::Context,
    curve::Affine,
    draw::{Draw, Streams},
    error::Rejected,
    profile::{Profile, TOY_2, TOY_2_CNN},
    prover::{
        fingerprint::{Rounded, round},
        progress::Progress,
        prove::prove,
        rows::commit_rows,
        secrets::{Blinds, Model, Rule, Seed, WeightsDigest},
        sketch::sketches,
        weights::{Matrix, Weights},
    },
    statement::{Outputs, Shape, Statement},
    verify::verify,
    wire::commitment_id,
};
use num_bigint::BigInt;
use std::sync::OnceLock;

/// The generators of profile toy-2.
pub fn generators() -> &'static Generators {
    static GENERATORS: OnceLock<Generators> = OnceLock::new();
    GENERATORS.get_or_init(|| Generators::derive(TOY_2.log_n))
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

/// A beacon.
pub const BEACON: [u8; 48] = [0xbe; 48];

/// The draw of most commitments.
pub const OWN: Draw = Draw::Own { beacon: Vec::new() };

/// A challenge that names a commitment nobody has seen.
pub fn challenge() -> Draw {
    Draw::Challenge { other: [0xc4; 32], beacon: BEACON.to_vec() }
}

/// A draw with a network that belongs to no release: 5 kernels of 3 x 3, then 2 of 1 x 1, which give 8 numbers.
pub fn custom() -> Draw {
    let weight = |i: usize| ((i * i * 37 + 11) % 251) as u8;
    let mut network = b"huref/cnn/v1\x02".to_vec();
    for [out, fan, kernel, stride, shift] in [[5_u32, 3, 3, 1, 9], [2, 5, 1, 1, 0]] {
        network.extend([out, fan, kernel, stride, shift].iter().flat_map(|x| x.to_be_bytes()));
        network.extend((0..(out * fan * kernel * kernel) as usize).map(weight));
        network.extend((0..out as i32).flat_map(|i| (1000 * i - 700).to_be_bytes()));
    }
    Draw::Custom { network }
}

/// The four kinds of statements.
pub fn kinds() -> [Vec<Draw>; 4] {
    [vec![Draw::Common], vec![OWN], vec![challenge()], vec![Draw::Common, OWN]]
}

/// Whom the proof of a toy is for.
pub fn context() -> Context {
    Context { owner: "name:Alice".into(), audience: "court of Utrecht, case 7".into(), nonce: (0..16).collect() }
}

/// A toy model and everything its owner knows.
pub struct Toy {
    /// The rules.
    pub profile: &'static Profile,
    /// The secret weights.
    pub weights: Weights,
    /// Exact sketches under all draws.
    pub sketches: Vec<Vec<BigInt>>,
    /// The fingerprint and what is behind it.
    pub rounded: Rounded,
    /// The seed of the commitment.
    pub seed: Seed,
    /// Row commitments.
    pub commitment: Vec<Affine>,
    /// The draws.
    pub draws: Vec<Draw>,
    /// What follows from draws and commitment.
    pub streams: Vec<Streams>,
    /// Whom the proof is for.
    pub context: Context,
}

impl Toy {
    /// The model of these weights, honestly fingerprinted under these draws, and committed to.
    pub fn new(draws: &[Draw], weights: Weights, seed: [u8; 32]) -> Self {
        Self::of(&TOY_2, draws, weights, seed)
    }

    /// The same under these rules.
    pub fn of(profile: &'static Profile, draws: &[Draw], weights: Weights, seed: [u8; 32]) -> Self {
        let seed = Seed(seed);
        let commitment = commit(profile, &weights, &seed);
        let id = commitment_id(profile, &weights.shape, &commitment);
        let streams: Vec<Streams> = draws.iter().map(|draw| draw.streams(profile, &id)).collect();
        let sketches = sketches(profile, &weights, &streams, &Progress::default()).unwrap();
        let rounded = round(profile, &sketches, &streams).unwrap();
        Self {
            profile,
            weights,
            sketches,
            rounded,
            seed,
            commitment,
            draws: draws.to_vec(),
            streams,
            context: context(),
        }
    }

    /// The toy of most tests: one layer, the common and the own draw.
    pub fn small() -> Self {
        Self::drawn(&[Draw::Common, OWN])
    }

    /// The same model under these draws.
    pub fn drawn(draws: &[Draw]) -> Self {
        Self::new(draws, weights(&small(), 7), [3; 32])
    }

    /// The toy of most tests, whose common draw a network encodes.
    pub fn with_a_network() -> Self {
        Self::of(&TOY_2_CNN, &[Draw::Common, OWN], weights(&small(), 7), [3; 32])
    }

    /// What this model's owner states if the public outputs are these.
    pub fn statement(&self, outputs: Vec<Outputs>) -> Statement {
        let (shape, commitment) = (self.weights.shape.clone(), self.commitment.clone());
        let (draws, context) = (self.draws.clone(), self.context.clone());
        Statement { profile: self.profile, shape, commitment, draws, outputs, context }
    }

    /// The honest statement and its proof.
    pub fn prove(&self, randomness: u8) -> (Statement, Vec<u8>) {
        let statement = self.statement(self.rounded.outputs.clone());
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
        let (digest, progress) = (WeightsDigest::new(Rule::Stream, &self.weights, self.profile), Progress::default());
        let model = Model { weights: &self.weights, digest: &digest, seed: &self.seed };
        prove(&[model], statement, sketches, rounded, &[randomness; 32], generators(), &progress).unwrap()
    }
}

/// Row commitments to weights under a seed.
pub fn commit(profile: &'static Profile, weights: &Weights, seed: &Seed) -> Vec<Affine> {
    let blinds = Blinds::new(seed, &WeightsDigest::new(Rule::Stream, weights, profile));
    commit_rows(weights, profile, generators(), &|row| blinds.row(row), &Progress::default()).unwrap()
}

/// The verifier's verdict: `Ok`, or the name of the check that refused.
pub fn verdict(statement: &Statement, proof: &[u8]) -> Result<(), &'static str> {
    verify(statement, proof, generators()).map_err(|refusal: Rejected| refusal.check())
}
