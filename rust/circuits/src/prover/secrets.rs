//! The prover's randomness: blinds that a seed determines, and one-time values that nothing determines.

use crate::{
    curve::Scalar,
    poly::reduced,
    profile::Profile,
    prover::{failure::Failure, rows::rows_of, weights::Weights},
    statement::LAYER_MATRICES,
};
use ark_ff::{BigInt, MontConfig};
use ark_secp256k1::FrConfig;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use shake::{ExtendableOutput, Shake128, Shake128Reader, Update, XofReader};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// 32 secret bytes from which the blinds of a commitment follow.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Seed(pub [u8; 32]);

/// A digest of the quantised weights and of how they stand in commitment rows. Secret: weights can be guessed against it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct WeightsDigest([u8; 32]);

/// Rows of a leaf of the tree: few enough that many cores have work, so many that the root has little.
pub const LEAF: usize = 256;

/// The rule by which a digest follows from weights. An opening says which one its blinds need.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// One SHA-256 of everything, as the first openings have it: sequential, whatever the number of cores.
    Stream,
    /// SHA-256 of the digests of leaves, which are made on all cores, or on all machines.
    Tree,
}

impl WeightsDigest {
    /// The digest of all matrices in order.
    #[must_use]
    pub fn new(rule: Rule, weights: &Weights, profile: &Profile) -> Self {
        match rule {
            Rule::Stream => Self::of_stream(weights, profile),
            Rule::Tree => {
                let (first, layers) = weights.matrices.split_at(weights.matrices.len().min(1));
                let pieces = [first].into_iter().chain(layers.chunks(LAYER_MATRICES.len()));
                let leaves: Vec<_> = pieces.flat_map(|piece| leaves(&rows_of(piece, profile), LEAF, profile)).collect();
                Self::of_leaves(&leaves, profile)
            }
        }
    }

    /// SHA-256 of a label, of the length of a commitment row, and of the leaves of all pieces: the embeddings, then every
    /// layer. No leaf has rows of two pieces.
    #[must_use]
    pub fn of_leaves(leaves: &[[u8; 32]], profile: &Profile) -> Self {
        let mut hasher = Sha256::new();
        Digest::update(&mut hasher, b"huref/weights/v2");
        Digest::update(&mut hasher, (profile.n() as u64).to_be_bytes());
        leaves.iter().for_each(|leaf| Digest::update(&mut hasher, leaf));
        Self(hasher.finalize().into())
    }

    /// SHA-256 of the length of a commitment row, then of every matrix with its numbers of rows and columns. Without these two
    /// packings of the same entries would share their blinds, and the difference of two commitment rows would not hide the
    /// difference of their contents.
    fn of_stream(weights: &Weights, profile: &Profile) -> Self {
        let mut hasher = Sha256::new();
        Digest::update(&mut hasher, (profile.n() as u64).to_be_bytes());
        for matrix in &weights.matrices {
            for size in [matrix.rows(), matrix.columns] {
                Digest::update(&mut hasher, (size as u64).to_be_bytes());
            }
            absorb_entries(&mut hasher, &matrix.entries);
        }
        Self(hasher.finalize().into())
    }

    /// Its bytes, for the process that adds the blinds.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0)
    }

    /// The digest of those bytes.
    #[must_use]
    pub fn revealed(bytes: [u8; 32]) -> Self {
        Self(bytes)
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

/// The digests of so many commitment rows each, in order, made on all cores.
#[must_use]
pub fn leaves(rows: &[&[i16]], size: usize, profile: &Profile) -> Vec<[u8; 32]> {
    rows.par_chunks(size.max(1)).map(|rows| rows_digest(rows, profile)).collect()
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
    use crate::{profile::TOY_2, prover::weights::Matrix, statement::Shape};
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
        let counted = (0..64_u8).map(|i| i.wrapping_mul(37)).collect();
        for bytes in [counted, vec![255; 64], vec![0; 64], [vec![0; 32], vec![255; 32]].concat()] {
            assert_eq!(scalar(&mut Bytes(bytes.clone())), Scalar::from_be_bytes_mod_order(&bytes));
        }
    }

    /// Weights of one head and `layers` layers whose matrices have so many rows, all different.
    fn weights(tokens: usize, ffn: u32, layers: u32) -> Weights {
        let tokens = (0..tokens).map(|i| i.to_string().into_bytes()).collect();
        let (hidden, heads, kv_heads, head_dim) = (512, 1, 1, 2);
        let shape = Shape { hidden, heads, kv_heads, head_dim, ffn, layers: (0..layers).collect(), tokens };
        let columns = hidden as usize;
        let matrix = |(i, &rows): (usize, &usize)| Matrix {
            columns,
            entries: (0..rows * columns).map(|j| ((i + 7) * (j + 1) % 4001) as i16).collect(),
        };
        let matrices = shape.matrices().iter().enumerate().map(matrix).collect();
        Weights::new(shape, matrices).unwrap()
    }

    #[test]
    fn the_tree_has_leaves_of_256_rows_of_one_piece() {
        let model = weights(300, 130, 2);
        let flat: Vec<[u8; 32]> = [0..1, 1..7, 7..13]
            .into_iter()
            .flat_map(|piece| {
                let rows = rows_of(&model.matrices[piece], &TOY_2);
                rows.chunks(LEAF).map(|rows| rows_digest(rows, &TOY_2)).collect::<Vec<_>>()
            })
            .collect();
        let mut bytes = b"huref/weights/v2".to_vec();
        bytes.extend((TOY_2.n() as u64).to_be_bytes());
        bytes.extend(flat.concat());
        assert!(flat.len() > 3);
        assert_eq!(WeightsDigest::new(Rule::Tree, &model, &TOY_2).0, <[u8; 32]>::from(Sha256::digest(bytes)));
    }

    #[test]
    fn both_rules_see_every_entry_and_they_differ() {
        for rule in [Rule::Stream, Rule::Tree] {
            let before = WeightsDigest::new(rule, &weights(300, 130, 2), &TOY_2).0;
            for matrix in 0..13 {
                let mut changed = weights(300, 130, 2);
                *changed.matrices[matrix].entries.last_mut().unwrap() ^= 1;
                assert_ne!(WeightsDigest::new(rule, &changed, &TOY_2).0, before);
            }
        }
        let [stream, tree] =
            [Rule::Stream, Rule::Tree].map(|rule| WeightsDigest::new(rule, &weights(3, 2, 1), &TOY_2).0);
        assert_ne!(stream, tree);
    }

    #[test]
    fn digests_of_rows_see_where_a_row_ends() {
        let digest = |rows: &[&[i16]]| rows_digest(rows, &TOY_2);
        let digests =
            [digest(&[&[1, 2, 3]]), digest(&[&[1, 2], &[3]]), digest(&[&[1], &[2, 3]]), digest(&[&[1, 2, 4]])];
        assert!(digests.iter().enumerate().all(|(i, a)| digests[..i].iter().all(|b| a != b)));
    }
}
