//! A network at work on its inputs ([`crate::network`]).

use crate::{
    network::{INPUT_BITS, Network, Placed, input_shift},
    profile::Profile,
};

/// What an owner's network computes for one layer of a model.
pub struct Activity {
    /// The sums of each convolution: channel after channel, row after row.
    pub sums: Vec<Vec<i64>>,
}

impl Activity {
    /// The sums of the hidden convolutions, in order.
    #[must_use]
    pub fn hidden(&self) -> &[Vec<i64>] {
        self.sums.split_last().map_or(&[], |(_, hidden)| hidden)
    }

    /// What comes out.
    #[must_use]
    pub fn outputs(&self) -> &[i64] {
        self.sums.last().map_or(&[], Vec::as_slice)
    }
}

impl Network {
    /// All sums for one layer's input, `3 x side x side`, each entry at most `2^12` in magnitude.
    #[must_use]
    pub fn apply(&self, x: &[i64]) -> Activity {
        let mut x = x.to_vec();
        let mut sums = Vec::new();
        for placed in self.placed() {
            let y = placed.apply(&x);
            x = y.iter().map(|&y| ((y + placed.half() as i64) >> placed.inner.shift).max(0)).collect();
            sums.push(y);
        }
        Activity { sums }
    }
}

/// The input of a network from rounded sketches and their scales, the terms of a layer as its channels: `round(a q / 2^28)`.
#[must_use]
pub fn inputs(profile: &Profile, q: &[i64], a: &[u64]) -> Vec<i64> {
    let shift = input_shift(profile);
    // |a q| <= 2^40, because a^2 N <= 2^80
    let entry = |q: i64, a: u64| ((scaled(q, a) + (1 << (shift - 1))) >> shift) as i64;
    let channels = q.chunks(profile.entries()).zip(a);
    channels.flat_map(|(q, &a)| q.iter().map(move |&q| entry(q, a))).collect()
}

/// What is committed to of them: `a q + 2^27 + 2^41`, not negative; its upper bits are the input and `2^13`.
pub fn committed_inputs<'a>(profile: &Profile, q: &'a [i64], a: u64) -> impl Iterator<Item = i128> + 'a {
    let shift = input_shift(profile);
    let offset = (1_i128 << (shift - 1)) + (1 << (shift as u32 + INPUT_BITS + 1));
    q.iter().map(move |&q| scaled(q, a) + offset)
}

fn scaled(q: i64, a: u64) -> i128 {
    i128::from(a) * i128::from(q)
}

impl Placed {
    /// The sums y: out x windows x windows.
    fn apply(&self, x: &[i64]) -> Vec<i64> {
        let Self { inner, channels, side, size, windows, reach: _ } = self;
        let mut out = Vec::with_capacity(self.sums());
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
    use crate::{
        curve::Scalar,
        network::Convolution,
        poly::signed,
        profile::{PROFILES, ROBUST_2_CNN, TOY_2_CNN},
    };
    use ark_ff::UniformRand;

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
        let activity = network.apply(&x);
        assert_eq!(activity.hidden(), [[38, 27, 17, -101]]);
        assert_eq!(activity.outputs(), [19 + 28 + 27 + 7]);
    }

    #[test]
    fn what_comes_out_is_ordered_by_channel_row_column() {
        let mut first = Convolution { weights: vec![0; 24], bias: vec![5, 0], stride: 2, shift: 0 };
        (first.weights[0], first.weights[15]) = (1, 1); // top left of channel 0, bottom right of channel 0
        let second = Convolution { weights: vec![1, 0, 0, 1], bias: vec![0; 2], stride: 1, shift: 0 };
        let network = Network::new(vec![first, second], 5).unwrap();
        let x: Vec<i64> = (0..75).collect();
        assert_eq!(network.outputs(), 8);
        assert_eq!(network.apply(&x).outputs(), [5, 7, 15, 17, 6, 8, 16, 18]);
    }

    #[test]
    fn networks_that_do_not_fit_or_could_overflow_are_refused() {
        let refused = |convolutions| Network::new(convolutions, 2).err().unwrap();
        let last = || convolution(1, 1, 1, 0);
        assert!(refused(vec![]).contains("2 to 8 convolutions"));
        assert!(refused(vec![convolution(1, 12, 1, 1); 9]).contains("2 to 8 convolutions"));
        assert!(refused(vec![convolution(1, 12, 1, 1), convolution(1, 1, 1, 1)]).contains("must not be rounded"));
        assert!(refused(vec![convolution(1, 11, 1, 0), last()]).contains("convolution 0: does not fit"));
        assert!(refused(vec![convolution(1, 27, 1, 0), last()]).contains("convolution 0: does not fit"));
        assert!(refused(vec![convolution(0, 12, 1, 0), last()]).contains("convolution 0: does not fit"));
        assert!(refused(vec![convolution(1, 12, 1, 32), last()]).contains("convolution 0: does not fit"));
        assert!(refused(vec![convolution(1, 3, 1, 0), convolution(70_000, 4, 1, 0), last()]).contains("does not fit"));
        assert!(refused(vec![convolution(70_000, 12, 1, 0), convolution(1, 70_000, 1, 0)]).contains("more weights"));
        let deep = || [convolution(512, 3, 127, 0), convolution(512, 512, 127, 0), convolution(1, 2048, 127, 0)];
        assert!(refused(deep().into()).contains("convolution 2: a sum could reach"));
        let mut rounded = deep();
        rounded[0].shift = 11;
        let network = Network::new(rounded.into(), 2).unwrap();
        assert_eq!(network.outputs(), 1);
        // the largest input there is: 2 x 2 equal numbers
        let hidden = (3 * 127 * 4096_i64 + 1024) >> 11;
        assert_eq!(network.apply(&[4096; 12]).outputs(), [2048 * 127 * (512 * 127 * hidden)]);
        assert_eq!(network.last().unwrap().reach, 2048 * 127 * (512 * 127 * hidden) as u64);
    }

    #[test]
    fn networks_of_the_profiles() {
        for profile in PROFILES {
            let network = Network::of(profile).unwrap();
            assert_eq!(network.is_some(), profile.protocol.contains("cnn"), "{}", profile.name);
        }
        let network = Network::of(&ROBUST_2_CNN).unwrap().unwrap();
        let sizes: Vec<_> = network.placed().iter().map(|it| (it.reach, it.width(), it.sums())).collect();
        assert_eq!(sizes[..2], [(5_672_983, 24, 3072), (928_775_397, 31, 1024)]);
        assert_eq!(sizes[2].2, 512);
    }

    #[test]
    fn weights_on_sums_are_weights_on_inputs() {
        let mut rng = ark_std::test_rng();
        for profile in [&TOY_2_CNN, &ROBUST_2_CNN] {
            let network = Network::of(profile).unwrap().unwrap();
            for placed in network.placed() {
                let x: Vec<i64> =
                    (0..placed.channels * placed.side * placed.side).map(|i| (i * i) as i64 % 4097 - 2048).collect();
                let e: Vec<Scalar> = (0..placed.sums()).map(|_| Scalar::rand(&mut rng)).collect();
                let weighted =
                    |e: &[Scalar], x: &[i64]| e.iter().zip(x).map(|(&e, &x)| e * signed(x.into())).sum::<Scalar>();
                let (back, bias) = placed.back(&e);
                assert_eq!(weighted(&e, &placed.apply(&x)), weighted(&back, &x) + bias);
            }
        }
    }
}
