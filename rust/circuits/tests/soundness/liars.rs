//! The liars. Each type is one lie; its documentation says which check it violates.

use super::{
    book::{Book, Lie, Message, Summand, root},
    forge::Activity,
};
use ark_ff::{Field, One, Zero};
use huref_circuits::{
    curve::Scalar,
    hidden,
    instance::Instance,
    layout::Group,
    network::Network,
    pads::Form,
    poly::{eq_table, log2_ceil},
    profile::{TOY_2, TOY_2_CNN},
};
use num_bigint::{BigInt, BigUint, Sign};

/// Any integer mod p.
pub fn field(x: &BigInt) -> Scalar {
    let size = Scalar::from(x.magnitude().clone());
    if x.sign() == Sign::Minus { -size } else { size }
}

/// Adds to the integer that stands in these bits.
pub fn add(bits: &mut [Scalar], group: Group, index: usize, more: u64) {
    let run = &mut bits[group.start + index * group.width..][..group.width];
    let value: BigUint = run.iter().rev().fold(BigUint::ZERO, |value, bit| value * 2_u8 + u8::from(bit.is_one()));
    write(run, &(value + more));
}

/// Writes an integer into its bits.
pub fn write(run: &mut [Scalar], value: &BigUint) {
    assert!(value.bits() <= run.len() as u64, "the forged integer has room");
    for (i, bit) in run.iter_mut().enumerate() {
        *bit = Scalar::from(value.bit(i as u64));
    }
}

fn log(x: u32) -> usize {
    log2_ceil(x as usize)
}

/// Honest: the lie is in the public outputs or the witness.
pub struct InTheOpen;
impl Lie for InTheOpen {}

/// The first value that tells of a false sketch is that of the weights; the committed bits say otherwise. `delta` was
/// added to entry (0, 1) of that term.
pub struct SketchOfTheWeights {
    /// Which term.
    pub term: usize,
    /// What was added.
    pub delta: Scalar,
}
impl Lie for SketchOfTheWeights {
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        if name != Message::Sketches {
            return honest;
        }
        let log_r = log(TOY_2.sketch);
        let (rho, point) = book.last(1 + 2 * log_r).split_first().unwrap();
        let (ri, rj) = point.split_at(log_r);
        honest - rho.pow([self.term as u64]) * eq_table(ri)[0] * eq_table(rj)[1] * self.delta
    }
}

/// Where a false sketch that was carried past the chain comes to light.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// In the second sumcheck.
    Nowhere,
    /// In the opening of side m.
    Side(usize),
    /// In the opening of X, through P (0) or Q (1).
    Embedding(usize),
}

/// A false sketch of term `.0`, carried on by a false A of that term.
pub struct FalseSide(pub usize, pub Carried);
impl Lie for FalseSide {
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, end: &dyn Fn(usize) -> Scalar) -> Scalar {
        match (&book.sum, name) {
            (Some(Summand::Chains(rho)), Message::End(i)) if i == 2 * self.0 => {
                let others = (0..rho.len()).filter(|&t| t != self.0);
                let others: Scalar = others.map(|t| rho[t] * end(2 * t) * end(2 * t + 1)).sum();
                (book.claim - others) / (rho[self.0] * end(i + 1))
            }
            (Some(Summand::MatrixVector(beta)), Message::End(i)) => {
                let x = |m: usize| end(beta.len() + m % 2);
                let parts = |keep: &dyn Fn(usize) -> bool| -> Scalar {
                    (0..beta.len()).filter(|&m| keep(m)).map(|m| beta[m] * end(m) * x(m)).sum()
                };
                match self.1 {
                    Carried::Side(m) if i == m => (book.claim - parts(&|other| other != m)) / (beta[m] * x(m)),
                    Carried::Embedding(side) if i == beta.len() + side => {
                        let these = parts(&|m| m % 2 == side);
                        honest * (book.claim - parts(&|m| m % 2 != side)) / these
                    }
                    _ => honest,
                }
            }
            _ => honest,
        }
    }
}

