//! How near: the integers behind a statement of nearness, from exact sketches (proofs/spec/nearness.md).

use crate::{
    draw::Streams,
    encoder::Encoder,
    nearness::{Answer, COSINE_BITS, LEAST_SCALE, LOG_NORM, LOG_SCALE, ONE, SCALE_BITS, common_shift},
    profile::Profile,
    prover::{failure::Failure, fingerprint::encode},
    statement::{Shape, TERM_KINDS},
};
use num_bigint::BigInt;
use std::cmp::Reverse;
use zeroize::Zeroize;

/// What an owner is willing to show. Cosines are multiples of 1/256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reveal {
    /// The cosine of every pair, rounded down.
    Rounded,
    /// That every pair has a smaller one, up to sign.
    Below(u32),
    /// That the best pair has one as large as this.
    AtLeast(u32),
}

/// Everything secret behind an answer. Not `Clone` and not `Debug`; it is wiped.
pub struct Compared {
    /// Rounded sketches, term after term.
    pub q: Vec<i64>,
    /// `N_t = sum q^2`.
    pub norms: Vec<u128>,
    /// `a_t = isqrt(2^140 / N_t)`.
    pub scales: Vec<u64>,
    /// `P_t = a_t N_t`.
    pub products: Vec<BigInt>,
    /// `f'`, layer after layer.
    pub vectors: Vec<BigInt>,
    /// `D_l = sum_k f'_l[k]^2`.
    pub squares: Vec<BigInt>,
    /// `<z_v, f'_l>` of every vector of theirs, in question or not, and every layer.
    pub inner: Vec<Vec<BigInt>>,
}

impl Drop for Compared {
    fn drop(&mut self) {
        self.q.zeroize();
        self.norms.zeroize();
        self.scales.zeroize();
    }
}

/// The vectors of exact sketches, and their products with these vectors.
///
/// # Errors
/// [`Failure::Weights`] for a term outside the range of sizes, or terms of a layer that cancel.
pub fn compare(
    profile: &Profile,
    shape: &Shape,
    sketches: &[Vec<BigInt>],
    streams: &Streams,
    theirs: &[i64],
) -> Result<Compared, Failure> {
    let shift = common_shift(shape, profile);
    let half = if shift > 0 { BigInt::from(1) << (shift - 1) } else { BigInt::ZERO };
    let round = |s: &BigInt| i64::try_from((s + &half) >> shift).ok();
    let mut found = Compared {
        q: Vec::new(),
        norms: Vec::new(),
        scales: Vec::new(),
        products: Vec::new(),
        vectors: Vec::new(),
        squares: Vec::new(),
        inner: Vec::new(),
    };
    for (t, sketch) in sketches.iter().enumerate() {
        let term = || format!("term {} of layer number {}", TERM_KINDS[t % TERM_KINDS.len()], t / TERM_KINDS.len());
        let (q, norm) = sketch
            .iter()
            .map(round)
            .collect::<Option<Vec<i64>>>()
            .and_then(|q| squares(&q).map(|norm| (q, norm)))
            .ok_or_else(|| outside(&term(), "large"))?;
        let scale = (BigInt::from(1) << (2 * LOG_SCALE)) / norm.max(1);
        let scale = u64::try_from(scale.sqrt()).ok().filter(|scale| scale - LEAST_SCALE < 1 << SCALE_BITS);
        let scale = scale.filter(|_| norm > 0).ok_or_else(|| outside(&term(), "small"))?;
        found.q.extend(q);
        found.norms.push(norm);
        found.scales.push(scale);
        found.products.push(BigInt::from(scale) * norm);
    }
    let (matrix, entries, m) = (Encoder::new(profile, streams), profile.entries(), profile.outputs as usize);
    let layers = found.q.chunks(entries * TERM_KINDS.len()).zip(found.scales.chunks(TERM_KINDS.len()));
    let vectors: Vec<Vec<BigInt>> = layers.map(|(q, a)| encode(profile, &matrix, q, a)).collect();
    for (l, f) in vectors.iter().enumerate() {
        let squares: BigInt = f.iter().map(|x| x * x).sum();
        if squares == BigInt::ZERO {
            return Err(Failure::Weights(format!("layer number {l}: the encoder's output is constant: leave it out")));
        }
        found.squares.push(squares);
    }
    let inner = |z: &[i64], f: &[BigInt]| z.iter().zip(f).map(|(&z, f)| f * z).sum();
    found.inner = theirs.chunks(m).map(|z| vectors.iter().map(|f| inner(z, f)).collect()).collect();
    found.vectors = vectors.concat();
    Ok(found)
}

