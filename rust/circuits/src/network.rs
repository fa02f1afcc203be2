//! Networks that encode: convolutions with ReLU, public and fixed (proofs/spec/fingerprint.md, "encoder cnn").
//!
//! ```text
//! y  = sum over (channel, row, column) of weight x + bias       no padding
//! x' = max(0, floor((y + half) / 2^shift))                      after every convolution but the last
//! ```
//!
//! A verifier has the networks of its release in itself and knows them by their ids; a bundle never brings one. That of a
//! custom draw comes from whoever asks, and is judged by the same rules. Nothing overflows: what a sum can reach is computed
//! from the weights when a network is made.

use crate::{
    curve::Scalar,
    draw::Draw,
    error::Rejected,
    poly::signed,
    profile::{EncoderKind, Profile},
    size::size,
    statement::TERM_KINDS,
};
use ark_ff::PrimeField;
use sha2::{Digest, Sha256};
use shake::{ExtendableOutput, Shake128, Update, XofReader};

/// Bits of an input: `|x| <= 2^12`.
pub const INPUT_BITS: u32 = 12;
/// Outputs are raised by that many bits, which brings them to the size that a matrix gives.
pub const RAISE_BITS: u32 = 20;
/// No sum reaches `2^44`.
pub const LIMIT_BITS: u32 = 44;
/// What a network may have: convolutions, weights, hidden sums of a layer, products of a forward pass.
const MAX_CONVOLUTIONS: usize = 8;
const MAX_WEIGHTS: usize = 1 << 22;
const MAX_SUMS: usize = 1 << 16;
const MAX_PRODUCTS: usize = 1 << 26;
/// What canonical bytes begin with.
const FORMAT: &[u8] = b"huref/cnn/v1";
/// The network of the shipped profile, as `lab/encoder` trained it.
const TRAINED: &[u8] = include_bytes!("networks/robust-2-cnn.bin");
/// What the weights of the toy are read from.
const TOY: &[u8] = b"huref/toy-2/network";

/// One convolution: square kernels without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Kernels, out x in x size x size.
    pub weights: Vec<i8>,
    /// What is added, one number for each output channel.
    pub bias: Vec<i32>,
    /// Step between windows, in both directions.
    pub stride: usize,
    /// Bits that rounding removes; 0 for the last convolution, which is not rounded.
    pub shift: u32,
}

/// A convolution and what follows from its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The convolution.
    pub inner: Convolution,
    /// Channels of its input.
    pub channels: usize,
    /// Side of its input.
    pub side: usize,
    /// Side of a kernel.
    pub size: usize,
    /// Side of its output: windows in one direction.
    pub windows: usize,
    /// What no sum exceeds in magnitude.
    pub reach: u64,
}

/// Convolutions one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    placed: Vec<Placed>,
}

impl Network {
    /// A network for inputs `3 x side x side`.
    ///
    /// # Errors
    /// A sentence: there are fewer than 2 convolutions or more than 8, sizes do not fit one another or exceed what a verifier
    /// computes, or a sum could reach `2^44`.
    pub fn new(convolutions: Vec<Convolution>, side: usize) -> Result<Self, String> {
        if !(2..=MAX_CONVOLUTIONS).contains(&convolutions.len()) {
            return Err(format!("a network has 2 to {MAX_CONVOLUTIONS} convolutions"));
        }
        let (mut channels, mut left, mut bound) = (TERM_KINDS.len(), side, 1_u64 << INPUT_BITS);
        let mut placed = Vec::new();
        for (i, inner) in convolutions.into_iter().enumerate() {
            let next = Placed::new(inner, channels, left, bound).map_err(|why| format!("convolution {i}: {why}"))?;
            bound = next.reach.saturating_add(half(next.inner.shift)).unbounded_shr(next.inner.shift);
            (channels, left) = (next.out(), next.windows);
            placed.push(next);
        }
        if placed.last().is_none_or(|last| last.inner.shift != 0) {
            return Err("the last convolution must not be rounded".into());
        }
        let network = Self { placed };
        let total = |f: fn(&Placed) -> usize| network.placed.iter().map(f).fold(0, usize::saturating_add);
        let products = total(|placed| placed.inner.weights.len().saturating_mul(placed.windows.saturating_pow(2)));
        if total(|placed| placed.inner.weights.len()) > MAX_WEIGHTS
            || products > MAX_PRODUCTS
            || network.hidden_sums() > MAX_SUMS
        {
            return Err("it has more weights, sums or products than a verifier computes".into());
        }
        Ok(network)
    }

