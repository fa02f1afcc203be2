//! The second kind of statement: how near a committed model comes to published vectors (proofs/spec/nearness.md).
//!
//! "Weights of this shape, committed to in these rows, over these tokens, have under this challenge vectors `f'` whose cosines
//! with these published vectors lie in these intervals. Whoever made this proof knew an opening of the rows, and made it for
//! this context."
//!
//! Nothing else that is computed from the weights is published: no z, and neither e, a nor c, by which a model is recognised.

use crate::{
    context::Context,
    curve::{Affine, Scalar},
    draw::Draw,
    error::{Rejected, ensure},
    poly::log2_ceil,
    profile::Profile,
    size::size,
    statement::{Shape, TERM_KINDS, z_bound},
};
use ark_ff::PrimeField;
use num_bigint::BigUint;

/// The protocol of the transcript, under every profile.
pub const PROTOCOL: &str = "huref/nearness/v1";
/// Version of the statement's encoding.
pub const VERSION: u32 = 1;

/// Bits of an entry of a rounded sketch, sign included.
pub const Q_BITS: u32 = 57;
/// The norm of a rounded sketch is at most `2^LOG_NORM`.
pub const LOG_NORM: u32 = 56;
/// Every term is scaled to Frobenius norm just below `2^LOG_SCALE`.
pub const LOG_SCALE: u32 = 70;
/// Width of the two slacks of a norm.
pub const SLACK_BITS: u32 = 128;
/// Width of a scale above the smallest one.
pub const SCALE_BITS: u32 = 54;
/// A cosine counts multiples of `2^-COSINE_BITS`.
pub const COSINE_BITS: u32 = 8;
/// All of them, in the order in which they are absorbed.
pub const NUMBERS: [u32; 6] = [Q_BITS, LOG_NORM, LOG_SCALE, SLACK_BITS, SCALE_BITS, COSINE_BITS];

/// The smallest scale, `2^(LOG_SCALE - LOG_NORM)`.
pub const LEAST_SCALE: u64 = 1 << (LOG_SCALE - LOG_NORM);
/// A cosine of 1.
pub const ONE: u32 = 1 << COSINE_BITS;

const MAX_VECTORS: usize = 1 << 16;

/// What is said of the cosines, in multiples of 1/256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `k <= cos < k + 1`, one k for each pair.
    Rounded(Vec<i32>),
    /// `|cos| < t` for every pair.
    Below(u32),
    /// `cos >= t` for one pair.
    AtLeast {
        /// t.
        cosine: u32,
        /// Which of their vectors.
        theirs: u32,
        /// Which of the layers.
        own: u32,
    },
}

/// A pair that an answer speaks of, and the inequalities that it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Place of their vector among those in question.
    pub vector: usize,
    /// Place of the layer.
    pub own: usize,
    /// Whether `-G >= 0`, or `G >= 0`, is asked for.
    pub negative: Option<bool>,
    /// The end of `|cos|` that is nearer to 0.
    pub low: Option<Bound>,
    /// The other one.
    pub high: Bound,
}

/// An end of an interval of `|cos|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Where it is.
    pub at: u32,
    /// Whether the interval lacks it.
    pub strict: bool,
}

/// Everything public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearness {
    /// The rules.
    pub profile: &'static Profile,
    /// The circuit.
    pub shape: Shape,
    /// Row commitments to the weights, in order.
    pub commitment: Vec<Affine>,
    /// The challenge that the vectors answer, and under which the model is looked at.
    pub draw: Draw,
    /// The vectors that the other side published, m entries each.
    pub theirs: Vec<i64>,
    /// What is said.
    pub answer: Answer,
    /// Whom the proof is for.
    pub context: Context,
}

impl Nearness {
    /// Their vectors, one by one.
    pub fn vectors(&self) -> impl ExactSizeIterator<Item = &[i64]> {
        self.theirs.chunks(size(self.profile.outputs).max(1))
    }

    /// Those that the answer speaks of, all of them or one, with their places.
    #[must_use]
    pub fn in_question(&self) -> Vec<(usize, &[i64])> {
        let one = match self.answer {
            Answer::Rounded(_) | Answer::Below(_) => None,
            Answer::AtLeast { theirs, .. } => Some(size(theirs)),
        };
        self.vectors().enumerate().filter(|(place, _)| one.is_none_or(|one| one == *place)).collect()
    }

