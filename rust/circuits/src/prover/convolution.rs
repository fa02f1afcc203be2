//! The encoder `cnn` in integers: convolutions with ReLU (proofs/spec/fingerprint.md, "encoder cnn").
//!
//! ```text
//! y  = sum over (channel, row, column) of weight x + bias       no padding
//! x' = max(0, floor((y + half) / 2^shift))                      after every convolution but the last
//! ```
//!
//! Nothing overflows: what a sum can reach is computed from the weights when a network is made.

use crate::prover::failure::Failure;

/// Bits of an input: `|x| <= 2^12`.
pub const INPUT_BITS: u32 = 12;
/// No sum reaches `2^44`.
const LIMIT_BITS: u32 = 44;
/// Channels of an input: the kinds of terms.
const KINDS: usize = 3;

/// One convolution: square kernels without padding.
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

/// A convolution and the sizes that follow from its place.
struct Placed {
    inner: Convolution,
    channels: usize,
    side: usize,
    size: usize,
}

/// Convolutions one after another, and how many numbers come out.
pub struct Network {
    placed: Vec<Placed>,
    outputs: usize,
}

impl Network {
    /// A network for inputs `3 x side x side`.
    ///
    /// # Errors
    /// [`Failure::Weights`] when sizes do not fit one another or a sum could reach `2^44`.
    pub fn new(convolutions: Vec<Convolution>, side: usize) -> Result<Self, Failure> {
        let mut placed = Vec::new();
        let (mut channels, mut left, mut bound) = (KINDS, side, 1_u128 << INPUT_BITS);
        for (i, inner) in convolutions.into_iter().enumerate() {
            let out = inner.bias.len();
            let size = inner.weights.len().checked_div(out * channels).unwrap_or(0).isqrt();
            let fits = size > 0 && size <= left && size * size * channels * out == inner.weights.len();
            if !(fits && inner.stride > 0 && inner.shift < 32) {
                return Err(Failure::Weights(format!(
                    "convolution {i} does not fit {channels} channels of side {left}"
                )));
            }
            let reach = inner.reach(bound);
            if reach >> LIMIT_BITS != 0 {
                return Err(Failure::Weights(format!("a sum of convolution {i} could reach 2^{LIMIT_BITS}")));
            }
            bound = (reach + u128::from(half(inner.shift))) >> inner.shift;
            let next = (left - size) / inner.stride + 1;
            placed.push(Placed { inner, channels, side: left, size });
            (channels, left) = (out, next);
        }
        if placed.last().is_none_or(|last| last.inner.shift != 0) {
            return Err(Failure::Weights("the last convolution must not be rounded".into()));
        }
        Ok(Self { placed, outputs: channels * left * left })
    }

    /// Numbers that come out.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.outputs
    }

    /// Outputs for one layer's input, `3 x side x side`, each entry at most `2^12` in magnitude: the last sums, channel
    /// after channel, row after row.
    #[must_use]
    pub fn apply(&self, x: &[i64]) -> Vec<i64> {
        let mut x = x.to_vec();
        for (i, placed) in self.placed.iter().enumerate() {
            x = placed.sums(&x);
            if i + 1 < self.placed.len() {
                let (half, shift) = (half(placed.inner.shift), placed.inner.shift);
                x.iter_mut().for_each(|y| *y = ((*y + i64::from(half)) >> shift).max(0));
            }
        }
        x
    }
}

/// What rounding adds before it shifts.
const fn half(shift: u32) -> u32 {
    (1 << shift) >> 1
}

impl Convolution {
    /// What no sum exceeds in magnitude while no input exceeds `bound`.
    fn reach(&self, bound: u128) -> u128 {
        let kernels = self.weights.chunks(self.weights.len() / self.bias.len());
        let sums = kernels.zip(&self.bias).map(|(kernel, bias)| {
            let weight: u128 = kernel.iter().map(|w| u128::from(w.unsigned_abs())).sum();
            weight * bound + u128::from(bias.unsigned_abs())
        });
        sums.max().unwrap_or(0)
    }
}

