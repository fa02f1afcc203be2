//! Liars about nearness: one for each claim, each linear constraint and each public check of a statement of that kind.

use super::{
    book::{Book, Consistent, Lie, Message, RETRY},
    liars::{
        Carried, ChangedPad, FalseBit, FalseCombination, FalseNormOfY, FalseNormOpening, FalseProduct, FalseProjection,
        FalseSide, InTheOpen, NormOfY, SketchOfTheWeights, field, write,
    },
    toy::near::Side,
};
use ark_ff::Field;
use huref_circuits::{
    curve::Scalar,
    encoder::Encoder,
    instance::Instance,
    nearness::{Answer, LOG_SCALE, Nearness},
    prover::{
        liar::lying,
        nearness::{Compared, Reveal, compare},
    },
};
use num_bigint::{BigInt, BigUint};

/// Terms of a layer.
const KINDS: usize = 3;

/// Claims in the order in which the relations make them, for L layers and answers with so many signs and intervals.
pub fn claims(layers: usize, signs: usize, intervals: usize) -> Vec<String> {
    let terms = KINDS * layers;
    let mut names: Vec<String> = ["bits = sketches", "X = x_left", "X = x_right"].map(String::from).into();
    names.extend((0..6 * layers).map(|m| format!("V {m}")));
    names.extend(["bits = b(pt)", "bits = root"].map(String::from));
    names.extend((0..terms).flat_map(|t| ["scale", "slack_lo", "slack_hi"].map(|name| format!("{name} {t}"))));
    names.extend((0..terms).map(|t| format!("encoded {t}")));
    let of = |j: usize| if j < signs { &["sign", "low", "high"][..] } else { &["high"] };
    names.extend((0..intervals).flat_map(|j| of(j).iter().map(move |name| format!("{name} {j}"))));
    let rest = ["Y = y", "A W C = y", "D Y = z", "bits = Z", "Y = Y(pt)", "bits = norm"];
    names.extend(rest.map(String::from));
    names
}

/// Linear constraints in the order in which the relations make them.
pub fn zeros(layers: usize) -> Vec<String> {
    let mut names: Vec<String> = ["chain", "matrix-vector", "bit", "norms"].map(String::from).into();
    names.extend((0..KINDS * layers).map(|t| format!("scaled norm {t}")));
    names.push("vectors".into());
    names.extend((0..layers).map(|l| format!("layer {l}")));
    names.push("square of Y".into());
    names
}

/// Makes the liar's mind.
type Mind = Box<dyn Fn() -> Box<dyn Lie>>;

/// What is handed to the prover, what is stated, and what the prover does about it.
pub struct Told {
    sketches: Vec<Vec<BigInt>>,
    /// What is behind it.
    pub compared: Compared,
    /// What is stated.
    pub stated: Nearness,
    lie: Mind,
}

impl Told {
    /// No lie yet: a true rounded answer.
    pub fn honest(side: &Side) -> Self {
        let Compared { q, norms, scales, products, vectors, squares, inner } = &side.compared;
        let compared = Compared {
            q: q.clone(),
            norms: norms.clone(),
            scales: scales.clone(),
            products: products.clone(),
            vectors: vectors.clone(),
            squares: squares.clone(),
            inner: inner.clone(),
        };
        let stated = side.statement(side.answer(Reveal::Rounded).unwrap());
        Self { sketches: side.toy.sketches.clone(), compared, stated, lie: Box::new(|| Box::new(InTheOpen)) }
    }

    fn by(mut self, lie: impl Fn() -> Box<dyn Lie> + 'static) -> Self {
        self.lie = Box::new(lie);
        self
    }

    /// Statement and proof. A lie that needs a square root is told again until there is one.
    pub fn prove(&self, side: &Side) -> (Nearness, Vec<u8>) {
        for randomness in 0..60 {
            RETRY.set(false);
            let liar = Consistent::new((self.lie)());
            let proof = lying(liar, || side.prove_this(&self.stated, &self.sketches, &self.compared, randomness));
            if !RETRY.get() {
                return (self.stated.clone(), proof);
            }
        }
        panic!("no square root in 60 attempts");
    }