    /// The network of a profile whose encoder is one.
    ///
    /// # Errors
    /// "encoder": this release has no network of that id, or it is none of this profile.
    pub fn of(profile: &Profile) -> Result<Option<Self>, Rejected> {
        let EncoderKind::Cnn { network: id } = profile.encoder else { return Ok(None) };
        let known = [TRAINED.to_vec(), toy()].into_iter().find(|bytes| *Sha256::digest(bytes) == id);
        let known = known.ok_or(Rejected::Check("encoder"))?;
        Self::custom(profile, &known).map(Some).map_err(|_| Rejected::Check("encoder"))
    }

    /// The network that encodes a statement's first draw: of a custom draw its own, else that of the profile.
    ///
    /// # Errors
    /// "encoder": there is none of these bytes under this profile.
    pub fn of_draws(profile: &Profile, draws: &[Draw]) -> Result<Option<Self>, Rejected> {
        let Some(bytes) = draws.iter().find_map(Draw::network) else { return Self::of(profile) };
        Self::custom(profile, bytes).map(Some).map_err(|_| Rejected::Check("encoder"))
    }

    /// A network from its canonical bytes, of which the SHA-256 is its id, for the sketches and vectors of a profile.
    ///
    /// # Errors
    /// A sentence: the bytes are not canonical, or there is no such network under this profile.
    pub fn custom(profile: &Profile, bytes: &[u8]) -> Result<Self, String> {
        let network = Self::new(convolutions(bytes)?, size(profile.sketch))?;
        let (outputs, wanted) = (network.outputs(), profile.outputs);
        if outputs == size(wanted) { Ok(network) } else { Err(format!("{outputs} numbers come out, not {wanted}")) }
    }

    /// All convolutions, in order.
    #[must_use]
    pub fn placed(&self) -> &[Placed] {
        &self.placed
    }

    /// Those whose sums are hidden: all but the last.
    #[must_use]
    pub fn hidden(&self) -> &[Placed] {
        self.placed.split_last().map_or(&[], |(_, hidden)| hidden)
    }

    /// The last one, whose sums come out.
    #[must_use]
    pub fn last(&self) -> Option<&Placed> {
        self.placed.last()
    }

    /// Numbers that come out.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.last().map_or(0, Placed::sums)
    }

    /// Hidden sums of one layer of a model.
    #[must_use]
    pub fn hidden_sums(&self) -> usize {
        self.hidden().iter().map(Placed::sums).fold(0, usize::saturating_add)
    }
}

impl Placed {
    fn new(inner: Convolution, channels: usize, side: usize, bound: u64) -> Result<Self, String> {
        let out = inner.bias.len();
        let size = inner.weights.len().checked_div(out.saturating_mul(channels)).unwrap_or(0).isqrt();
        let full = size.saturating_pow(2).saturating_mul(channels).saturating_mul(out) == inner.weights.len();
        let windows =
            side.checked_sub(size).and_then(|rest| rest.checked_div(inner.stride)).map(|w| w.saturating_add(1));
        let (Some(windows), true, true) = (windows, size > 0 && full, inner.shift < 32) else {
            return Err(format!("does not fit {channels} channels of side {side}"));
        };
        let reach = inner.reach(bound);
        if reach.unbounded_shr(LIMIT_BITS) != 0 {
            return Err(format!("a sum could reach 2^{LIMIT_BITS}"));
        }
        Ok(Self { inner, channels, side, size, windows, reach })
    }

    /// Channels that come out.
    #[must_use]
    pub fn out(&self) -> usize {
        self.inner.bias.len()
    }

