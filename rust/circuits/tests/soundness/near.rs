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
    compared: Compared,
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
    fn answered(mut self, side: &Side) -> Self {
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

    fn rounded(&mut self) -> &mut Vec<i32> {
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
        // the first of these is the sketches at a random point
        let before = book.sent.iter().filter(|(m, _)| *m == Message::Sketches).count();
        if name != Message::Sketches || before != 1 + self.term {
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
    let half = BigInt::from(&*product / 2);
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
    let root = i32::try_from((&inside / &zd).sqrt()).unwrap();
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

mod tests {
    use super::{super::toy, Side, Told, claims, liar, moved, quarter_of_the_square, zeros};
    use crate::toy::near::verdict;
    use huref_circuits::{
        draw::Draw,
        instance::Instance,
        nearness::{Answer, Nearness, entry_variables},
        pads::Ledger,
        poly::log2_ceil,
        prover::nearness::{Reveal, compare},
        relations,
        security::position_variables,
        switches::{Check, leaving_out},
    };

    fn verdict_without(told: &Told, side: &Side, checks: &[Check]) -> Result<(), &'static str> {
        leaving_out(checks, || {
            let (statement, proof) = told.prove(side);
            verdict(&statement, &proof)
        })
    }

    /// The full verifier refuses the lie at this check; without that check it is accepted.
    fn refused_by(told: &Told, side: &Side, name: &str) {
        let layers = side.compared.squares.len();
        let pairs = layers * side.compared.inner.len();
        let claim = claims(layers, pairs, pairs).iter().position(|claim| claim == name).map(Check::Claim);
        let zero = || zeros(layers).iter().position(|zero| zero == name).map(Check::Zero);
        let check = claim.or_else(zero).unwrap_or_else(|| panic!("no check {name}"));
        let place = if matches!(check, Check::Claim(_)) { "opening" } else { "linear constraints" };
        assert_eq!(verdict_without(told, side, &[]), Err(place), "{name}, full verifier");
        assert_eq!(verdict_without(told, side, &[check]), Ok(()), "{name} left out");
    }

    #[test]
    fn every_check_has_a_liar() {
        let side = Side::new(1, 2);
        let names = [claims(1, 2, 2), zeros(1)].concat();
        names.iter().for_each(|name| refused_by(&liar(&side, name), &side, name));
    }

    #[test]
    fn every_layer_counts() {
        let side = Side::new(2, 2);
        for name in ["scale 5", "slack_lo 5", "slack_hi 5", "scaled norm 5", "encoded 5", "layer 1", "V 11"] {
            refused_by(&liar(&side, name), &side, name);
        }
        for j in 0..4 {
            for name in ["sign", "low", "high"].map(|name| format!("{name} {j}")) {
                refused_by(&liar(&side, &name), &side, &name);
            }
        }
        // vectors of two layers exchanged, and what is said of two vectors
        let mut told = Told::honest(&side);
        told.compared.inner.swap(0, 1);
        let told = told.answered(&side);
        assert_eq!(verdict_without(&told, &side, &[]), Err("linear constraints"));
        let mut told = Told::honest(&side);
        told.rounded().swap(0, 3);
        assert_eq!(verdict_without(&told, &side, &[]), Err("opening"));
    }

    /// The other two answers, false: a cosine that is larger, and one that is smaller.
    #[test]
    fn every_form_has_a_liar() {
        let side = Side::new(2, 2);
        let honest = Told::honest(&side);
        let Answer::Rounded(cosines) = &honest.stated.answer else { panic!("rounded") };
        let (place, &k) = cosines.iter().enumerate().max_by_key(|(_, k)| **k).unwrap();
        let (theirs, own) = ((place / 2) as u32, (place % 2) as u32);
        let largest = cosines.iter().map(|k| k.unsigned_abs()).max().unwrap();
        let low = |answers: Answer| {
            let mut told = Told::honest(&side);
            told.stated.answer = answers;
            told
        };
        // claims before "low" and "high": 3 + 12 + 2 + 18 + 6
        for (answer, check) in [
            (Answer::AtLeast { cosine: k.unsigned_abs() + 1, theirs, own }, 42),
            (Answer::Below(largest - 1), 41 + cosines.iter().position(|k| k.unsigned_abs() == largest).unwrap()),
        ] {
            let told = low(answer.clone());
            assert_eq!(verdict_without(&told, &side, &[]), Err("opening"), "{answer:?}");
            assert_eq!(verdict_without(&told, &side, &[Check::Claim(check)]), Ok(()), "{answer:?}");
        }
    }

    #[test]
    fn every_final_check_has_a_liar() {
        let side = Side::new(1, 2);
        for (check, lie) in
            [("pads", "pads"), ("linear constraints", "layer 0"), ("products", "products"), ("opening", "low 0")]
        {
            let told = liar(&side, lie);
            assert_eq!(verdict_without(&told, &side, &[]), Err(check), "{check}, full verifier");
            assert_eq!(verdict_without(&told, &side, &[Check::Named(check)]), Ok(()), "{check} left out");
        }
        for j in 0..2 {
            let told = quarter_of_the_square(&side, j);
            assert_eq!(verdict_without(&told, &side, &[]), Err("products"), "pair {j}");
            assert_eq!(verdict_without(&told, &side, &[Check::Named("products")]), Ok(()), "pair {j}");
        }
    }

    /// Statements that say nothing, or nothing about a model: accepted where the public check is left out.
    #[test]
    fn every_public_check_has_a_liar() {
        let side = Side::new(1, 2);
        let mut empty = Told::honest(&side);
        empty.stated.answer = Answer::Below(257);
        // f' adds up to zero, so a constant vector has cosine 0 with every model
        let m = side.toy.profile.outputs as usize;
        let mut theirs = side.theirs.clone();
        theirs[..m].fill(4096);
        let constant = Side { theirs, ..Side::new(1, 2) };
        let toy = &constant.toy;
        let compared =
            compare(toy.profile, &toy.weights.shape, &toy.sketches, &toy.streams[0], &constant.theirs).unwrap();
        let constant = Side { compared, ..constant };
        // an answer about sketches that somebody could prepare for
        let common = toy::Toy::drawn(&[Draw::Common]);
        let streams = &common.streams[0];
        let compared = compare(common.profile, &common.weights.shape, &common.sketches, streams, &side.theirs).unwrap();
        let common = Side { theirs: side.theirs.clone(), compared, toy: common };
        for (check, side, told) in [
            ("interval", &side, empty),
            ("vector", &constant, Told::honest(&constant)),
            ("draws", &common, Told::honest(&common)),
        ] {
            let (statement, proof) = leaving_out(&[Check::Named(check)], || told.prove(side));
            assert_eq!(verdict(&statement, &proof), Err(check), "{check}, full verifier");
            leaving_out(&[Check::Named(check)], || assert_eq!(verdict(&statement, &proof), Ok(()), "{check} left out"));
        }
    }

    /// Messages, products, claims and constraints, as the specification counts them.
    #[test]
    fn counts() {
        for (layers, theirs, reveal) in
            [(1, 1, Reveal::Rounded), (2, 3, Reveal::Rounded), (2, 3, Reveal::Below(256)), (3, 2, Reveal::AtLeast(1))]
        {
            let side = Side::new(layers, theirs);
            let (statement, _) = side.prove(reveal, 1);
            let instance = Instance::new(&statement).unwrap();
            let profile = side.toy.profile;
            let (layers, theirs) = (layers as usize, theirs as usize);
            let terms = 3 * layers;
            let (vectors, pairs) =
                if matches!(reveal, Reveal::AtLeast(_)) { (1, 1) } else { (theirs, theirs * layers) };
            let Ledger { used, triples, .. } = relations::pads(&instance).unwrap();
            let (rows, slots) = position_variables(&statement.shape, profile);
            let log = |x: u32| log2_ceil(x as usize);
            let shared = [
                1 + 2 * (rows + slots) + 2 * terms + 2 * log(statement.shape.hidden) + 2 + 6 * layers,
                3 * instance.bit_variables() + 1,
                3 + 4 * log(profile.projection) + 1,
                2 * profile.log_n as usize,
            ];
            let sends = 5 * terms
                + 2 * layers
                + vectors * layers
                + 3 * entry_variables(&statement.shape, profile)
                + 1
                + 2 * log(profile.outputs)
                - terms;
            assert_eq!(used - triples.len(), shared.iter().sum::<usize>() + sends);
            assert_eq!(triples.len(), terms + 6 * layers + 1 + 1 + 1 + 3 * terms + layers + pairs);
        }
    }

    /// The same proof for another challenge, context, or order of their vectors.
    #[test]
    fn every_field_counts() {
        let side = Side::new(1, 2);
        let (statement, proof) = side.prove(Reveal::Rounded, 1);
        let m = statement.profile.outputs as usize;
        let mut changed: Vec<Nearness> = (0..7).map(|_| statement.clone()).collect();
        changed[0].draw = Draw::Challenge { other: [0xc5; 32], beacon: toy::BEACON.to_vec() };
        changed[1].draw = Draw::Challenge { other: [0xc4; 32], beacon: vec![0xbd; 48] };
        changed[2].context.owner = "name:Mallory".into();
        changed[3].theirs.rotate_left(m);
        changed[4].shape.tokens[0].push(0);
        changed[5].commitment.swap(0, 1);
        changed[6].context.nonce = vec![7; 16];
        for (i, changed) in changed.iter().enumerate() {
            assert_eq!(verdict(changed, &proof), Err("linear constraints"), "{i}");
        }
        let told = moved(&side, 0, 1);
        assert!(verdict(&told.stated, &proof).is_err());
    }
}