    /// The answer that follows from what is behind it now.
    pub fn answered(mut self, side: &Side) -> Self {
        self.stated.answer = self.compared.answer(side.toy.profile, &side.theirs, Reveal::Rounded).unwrap();
        self
    }

    /// An entry of a term is another one, and everything follows.
    fn false_sketch(mut self, side: &Side, term: usize, entry: usize, more: &BigInt) -> Self {
        self.sketches[term][entry] += more;
        let toy = &side.toy;
        let streams = &toy.streams[0];
        self.compared = compare(toy.profile, &toy.weights.shape, &self.sketches, streams, &side.theirs).unwrap();
        self.answered(side)
    }

    /// Vectors, squares and products follow from scales and rounded sketches: the encoder, from its definition.
    fn encoded(mut self, side: &Side) -> Self {
        let profile = side.toy.profile;
        let (per, m) = (profile.entries(), profile.outputs as usize);
        let encoder = Encoder::new(profile, &side.toy.streams[0]);
        let r: Vec<i64> = encoder.entries().map(i64::from).collect();
        let Compared { q, scales, .. } = &self.compared;
        let f: Vec<BigInt> = q
            .chunks(KINDS * per)
            .zip(scales.chunks(KINDS))
            .flat_map(|(q, a)| {
                let entry =
                    |k: usize, (j, &q): (usize, &i64)| BigInt::from(r[k * encoder.width() + j]) * a[j / per] * q;
                let f: Vec<BigInt> = (0..m).map(|k| q.iter().enumerate().map(|jq| entry(k, jq)).sum()).collect();
                let total: BigInt = f.iter().sum();
                f.into_iter().map(move |x| x * m - &total)
            })
            .collect();
        let layers = || f.chunks(m);
        let inner = |z: &[i64], f: &[BigInt]| z.iter().zip(f).map(|(&z, f)| f * z).sum();
        self.compared.squares = layers().map(|f| f.iter().map(|x| x * x).sum()).collect();
        self.compared.inner = side.theirs.chunks(m).map(|z| layers().map(|f| inner(z, f)).collect()).collect();
        self.compared.vectors = f;
        self.answered(side)
    }

    /// The cosines of a rounded answer.
    pub fn rounded(&mut self) -> &mut Vec<i32> {
        let Answer::Rounded(cosines) = &mut self.stated.answer else { panic!("rounded") };
        cosines
    }

    /// Pair j, layers of theirs outermost: its vector and its layer.
    fn pair(&self, j: usize) -> (usize, usize) {
        (j / self.compared.squares.len(), j % self.compared.squares.len())
    }
}

/// The bits of a scale are those of another number.
struct OtherBits(usize);
impl Lie for OtherBits {
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        let group = instance.layout.scale;
        let bit = &mut bits[group.start + self.0 * group.width];
        *bit = Scalar::from(1_u64) - *bit;
    }
}

/// What a term encodes to makes up for a product that is too large by `delta`.
struct FalseEncoded {
    term: usize,
    /// Number of the vector among those in question.
    vector: usize,
    delta: Scalar,
    scale: Scalar,
}
impl Lie for FalseEncoded {
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        if name != Message::Encoded(self.term) {
            return honest;
        }
        let omega = book.last(1)[0];
        honest + omega.pow([self.vector as u64 + 1]) * self.delta * self.scale.inverse().unwrap()
    }
}

