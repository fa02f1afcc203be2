//! Forged inputs of the prover: public outputs and witness that follow from other shifts, scales, norms or another c. The
//! encoder is written down once more here, from the definition.

use super::toy::Toy;
use huref_circuits::{
    draw::Streams,
    encoder::Encoder,
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
    streams: Vec<Streams>,
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
        Self { streams: toy.streams.clone(), sketches: toy.sketches.clone(), rounded }
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
        self.rounded = round(PROFILE, &self.sketches, streams).unwrap();
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

    /// `f'_k = m f_k - sum f`, `f_k = sum over the terms of a layer of a_t <R_kind(t), q_t>`.
    fn encode(&mut self, group: usize) -> Vec<BigInt> {
        let (per, m) = (PROFILE.entries(), PROFILE.outputs as usize);
        let encoder = Encoder::new(PROFILE, &self.streams[group / self.layers()]);
        let r: Vec<i64> = encoder.entries().map(i64::from).collect();
        let a: Vec<u64> = (0..KINDS).map(|kind| *self.a(group * KINDS + kind)).collect();
        let q = &self.rounded.q[group * KINDS * per..][..KINDS * per];
        let entry = |k: usize, (j, &q): (usize, &i64)| BigInt::from(r[k * encoder.width() + j]) * a[j / per] * q;
        let f: Vec<BigInt> = (0..m).map(|k| q.iter().enumerate().map(|jq| entry(k, jq)).sum()).collect();
        let total: BigInt = f.iter().sum();
        f.into_iter().map(|x| x * m - &total).collect()
    }

    /// `V = sum_k (z_k 2^64 + rem_k - 2^63)^2` of a layer.
    pub fn squares(&mut self, group: usize) -> BigInt {
        let w = PROFILE.fraction_bits;
        let half = BigInt::from(1) << (w - 1);
        let (z, rem) = self.z(group);
        z.iter().zip(rem).map(|(&z, &mut rem)| ((BigInt::from(z) << w) + rem - &half).pow(2)).sum()
    }
}

/// `floor(2^40 / sqrt(norm))`.
pub fn scale(norm: u64) -> u64 {
    u64::try_from(((1_u128 << (2 * PROFILE.log_scale)) / u128::from(norm)).isqrt()).unwrap()
}

/// `M = m 2^152`.
pub fn target() -> BigInt {
    BigInt::from(scale_target(PROFILE))
}
