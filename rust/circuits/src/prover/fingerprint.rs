//! The fingerprint in integers: shift, scale, encode, standardise, round (proofs/spec/fingerprint.md). Every
//! division and root says how it rounds, so there is exactly one right answer.

use crate::{
    draw::Source,
    draw::Streams,
    encoder::Encoder,
    network::{Network, RAISE_BITS},
    profile::Profile,
    prover::{convolution::inputs, failure::Failure},
    security::scale_target,
    statement::{Outputs, TERM_KINDS},
};
use num_bigint::BigInt;
use zeroize::Zeroize;

/// Public outputs and the secret values behind them. Not `Clone` and not `Debug`; the secret ones are wiped.
pub struct Rounded {
    /// z, e, a, c of each draw.
    pub outputs: Vec<Outputs>,
    /// Rounded sketches, term after term, draw after draw.
    pub q: Vec<i64>,
    /// `N_i = sum q^2` of each of them.
    pub norms: Vec<u64>,
    /// `rem_(g,k)`, layer after layer, draw after draw.
    pub rem: Vec<u64>,
}

impl Rounded {
    /// `h = z 2^64 + rem - 2^63` of every entry of z: `c f'`.
    pub fn multiples(&self, profile: &Profile) -> impl Iterator<Item = i128> {
        let w = profile.fraction_bits;
        let z = self.outputs.iter().flat_map(|outputs| &outputs.z);
        z.zip(&self.rem).map(move |(&z, &rem)| (i128::from(z) << w) + i128::from(rem) - (1 << (w - 1)))
    }
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

/// What makes `f'` of a layer from its q and a.
type By<'a> = Box<dyn Fn(&[i64], &[u64]) -> Vec<BigInt> + 'a>;

/// Fingerprint of exact sketches: the terms of all layers under each of these draws in turn.
///
/// # Errors
/// [`Failure::Weights`] for a degenerate model: a term that is zero or too small, terms of a layer that cancel.
pub fn round(profile: &Profile, sketches: &[Vec<BigInt>], draws: &[Streams]) -> Result<Rounded, Failure> {
    let mut rounded = Rounded { outputs: Vec::new(), q: Vec::new(), norms: Vec::new(), rem: Vec::new() };
    let kinds = TERM_KINDS.len();
    for (streams, sketches) in draws.iter().zip(sketches.chunks(sketches.len() / draws.len())) {
        let network = match &streams.network {
            None => None,
            Some(Source::Profile) => Network::of(profile)?,
            Some(Source::Draw(bytes)) => Some(Network::custom(profile, bytes).map_err(Failure::Weights)?),
        };
        let by: By<'_> = match &network {
            Some(network) => Box::new(|q, a| convolve(network, profile, q, a)),
            None => {
                let matrix = Encoder::new(profile, streams);
                Box::new(move |q, a| encode(profile, &matrix, q, a))
            }
        };
        let mut outputs = Outputs::default();
        for (layer, sketches) in sketches.chunks(kinds).enumerate() {
            let Scaled { e, a, q, norms } = scale(profile, layer, sketches)?;
            let name = || format!("layer number {layer}");
            let Standardised { c, z, rem } = standardise(profile, &name, by(&q, &a))?;
            outputs.e.extend(e);
            outputs.a.extend(a);
            outputs.c.push(c);
            outputs.z.extend(z);
            rounded.q.extend(q);
            rounded.norms.extend(norms);
            rounded.rem.extend(rem);
        }
        rounded.outputs.push(outputs);
    }
    Ok(rounded)
}

/// Sketches of a layer after shift and scale: of each term `e`, `a`, `N`; their entries, term after term.
struct Scaled {
    e: Vec<u32>,
    a: Vec<u64>,
    q: Vec<i64>,
    norms: Vec<u64>,
}

fn scale(profile: &Profile, layer: usize, sketches: &[Vec<BigInt>]) -> Result<Scaled, Failure> {
    let (mut e, mut a, mut q, mut norms) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (kind, sketch) in TERM_KINDS.iter().zip(sketches) {
        let (shift, rounded, norm) = shift(profile, sketch);
        let name = || format!("term {kind} of layer number {layer}");
        if norm == 0 {
            return Err(degenerate(format!("{} is zero: the layer does nothing: leave it out", name())));
        }
        let scale = ((1_u128 << (2 * profile.log_scale)) / u128::from(norm)).isqrt();
        if scale > 1 << profile.max_log_a {
            return Err(degenerate(format!("{} is too small to be normalised: leave it out", name())));
        }
        e.push(shift);
        a.push(scale as u64);
        q.extend(rounded);
        norms.push(norm);
    }
    Ok(Scaled { e, a, q, norms })
}