    /// Sums that come out.
    #[must_use]
    pub fn sums(&self) -> usize {
        self.out().saturating_mul(self.windows.saturating_pow(2))
    }

    /// What rounding adds before it shifts.
    #[must_use]
    pub const fn half(&self) -> u64 {
        half(self.inner.shift)
    }

    /// Bits of `y + half + 2^(width - 1)`, which is not negative.
    #[must_use]
    pub const fn width(&self) -> usize {
        size(u64::BITS.saturating_sub(self.reach.saturating_add(self.half()).leading_zeros()).saturating_add(1))
    }

    /// The transposed convolution: weights e on the sums as weights on the inputs, and what the biases add:
    /// `<e, y> = <back, x> + bias`.
    #[must_use]
    pub fn back(&self, e: &[Scalar]) -> (Vec<Scalar>, Scalar) {
        let windows = self.windows.saturating_pow(2);
        let bias = self.inner.bias.iter().zip(e.chunks(windows.max(1)));
        let bias = bias.map(|(&b, e)| signed(i128::from(b)) * e.iter().sum::<Scalar>()).sum();
        let e: Vec<Limbs> = e.iter().map(|&x| limbs(x)).collect();
        let mut back = vec![Scalar::default(); self.channels.saturating_mul(self.side).saturating_mul(self.side)];
        let kernel = self.channels.saturating_mul(self.size.saturating_pow(2));
        for place in 0..kernel {
            // weight (channel, row, column) of every kernel
            let weights = || self.inner.weights.iter().skip(place).step_by(kernel);
            for window in 0..windows {
                let mut sum = [0; LIMBS];
                for (&weight, e) in weights().zip(e.iter().skip(window).step_by(windows)) {
                    let weight = i64::from(weight);
                    sum.iter_mut().zip(e).for_each(|(sum, &x)| *sum = weight.wrapping_mul(x).wrapping_add(*sum));
                }
                let read = self.read(place, window).and_then(|index| back.get_mut(index));
                read.into_iter().for_each(|x| *x += from_limbs(sum));
            }
        }
        (back, bias)
    }

    /// Which input a place of the kernels reads in a window.
    fn read(&self, place: usize, window: usize) -> Option<usize> {
        let (rows, column) = (place.checked_div(self.size)?, place.checked_rem(self.size)?);
        let (channel, row) = (rows.checked_div(self.size)?, rows.checked_rem(self.size)?);
        let (down, across) = (window.checked_div(self.windows)?, window.checked_rem(self.windows)?);
        let row = down.checked_mul(self.inner.stride)?.checked_add(row)?;
        let column = across.checked_mul(self.inner.stride)?.checked_add(column)?;
        channel.checked_mul(self.side)?.checked_add(row)?.checked_mul(self.side)?.checked_add(column)
    }
}

/// The convolutions of canonical bytes, whose sizes are those that the bytes say.
fn convolutions(bytes: &[u8]) -> Result<Vec<Convolution>, String> {
    let unreadable = || "its bytes are not those of a network".to_owned();
    let (&count, mut rest) = bytes.strip_prefix(FORMAT).and_then(<[u8]>::split_first).ok_or_else(unreadable)?;
    let mut take = |length: usize| {
        let (head, tail) = rest.split_at_checked(length)?;
        rest = tail;
        Some(head)
    };
    let (mut found, mut channels) = (Vec::new(), TERM_KINDS.len());
    for i in 0..count {
        let mut next = || {
            let mut number = || take(4)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
            let [out, fan, kernel, stride, shift] = [number()?, number()?, number()?, number()?, number()?];
            let weights = [out, fan, kernel, kernel].map(size).into_iter().try_fold(1, usize::checked_mul)?;
            let weights: Vec<i8> = take(weights)?.iter().map(|byte| byte.cast_signed()).collect();
            let (bias, _) = take(size(out).checked_mul(4)?)?.as_chunks();
            let bias = bias.iter().map(|bytes| i32::from_be_bytes(*bytes)).collect();
            Some((size(fan), Convolution { weights, bias, stride: size(stride), shift }))
        };
        let (fan, convolution) = next().ok_or_else(unreadable)?;
        // so that one network has one id: sizes are not said twice
        if fan != channels {
            return Err(format!("convolution {i}: has kernels for {fan} channels, not {channels}"));
        }
        channels = convolution.bias.len();
        found.push(convolution);
    }
    if rest.is_empty() { Ok(found) } else { Err(unreadable()) }
}