fn outside(term: &str, what: &str) -> Failure {
    Failure::Weights(format!("{term} is too {what} for a statement of nearness: leave its layer out of the commitment"))
}

/// `sum q^2`, if it is at most `2^(2 LOG_NORM)`.
fn squares(q: &[i64]) -> Option<u128> {
    let most = 1_u128 << (2 * LOG_NORM);
    q.iter().try_fold(0_u128, |sum, &q| {
        let square = u128::from(q.unsigned_abs()).pow(2);
        sum.checked_add(square).filter(|&sum| sum <= most)
    })
}

impl Compared {
    /// The true answer of that kind.
    ///
    /// # Errors
    /// [`Failure::Weights`] if there is none, or a cosine that is none is asked for.
    pub fn answer(&self, profile: &Profile, theirs: &[i64], reveal: Reveal) -> Result<Answer, Failure> {
        let wrong = |what: &str| Failure::Weights(what.to_owned());
        let squares = theirs
            .chunks(profile.outputs as usize)
            .map(|z| z.iter().map(|&z| BigInt::from(z).pow(2)).sum::<BigInt>())
            .collect::<Vec<_>>();
        // <z, f'> and |z|^2 |f'|^2 of each pair
        let pairs = || {
            let rows = self.inner.iter().zip(&squares);
            rows.flat_map(|(inner, z)| inner.iter().zip(&self.squares).map(move |(g, d)| (g, z * d)))
        };
        let cosines: Vec<i32> = pairs().map(|(g, zd)| rounded(g, &zd)).collect();
        match reveal {
            Reveal::Below(t) | Reveal::AtLeast(t) if !(1..=ONE).contains(&t) => {
                Err(wrong("a cosine that is asked about lies between 1 and 256, in units of 1/256"))
            }
            Reveal::Rounded => Ok(Answer::Rounded(cosines)),
            Reveal::Below(t) => {
                let all_below = pairs().all(|(g, zd)| (g * g) << (2 * COSINE_BITS) < BigInt::from(t).pow(2) * zd);
                all_below.then_some(Answer::Below(t)).ok_or_else(|| wrong("a pair has a larger cosine"))
            }
            Reveal::AtLeast(cosine) => {
                let best = cosines.iter().enumerate().max_by_key(|&(j, k)| (k, Reverse(j)));
                let (j, _) = best
                    .filter(|(_, k)| **k >= cosine as i32)
                    .ok_or_else(|| wrong("no pair has a cosine as large as that"))?;
                let (theirs, own) = ((j / self.squares.len()) as u32, (j % self.squares.len()) as u32);
                Ok(Answer::AtLeast { cosine, theirs, own })
            }
        }
    }
}

/// `floor(256 g / sqrt(zd))`.
fn rounded(g: &BigInt, zd: &BigInt) -> i32 {
    let square = (g * g) << (2 * COSINE_BITS);
    let down = (&square / zd).sqrt();
    let exact = &down * &down * zd == square;
    let k = i32::try_from(down).expect("at most 256, by Cauchy and Schwarz");
    match (*g < BigInt::ZERO, exact) {
        (false, _) => k,
        (true, true) => -k,
        (true, false) => -k - 1,
    }
}
