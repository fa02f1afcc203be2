//! The lies, by the name of the check that each violates, and how they are told.

use super::{
    book::{Consistent, Lie, RETRY},
    forge::{Forgery, scale, squares, target},
    liars::{
        Carried, ChangedPad, FalseBit, FalseCombination, FalseNormOfY, FalseNormOpening, FalseProjection, FalseSide,
        FalseV, InTheOpen, NormOfY, SketchOfTheWeights, Through, field,
    },
    toy::{self, Toy},
};
use ark_ff::PrimeField;
use huref_circuits::{
    curve::Scalar,
    profile::TOY_1,
    prover::{
        fingerprint::{Rounded, round},
        liar::lying,
        progress::Progress,
        secrets::Seed,
        sketch::sketches,
        weights::Weights,
    },
    statement::{Public, Statement},
};
use num_bigint::{BigInt, BigUint};

/// Claims in the order in which the relations make them, for T terms.
pub fn claims(terms: usize) -> Vec<String> {
    let mut names: Vec<String> = ["bits = sketches", "X = x_u", "X = x_v"].map(String::from).into();
    names.extend((0..2 * terms).map(|m| format!("V {m}")));
    names.extend(["bits = b(pt)", "bits = q(pt)"].map(String::from));
    names.extend((0..terms).flat_map(|t| [format!("slack_lo {t}"), format!("slack_hi {t}")]));
    let rest = [
        "encoder",
        "bits = B",
        "bits = g(pt)",
        "c_lo",
        "c_hi",
        "Y = y",
        "A W C = y",
        "D Y = z",
        "bits = Z",
        "Y = Y(pt)",
        "bits = norm",
    ];
    names.extend(rest.map(String::from));
    names
}

/// Linear constraints in the order in which the relations make them.
pub const ZEROS: [&str; 6] = ["chain", "matrix-vector", "bit", "norm", "square of g", "square of Y"];

/// Makes the liar's mind, from the toy and what was forged.
type Mind = Box<dyn Fn(&Toy, &Forgery) -> Box<dyn Lie>>;

/// A lie: what is handed to the prover, and what the prover does with it.
pub struct Told {
    /// What is handed to the prover.
    forgery: Forgery,
    lie: Mind,
}

impl Told {
    /// Forges the prover's inputs, and says how the prover lies about them.
    pub fn new(
        toy: &Toy,
        forge: impl FnOnce(&mut Forgery),
        lie: impl Fn(&Toy, &Forgery) -> Box<dyn Lie> + 'static,
    ) -> Self {
        let mut forgery = Forgery::honest(&toy.sketches, &toy.rounded);
        forge(&mut forgery);
        Self { forgery, lie: Box::new(lie) }
    }

    /// Statement and proof. A lie that needs a square root is told again until there is one.
    pub fn prove(&self, toy: &Toy) -> (Statement, Vec<u8>) {
        let Forgery { sketches, rounded } = &self.forgery;
        let statement = toy.statement(rounded.public.clone());
        for randomness in 0..60 {
            RETRY.set(false);
            let liar = Consistent::new((self.lie)(toy, &self.forgery));
            let proof = lying(liar, || toy.prove_this(&statement, sketches, rounded, randomness));
            if !RETRY.get() {
                return (statement, proof);
            }
        }
        panic!("no square root in 60 attempts");
    }
}

/// Entry (0, 1) of term 1 is not that of the weights; e, a, c and z follow from the false one.
fn false_sketch(forgery: &mut Forgery) {
    let delta = forgery.sketches[1].iter().map(|s| s.magnitude().clone()).max().unwrap();
    forgery.sketches[1][1] += BigInt::from(delta);
    forgery.rounded = round(&TOY_1, &forgery.sketches, &None).unwrap();
}

/// Entry 0 of term 0 is not that of the weights.
fn false_entry(forgery: &mut Forgery) {
    forgery.sketches[0][0] += BigInt::from(1) << forgery.rounded.public.e[0].max(1) << 24;
    forgery.rounded = round(&TOY_1, &forgery.sketches, &None).unwrap();
}

