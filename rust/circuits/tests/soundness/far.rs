//! Liars about drift: one for each claim, each linear constraint and each final check of a statement of that kind.

use super::{
    book::{Book, Consistent, Lie, Message, RETRY, Summand, root},
    liars::{ChangedPad, FalseCombination, FalseProjection, InTheOpen, add},
    toy::drift::Releases,
};
use ark_ff::{Field, One, Zero};
use huref_circuits::{
    curve::Scalar,
    drift::{Drift, Limit, Partition},
    instance::Instance,
    pads::Form,
    prover::{drift::Measured, liar::lying},
};

/// Claims in the order in which the relations make them.
pub fn claims(relative: bool) -> Vec<&'static str> {
    let both = ["bits = b", "Y = y", "A W C = y", "D Y = z", "bits = Z", "slack", "delta"];
    both.into_iter().chain(relative.then_some("base")).collect()
}

/// Linear constraints in the order in which the relations make them.
pub const ZEROS: [&str; 2] = ["bit", "square"];

/// What is stated, and what the prover does about it.
pub struct Told {
    /// What is stated.
    pub stated: Drift,
    measured: Measured,
    lie: Box<dyn Fn() -> Box<dyn Lie>>,
}

impl Told {
    /// A true statement.
    pub fn honest(releases: &Releases, partition: Partition, relative: bool, public: bool) -> Self {
        let stated = match relative {
            true => releases.relative(partition, public),
            false => releases.absolute(partition, public),
        };
        Self { stated, measured: releases.measured(), lie: Box::new(|| Box::new(InTheOpen)) }
    }

    fn by(mut self, lie: impl Fn() -> Box<dyn Lie> + 'static) -> Self {
        self.lie = Box::new(lie);
        self
    }

    /// The bound of block 0 is lower.
    fn lowered(mut self, by: u128) -> Self {
        let Limit::Absolute(limits) = &mut self.stated.limit else { panic!("absolute") };
        limits[0] -= by;
        self
    }

    /// Statement and proof. A lie that needs a square root is told again until there is one.
    pub fn prove(&self, releases: &Releases) -> (Drift, Vec<u8>) {
        for randomness in 0..60 {
            RETRY.set(false);
            let liar = Consistent::new((self.lie)());
            let proof = lying(liar, || releases.prove(&self.stated, &self.measured, randomness)).unwrap();
            if !RETRY.get() {
                return (self.stated.clone(), proof);
            }
        }
        panic!("no square root in 60 attempts");
    }
}

/// How far a false slack is carried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carried {
    /// The slack of block 0 is five too large: its bound could be five smaller.
    Slack,
    /// ... and the sum of squares to fit.
    Sum,
    /// ... and `Delta`, or `alpha W`, at the end of its sumcheck.
    End(usize),
    /// ... and a pad is changed after the pads were committed to.
    Pad,
}
struct FalseSlack {
    carried: Carried,
    weights: (u64, u64),
}
impl Lie for FalseSlack {
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        add(bits, instance.layout.slack, 0, 5);
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, end: &dyn Fn(usize) -> Scalar) -> Scalar {
        let (den, num) = (Scalar::from(self.weights.0), Scalar::from(self.weights.1));
        match (name, &book.sum, self.carried) {
            (Message::Excess(weight), _, Carried::Sum | Carried::End(_)) => honest - weight * Scalar::from(5_u64),
            (Message::End(0), Some(Summand::Columns(factor)), Carried::End(0)) => {
                root((book.claim / factor + num * end(1).square()) / den)
            }
            (Message::End(1), Some(Summand::Columns(factor)), Carried::End(1)) => {
                root((den * end(0).square() - book.claim / factor) / num)
            }
            _ => honest,
        }
    }
    fn opening(&mut self, pads: &mut [Scalar], value: &Form, opened: Scalar) {
        if self.carried == Carried::Pad {
            ChangedPad.opening(pads, value, opened);
        }
    }
}

/// The slack of block 0 is negative: its first "bit" is all of it.
struct NegativeSlack {
    /// Also `b` is made to fit, so that the lie is in its opening.
    opening: bool,
}
impl NegativeSlack {
    const BY: u64 = 3;
}
impl Lie for NegativeSlack {
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        let slack = instance.layout.slack;
        bits[slack.start..][..slack.width].fill(Scalar::zero());
        bits[slack.start] = -Scalar::from(Self::BY);
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

/// The pad of the square of Delta at the end is 1 less than a square, so the square of each of its entries counts 1 less.
struct FalseSquare {
    /// Commitment rows of each block.
    rows: Vec<u64>,
    n: u64,
}
impl Lie for FalseSquare {
    fn pads(&mut self, pads: &mut [Scalar], triples: &[[usize; 3]]) {
        // the first product is that of b
        pads[triples[1][2]] -= Scalar::one();
    }
    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        for (block, rows) in self.rows.iter().enumerate() {
            add(bits, instance.layout.slack, block, rows * self.n);
        }
    }
    fn message(&mut self, name: Message, honest: Scalar, book: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        let n = Scalar::from(self.n);
        match (name, &book.sum) {
            // one block: its weight is 1
            (Message::Excess(_), _) => honest - n * Scalar::from(self.rows[0]),
            (Message::Round(x), Some(Summand::Rows(factors))) => {
                let (low, high) = factors.split_at(factors.len() / 2);
                let at = low.iter().zip(high).map(|(&low, &high)| low + Scalar::from(x) * (high - low));
                honest - n * at.sum::<Scalar>()
            }
            (Message::Round(_), Some(Summand::Columns(factor))) => {
                honest - Scalar::from(self.n >> (book.rounds + 1)) * factor
            }
            _ => honest,
        }
    }
}

/// The liar for a check.
pub fn liar(releases: &Releases, check: &str, partition: Partition, relative: bool, public: bool) -> Told {
    let honest = || Told::honest(releases, partition, relative, public);
    let slack = |carried: Carried| {
        let told = honest();
        let weights = told.stated.weights();
        told.by(move || Box::new(FalseSlack { carried, weights }))
    };
    match check {
        "slack" => slack(Carried::Slack),
        "square" => slack(Carried::Sum),
        "delta" => slack(Carried::End(0)),
        "base" => slack(Carried::End(1)),
        "pads" => slack(Carried::Pad),
        "bit" => honest().lowered(NegativeSlack::BY.into()).by(|| Box::new(NegativeSlack { opening: false })),
        "bits = b" => honest().lowered(NegativeSlack::BY.into()).by(|| Box::new(NegativeSlack { opening: true })),
        "A W C = y" => honest().by(|| Box::new(FalseProjection { opening: false })),
        "Y = y" => honest().by(|| Box::new(FalseProjection { opening: true })),
        "bits = Z" => honest().by(|| Box::new(FalseCombination { opening: false })),
        "D Y = z" => honest().by(|| Box::new(FalseCombination { opening: true })),
        "products" => {
            let told = honest();
            let rows = told.stated.rows().len() as u64;
            let n = told.stated.profile.n() as u64;
            told.by(move || Box::new(FalseSquare { rows: vec![rows], n }))
        }
        _ => panic!("no liar for {check}"),
    }
}
