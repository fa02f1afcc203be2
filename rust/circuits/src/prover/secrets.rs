//! The prover's randomness: blinds that a seed determines, and one-time values that nothing determines.

use crate::{
    curve::Scalar,
    poly::reduced,
    profile::Profile,
    prover::{
        failure::Failure,
        weights::{Matrix, Weights},
    },
};
use ark_ff::{BigInt, MontConfig};
use ark_secp256k1::FrConfig;
use sha2::{Digest, Sha256, digest::common::hazmat::SerializableState};
use shake::{ExtendableOutput, Shake128, Shake128Reader, Update, XofReader};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// 32 secret bytes from which the blinds of a commitment follow.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Seed(pub [u8; 32]);

/// SHA-256 of the quantised weights and of how they stand in commitment rows. Secret: weights can be guessed against it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct WeightsDigest([u8; 32]);

impl WeightsDigest {
    /// The digest of all matrices in order.
    #[must_use]
    pub fn new(weights: &Weights, profile: &Profile) -> Self {
        let mut hasher = WeightsHasher::new(profile);
        weights.matrices.iter().for_each(|matrix| hasher.absorb(matrix));
        hasher.finish()
    }
}

/// A committed model: its weights and what its blinds follow from.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    /// The weights.
    pub weights: &'a Weights,
    /// Their digest.
    pub digest: &'a WeightsDigest,
    /// The seed of its blinds.
    pub seed: &'a Seed,
}

/// [`WeightsDigest`] of matrices that come one after the other: SHA-256 of the length of a commitment row, then of every
/// matrix with its numbers of rows and columns. Without these two packings of the same entries would share their blinds, and
/// the difference of two commitment rows would not hide the difference of their contents.
pub struct WeightsHasher(Sha256);

impl WeightsHasher {
    /// Before the first matrix.
    #[must_use]
    pub fn new(profile: &Profile) -> Self {
        let mut hasher = Sha256::new();
        Digest::update(&mut hasher, (profile.n() as u64).to_be_bytes());
        Self(hasher)
    }

    /// The next matrix.
    pub fn absorb(&mut self, matrix: &Matrix) {
        for size in [matrix.rows(), matrix.columns] {
            Digest::update(&mut self.0, (size as u64).to_be_bytes());
        }
        absorb_entries(&mut self.0, &matrix.entries);
    }

    /// After the last matrix.
    #[must_use]
    pub fn finish(self) -> WeightsDigest {
        WeightsDigest(self.0.finalize().into())
    }

    /// Where it stands, so that another process can go on. As secret as the digest.
    #[must_use]
    pub fn state(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.serialize().to_vec())
    }

    /// Goes on from there; `None` if these bytes are no [`WeightsHasher::state`].
    #[must_use]
    pub fn resume(state: &[u8]) -> Option<Self> {
        Some(Self(Sha256::deserialize(state.try_into().ok()?).ok()?))
    }
}

/// SHA-256 of some commitment rows, by which their sums are recognised. As secret as [`WeightsDigest`].
#[must_use]
pub fn rows_digest(rows: &[&[i16]], profile: &Profile) -> [u8; 32] {
    let mut hasher = Sha256::new();
    Digest::update(&mut hasher, b"huref/row-sums/v1");
    Digest::update(&mut hasher, (profile.n() as u64).to_be_bytes());
    for row in rows {
        Digest::update(&mut hasher, (row.len() as u64).to_be_bytes());
        absorb_entries(&mut hasher, row);
    }
    hasher.finalize().into()
}

/// Entries as 16-bit integers, little-endian.
fn absorb_entries(hasher: &mut Sha256, entries: &[i16]) {
    let mut bytes = Zeroizing::new([0; 1 << 13]);
    for part in entries.chunks(bytes.len() / 2) {
        let pairs = bytes.chunks_exact_mut(2).zip(part);
        pairs.for_each(|(bytes, entry)| bytes.copy_from_slice(&entry.to_le_bytes()));
        if let Some(filled) = bytes.get(..size_of_val(part)) {
            Digest::update(hasher, filled);
        }
    }
}

/// 2^256, which has the form `2^512 mod p`.
const POWER: Scalar = Scalar::new_unchecked(<FrConfig as MontConfig<4>>::R2);

/// 64 bytes as a big-endian integer mod p.
fn scalar(reader: &mut impl XofReader) -> Scalar {
    let mut bytes = Zeroizing::new([0; 64]);
    reader.read(&mut *bytes);
    let word = |i: usize| bytes[8 * i..8 * i + 8].iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    // an integer is the form of itself times 2^-256
    let [high, low] = [3, 7].map(|last| reduced(BigInt::new(std::array::from_fn(|i| word(last - i)))));
    (high * POWER + low) * POWER
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
    /// A stream for one proof about these models.
    #[must_use]
    pub fn new(randomness: &[u8; 32], models: &[Model<'_>], statement: &[u8], attempt: u64) -> Self {
        let mut hasher = Shake128::default();
        hasher.update(b"huref/one-time/v1");
        hasher.update(randomness);
        for model in models {
            hasher.update(&model.seed.0);
            hasher.update(&model.digest.0);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::TOY_2;
    use ark_ff::PrimeField;

    /// Reads the same bytes for ever.
    struct Bytes(Vec<u8>);

    impl XofReader for Bytes {
        fn read(&mut self, out: &mut [u8]) {
            out.copy_from_slice(&self.0[..out.len()]);
        }
    }

    #[test]
    fn scalars_are_integers_mod_p() {
        let counted = (0..64).map(|i| i * 37 + 11).collect();
        for bytes in [counted, vec![255; 64], vec![0; 64], [vec![0; 32], vec![255; 32]].concat()] {
            assert_eq!(scalar(&mut Bytes(bytes.clone())), Scalar::from_be_bytes_mod_order(&bytes));
        }
    }

    #[test]
    fn a_digest_goes_on_from_its_state() {
        let matrix = |count: i16| Matrix { columns: 7, entries: (0..7 * count).collect() };
        let (first, second) = (matrix(3), matrix(1100));
        let mut whole = WeightsHasher::new(&TOY_2);
        whole.absorb(&first);
        let mut rest = WeightsHasher::resume(&whole.state()).unwrap();
        whole.absorb(&second);
        rest.absorb(&second);
        assert_eq!(whole.finish().0, rest.finish().0);
        assert!(WeightsHasher::resume(&[0; 7]).is_none());
    }

    #[test]
    fn digests_of_rows_see_where_a_row_ends() {
        let digest = |rows: &[&[i16]]| rows_digest(rows, &TOY_2);
        let digests =
            [digest(&[&[1, 2, 3]]), digest(&[&[1, 2], &[3]]), digest(&[&[1], &[2, 3]]), digest(&[&[1, 2, 4]])];
        assert!(digests.iter().enumerate().all(|(i, a)| digests[..i].iter().all(|b| a != b)));
    }
}