/// `N_0` is not the norm of the rounded sketch; `a_0` follows from it and stays in its window.
fn false_norm(forgery: &mut Forgery) {
    let norm = forgery.rounded.norms[0];
    let upper = forgery.rounded.public.a[0] > 3 << (TOY_1.log_scale - TOY_1.log_norm - 1);
    let norm = if upper { norm / 4 * 5 } else { norm / 5 * 4 };
    forgery.rounded.norms[0] = norm;
    forgery.rounded.public.a[0] = scale(norm);
    forgery.publish();
}

fn backwards(forgery: &mut Forgery) {
    forgery.rounded.public.z.reverse();
    forgery.rounded.rem.reverse();
}

fn half_the_scale(forgery: &mut Forgery) {
    let c = forgery.rounded.public.c / 2;
    forgery.publish_with(c);
}

fn false_v(forgery: &Forgery, through: Through) -> Box<dyn Lie> {
    let above: BigInt = target() * (2 * forgery.rounded.public.c + 1) - 1;
    let missing = field(&(target() - squares(&forgery.rounded)));
    Box::new(FalseV { missing, above: BigUint::try_from(above).unwrap(), through })
}

/// What was added to an entry.
fn added(toy: &Toy, forgery: &Forgery, term: usize, entry: usize) -> Scalar {
    field(&(&forgery.sketches[term][entry] - &toy.sketches[term][entry]))
}

/// The liar for a check of the relations.
pub fn liar(toy: &Toy, check: &str) -> Told {
    let (name, number) = check.rsplit_once(' ').unwrap_or((check, ""));
    let number: usize = number.parse().unwrap_or(0);
    let scaled = |delta: i64| {
        Told::new(
            toy,
            |f| {
                let a = &mut f.rounded.public.a[number];
                *a = a.checked_add_signed(delta).unwrap();
                f.publish();
            },
            |_, _| Box::new(InTheOpen),
        )
    };
    let other_c = |delta: i64| {
        Told::new(
            toy,
            |f| f.publish_with(f.rounded.public.c.checked_add_signed(delta).unwrap()),
            |_, _| Box::new(InTheOpen),
        )
    };
    match (name, check) {
        ("slack_lo", _) => scaled(1),
        ("slack_hi", _) => scaled(-1),
        (_, "bits = sketches") => {
            Told::new(toy, false_sketch, |toy, f| Box::new(SketchOfTheWeights { delta: added(toy, f, 1, 1) }))
        }
        (_, "chain") => Told::new(toy, false_sketch, |_, _| Box::new(InTheOpen)),
        (_, "matrix-vector") => Told::new(toy, false_sketch, |_, _| Box::new(FalseSide(Carried::Nowhere))),
        (_, "X = x_u") => Told::new(toy, false_sketch, |_, _| Box::new(FalseSide(Carried::Embedding(0)))),
        (_, "X = x_v") => Told::new(toy, false_sketch, |_, _| Box::new(FalseSide(Carried::Embedding(1)))),
        ("V", _) => Told::new(toy, false_sketch, move |_, _| Box::new(FalseSide(Carried::Side(number)))),
        (_, "bit") => {
            Told::new(toy, false_entry, |toy, f| Box::new(FalseBit { delta: added(toy, f, 0, 0), opening: false }))
        }
        (_, "bits = b(pt)") => {
            Told::new(toy, false_entry, |toy, f| Box::new(FalseBit { delta: added(toy, f, 0, 0), opening: true }))
        }
        (_, "norm") => Told::new(toy, false_norm, |_, _| Box::new(InTheOpen)),
        (_, "bits = q(pt)") => Told::new(toy, false_norm, |_, _| Box::new(FalseNormOpening)),
        (_, "encoder") => Told::new(toy, backwards, |_, _| Box::new(InTheOpen)),
        (_, "bits = B") => Told::new(toy, half_the_scale, |_, f| false_v(f, Through::B)),
        (_, "square of g") => Told::new(toy, half_the_scale, |_, f| false_v(f, Through::E)),
        (_, "bits = g(pt)") => Told::new(toy, half_the_scale, |_, f| false_v(f, Through::G)),
        (_, "c_lo") => other_c(2),
        (_, "c_hi") => other_c(-2),
        (_, "A W C = y") => Told::new(toy, |_| (), |_, _| Box::new(FalseProjection { opening: false })),
        (_, "Y = y") => Told::new(toy, |_| (), |_, _| Box::new(FalseProjection { opening: true })),
        (_, "bits = Z") => Told::new(toy, |_| (), |_, _| Box::new(FalseCombination { opening: false })),
        (_, "D Y = z") => Told::new(toy, |_| (), |_, _| Box::new(FalseCombination { opening: true })),
        (_, "bits = norm") => Told::new(toy, |_| (), |_, _| Box::new(FalseNormOfY(NormOfY::Slack))),
        (_, "square of Y") => Told::new(toy, |_| (), |_, _| Box::new(FalseNormOfY(NormOfY::Squares))),
        (_, "Y = Y(pt)") => Told::new(toy, |_| (), |_, _| Box::new(FalseNormOfY(NormOfY::Opening))),
        (_, "pads") => Told::new(toy, backwards, |_, _| Box::new(ChangedPad)),
        (_, "products") => Told::new(toy, half_the_scale, |_, f| false_v(f, Through::Product)),
        // one more than needed: the scale leaves its window
        (_, "scale") => Told::new(toy, |f| f.shift(f.rounded.public.e[0] + 1), |_, _| Box::new(InTheOpen)),
        // so large a shift that S - p has room in the bits as well as S: then the rounded sketch is (-2^25, 0, 0, ..)
        (_, "shift") => Told::new(
            toy,
            |f| {
                f.sketches[0][0] -= BigInt::from(BigUint::from(Scalar::MODULUS));
                f.shift(Scalar::MODULUS_BIT_SIZE - TOY_1.log_norm + 1);
            },
            |_, _| Box::new(InTheOpen),
        ),
        _ => panic!("no liar for {check}"),
    }
}

