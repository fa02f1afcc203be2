//! Forged inputs of the prover: public outputs and witness that follow from other shifts, scales, norms or another c. The
//! encoder is written down once more here, from the definition.

use super::toy::Toy;
use huref_circuits::{
    draw::Streams,
    encoder::Encoder,
    network::{INPUT_BITS, Network, Placed, RAISE_BITS},
    profile::{Profile, TOY_2},
    prover::fingerprint::{Rounded, round},
    security::scale_target,
};
use num_bigint::BigInt;

const PROFILE: &Profile = &TOY_2;
/// Terms of a layer.
const KINDS: usize = 3;

/// What a lying owner hands to the prover. Terms and layers are numbered through all draws.
pub struct Forgery {
    profile: &'static Profile,
    streams: Vec<Streams>,
    /// What a network computes is bent on its way.
    pub bend: Bend,
    /// Sketches whose bits are committed to.
    pub sketches: Vec<Vec<BigInt>>,
    /// Public outputs and what is behind them.
    pub rounded: Rounded,
}

impl Forgery {
    /// No lie yet.
    pub fn honest(toy: &Toy) -> Self {
        let Rounded { outputs, q, norms, rem } = &toy.rounded;
        let rounded = Rounded { outputs: outputs.clone(), q: q.clone(), norms: norms.clone(), rem: rem.clone() };
        Self {
            profile: toy.profile,
            streams: toy.streams.clone(),
            bend: Box::new(|_, _| ()),
            sketches: toy.sketches.clone(),
            rounded,
        }
    }

    /// Layers of each draw.
    pub fn layers(&self) -> usize {
        self.rounded.outputs[0].c.len()
    }

    /// Scale of a term.
    pub fn a(&mut self, term: usize) -> &mut u64 {
        let terms = KINDS * self.layers();
        &mut self.rounded.outputs[term / terms].a[term % terms]
    }

    /// Shift of a term.
    pub fn e(&mut self, term: usize) -> &mut u32 {
        let terms = KINDS * self.layers();
        &mut self.rounded.outputs[term / terms].e[term % terms]
    }

    /// Scale of a layer.
    pub fn c(&mut self, group: usize) -> &mut u64 {
        let layers = self.layers();
        &mut self.rounded.outputs[group / layers].c[group % layers]
    }

    /// Vector of a layer, and its remainders.
    pub fn z(&mut self, group: usize) -> (&mut [i64], &mut [u64]) {
        let (layers, m) = (self.layers(), PROFILE.outputs as usize);
        let z = &mut self.rounded.outputs[group / layers].z[group % layers * m..][..m];
        (z, &mut self.rounded.rem[group * m..][..m])
    }

    /// Everything that follows from the sketches, if the encoder is that of these streams.
    pub fn round(&mut self, streams: &[Streams]) {
        self.rounded = round(self.profile, &self.sketches, streams).unwrap();
    }

    /// c, z and remainders that follow from `q` and `a`.
    pub fn publish(&mut self) {
        for group in 0..self.layers() * self.streams.len() {
            let squares: BigInt = self.encode(group).iter().map(|x| x * x).sum();
            let c = (BigInt::from(scale_target(PROFILE)) / squares).sqrt();
            self.publish_with(group, u64::try_from(c).unwrap());
        }
    }

    /// z and remainders of a layer that follow from `q` and `a` with another scale c.
    pub fn publish_with(&mut self, group: usize, c: u64) {
        let w = PROFILE.fraction_bits;
        *self.c(group) = c;
        let f = self.encode(group);
        let (z, rem) = self.z(group);
        for ((x, z), rem) in f.into_iter().zip(z).zip(rem) {
            let raised = x * c + (BigInt::from(1) << (w - 1));
            let rounded: BigInt = &raised >> w;
            *rem = u64::try_from(raised - (&rounded << w)).unwrap();
            *z = i64::try_from(rounded).unwrap();
        }
    }

    /// Another shift of term 0, and everything that follows.
    pub fn shift(&mut self, e: u32) {
        let half = if e > 0 { BigInt::from(1) << (e - 1) } else { BigInt::ZERO };
        let q: Vec<i64> = self.sketches[0].iter().map(|s| i64::try_from((s + &half) >> e).unwrap()).collect();
        let norm = q.iter().map(|q| q.unsigned_abs().pow(2)).sum();
        self.rounded.q[..q.len()].copy_from_slice(&q);
        self.rounded.norms[0] = norm;
        *self.e(0) = e;
        *self.a(0) = scale(norm);
        self.publish();
    }