impl Placed {
    /// The sums y: out x side' x side'.
    fn sums(&self, x: &[i64]) -> Vec<i64> {
        let Self { inner, channels, side, size } = self;
        let windows = (side - size) / inner.stride + 1;
        let mut out = Vec::with_capacity(inner.bias.len() * windows * windows);
        for (kernel, &bias) in inner.weights.chunks(channels * size * size).zip(&inner.bias) {
            for (top, left) in (0..windows * windows).map(|w| (w / windows * inner.stride, w % windows * inner.stride))
            {
                let rows = kernel.chunks(*size).enumerate().map(|(row, weights)| {
                    let start = (row / size * side + top + row % size) * side + left;
                    weights.iter().zip(&x[start..start + size]).map(|(&w, &x)| i64::from(w) * x).sum::<i64>()
                });
                out.push(rows.sum::<i64>() + i64::from(bias));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convolution(out: usize, fan: usize, weight: i8, shift: u32) -> Convolution {
        Convolution { weights: vec![weight; out * fan], bias: vec![0; out], stride: 1, shift }
    }

    #[test]
    fn sums_rounding_and_relu_by_hand() {
        // one kernel of 2 x 2 over a side of 3; then four numbers become one
        let first = Convolution { weights: (1..=12).collect(), bias: vec![-3], stride: 1, shift: 1 };
        let second = Convolution { weights: vec![1, 2, 3, -4], bias: vec![7], stride: 1, shift: 0 };
        let network = Network::new(vec![first, second], 3).unwrap();
        let mut x = vec![0; 27];
        (x[0], x[4], x[26]) = (1, 10, -9);
        // y = 1 + 40 - 3, 30 - 3, 20 - 3, 10 - 108 - 3; halved, halves upwards: 19, 14 (13.5), 9 (8.5), 0
        assert_eq!(network.apply(&x), [19 + 28 + 27 + 7]);
    }

    #[test]
    fn what_comes_out_is_ordered_by_channel_row_column() {
        let mut first = Convolution { weights: vec![0; 24], bias: vec![5, 0], stride: 2, shift: 0 };
        (first.weights[0], first.weights[15]) = (1, 1); // top left of channel 0, bottom right of channel 0
        let network = Network::new(vec![first], 5).unwrap();
        let x: Vec<i64> = (0..75).collect();
        assert_eq!(network.outputs(), 8);
        assert_eq!(network.apply(&x), [5, 7, 15, 17, 6, 8, 16, 18]);
    }

    #[test]
    fn networks_that_do_not_fit_or_could_overflow_are_refused() {
        let refused = |convolutions| Network::new(convolutions, 2).err().map(|why| why.to_string()).unwrap();
        assert!(refused(vec![]).contains("must not be rounded"));
        assert!(refused(vec![convolution(1, 12, 1, 1)]).contains("must not be rounded"));
        assert!(refused(vec![convolution(1, 11, 1, 0)]).contains("convolution 0 does not fit"));
        assert!(refused(vec![convolution(1, 27, 1, 0)]).contains("convolution 0 does not fit"));
        assert!(refused(vec![convolution(0, 12, 1, 0)]).contains("convolution 0 does not fit"));
        let deep = || [convolution(512, 3, 127, 0), convolution(512, 512, 127, 0), convolution(1, 2048, 127, 0)];
        assert!(refused(deep().into()).contains("convolution 2 could reach"));
        let mut rounded = deep();
        rounded[0].shift = 11;
        let network = Network::new(rounded.into(), 2).unwrap();
        assert_eq!(network.outputs(), 1);
        // the largest input there is: 2 x 2 equal numbers
        let hidden = (3 * 127 * 4096_i64 + 1024) >> 11;
        assert_eq!(network.apply(&[4096; 12]), [2048 * 127 * (512 * 127 * hidden)]);
    }
}
