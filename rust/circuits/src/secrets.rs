//! The prover's randomness: blinds that a seed determines, and one-time values that nothing determines.

use crate::{curve::Scalar, error::Failure, profile::Profile, weights::Weights};
use ark_ff::PrimeField;
use sha2::{Digest, Sha256};
use shake::{ExtendableOutput, Shake128, Shake128Reader, Update, XofReader};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// 32 secret bytes from which the blinds of a commitment follow.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Seed(pub [u8; 32]);

/// SHA-256 of the quantised weights and of how they stand in commitment rows. Secret: weights can be guessed against it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct WeightsDigest([u8; 32]);

impl WeightsDigest {
    /// The digest of the length of a commitment row and of all matrices in order, each with its numbers of rows and columns.
    /// Without these two packings of the same entries would share their blinds, and the difference of two commitment rows
    /// would not hide the difference of their contents.
    #[must_use]
    pub fn new(weights: &Weights, profile: &Profile) -> Self {
        let mut hasher = Sha256::new();
        let mut bytes = Vec::with_capacity(1 << 16);
        Digest::update(&mut hasher, (profile.n() as u64).to_be_bytes());
        for matrix in &weights.matrices {
            for size in [matrix.rows(), matrix.columns] {
                Digest::update(&mut hasher, (size as u64).to_be_bytes());
            }
            for part in matrix.entries.chunks(1 << 15) {
                bytes.clear();
                bytes.extend(part.iter().flat_map(|w| w.to_le_bytes()));
                Digest::update(&mut hasher, &bytes);
            }
        }
        bytes.zeroize();
        Self(hasher.finalize().into())
    }
}

fn scalar(reader: &mut impl XofReader) -> Scalar {
    let mut bytes = [0; 64];
    reader.read(&mut bytes);
    let scalar = Scalar::from_be_bytes_mod_order(&bytes);
    bytes.zeroize();
    scalar
}

/// Blinds of weight rows: a PRF of seed, weights and row, so that a seed used for two models leaks nothing about their
/// difference.
pub struct Blinds {
    hasher: Shake128,
}

impl Blinds {
    /// The blinds of these weights under this seed.
    #[must_use]
    pub fn new(seed: &Seed, digest: &WeightsDigest) -> Self {
        let mut hasher = Shake128::default();
        hasher.update(b"huref/blinds/v1");
        hasher.update(&seed.0);
        hasher.update(&digest.0);
        Self { hasher }
    }

    /// The blind of a commitment row.
    #[must_use]
    pub fn row(&self, index: usize) -> Scalar {
        let mut hasher = self.hasher.clone();
        hasher.update(&(index as u64).to_be_bytes());
        scalar(&mut hasher.finalize_xof())
    }
}

/// One-time secrets of one proof: pads, masks, blinds. Fresh randomness, hedged with seed, weights and statement, so that
/// a failing random source still never gives one pad to two transcripts.
pub struct OneTime(Shake128Reader);

impl OneTime {
    /// A stream for one proof.
    #[must_use]
    pub fn new(randomness: &[u8; 32], seed: &Seed, digest: &WeightsDigest, statement: &[u8], attempt: u64) -> Self {
        let mut hasher = Shake128::default();
        hasher.update(b"huref/one-time/v1");
        hasher.update(randomness);
        hasher.update(&seed.0);
        hasher.update(&digest.0);
        hasher.update(&attempt.to_be_bytes());
        hasher.update(statement);
        Self(hasher.finalize_xof())
    }

    /// The next scalar.
    pub fn scalar(&mut self) -> Scalar {
        scalar(&mut self.0)
    }

    /// The next scalars.
    pub fn scalars(&mut self, count: usize) -> Zeroizing<Vec<Scalar>> {
        (0..count).map(|_| self.scalar()).collect::<Vec<_>>().into()
    }
}

/// 32 bytes from the operating system.
///
/// # Errors
/// [`Failure::Randomness`] if there are none.
pub fn fresh() -> Result<[u8; 32], Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|why| Failure::Randomness(why.to_string()))?;
    Ok(bytes)
}