impl Convolution {
    /// What no sum exceeds in magnitude while no input exceeds `bound`.
    fn reach(&self, bound: u64) -> u64 {
        let kernel = self.weights.len().checked_div(self.bias.len()).unwrap_or(0).max(1);
        let sums = self.weights.chunks(kernel).zip(&self.bias).map(|(kernel, bias)| {
            let weight = kernel.iter().map(|w| u64::from(w.unsigned_abs())).fold(0, u64::saturating_add);
            weight.saturating_mul(bound).saturating_add(u64::from(bias.unsigned_abs()))
        });
        sums.max().unwrap_or(0)
    }
}

/// Bits of a committed input of a network. The upper [`INPUT_BITS`] + 2, sign included, are the input; those below are what
/// rounding leaves.
#[must_use]
pub const fn input_width(profile: &Profile) -> usize {
    input_shift(profile).saturating_add(size(INPUT_BITS)).saturating_add(2)
}

/// Bits that rounding takes off `a q`.
#[must_use]
pub const fn input_shift(profile: &Profile) -> usize {
    size(profile.log_scale.saturating_sub(INPUT_BITS))
}

/// What rounding adds before it shifts.
const fn half(shift: u32) -> u64 {
    1_u64.unbounded_shl(shift) >> 1
}

/// A scalar in digits of 32 bits: sums of 2^24 of them, each times a weight of 8 bits, fit 64 bits.
type Limbs = [i64; LIMBS];
const LIMBS: usize = 8;

fn limbs(x: Scalar) -> Limbs {
    let words = x.into_bigint().0;
    let digits = words.iter().flat_map(|word| [word & 0xffff_ffff, word >> 32]);
    let mut limbs = [0; LIMBS];
    limbs.iter_mut().zip(digits).for_each(|(limb, digit)| *limb = digit.cast_signed());
    limbs
}

/// `sum_i limbs[i] 2^(32 i)`, each below 2^63 in magnitude: two of them at a time stay below 2^96.
fn from_limbs(limbs: Limbs) -> Scalar {
    let base = Scalar::from(1_u128 << 64);
    let pair = |pair: &[i64; 2]| i128::from(pair[1]).saturating_mul(1 << 32).saturating_add(i128::from(pair[0]));
    limbs.as_chunks::<2>().0.iter().rev().fold(Scalar::default(), |sum, two| sum * base + signed(pair(two)))
}

/// Canonical bytes of the toy's network, which a rule determines: weights are bytes of SHAKE-128 of a label, biases two of them.
fn toy() -> Vec<u8> {
    let mut hasher = Shake128::default();
    hasher.update(TOY);
    let mut stream = hasher.finalize_xof();
    let mut next = |count: usize| {
        let mut bytes = vec![0; count];
        stream.read(&mut bytes);
        bytes
    };
    let mut out = [FORMAT, &[3]].concat();
    // out, in, kernel, stride, shift; overlapping windows, so that an input is read by several
    for sizes in [[4_u32, 3, 2, 1, 7], [3, 4, 2, 1, 5], [2, 3, 1, 1, 0]] {
        let [channels, fan, kernel, ..] = sizes.map(size);
        out.extend(sizes.iter().flat_map(|x| x.to_be_bytes()));
        out.extend(next(channels.saturating_mul(fan).saturating_mul(kernel.saturating_pow(2))));
        for bias in next(channels.saturating_mul(2)).as_chunks().0 {
            out.extend(i32::from(i16::from_be_bytes(*bias)).to_be_bytes());
        }
    }
    out
}