/// Entry 0 of a term is another integer from its shift up; its lowest "bit" is what makes up for it.
pub struct FalseBit {
    /// Which term.
    pub term: usize,
    /// By how much the integer would be wrong.
    pub delta: Scalar,
    /// Also `b` is made to fit, so that the lie is in its opening.
    pub opening: bool,
}
impl Lie for FalseBit {
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        let sketch = instance.layout.sketches[self.term];
        assert!(instance.layout.shift(sketch) > 0, "the lowest bit is rounded away");
        bits[sketch.start] -= self.delta;
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, end: &dyn Fn(usize) -> Scalar) -> Scalar {
        match (&book.sum, name) {
            // eq b (b - 1) = claim
            (Some(Summand::Booleanity), Message::End(1)) if self.opening => {
                let four = Scalar::from(4_u64);
                (Scalar::one() + root(Scalar::one() + four * book.claim / end(0))) / Scalar::from(2_u64)
            }
            _ => honest,
        }
    }
}

/// y at the end of the sumcheck of squares is made to fit a false norm.
pub struct FalseNormOpening;
impl Lie for FalseNormOpening {
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, end: &dyn Fn(usize) -> Scalar) -> Scalar {
        fitting_root(book, name, end).unwrap_or(honest)
    }
}

/// The y that the sumcheck of squares must end in.
fn fitting_root(book: &Book, name: Message, end: &dyn Fn(usize) -> Scalar) -> Option<Scalar> {
    match (&book.sum, name) {
        (Some(Summand::Squares), Message::End(1)) => Some(root(book.claim / end(0))),
        _ => None,
    }
}

/// c of a layer is half of what it should be, and the slacks are those of a V that would justify it.
pub struct FalseScale {
    /// Which layer of which draw.
    pub group: usize,
    /// The V that is missing.
    pub missing: Scalar,
    /// Slack "c_hi" of the false V.
    pub above: BigUint,
    /// Also y at the end of the sumcheck of squares is made to fit.
    pub opening: bool,
}
impl Lie for FalseScale {
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        for (group, value) in [(instance.layout.c_lo, &BigUint::ZERO), (instance.layout.c_hi, &self.above)] {
            write(&mut bits[group.start + self.group * group.width..][..group.width], value);
        }
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, end: &dyn Fn(usize) -> Scalar) -> Scalar {
        match name {
            Message::Scale(g) if g == self.group => honest + self.missing,
            _ if self.opening => fitting_root(book, name, end).unwrap_or(honest),
            _ => honest,
        }
    }
}

/// The pad of the square of Y(pt) is 1 less than a square, so each of the squares of Y looks 1 smaller than it is.
pub struct FalseProduct;
impl FalseProduct {
    fn squares() -> u64 {
        u64::from(TOY_2.projection).pow(2)
    }
}
impl Lie for FalseProduct {
    fn pads(&mut self, pads: &mut [Scalar], triples: &[[usize; 3]]) {
        let [_, _, square] = triples[triples.len() - 1];
        pads[square] -= Scalar::one();
    }
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        add(bits, instance.layout.norm, 0, Self::squares());
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        match (name, &book.sum) {
            (Message::ProjectionSquares, _) => honest - Scalar::from(Self::squares()),
            (Message::Round(_), Some(Summand::Projection)) => {
                honest - Scalar::from(Self::squares() >> (book.rounds + 1))
            }
            _ => honest,
        }
    }
}

/// Y is another matrix than A W C^T.
pub struct FalseProjection {
    /// What is said about Y is true of A W C^T: the lie is in the opening of Y.
    pub opening: bool,
}
impl Lie for FalseProjection {
    fn projection(&mut self, y: &mut [i64]) {
        y[0] += 1;
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        if !self.opening || name != Message::Projected {
            return honest;
        }
        let (log_y, log_z) = (log(TOY_2.projection), log(TOY_2.projection_z));
        let (r1, rest) = book.last(2 * log_y + log_z).split_at(log_y);
        honest - eq_table(r1)[0] * eq_table(&rest[..log_y])[0]
    }
}

/// The bits of `Z_2` are those of `Z_2 + 1`.
pub struct FalseCombination {
    /// What is said about Z is true of its bits: the lie is in the opening of Y.
    pub opening: bool,
}
impl Lie for FalseCombination {
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        add(bits, instance.layout.z, 2, 1);
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        if !self.opening || name != Message::Combined {
            return honest;
        }
        honest + eq_table(book.last(log(TOY_2.projection_z)))[2]
    }
}