/// The pad of the square of `G_j` is another number, and the bits of its interval are those of that square.
struct FalseSquare {
    pair: usize,
    pairs: usize,
    delta: Scalar,
    low: BigUint,
    high: BigUint,
}
impl Lie for FalseSquare {
    fn pads(&mut self, pads: &mut [Scalar], triples: &[[usize; 3]]) {
        // that of Y(pt) comes after them
        let [_, _, square] = triples[triples.len() - 1 - self.pairs + self.pair];
        pads[square] += self.delta;
    }
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        for (group, value) in [(instance.layout.low, &self.low), (instance.layout.high, &self.high)] {
            write(&mut bits[group.start + self.pair * group.width..][..group.width], value);
        }
    }
}

fn carried(side: &Side, term: usize, to: Carried) -> Told {
    wrong_sketch(side, term).by(move || Box::new(FalseSide(term, to)))
}

fn wrong_sketch(side: &Side, term: usize) -> Told {
    let largest = side.toy.sketches[term].iter().map(|s| BigInt::from(s.magnitude().clone())).max().unwrap();
    Told::honest(side).false_sketch(side, term, 1, &largest)
}

fn false_bit(side: &Side, term: usize, opening: bool) -> Told {
    let more = BigInt::from(1) << 30;
    let delta = field(&more);
    Told::honest(side).false_sketch(side, term, 0, &more).by(move || Box::new(FalseBit { term, delta, opening }))
}

/// `N_0` four fifths of what it is; scale and everything after it follow.
fn false_norm(side: &Side) -> Told {
    let mut told = Told::honest(side);
    let found = &mut told.compared;
    found.norms[0] = found.norms[0] / 5 * 4;
    found.scales[0] = u64::try_from(((BigInt::from(1) << (2 * LOG_SCALE)) / found.norms[0]).sqrt()).unwrap();
    found.products[0] = BigInt::from(found.scales[0]) * found.norms[0];
    told.encoded(side)
}

/// A scale one more or less, and everything that follows.
pub fn other_scale(side: &Side, term: usize, by: i64) -> Told {
    let mut told = Told::honest(side);
    let found = &mut told.compared;
    found.scales[term] = found.scales[term].checked_add_signed(by).unwrap();
    found.products[term] = BigInt::from(found.scales[term]) * found.norms[term];
    told.encoded(side)
}

/// A scale three quarters of what it is, and a false product that justifies it.
pub fn short_scale(side: &Side, term: usize) -> Told {
    let mut told = Told::honest(side);
    let found = &mut told.compared;
    found.scales[term] = found.scales[term] / 4 * 3;
    found.products[term] = (BigInt::from(1) << (2 * LOG_SCALE)) / found.scales[term];
    told.encoded(side)
}

/// The product of pair j half of what it is.
fn half_the_product(side: &Side, j: usize) -> (Told, Scalar) {
    let mut told = Told::honest(side);
    let (v, l) = told.pair(j);
    let product = &mut told.compared.inner[v][l];
    let half: BigInt = &*product / 2;
    let delta = field(&(&half - &*product));
    *product = half;
    (told.answered(side), delta)
}

/// ... and what term t of the pair's layer encodes to makes up for it.
fn made_up_for(side: &Side, term: usize) -> Told {
    let layer = term / KINDS;
    let (told, delta) = half_the_product(side, layer);
    let scale = Scalar::from(told.compared.scales[term]);
    told.by(move || Box::new(FalseEncoded { term, vector: 0, delta, scale }))
}

/// The interval of pair j moved away from 0 (1) or towards it (-1).
pub fn moved(side: &Side, j: usize, by: i32) -> Told {
    let mut told = Told::honest(side);
    let k = &mut told.rounded()[j];
    *k += if *k < 0 { -by } else { by };
    told
}

