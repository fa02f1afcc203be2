//! The fingerprint in integers: shift, scale, encode, standardise, round (proofs/spec/fingerprint.md). Every
//! division and root says how it rounds, so there is exactly one right answer.

use crate::{
    challenge::Challenge,
    encoder::Encoder,
    profile::Profile,
    prover::{
        convolution::{INPUT_BITS, Network},
        failure::Failure,
    },
    security::scale_target,
    statement::Public,
};
use num_bigint::BigInt;
use zeroize::Zeroize;

/// Outputs of a network are raised by that many bits.
const RAISE_BITS: u32 = 20;

/// Public outputs and the secret values behind them. Not `Clone` and not `Debug`; the secret ones are wiped.
pub struct Rounded {
    /// z, e, a, c.
    pub public: Public,
    /// Rounded sketches, term after term.
    pub q: Vec<i64>,
    /// `N_t = sum q^2`.
    pub norms: Vec<u64>,
    /// `rem_k`.
    pub rem: Vec<u64>,
}

impl Drop for Rounded {
    fn drop(&mut self) {
        self.q.zeroize();
        self.norms.zeroize();
        self.rem.zeroize();
    }
}

fn degenerate(what: String) -> Failure {
    Failure::Weights(what)
}

/// Fingerprint of exact sketches, in the order of the terms; under the challenge that the sketches were made under, or none.
///
/// # Errors
/// [`Failure::Weights`] for a degenerate model: a term that is zero or too small, terms that cancel.
pub fn round(profile: &Profile, sketches: &[Vec<BigInt>], challenge: &Challenge) -> Result<Rounded, Failure> {
    let scaled = scale(profile, sketches)?;
    let f = encode(profile, challenge, &scaled.q, &scaled.a);
    standardise(profile, scaled, f)
}

/// Fingerprint of exact sketches by a network in place of the encoder's matrix. No proof speaks of it.
///
/// # Errors
/// As for [`round`].
pub fn round_by(network: &Network, profile: &Profile, sketches: &[Vec<BigInt>]) -> Result<Rounded, Failure> {
    let scaled = scale(profile, sketches)?;
    let f = convolve(network, profile, &scaled.q, &scaled.a);
    standardise(profile, scaled, f)
}

/// Sketches after shift and scale: of each term `e_t`, `a_t`, `N_t`; their entries, term after term.
struct Scaled {
    e: Vec<u32>,
    a: Vec<u64>,
    q: Vec<i64>,
    norms: Vec<u64>,
}

fn scale(profile: &Profile, sketches: &[Vec<BigInt>]) -> Result<Scaled, Failure> {
    let (mut e, mut a, mut q, mut norms) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (t, sketch) in sketches.iter().enumerate() {
        let (shift, rounded, norm) = shift(profile, sketch);
        let name = || format!("term {} of layer number {}", ["a", "b", "f"][t % 3], t / 3);
        if norm == 0 {
            return Err(degenerate(format!("{} is zero: the model is degenerate", name())));
        }
        let scale = ((1_u128 << (2 * profile.log_scale)) / u128::from(norm)).isqrt();
        if scale > 1 << profile.max_log_a {
            return Err(degenerate(format!("{} is too small to be normalised", name())));
        }
        e.push(shift);
        a.push(scale as u64);
        q.extend(rounded);
        norms.push(norm);
    }
    Ok(Scaled { e, a, q, norms })
}

/// z and what its rounding leaves, from `f'`.
fn standardise(profile: &Profile, scaled: Scaled, f: Vec<BigInt>) -> Result<Rounded, Failure> {
    let squares: BigInt = f.iter().map(|x| x * x).sum();
    if squares == BigInt::ZERO {
        return Err(degenerate("the encoder's output is constant: the model is degenerate".into()));
    }
    let c = (BigInt::from(scale_target(profile)) / squares).sqrt();
    let c = u64::try_from(&c).ok().filter(|c| (1 << profile.min_log_c..1 << profile.max_log_c).contains(c));
    let c = c.ok_or_else(|| degenerate("the terms cancel in the encoder: the model is degenerate".into()))?;
    let (mut z, mut rem) = (Vec::new(), Vec::new());
    for x in f {
        let raised = x * c + (BigInt::from(1) << (profile.fraction_bits - 1));
        let quotient: BigInt = &raised >> profile.fraction_bits;
        let rest = raised - (&quotient << profile.fraction_bits);
        z.push(i64::try_from(quotient).map_err(|_| degenerate("z is out of range".into()))?);
        rem.push(u64::try_from(rest).map_err(|_| degenerate("a remainder is out of range".into()))?);
    }
    let Scaled { e, a, q, norms } = scaled;
    Ok(Rounded { public: Public { z, e, a, c }, q, norms, rem })
}