/// How far a false norm of Y is carried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NormOfY {
    /// The slack is five too large.
    Slack,
    /// ... and the sum of squares five too small.
    Squares,
    /// ... and Y at the end of its sumcheck is made to fit.
    FinalClaim,
}
/// A false norm of Y.
pub struct FalseNormOfY(pub NormOfY);
impl Lie for FalseNormOfY {
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        add(bits, instance.layout.norm, 0, 5);
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        match (&book.sum, name) {
            (_, Message::ProjectionSquares) if self.0 >= NormOfY::Squares => honest - Scalar::from(5_u64),
            (Some(Summand::Projection), Message::End(0)) if self.0 == NormOfY::FinalClaim => root(book.claim),
            _ => honest,
        }
    }
}

/// How far a false value in a network is carried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Activations {
    /// What is said is true of the bits: the lie is in an opening.
    Opened,
    /// ... and s1 is what the false sum needs, this much times its weight more.
    Sums(Scalar),
    /// ... and t, or U, at the end of the sumcheck is made to fit.
    End(usize, Scalar),
    /// The pad of t U is one more than a product, so each activation counts one more.
    Pad,
    /// The top "bit" of a sum that is negative is 1, and the next one is 2 less: the same integer.
    Sign(usize),
}

/// The bits are those of a network that was bent.
pub struct FalseActivations {
    /// What the bits say, layer by layer.
    pub said: Vec<Activity>,
    /// Which place a sum of the second convolution has that is false.
    pub place: usize,
    /// How far.
    pub carried: Activations,
}
impl Lie for FalseActivations {
    fn pads(&mut self, pads: &mut [Scalar], triples: &[[usize; 3]]) {
        if self.carried == Activations::Pad {
            // the last but one: that of Y(pt) comes after it
            pads[triples[triples.len() - 2][2]] += Scalar::one();
        }
    }
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        let layout = &instance.layout;
        let inputs = layout.inputs.iter().zip(self.said.iter().flat_map(|said| &said.inputs));
        let sums = layout.sums.iter().zip(self.said.iter().flat_map(|said| &said.sums));
        for (group, values) in inputs.chain(sums) {
            for (run, &value) in bits[group.start..].chunks_mut(group.width).zip(values) {
                write(run, &BigUint::try_from(value).unwrap());
            }
        }
        if let Activations::Sign(i) = self.carried {
            let group = layout.sums[0];
            let run = &mut bits[group.start + i * group.width..][..group.width];
            run[group.width - 1] += Scalar::one();
            run[group.width - 2] -= Scalar::from(2_u64);
        }
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, end: &dyn Fn(usize) -> Scalar) -> Scalar {
        let running = match &book.sum {
            Some(Summand::Activations(mu)) => Some(mu),
            _ => None,
        };
        match (self.carried, name, running) {
            (Activations::Sums(delta) | Activations::End(_, delta), Message::Activations(_), _) if self.first(book) => {
                honest + eq_table(&book.drawn[book.drawn.len() - log_places()..])[self.place] * delta
            }
            (Activations::End(which, _), Message::End(i), Some(mu)) if i == which => book.claim / (mu[0] * end(3 - i)),
            (Activations::Pad, Message::Activations(weights), _) => honest + weights,
            (Activations::Pad, Message::Round(x), Some(mu)) => {
                let (low, high) = mu.split_at(mu.len() / 2);
                let at = low.iter().zip(high).map(|(&low, &high)| low + Scalar::from(x) * (high - low));
                honest + at.sum::<Scalar>()
            }
            _ => honest,
        }
    }
}
impl FalseActivations {
    /// Whether s1 is about to be sent.
    fn first(&self, book: &Book) -> bool {
        !book.sent.iter().any(|(m, _)| matches!(m, Message::Activations(_)))
    }
}

/// Variables of the hidden sums of a toy of one layer.
fn log_places() -> usize {
    hidden::variables(&Network::of(&TOY_2_CNN).unwrap().unwrap(), 1).1
}

/// A false opening, closed by changing one pad of the last sumcheck after its commitment. That pad stands in no product and
/// in no linear constraint.
pub struct ChangedPad;
impl Lie for ChangedPad {
    fn opening(&mut self, pads: &mut [Scalar], value: &Form, opened: Scalar) {
        let gap = opened - (value.constant + value.linear(pads));
        let (&last, coefficient) = value.pads.iter().rfind(|(_, x)| !x.is_zero()).unwrap();
        assert!(!gap.is_zero() && last + 2 * TOY_2.log_n as usize >= pads.len(), "a pad of the last sumcheck");
        pads[last] += gap / coefficient;
    }
}