/// Scale, vector, and what its rounding leaves.
struct Standardised {
    c: u64,
    z: Vec<i64>,
    rem: Vec<u64>,
}

/// z of a layer from its `f'`.
fn standardise(profile: &Profile, layer: &dyn Fn() -> String, f: Vec<BigInt>) -> Result<Standardised, Failure> {
    let wrong = |what: &str| degenerate(format!("{}: {what}: leave it out", layer()));
    let c = scale_of(profile, &f).ok_or_else(|| wrong("the encoder's output is constant"))?;
    let c = u64::try_from(&c).ok().filter(|c| (1 << profile.min_log_c..1 << profile.max_log_c).contains(c));
    let c = c.ok_or_else(|| wrong("its terms cancel in the encoder"))?;
    let (mut z, mut rem) = (Vec::new(), Vec::new());
    for x in f {
        let (quotient, rest) = rounded_multiple(profile, x * c);
        z.push(i64::try_from(quotient).map_err(|_| wrong("z is out of range"))?);
        rem.push(u64::try_from(rest).map_err(|_| wrong("a remainder is out of range"))?);
    }
    Ok(Standardised { c, z, rem })
}

/// `isqrt(M div sum f'^2)`; none for a constant.
fn scale_of(profile: &Profile, f: &[BigInt]) -> Option<BigInt> {
    let squares: BigInt = f.iter().map(|x| x * x).sum();
    (squares != BigInt::ZERO).then(|| (BigInt::from(scale_target(profile)) / squares).sqrt())
}

/// `(x + 2^63) div 2^64`, and the remainder.
fn rounded_multiple(profile: &Profile, x: BigInt) -> (BigInt, BigInt) {
    let raised = x + (BigInt::from(1) << (profile.fraction_bits - 1));
    let quotient: BigInt = &raised >> profile.fraction_bits;
    let rest = raised - (&quotient << profile.fraction_bits);
    (quotient, rest)
}

/// The vector of a portrait, a public function of the vectors z of all layers: their sum, standardised. None where they
/// cancel.
#[must_use]
pub fn portrait(profile: &Profile, z: &[i64]) -> Option<Vec<i64>> {
    let mut sums = vec![0; profile.outputs as usize];
    for z in z.chunks(sums.len()) {
        sums.iter_mut().zip(z).for_each(|(sum, &z)| *sum += i128::from(z));
    }
    let f = centred(profile, &sums);
    let c = scale_of(profile, &f)?;
    f.into_iter().map(|x| i64::try_from(rounded_multiple(profile, x * &c).0).ok()).collect()
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

/// `f'_k = m f_k - sum f`, `f_k = sum_t a_t <R_k, q_t>` over the terms of a layer; one block of R for each kind of term.
pub(super) fn encode(profile: &Profile, encoder: &Encoder, q: &[i64], a: &[u64]) -> Vec<BigInt> {
    // below 2^40, or 2^70 where nothing of it is published
    let scaled: Vec<i128> = q
        .chunks(profile.entries())
        .zip(a)
        .flat_map(|(q, &a)| q.iter().map(move |&q| i128::from(a) * i128::from(q)))
        .collect();
    let mut entries = encoder.entries();
    let f: Vec<i128> = (0..profile.outputs)
        .map(|_| scaled.iter().zip(entries.by_ref().take(scaled.len())).map(|(&x, sign)| x * i128::from(sign)).sum())
        .collect();
    centred(profile, &f)
}

/// `f'` of a network: `f = 2^20 CNN(x)`.
fn convolve(network: &Network, profile: &Profile, q: &[i64], a: &[u64]) -> Vec<BigInt> {
    let activity = network.apply(&inputs(profile, q, a));
    let f: Vec<i128> = activity.outputs().iter().map(|&y| i128::from(y) << RAISE_BITS).collect();
    centred(profile, &f)
}

/// `f'_k = m f_k - sum f`.
fn centred(profile: &Profile, f: &[i128]) -> Vec<BigInt> {
    let sum: i128 = f.iter().sum();
    f.iter().map(|&x| BigInt::from(x) * profile.outputs - sum).collect()
}
