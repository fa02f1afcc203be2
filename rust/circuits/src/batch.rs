//! Many proofs at once (proofs/spec/soundness.md, "Many proofs at once"; docs/decisions/0006-batch-verification.md).
//!
//! Every proof is reduced as [`crate::verify::verify`] reduces it, with the same checks in the same order. What is left of
//! all of them are equations `E_1 = 0, .., E_k = 0` between points, and the verifier decides one instead:
//!
//! ```text
//! sum_i w_i E_i = 0,     w_i random, drawn when the proofs are fixed
//! ```
//!
//! If one `E_i` is not 0, then whatever the other terms are, at most one residue `w_i` mod p makes the sum 0: probability
//! 2^-255, for weights of 256 random bits. If all are 0, so is the sum. And where the sum is not 0, each proof is verified by
//! itself, so verdict and named check are those of a single verification.
//!
//! The weights must be unknown to the provers: with weights that can be foreseen two false proofs can cancel (there is a
//! test that shows it). They are therefore not challenges of a transcript but come from a seed of the caller, fresh from the
//! operating system for every call.
//!
//! Still a pure function, without threads: a caller with more cores gives a batch to each, adds these up, and gives each a
//! share of the sum.

use crate::{
    commit::generators::Generators,
    curve::{Projective, Scalar},
    equation::Equation,
    error::Rejected,
    public::Public,
    verify::{reduce, verify},
};
use ark_ff::{PrimeField, Zero};
use shake::{ExtendableOutput, Shake128, Shake128Reader, Update, XofReader};

/// The weights of a batch: 256 bits each, mod p.
struct Weights(Shake128Reader);

impl Weights {
    fn new(seed: &[u8; 32]) -> Self {
        let mut hasher = Shake128::default();
        hasher.update(b"huref/batch/v1");
        hasher.update(seed);
        Self(hasher.finalize_xof())
    }

    fn next(&mut self) -> Scalar {
        let mut bytes = [0; 32];
        self.0.read(&mut bytes);
        Scalar::from_be_bytes_mod_order(&bytes)
    }
}

/// Proofs of statements that share their generators.
pub struct Batch<'a> {
    generators: &'a Generators,
    weights: Weights,
    sum: Equation,
    proofs: Vec<(Public<'a>, &'a [u8], Result<(), Rejected>)>,
}

impl<'a> Batch<'a> {
    /// An empty batch. `seed` is fresh from the operating system, drawn after all proofs were received.
    #[must_use]
    pub fn new(generators: &'a Generators, seed: &[u8; 32]) -> Self {
        Self { generators, weights: Weights::new(seed), sum: Equation::default(), proofs: Vec::new() }
    }

    /// Reads a proof, and checks all of it but its equations. Memory: about 100 bytes for each commitment row.
    pub fn add(&mut self, statement: impl Into<Public<'a>>, proof: &'a [u8]) {
        let statement = statement.into();
        let reduced = reduce(statement, proof, self.generators).map(|equations| {
            equations.iter().for_each(|(_, equation)| self.sum.add(self.weights.next(), equation));
        });
        self.proofs.push((statement, proof, reduced));
    }

    /// The proofs of both, in this order: the sum of two batches with seeds of their own is one of all their equations.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.sum.join(other.sum);
        self.proofs.extend(other.proofs);
        self
    }

    /// The verdict on each proof, in order: that of [`verify`], except with a probability of 2^-255. Decides the equations now;
    /// if one is false, each step verifies one proof by itself.
    pub fn verdicts(self) -> impl Iterator<Item = Result<(), Rejected>> + use<'a> {
        self.decide(1, |share| vec![share(0)]).into_iter().map(Undecided::verdict)
    }

    /// As [`Self::verdicts`], for a caller who has more than one core: `all` returns what the function that it is given says of
    /// 0, 1, .., `count` - 1.
    pub fn decide(
        self,
        count: usize,
        all: impl FnOnce(&(dyn Fn(usize) -> Share + Sync)) -> Vec<Share>,
    ) -> Vec<Undecided<'a>> {
        let Self { generators, sum, proofs, .. } = self;
        let shares = all(&|index| Share { index, sum: sum.share(generators, index, count) });
        let complete = count > 0 && shares.iter().map(|share| share.index).eq(0..count);
        let total = shares.iter().try_fold(Projective::zero(), |total, share| Some(total + share.sum?));
        let holds = complete && total.is_some_and(|total| total.is_zero());
        let undecided = |(statement, proof, reduced): (_, _, Result<(), Rejected>)| Undecided {
            known: (holds || reduced.is_err()).then_some(reduced),
            statement,
            proof,
            generators,
        };
        proofs.into_iter().map(undecided).collect()
    }
}

/// What a share of the points of a batch adds to.
pub struct Share {
    index: usize,
    sum: Option<Projective>,
}

/// A proof whose verdict may have to be found alone.
pub struct Undecided<'a> {
    known: Option<Result<(), Rejected>>,
    statement: Public<'a>,
    proof: &'a [u8],
    generators: &'a Generators,
}

impl Undecided<'_> {
    /// The verdict. Verifies the proof by itself unless the batch was enough.
    ///
    /// # Errors
    /// [`Rejected`] names the check that failed.
    pub fn verdict(self) -> Result<(), Rejected> {
        let Self { known, statement, proof, generators } = self;
        known.unwrap_or_else(|| verify(statement, proof, generators))
    }
}
