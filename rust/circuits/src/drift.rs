//! The third kind of statement: how far a committed model is from another one (proofs/spec/drift.md).
//!
//! "The integers committed to in these rows, and those committed to in these other rows (or: those of this public model),
//! differ in these matrices by no more than this bound, block by block. Whoever made this proof knew an opening of the rows,
//! and made it for this context."

use crate::{
    context::Context,
    curve::{Affine, Scalar},
    error::{Rejected, ensure},
    poly::signed,
    profile::Profile,
    size::size,
    statement::Shape,
};
use ark_ff::{BigInteger, PrimeField, Zero};
use num_bigint::BigUint;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The protocol of the transcript, under every profile.
pub const PROTOCOL: &str = "huref/drift/v1";
/// Version of the statement's encoding.
pub const VERSION: u32 = 1;

/// A relative bound counts multiples of `2^-RESOLUTION`.
pub const RESOLUTION: u32 = 10;
/// The largest power of two by which one of the models is multiplied, as an exponent.
pub const MAX_EXPONENT: i8 = 4;
/// An absolute bound has so many bits.
pub const ABSOLUTE_BITS: u32 = 120;

/// A model that everybody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicModel {
    /// The integers of every matrix, row after row.
    pub matrices: Arc<Vec<Vec<i16>>>,
    /// SHA-256 of all of them, little-endian.
    digest: [u8; 32],
}

impl PublicModel {
    /// The model with these integers.
    #[must_use]
    pub fn new(matrices: Vec<Vec<i16>>) -> Self {
        let mut hasher = Sha256::new();
        for part in matrices.iter().flat_map(|matrix| matrix.chunks(1 << 12)) {
            hasher.update(part.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
        }
        Self { matrices: Arc::new(matrices), digest: hasher.finalize().into() }
    }

    /// SHA-256 of its integers.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partition {
    /// One commitment row.
    Rows,
    /// All rows of a matrix.
    Matrices,
    /// All rows.
    Whole,
}

/// How large the difference may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `|Delta| <= b / 2^10 |alpha W|` in every block.
    Relative(u32),
    /// `|Delta|^2 <= B`, one B for each block.
    Absolute(Vec<u128>),
}

/// Everything public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The rules.
    pub profile: &'static Profile,
    /// The circuit of both models.
    pub shape: Shape,
    /// Row commitments to W, then, unless it is public, to W'.
    pub commitment: Vec<Affine>,
    /// W', if it is public.
    pub public: Option<PublicModel>,
    /// For each matrix the exponent of two between the models, none if nothing is said of it.
    pub exponents: Vec<Option<i8>>,
    /// What a block is.
    pub partition: Partition,
    /// How large the difference may be.
    pub limit: Limit,
    /// Whom the proof is for.
    pub context: Context,
}

/// `2^x` of W, `2^-x` of W': one of the two factors is 1.
#[must_use]
pub fn factors(exponent: i8) -> (u32, u32) {
    let power = |x: i8| 1_u32 << x.clamp(0, MAX_EXPONENT);
    (power(exponent), power(exponent.saturating_neg()))
}

impl Drift {
    /// Committed models.
    #[must_use]
    pub fn models(&self) -> usize {
        if self.public.is_some() { 1 } else { 2 }
    }

    /// Of each matrix that is spoken of: its commitment rows and its exponent. A statement may have so many rows that nobody
    /// should write them down before they have commitments.
    fn spoken_of(&self) -> impl Iterator<Item = (usize, i8)> {
        let rows = self.shape.commitment_rows(self.profile);
        rows.into_iter().zip(&self.exponents).filter_map(|(rows, exponent)| exponent.map(|exponent| (rows, exponent)))
    }

    /// Of each commitment row of W: the exponent and the number of its block, none if it is not spoken of.
    #[must_use]
    pub fn rows(&self) -> Vec<Option<(i8, usize)>> {
        let (mut block, mut rows) = (0_usize, Vec::new());
        for (count, &exponent) in self.shape.commitment_rows(self.profile).into_iter().zip(&self.exponents) {
            let Some(exponent) = exponent else {
                rows.extend(std::iter::repeat_n(None, count));
                continue;
            };
            for _ in 0..count {
                rows.push(Some((exponent, block)));
                block = block.saturating_add(usize::from(self.partition == Partition::Rows));
            }
            block = block.saturating_add(usize::from(self.partition == Partition::Matrices));
        }
        rows
    }

    /// Number of blocks.
    #[must_use]
    pub fn blocks(&self) -> usize {
        match self.partition {
            Partition::Rows => self.spoken_of().fold(0, |sum, (rows, _)| sum.saturating_add(rows)),
            Partition::Matrices => self.spoken_of().count(),
            Partition::Whole => self.spoken_of().count().min(1),
        }
    }