/// The smallest shift that brings the norm below `2^log_norm`; the rounded sketch; its squared norm.
fn shift(profile: &Profile, sketch: &[BigInt]) -> (u32, Vec<i64>, u64) {
    let widest = sketch.iter().map(BigInt::bits).max().unwrap_or(0);
    // no shift below this one can do: one entry alone would have norm 2^log_norm or more
    let first = widest.saturating_sub(u64::from(profile.log_norm) + 1) as u32;
    (first..)
        .find_map(|e| {
            let half = if e > 0 { BigInt::from(1) << (e - 1) } else { BigInt::ZERO };
            let q: Vec<i64> = sketch.iter().map(|s| i64::try_from((s + &half) >> e).ok()).collect::<Option<_>>()?;
            let norm: u128 = q.iter().map(|&x| u128::from(x.unsigned_abs()).pow(2)).sum();
            (norm < 1 << (2 * profile.log_norm)).then_some((e, q, norm as u64))
        })
        .unwrap_or_default()
}

/// `f'_k = m f_k - sum f`, `f_k = sum_t a_t <R_k, q_t>`; one block of R for each kind of term.
fn encode(profile: &Profile, challenge: &Challenge, q: &[i64], a: &[u64]) -> Vec<BigInt> {
    let encoder = Encoder::new(profile, challenge);
    let per = profile.entries();
    // kinds first: sum over layers of a_t q_t, below 2^(40 + log T)
    let mut block = vec![0_i128; encoder.width()];
    for (t, (q, &a)) in q.chunks(per).zip(a).enumerate() {
        let kind = (t % 3) * per;
        for (x, &q) in block[kind..kind + per].iter_mut().zip(q) {
            *x += i128::from(a) * i128::from(q);
        }
    }
    let mut entries = encoder.entries();
    let f: Vec<i128> = (0..profile.outputs)
        .map(|_| block.iter().zip(entries.by_ref().take(block.len())).map(|(&x, sign)| x * i128::from(sign)).sum())
        .collect();
    centred(profile, &f)
}

/// `f'` of a network: `f = 2^20 sum over layers of CNN(x)`, `x = round(a_t q_t / 2^28)`, the three terms of a layer as
/// its channels. The factor brings f to the size that the matrix gives it, so that c stays in its window.
fn convolve(network: &Network, profile: &Profile, q: &[i64], a: &[u64]) -> Vec<BigInt> {
    let per = profile.entries();
    let drop = profile.log_scale - INPUT_BITS;
    let mut f = vec![0_i128; network.outputs()];
    for (layer, scales) in q.chunks(3 * per).zip(a.chunks(3)) {
        let channels = layer.chunks(per).zip(scales);
        // |a q| <= 2^40, because a^2 N <= 2^80
        let entry = |q: i64, a: u64| ((i128::from(a) * i128::from(q) + (1 << (drop - 1))) >> drop) as i64;
        let x = channels.flat_map(|(q, &a)| q.iter().map(move |&q| entry(q, a)));
        for (sum, y) in f.iter_mut().zip(network.apply(&x.collect::<Vec<i64>>())) {
            *sum += i128::from(y) << RAISE_BITS;
        }
    }
    centred(profile, &f)
}

/// `f'_k = m f_k - sum f`.
fn centred(profile: &Profile, f: &[i128]) -> Vec<BigInt> {
    let sum: i128 = f.iter().sum();
    f.iter().map(|&x| BigInt::from(x) * profile.outputs - sum).collect()
}