/// The square of the product of pair j a quarter of what it is: the cosine is halved.
pub fn quarter_of_the_square(side: &Side, j: usize) -> Told {
    let mut told = Told::honest(side);
    let (v, l) = told.pair(j);
    let square = told.compared.inner[v][l].pow(2);
    let less: BigInt = &square / 4;
    let m = side.toy.profile.outputs as usize;
    let z: BigInt = side.theirs[v * m..][..m].iter().map(|&z| BigInt::from(z).pow(2)).sum();
    let (zd, inside) = (z * &told.compared.squares[l], &less << 16);
    // the sign is the true one
    let k = &mut told.rounded()[j];
    let quotient: BigInt = &inside / &zd;
    let root = i32::try_from(quotient.sqrt()).unwrap();
    let negative = *k < 0;
    *k = if negative { -root - 1 } else { root };
    let slack = |value: BigInt| BigUint::try_from(value).unwrap();
    let low = slack(&inside - BigInt::from(root).pow(2) * &zd - u8::from(negative));
    let high = slack(BigInt::from(root + 1).pow(2) * &zd - &inside - u8::from(!negative));
    let (delta, pairs) = (field(&(&less - &square)), told.rounded().len());
    told.by(move || Box::new(FalseSquare { pair: j, pairs, delta, low: low.clone(), high: high.clone() }))
}

/// The liar for a check of the relations; where any term could be meant, by term 1.
pub fn liar(side: &Side, check: &str) -> Told {
    let (name, number) = check.rsplit_once(' ').unwrap_or((check, ""));
    let number: usize = number.parse().unwrap_or(0);
    match (name, check) {
        ("scale", _) => Told::honest(side).by(move || Box::new(OtherBits(number))),
        ("slack_lo", _) => other_scale(side, number, 1),
        ("slack_hi", _) => other_scale(side, number, -1),
        ("encoded", _) => made_up_for(side, number),
        ("scaled norm", _) => short_scale(side, number),
        ("layer", _) => half_the_product(side, number).0,
        ("low", _) => moved(side, number, 1),
        ("high", _) => moved(side, number, -1),
        ("sign", _) => {
            let mut told = Told::honest(side);
            let k = &mut told.rounded()[number];
            *k = -*k - 1;
            told
        }
        (_, "vectors") => {
            let mut told = Told::honest(side);
            told.compared.squares[0] *= 4;
            told.answered(side)
        }
        (_, "norms") => false_norm(side),
        (_, "bits = root") => false_norm(side).by(|| Box::new(FalseNormOpening)),
        (_, "bits = sketches") => {
            let told = wrong_sketch(side, 1);
            let delta = field(&(&told.sketches[1][1] - &side.toy.sketches[1][1]));
            told.by(move || Box::new(SketchOfTheWeights { term: 1, delta }))
        }
        (_, "chain") => wrong_sketch(side, 1),
        (_, "matrix-vector") => carried(side, 1, Carried::Nowhere),
        (_, "X = x_left") => carried(side, 1, Carried::Embedding(0)),
        (_, "X = x_right") => carried(side, 1, Carried::Embedding(1)),
        ("V", _) => carried(side, 1, Carried::Side(number)),
        (_, "bit") => false_bit(side, 0, false),
        (_, "bits = b(pt)") => false_bit(side, 0, true),
        (_, "A W C = y") => Told::honest(side).by(|| Box::new(FalseProjection { opening: false })),
        (_, "Y = y") => Told::honest(side).by(|| Box::new(FalseProjection { opening: true })),
        (_, "bits = Z") => Told::honest(side).by(|| Box::new(FalseCombination { opening: false })),
        (_, "D Y = z") => Told::honest(side).by(|| Box::new(FalseCombination { opening: true })),
        (_, "bits = norm") => Told::honest(side).by(|| Box::new(FalseNormOfY(NormOfY::Slack))),
        (_, "square of Y") => Told::honest(side).by(|| Box::new(FalseNormOfY(NormOfY::Squares))),
        (_, "Y = Y(pt)") => Told::honest(side).by(|| Box::new(FalseNormOfY(NormOfY::FinalClaim))),
        (_, "products") => Told::honest(side).by(|| Box::new(FalseProduct)),
        (_, "pads") => moved(side, 0, 1).by(|| Box::new(ChangedPad)),
        _ => panic!("no liar for {check}"),
    }
}