/// c sixteen times too large, consistently rounded: z leaves its range.
pub fn too_long(toy: &Toy) -> Told {
    Told::new(toy, |f| f.publish_with(f.rounded.public.c * 16), |_, _| Box::new(InTheOpen))
}

/// A model whose terms cancel, so that its honest c is too large.
pub fn cancelling_terms() -> (Toy, Told) {
    let window = 1_u64 << TOY_1.max_log_c..2 << TOY_1.max_log_c;
    (1..600)
        .find_map(|delta| {
            let toy = unrounded(cancelling(delta));
            let told = Told::new(&toy, Forgery::publish, |_, _| Box::new(InTheOpen));
            window.contains(&told.forgery.rounded.public.c).then_some((toy, told))
        })
        .expect("some weight leaves a difference of the right size")
}

/// A second layer that is the first with q, v and up negated takes every term away again. With one weight of it moved a
/// little, what is left is so small that c is too large. All else about this model is honest.
fn cancelling(delta: i16) -> Weights {
    let shape = toy::shape(6, 4, 2, 2, 12, 2, 16);
    let mut weights = toy::weights(&shape, 7);
    for matrix in 1..=6 {
        let sign = if matrix % 2 == 1 { -1 } else { 1 };
        let entries = weights.matrices[matrix].entries.iter().map(|&w| sign * w).collect();
        weights.matrices[6 + matrix].entries = entries;
    }
    weights.matrices[7].entries[0] += delta;
    weights
}

/// A toy that honest rounding may refuse as degenerate: z and c are filled in later.
pub fn unrounded(weights: Weights) -> Toy {
    let sketches = sketches(&TOY_1, &weights, &None, &Progress::default()).unwrap();
    let mut rounded =
        Rounded { public: Public { z: vec![], e: vec![], a: vec![], c: 0 }, q: vec![], norms: vec![], rem: vec![] };
    for term in &sketches {
        if term.iter().all(|s| *s == BigInt::ZERO) {
            // no scale fits; the largest one is in its range
            rounded.q.extend(term.iter().map(|_| 0));
            rounded.norms.push(0);
            rounded.public.e.push(0);
            rounded.public.a.push(1 << TOY_1.max_log_a);
            continue;
        }
        // each term alone, three times, is a model like any other
        let alone = round(&TOY_1, &[term.clone(), term.clone(), term.clone()], &None).unwrap();
        rounded.q.extend(&alone.q[..term.len()]);
        rounded.norms.push(alone.norms[0]);
        rounded.public.e.push(alone.public.e[0]);
        rounded.public.a.push(alone.public.a[0]);
    }
    let seed = Seed([9; 32]);
    let commitment = toy::commit(&weights, &seed);
    Toy { weights, sketches, rounded, seed, commitment, challenge: None }
}