    /// What `|Delta|^2` and `|alpha W|^2` of a block are multiplied by: `2^20` and `b^2`, or 1 and 0.
    #[must_use]
    pub fn weights(&self) -> (u64, u64) {
        match self.limit {
            Limit::Relative(b) => (1 << RESOLUTION.saturating_mul(2), u64::from(b).saturating_mul(b.into())),
            Limit::Absolute(_) => (1, 0),
        }
    }

    /// Width of the slack of a block.
    #[must_use]
    pub fn slack_bits(&self) -> usize {
        let largest = match &self.limit {
            Limit::Absolute(limits) => limits.iter().max().map(|&limit| BigUint::from(limit)).unwrap_or_default(),
            Limit::Relative(_) => {
                let row = |exponent: i8| (BigUint::from(factors(exponent).0) * widest(self.profile)).pow(2);
                let matrices = self.spoken_of().map(|(rows, exponent)| row(exponent) * rows);
                let block = match self.partition {
                    Partition::Rows => self.spoken_of().map(|(_, exponent)| row(exponent)).max(),
                    Partition::Matrices => matrices.max(),
                    Partition::Whole => Some(matrices.sum()),
                };
                block.unwrap_or_default() * self.weights().1 * self.profile.n()
            }
        };
        usize::try_from(largest.bits().max(1)).unwrap_or(usize::MAX)
    }

    /// Checks exponents, limit and public model.
    ///
    /// # Errors
    /// "factors", "bound", "public model".
    pub fn check(&self) -> Result<(), Rejected> {
        let ensure = |ok: bool, what| ensure(ok, Rejected::Public(what));
        let matrices = self.shape.matrices();
        let mut spoken_of = self.exponents.iter().flatten().peekable();
        let any = spoken_of.peek().is_some();
        let small = spoken_of.all(|x| (-MAX_EXPONENT..=MAX_EXPONENT).contains(x));
        ensure(self.exponents.len() == matrices.len() && any && small, "factors")?;
        let bounded = match &self.limit {
            Limit::Relative(b) => (1..=1 << RESOLUTION).contains(b),
            Limit::Absolute(limits) => {
                limits.len() == self.blocks() && limits.iter().all(|&limit| limit < 1 << ABSOLUTE_BITS)
            }
        };
        ensure(bounded, "bound")?;
        let Some(PublicModel { matrices: theirs, .. }) = &self.public else { return Ok(()) };
        let entries = matrices.into_iter().map(|rows| rows.saturating_mul(size(self.shape.hidden)));
        let narrow = |matrix: &Vec<i16>| matrix.iter().all(|x| u32::from(x.unsigned_abs()) <= widest(self.profile));
        ensure(theirs.iter().map(Vec::len).eq(entries) && theirs.iter().all(narrow), "public model")
    }
}

/// The largest honest weight.
const fn widest(profile: &Profile) -> u32 {
    (1_u32 << profile.weight_bits.saturating_sub(1)).saturating_sub(1)
}

/// Refuses a shape of which something could reach p/4.
///
/// # Errors
/// [`Rejected::Shape`].
pub fn check_bounds(shape: &Shape, profile: &Profile, models: usize, z_bits: usize) -> Result<(), Rejected> {
    let ensure = |ok: bool, what| ensure(ok, Rejected::Shape(what));
    let modulus = BigUint::from_bytes_be(&Scalar::MODULUS.to_bytes_be());
    let rows = shape.commitment_rows(profile).into_iter().fold(0, usize::saturating_add).saturating_mul(models);
    let entries = BigUint::from(rows) * profile.n();
    let entry = (BigUint::from(1_u8) << z_bits.saturating_add(2)) + 8_u8;
    ensure(&entries * &entry < &modulus >> 1_u32, "the projection of both models could wrap")?;
    let difference = entry << 5_u32; // alpha W - beta W', with factors up to 2^4
    let squares = (entries * &difference * &difference) << RESOLUTION.saturating_mul(2);
    ensure(squares < modulus >> 2_u32, "the difference could wrap")
}

/// Limbs of 29 bits that hold 256 bits.
const LIMBS: usize = 9;
const LIMB_BITS: u32 = 29;

/// `sum_m rows[m] sum_j columns[j] V_m[j]` over the commitment rows of a public model, `width` integers each.
#[must_use]
pub fn evaluate(model: &PublicModel, width: usize, rows: &[Scalar], columns: &[Scalar]) -> Scalar {
    let columns: Vec<[i64; LIMBS]> = columns.iter().map(|&x| limbs(x)).collect();
    let mut total = Scalar::zero();
    let entries = model.matrices.iter().flat_map(|matrix| matrix.chunks(width.max(1)));
    for (row, &weight) in entries.zip(rows).filter(|(_, weight)| !weight.is_zero()) {
        // products below 2^44 and at most 2^16 of them: no sum leaves 64 bits
        let mut sums = [0_i64; LIMBS];
        for (&x, column) in row.iter().zip(&columns) {
            for (sum, &limb) in sums.iter_mut().zip(column) {
                *sum = sum.wrapping_add(i64::from(x).wrapping_mul(limb));
            }
        }
        total += weight * from_limbs(&sums);
    }
    total
}

