//! Forged inputs of the prover: public outputs and witness that follow from other shifts, scales, norms or another c. The
//! encoder is written down once more here, from the definition.

use huref_circuits::{
    encoder::Encoder,
    profile::{Profile, TOY_1},
    prover::fingerprint::Rounded,
    security::scale_target,
    statement::Public,
};
use num_bigint::BigInt;

const PROFILE: &Profile = &TOY_1;

/// What a lying owner hands to the prover.
pub struct Forgery {
    /// Sketches whose bits are committed to.
    pub sketches: Vec<Vec<BigInt>>,
    /// Public outputs and what is behind them.
    pub rounded: Rounded,
}

impl Forgery {
    /// No lie yet.
    pub fn honest(sketches: &[Vec<BigInt>], rounded: &Rounded) -> Self {
        let Rounded { public, q, norms, rem } = rounded;
        let rounded = Rounded { public: public.clone(), q: q.clone(), norms: norms.clone(), rem: rem.clone() };
        Self { sketches: sketches.to_vec(), rounded }
    }

    /// c, z and remainders that follow from `q` and `a`.
    pub fn publish(&mut self) {
        let squares: BigInt = encode(&self.rounded).iter().map(|x| x * x).sum();
        let c = (BigInt::from(scale_target(PROFILE)) / squares).sqrt();
        self.publish_with(u64::try_from(c).unwrap());
    }

    /// z and remainders that follow from `q` and `a` with another scale c.
    pub fn publish_with(&mut self, c: u64) {
        let w = PROFILE.fraction_bits;
        self.rounded.public.c = c;
        (self.rounded.public.z, self.rounded.rem) = encode(&self.rounded)
            .into_iter()
            .map(|x| {
                let raised = x * c + (BigInt::from(1) << (w - 1));
                let z: BigInt = &raised >> w;
                let rem = raised - (&z << w);
                (i64::try_from(z).unwrap(), u64::try_from(rem).unwrap())
            })
            .unzip();
    }

    /// Another shift of term 0, and everything that follows.
    pub fn shift(&mut self, e: u32) {
        let half = if e > 0 { BigInt::from(1) << (e - 1) } else { BigInt::ZERO };
        let q: Vec<i64> = self.sketches[0].iter().map(|s| i64::try_from((s + &half) >> e).unwrap()).collect();
        let norm = q.iter().map(|q| q.unsigned_abs().pow(2)).sum();
        self.rounded.q[..q.len()].copy_from_slice(&q);
        self.rounded.public.e[0] = e;
        self.rounded.norms[0] = norm;
        self.rounded.public.a[0] = scale(norm);
        self.publish();
    }
}

/// `floor(2^40 / sqrt(norm))`.
pub fn scale(norm: u64) -> u64 {
    u64::try_from(((1_u128 << (2 * PROFILE.log_scale)) / u128::from(norm)).isqrt()).unwrap()
}

/// `f'_k = m f_k - sum f`, `f_k = sum_t a_t <R_kind(t), q_t>`.
fn encode(rounded: &Rounded) -> Vec<BigInt> {
    let Rounded { public: Public { a, .. }, q, .. } = rounded;
    let per = PROFILE.entries();
    let encoder = Encoder::new(PROFILE, &None);
    let r: Vec<i64> = encoder.entries().map(i64::from).collect();
    let m = PROFILE.outputs as usize;
    let f: Vec<BigInt> = (0..m)
        .map(|k| {
            let entry = |j: usize| r[k * encoder.width() + j % (3 * per)];
            q.iter().enumerate().map(|(j, &q)| BigInt::from(entry(j)) * a[j / per] * q).sum()
        })
        .collect();
    let total: BigInt = f.iter().sum();
    f.into_iter().map(|x| x * m - &total).collect()
}

/// `g_k = rem_k - 2^63`, and `V = sum_k (z_k 2^64 + g_k)^2`.
pub fn squares(rounded: &Rounded) -> BigInt {
    let w = PROFILE.fraction_bits;
    let half = BigInt::from(1) << (w - 1);
    let values = rounded.public.z.iter().zip(&rounded.rem);
    values.map(|(&z, &rem)| ((BigInt::from(z) << w) + rem - &half).pow(2)).sum()
}

/// `M = m 2^152`.
pub fn target() -> BigInt {
    BigInt::from(scale_target(PROFILE))
}