    /// How many pairs the answer speaks of, and how many of them have a sign and a low end. A statement may name so many that
    /// nobody should write them down before it is known that they have pads.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let all = self.vectors().len().saturating_mul(self.shape.layers.len());
        match self.answer {
            Answer::Rounded(_) => (all, all),
            Answer::Below(_) => (all, 0),
            Answer::AtLeast { .. } => (1, 1),
        }
    }

    /// The pairs that the answer speaks of, with what it says of each.
    #[must_use]
    pub fn intervals(&self) -> Vec<Interval> {
        let layers = self.shape.layers.len();
        let all = (0..self.vectors().len()).flat_map(|vector| (0..layers).map(move |own| (vector, own)));
        match &self.answer {
            Answer::Rounded(cosines) => all.zip(cosines).map(|((vector, own), &k)| rounded(vector, own, k)).collect(),
            &Answer::Below(at) => {
                let high = Bound { at, strict: true };
                all.map(|(vector, own)| Interval { vector, own, negative: None, low: None, high }).collect()
            }
            &Answer::AtLeast { cosine: at, theirs: _, own } => vec![Interval {
                vector: 0,
                own: size(own),
                negative: Some(false),
                low: Some(Bound { at, strict: false }),
                high: Bound { at: ONE.saturating_add(1), strict: true },
            }],
        }
    }

    /// Checks their vectors and the answer.
    ///
    /// # Errors
    /// "vector", "interval".
    pub fn check(&self) -> Result<(), Rejected> {
        let ensure = |ok: bool, what| ensure(ok, Rejected::Public(what));
        let (m, count) = (size(self.profile.outputs), self.vectors().len());
        let whole = self.theirs.len() == count.saturating_mul(m);
        ensure(whole && (1..=MAX_VECTORS).contains(&count) && self.vectors().all(|z| self.could_be(z)), "vector")?;
        let layers = self.shape.layers.len();
        let a_cosine = |t: u32| (1..=ONE).contains(&t);
        let in_form = match &self.answer {
            Answer::Rounded(cosines) => {
                cosines.len() == count.saturating_mul(layers) && cosines.iter().all(|k| k.unsigned_abs() <= ONE)
            }
            &Answer::Below(t) => a_cosine(t),
            &Answer::AtLeast { cosine, theirs, own } => a_cosine(cosine) && size(theirs) < count && size(own) < layers,
        };
        ensure(in_form, "interval")
    }

    /// Whether a fingerprint could have this vector: entries, norm and mean are those of a rounded standardised one.
    fn could_be(&self, z: &[i64]) -> bool {
        let small = z.iter().all(|z| z.unsigned_abs() <= z_bound(self.profile));
        let squares = z.iter().fold(0_u64, |sum, z| sum.saturating_add(z.unsigned_abs().saturating_pow(2)));
        let sum = z.iter().fold(0_i64, |sum, &z| sum.saturating_add(z));
        let largest = BigUint::from(squares) <= largest_square(self.profile);
        small && squares > 0 && largest && sum.unsigned_abs().saturating_mul(2) <= u64::from(self.profile.outputs)
    }
}

/// What a rounded cosine says of a pair.
fn rounded(vector: usize, own: usize, k: i32) -> Interval {
    let (at, negative) = (k.unsigned_abs(), k < 0);
    // towards 0, then away from it; on the negative side the end that belongs to the interval is the outer one
    let (low, high) = if negative { (at.saturating_sub(1), at) } else { (at, at.saturating_add(1)) };
    let low = Some(Bound { at: low, strict: negative });
    Interval { vector, own, negative: Some(negative), low, high: Bound { at: high, strict: !negative } }
}

/// `m 2^25`: no vector of a fingerprint has a larger sum of squares.
fn largest_square(profile: &Profile) -> BigUint {
    BigUint::from(profile.outputs) << profile.z_fraction_bits.saturating_mul(2).saturating_add(1)
}

/// `D_max = m (2 m 3 r 2^70)^2`: at least the sum of the squares of f'.
fn largest_vector(profile: &Profile) -> BigUint {
    let (m, terms) = (BigUint::from(profile.outputs), BigUint::from(TERM_KINDS.len()));
    let entry = (&m * terms * profile.sketch) << LOG_SCALE.saturating_add(1);
    m * &entry * &entry
}

/// Widths of the slacks of a sign and of an end of an interval.
#[must_use]
pub fn widths(profile: &Profile) -> (usize, usize) {
    let product = largest_square(profile) * largest_vector(profile);
    let bits = |x: &BigUint| usize::try_from(x.bits()).unwrap_or(usize::MAX);
    (bits(&product.sqrt()).saturating_add(1), bits(&largest_side(profile)))
}

/// `257^2 m 2^25 D_max`: at least both sides of the inequality of an end.
fn largest_side(profile: &Profile) -> BigUint {
    let end = BigUint::from(ONE.saturating_add(1));
    &end * &end * largest_square(profile) * largest_vector(profile)
}

/// The shift of all terms.
#[must_use]
pub fn common_shift(shape: &Shape, profile: &Profile) -> usize {
    let positions = shape.terms().into_iter().map(|term| term.positions).max().unwrap_or(0);
    let tokens = BigUint::from(shape.tokens.len());
    let size = tokens.pow(3) * shape.hidden * profile.sketch * BigUint::from(positions).sqrt();
    let log = if size <= BigUint::from(1_u8) { 0 } else { (size - 1_u8).bits() };
    let room = profile.weight_bits.saturating_sub(1).saturating_mul(4).saturating_add(4);
    usize::try_from(log).unwrap_or(usize::MAX).saturating_add(self::size(room)).saturating_sub(self::size(LOG_NORM))
}

/// Refuses a shape of which something could reach p/4.
///
/// # Errors
/// [`Rejected::Shape`].
pub fn check_bounds(shape: &Shape, profile: &Profile) -> Result<(), Rejected> {
    let ensure = |ok: bool, what| ensure(ok, Rejected::Shape(what));
    let quarter = BigUint::from_bytes_be(&ark_ff::BigInteger::to_bytes_be(&Scalar::MODULUS)) >> 2_u32;
    let entries = BigUint::from(profile.sketch) * profile.sketch;
    ensure(common_shift(shape, profile).saturating_add(size(Q_BITS)) <= 250, "the shift of all terms is too large")?;
    ensure((entries << 221_u32) < quarter, "norms could wrap")?;
    ensure(largest_side(profile) < quarter, "the cosine could wrap")
}

/// Variables of the entries of all sketches.
#[must_use]
pub fn entry_variables(shape: &Shape, profile: &Profile) -> usize {
    log2_ceil(shape.layers.len().saturating_mul(TERM_KINDS.len()).saturating_mul(profile.entries()))
}