    /// What a network computes for a layer, with what was bent.
    pub fn activity(&mut self, layer: usize) -> Activity {
        let (per, drop) = (PROFILE.entries(), self.profile.log_scale - INPUT_BITS);
        let mut inputs = Vec::new();
        for term in layer * KINDS..(layer + 1) * KINDS {
            let a = i128::from(*self.a(term));
            let q = &self.rounded.q[term * per..][..per];
            let mut values: Vec<i128> =
                q.iter().map(|&q| a * i128::from(q) + (1 << (drop - 1)) + (1 << (drop + 13))).collect();
            (self.bend)(At::Input(term), &mut values);
            inputs.push(values);
        }
        let mut x: Vec<i128> = inputs.concat().iter().map(|&a| (a >> drop) - (1 << 13)).collect();
        let network = Network::of(self.profile).unwrap().unwrap();
        let mut sums = Vec::new();
        for (h, placed) in network.hidden().iter().enumerate() {
            let top = 1 << (placed.width() - 1);
            let half = i128::from(placed.half());
            let mut y: Vec<i128> = convolved(placed, &x).iter().map(|y| y + half + top).collect();
            (self.bend)(At::Sum(layer, h), &mut y);
            x = y.iter().map(|&y| if y >= top { (y - top) >> placed.inner.shift } else { 0 }).collect();
            (self.bend)(At::Activation(layer, h), &mut x);
            sums.push(y);
        }
        Activity { inputs, sums, outputs: convolved(network.last().unwrap(), &x) }
    }

    /// `f'_k = m f_k - sum f`, `f_k = sum over the terms of a layer of a_t <R_kind(t), q_t>`.
    fn encode(&mut self, group: usize) -> Vec<BigInt> {
        let (per, m) = (PROFILE.entries(), PROFILE.outputs as usize);
        let streams = self.streams[group / self.layers()].clone();
        if streams.network.is_some() {
            let f: Vec<BigInt> = self.activity(group).outputs.iter().map(|&y| BigInt::from(y) << RAISE_BITS).collect();
            return centred(f);
        }
        let encoder = Encoder::new(PROFILE, &streams);
        let r: Vec<i64> = encoder.entries().map(i64::from).collect();
        let a: Vec<u64> = (0..KINDS).map(|kind| *self.a(group * KINDS + kind)).collect();
        let q = &self.rounded.q[group * KINDS * per..][..KINDS * per];
        let entry = |k: usize, (j, &q): (usize, &i64)| BigInt::from(r[k * encoder.width() + j]) * a[j / per] * q;
        let f: Vec<BigInt> = (0..m).map(|k| q.iter().enumerate().map(|jq| entry(k, jq)).sum()).collect();
        centred(f)
    }

    /// `V = sum_k (z_k 2^64 + rem_k - 2^63)^2` of a layer.
    pub fn squares(&mut self, group: usize) -> BigInt {
        let w = PROFILE.fraction_bits;
        let half = BigInt::from(1) << (w - 1);
        let (z, rem) = self.z(group);
        z.iter().zip(rem).map(|(&z, &mut rem)| ((BigInt::from(z) << w) + rem - &half).pow(2)).sum()
    }
}

/// Where in a network a value stands: an input of a term, a sum or an activation of (layer, convolution).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// `a q + 2^27 + 2^41`.
    Input(usize),
    /// `y + half + 2^(width - 1)`.
    Sum(usize, usize),
    /// `max(0, floor((y + half) / 2^shift))`.
    Activation(usize, usize),
}

/// Changes values on their way through a network. All later ones follow.
pub type Bend = Box<dyn Fn(At, &mut [i128])>;

/// What a network computes for a layer: what is committed to, and what comes out.
#[derive(Clone)]
pub struct Activity {
    /// Of each term.
    pub inputs: Vec<Vec<i128>>,
    /// Of each hidden convolution.
    pub sums: Vec<Vec<i128>>,
    /// Sums of the last one.
    pub outputs: Vec<i128>,
}

/// The sums of a convolution, from the definition.
fn convolved(placed: &Placed, x: &[i128]) -> Vec<i128> {
    let Placed { inner, channels, side, size, windows, .. } = placed;
    let mut sums = Vec::new();
    for (o, bias) in inner.bias.iter().enumerate() {
        for (i, j) in (0..windows * windows).map(|w| (w / windows, w % windows)) {
            let mut sum = i128::from(*bias);
            for c in 0..*channels {
                for (u, v) in (0..size * size).map(|k| (k / size, k % size)) {
                    let weight = inner.weights[((o * channels + c) * size + u) * size + v];
                    sum += i128::from(weight) * x[(c * side + i * inner.stride + u) * side + j * inner.stride + v];
                }
            }
            sums.push(sum);
        }
    }
    sums
}

/// `f' = m f - sum f`.
fn centred(f: Vec<BigInt>) -> Vec<BigInt> {
    let total: BigInt = f.iter().sum();
    f.into_iter().map(|x| x * PROFILE.outputs - &total).collect()
}

/// `floor(2^40 / sqrt(norm))`.
pub fn scale(norm: u64) -> u64 {
    u64::try_from(((1_u128 << (2 * PROFILE.log_scale)) / u128::from(norm)).isqrt()).unwrap()
}

/// `M = m 2^152`.
pub fn target() -> BigInt {
    BigInt::from(scale_target(PROFILE))
}