fn limbs(x: Scalar) -> [i64; LIMBS] {
    let mut rest = x.into_bigint();
    std::array::from_fn(|_| {
        let low = rest.as_ref().first().copied().unwrap_or(0) & ((1 << LIMB_BITS) - 1);
        rest >>= LIMB_BITS;
        i64::try_from(low).unwrap_or(0)
    })
}

fn from_limbs(sums: &[i64; LIMBS]) -> Scalar {
    let base = Scalar::from(1_u64 << LIMB_BITS);
    sums.iter().rev().fold(Scalar::zero(), |total, &sum| total * base + signed(i128::from(sum)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::TOY_2;

    fn shape() -> Shape {
        let tokens = (0..16_u8).map(|token| vec![token]).collect();
        Shape { hidden: 8, heads: 2, kv_heads: 1, head_dim: 4, ffn: 200, layers: vec![3], tokens }
    }

    fn drift(partition: Partition) -> Drift {
        Drift {
            profile: &TOY_2,
            shape: shape(),
            commitment: Vec::new(),
            public: None,
            exponents: vec![Some(0), None, Some(-4), Some(0), Some(0), Some(1), Some(0)],
            partition,
            limit: Limit::Relative(3),
            context: Context::default(),
        }
    }

    #[test]
    fn blocks_are_numbered_in_the_order_of_their_rows() {
        let rows = shape().commitment_rows(&TOY_2);
        let (up, unspoken) = (rows[5], rows[1]);
        assert!(up > 1);
        for (partition, blocks) in
            [(Partition::Whole, 1), (Partition::Matrices, 6), (Partition::Rows, rows.iter().sum::<usize>() - unspoken)]
        {
            let drift = drift(partition);
            assert_eq!(drift.blocks(), blocks);
            let of = drift.rows();
            assert_eq!(of.len(), rows.iter().sum());
            assert_eq!(of[0], Some((0, 0)));
            assert!(of[rows[0]].is_none());
            assert!(of.iter().flatten().is_sorted_by_key(|(_, block)| block));
        }
    }

    #[test]
    fn what_is_no_statement() {
        let good = drift(Partition::Matrices);
        assert_eq!(good.check(), Ok(()));
        let refused = |change: &dyn Fn(&mut Drift)| {
            let mut drift = good.clone();
            change(&mut drift);
            drift.check()
        };
        let named = |name| Err(Rejected::Public(name));
        assert_eq!(refused(&|drift| drift.exponents[0] = Some(5)), named("factors"));
        assert_eq!(refused(&|drift| drift.exponents[0] = Some(-5)), named("factors"));
        assert_eq!(refused(&|drift| drift.exponents.fill(None)), named("factors"));
        assert_eq!(refused(&|drift| drift.exponents.truncate(1)), named("factors"));
        for b in [0, 1025] {
            assert_eq!(refused(&|drift| drift.limit = Limit::Relative(b)), named("bound"));
        }
        assert_eq!(refused(&|drift| drift.limit = Limit::Absolute(vec![1; 5])), named("bound"));
        assert_eq!(refused(&|drift| drift.limit = Limit::Absolute(vec![1 << 120; 6])), named("bound"));
        assert_eq!(refused(&|drift| drift.limit = Limit::Absolute(vec![0; 6])), Ok(()));
        let model = |entry: i16| shape().matrices().into_iter().map(|rows| vec![entry; 8 * rows]).collect::<Vec<_>>();
        let with = |matrices: Vec<Vec<i16>>| refused(&|drift| drift.public = Some(PublicModel::new(matrices.clone())));
        assert_eq!(with(model(-2047)), Ok(()));
        assert_eq!(with(model(2048)), named("public model"));
        assert_eq!(with(model(1)[1..].to_vec()), named("public model"));
    }

    #[test]
    fn a_public_model_is_evaluated_as_by_hand() {
        let matrices: Vec<Vec<i16>> = vec![(0..24).map(|i| i * 170 - 2047).collect(), vec![-2047; 16]];
        let model = PublicModel::new(matrices.clone());
        let rows: Vec<Scalar> = (0..4).map(|m| -Scalar::from(m as u64 + 1)).collect();
        let columns: Vec<Scalar> = (0..16).map(|j| Scalar::from(3_u64) - Scalar::from(j * j)).collect();
        let parts = matrices.iter().flat_map(|matrix| matrix.chunks(16));
        let by_hand: Scalar = parts
            .zip(&rows)
            .map(|(part, row)| {
                *row * part.iter().zip(&columns).map(|(&x, c)| signed(i128::from(x)) * c).sum::<Scalar>()
            })
            .sum();
        assert_eq!(evaluate(&model, 16, &rows, &columns), by_hand);
    }
}
