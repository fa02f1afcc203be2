//! The lies, by the name of the check that each violates, and how they are told.

use super::{
    book::{Consistent, Lie, RETRY},
    forge::{Activity, At, Forgery, scale, target},
    liars::{
        Activations, Carried, ChangedPad, FalseActivations, FalseBit, FalseCombination, FalseNormOfY, FalseNormOpening,
        FalseProduct, FalseProjection, FalseScale, FalseSide, InTheOpen, NormOfY, SketchOfTheWeights, field,
    },
    toy::{self, Toy},
};
use ark_ff::PrimeField;
use huref_circuits::{
    curve::Scalar,
    draw::{Draw, Streams},
    network::Network,
    profile::TOY_2,
    prover::{fingerprint::round, liar::lying, progress::Progress, sketch::sketches, weights::Weights},
    statement::{Outputs, Statement},
    wire::commitment_id,
};
use num_bigint::{BigInt, BigUint};

/// Claims in the order in which the relations make them, for L layers under U draws; with those of a network.
pub fn claims(layers: usize, draws: usize, network: bool) -> Vec<String> {
    let (sides, terms, groups) = (6 * layers, 3 * layers * draws, layers * draws);
    let mut names: Vec<String> = ["bits = sketches", "X = x_left", "X = x_right"].map(String::from).into();
    names.extend((0..sides).map(|m| format!("V {m}")));
    names.extend(["bits = b(pt)", "bits = root"].map(String::from));
    names.extend((0..terms).flat_map(|i| [format!("slack_lo {i}"), format!("slack_hi {i}")]));
    let [before, after]: [&[&str]; 2] =
        if network { [&["inputs", "first sums", "sums = s1"], &["top bits = t", "bits = U"]] } else { [&[], &[]] };
    names.extend([before, &["encoder"], after].concat().into_iter().map(String::from));
    names.extend((0..groups).flat_map(|g| [format!("c_lo {g}"), format!("c_hi {g}")]));
    let rest = ["Y = y", "A W C = y", "D Y = z", "bits = Z", "Y = Y(pt)", "bits = norm"];
    names.extend(rest.map(String::from));
    names
}

/// Linear constraints in the order in which the relations make them.
pub fn zeros(network: bool) -> Vec<&'static str> {
    let activations: &[_] = if network { &["activations"] } else { &[] };
    [&["chain", "matrix-vector", "bit", "squares"], activations, &["square of Y"]].concat()
}

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
        let mut forgery = Forgery::honest(toy);
        forge(&mut forgery);
        Self { forgery, lie: Box::new(lie) }
    }

    /// What is published.
    pub fn outputs(&self) -> &[Outputs] {
        &self.forgery.rounded.outputs
    }

    /// Statement and proof. A lie that needs a square root is told again until there is one.
    pub fn prove(&self, toy: &Toy) -> (Statement, Vec<u8>) {
        let Forgery { sketches, rounded, .. } = &self.forgery;
        let statement = toy.statement(rounded.outputs.clone());
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

/// Adds that to entry `entry` of a term; e, a, c and z follow from the false sketch.
fn false_sketch(toy: &Toy, forgery: &mut Forgery, term: usize, entry: usize, more: &BigInt) {
    forgery.sketches[term][entry] += more;
    forgery.round(&toy.streams);
}

/// The largest entry of a term in absolute value.
fn largest(forgery: &Forgery, term: usize) -> BigInt {
    forgery.sketches[term].iter().map(|s| BigInt::from(s.magnitude().clone())).max().unwrap()
}

/// `N_0` is not the norm of the rounded sketch; `a_0` follows from it and stays in its window.
fn false_norm(forgery: &mut Forgery) {
    let norm = forgery.rounded.norms[0];
    let upper = *forgery.a(0) > 3 << (TOY_2.log_scale - TOY_2.log_norm - 1);
    let norm = if upper { norm / 4 * 5 } else { norm / 5 * 4 };
    forgery.rounded.norms[0] = norm;
    *forgery.a(0) = scale(norm);
    forgery.publish();
}

/// What was added to an entry.
fn added(toy: &Toy, forgery: &Forgery, term: usize, entry: usize) -> Scalar {
    field(&(&forgery.sketches[term][entry] - &toy.sketches[term][entry]))
}

/// The liar for a check of the relations; where any term could be meant, by term 1.
pub fn liar(toy: &Toy, check: &str) -> Told {
    let (name, number) = check.rsplit_once(' ').unwrap_or((check, ""));
    let number: usize = number.parse().unwrap_or(0);
    let open = |forge: &dyn Fn(&mut Forgery)| Told::new(toy, forge, |_, _| Box::new(InTheOpen));
    match (name, check) {
        ("slack_lo", _) => other_scale(toy, number, 1),
        ("slack_hi", _) => other_scale(toy, number, -1),
        ("c_lo", _) => other_c(toy, number, 2),
        ("c_hi", _) => other_c(toy, number, -2),
        (_, "bits = sketches") => sketch_of_the_weights(toy, 1),
        (_, "chain") => sketch_of_nothing(toy, 1),
        (_, "matrix-vector") => carried(toy, 1, Carried::Nowhere),
        (_, "X = x_left") => carried(toy, 1, Carried::Embedding(0)),
        (_, "X = x_right") => carried(toy, 1, Carried::Embedding(1)),
        ("V", _) => carried(toy, 1, Carried::Side(number)),
        (_, "bit") => false_bit(toy, 0, false),
        (_, "bits = b(pt)") => false_bit(toy, 0, true),
        (_, "squares") => open(&false_norm),
        (_, "bits = root") => Told::new(toy, false_norm, |_, _| Box::new(FalseNormOpening)),
        (_, "encoder") => backwards(toy, 0),
        (_, "inputs") => in_a_network(toy, Activations::Opened, |at, x| bent(at == At::Input(1), &mut x[0], 1 << 28)),
        (_, "first sums") => {
            in_a_network(toy, Activations::Opened, |at, x| bent(at == At::Sum(0, 0), &mut x[1], 1 << 12))
        }
        (_, "sums = s1") => in_a_network(toy, Activations::Opened, false_sum),
        (_, "activations") => in_a_network(toy, Activations::Sums(Scalar::from(FALSE_SUM)), false_sum),
        (_, "top bits = t") => in_a_network(toy, Activations::End(1, Scalar::from(FALSE_SUM)), false_sum),
        (_, "bits = U") => in_a_network(toy, Activations::End(2, Scalar::from(FALSE_SUM)), false_sum),
        (_, "A W C = y") => Told::new(toy, |_| (), |_, _| Box::new(FalseProjection { opening: false })),
        (_, "Y = y") => Told::new(toy, |_| (), |_, _| Box::new(FalseProjection { opening: true })),
        (_, "bits = Z") => Told::new(toy, |_| (), |_, _| Box::new(FalseCombination { opening: false })),
        (_, "D Y = z") => Told::new(toy, |_| (), |_, _| Box::new(FalseCombination { opening: true })),
        (_, "bits = norm") => Told::new(toy, |_| (), |_, _| Box::new(FalseNormOfY(NormOfY::Slack))),
        (_, "square of Y") => Told::new(toy, |_| (), |_, _| Box::new(FalseNormOfY(NormOfY::Squares))),
        (_, "Y = Y(pt)") => Told::new(toy, |_| (), |_, _| Box::new(FalseNormOfY(NormOfY::FinalClaim))),
        (_, "pads") => Told { lie: Box::new(|_, _| Box::new(ChangedPad)), ..backwards(toy, 0) },
        (_, "products") => Told::new(toy, |_| (), |_, _| Box::new(FalseProduct)),
        // one more than needed: the scale leaves its window
        (_, "scale") => open(&|f| {
            let e = *f.e(0);
            f.shift(e + 1);
        }),
        // so large a shift that S - p has room in the bits as well as S: then the rounded sketch is (-2^25, 0, 0, ..)
        (_, "shift") => open(&|f| {
            f.sketches[0][0] -= BigInt::from(BigUint::from(Scalar::MODULUS));
            f.shift(Scalar::MODULUS_BIT_SIZE - TOY_2.log_norm + 1);
        }),
        _ => panic!("no liar for {check}"),
    }
}

/// What a false sum is too large by, at place `FALSE_PLACE` of the second convolution.
const FALSE_SUM: u64 = 3 << 12;
const FALSE_PLACE: usize = 2;

fn bent(here: bool, value: &mut i128, by: i128) {
    *value += if here { by } else { 0 };
}

fn false_sum(at: At, x: &mut [i128]) {
    bent(at == At::Sum(0, 1), &mut x[FALSE_PLACE], FALSE_SUM.into());
}

/// A false value in a network, from which everything after it follows.
fn in_a_network(toy: &Toy, carried: Activations, bend: impl Fn(At, &mut [i128]) + 'static) -> Told {
    let network = Network::of(toy.profile).unwrap().unwrap();
    let place = network.hidden()[0].sums() + FALSE_PLACE;
    let mut forgery = Forgery::honest(toy);
    forgery.bend = Box::new(bend);
    forgery.publish();
    let said: Vec<Activity> = (0..forgery.layers()).map(|layer| forgery.activity(layer)).collect();
    Told { forgery, lie: Box::new(move |_, _| Box::new(FalseActivations { said: said.clone(), place, carried })) }
}

/// The pad of t U is one more than a product, and every activation counts one more.
pub fn activations_one_more(toy: &Toy) -> Told {
    in_a_network(toy, Activations::Pad, |at, x| {
        if matches!(at, At::Activation(..)) {
            x.iter_mut().for_each(|x| *x += 1);
        }
    })
}

/// A negative sum of the first convolution passes as if it were positive.
pub fn negative_as_positive(toy: &Toy) -> Told {
    let network = Network::of(toy.profile).unwrap().unwrap();
    let placed = network.hidden()[0].clone();
    let top = 1_i128 << (placed.width() - 1);
    let honest = Forgery::honest(toy).activity(0).sums[0].clone();
    let i = honest.iter().position(|&y| y < top).expect("half of the sums are negative");
    in_a_network(toy, Activations::Sign(i), move |at, x| {
        // the top "bit" counts as 1, and the rest of the integer is what it is: y - top, negative
        if at == At::Activation(0, 0) {
            x[i] = (honest[i] - top) >> placed.inner.shift;
        }
    })
}

/// Another scale of a term, and everything that follows.
pub fn other_scale(toy: &Toy, term: usize, delta: i64) -> Told {
    let forge = |f: &mut Forgery| {
        *f.a(term) = f.a(term).checked_add_signed(delta).unwrap();
        f.publish();
    };
    Told::new(toy, forge, |_, _| Box::new(InTheOpen))
}

/// Another scale of a layer's standardisation, consistently rounded.
pub fn other_c(toy: &Toy, group: usize, delta: i64) -> Told {
    let forge = |f: &mut Forgery| {
        let c = f.c(group).checked_add_signed(delta).unwrap();
        f.publish_with(group, c);
    };
    Told::new(toy, forge, |_, _| Box::new(InTheOpen))
}

/// Entry (0, 1) of a term is not that of the weights: the chain ends in the wrong place.
pub fn sketch_of_nothing(toy: &Toy, term: usize) -> Told {
    carried_by(toy, term, |_, _| Box::new(InTheOpen))
}

/// ... and the value at the beginning of the chain is that of the weights: the bits say otherwise.
pub fn sketch_of_the_weights(toy: &Toy, term: usize) -> Told {
    carried_by(toy, term, move |toy, f| Box::new(SketchOfTheWeights { term, delta: added(toy, f, term, 1) }))
}

/// ... or a false A takes the lie past the chain.
pub fn carried(toy: &Toy, term: usize, to: Carried) -> Told {
    carried_by(toy, term, move |_, _| Box::new(FalseSide(term, to)))
}

fn carried_by(toy: &Toy, term: usize, lie: impl Fn(&Toy, &Forgery) -> Box<dyn Lie> + 'static) -> Told {
    let forge = |f: &mut Forgery| {
        let more = largest(f, term);
        false_sketch(toy, f, term, 1, &more);
    };
    Told::new(toy, forge, lie)
}

/// Entry 0 of a term is not that of the weights, and a bit that is none makes up for it.
pub fn false_bit(toy: &Toy, term: usize, opening: bool) -> Told {
    let forge = |f: &mut Forgery| {
        let more = BigInt::from(1) << (*f.e(term)).max(1) << 24;
        false_sketch(toy, f, term, 0, &more);
    };
    let lie = move |toy: &Toy, f: &Forgery| -> Box<dyn Lie> {
        Box::new(FalseBit { term, delta: added(toy, f, term, 0), opening })
    };
    Told::new(toy, forge, lie)
}

/// z of a layer backwards, its remainders too: V and c stay true.
pub fn backwards(toy: &Toy, group: usize) -> Told {
    let forge = |f: &mut Forgery| {
        let (z, rem) = f.z(group);
        z.reverse();
        rem.reverse();
    };
    Told::new(toy, forge, |_, _| Box::new(InTheOpen))
}

/// Vectors, scales and remainders of two layers exchanged, their sketches not.
pub fn exchanged(toy: &Toy, first: usize, second: usize) -> Told {
    let forge = |f: &mut Forgery| {
        let mut take = |group| {
            let c = *f.c(group);
            let (z, rem) = f.z(group);
            (c, z.to_vec(), rem.to_vec())
        };
        let both = [take(first), take(second)];
        for (group, (c, z, rem)) in [second, first].into_iter().zip(both) {
            *f.c(group) = c;
            let places = f.z(group);
            places.0.copy_from_slice(&z);
            places.1.copy_from_slice(&rem);
        }
    };
    Told::new(toy, forge, |_, _| Box::new(InTheOpen))
}

/// The sketches moved to other places, everything published follows: those of one layer for another, or of one draw for
/// another.
pub fn moved(toy: &Toy, to: impl Fn(usize) -> usize) -> Told {
    let forge = |f: &mut Forgery| {
        f.sketches = (0..toy.sketches.len()).map(|i| toy.sketches[to(i)].clone()).collect();
        f.round(&toy.streams);
    };
    Told::new(toy, forge, |_, _| Box::new(InTheOpen))
}

/// One entry of a term too large and one of another term too small by as much.
pub fn cancelling(toy: &Toy, first: usize, second: usize) -> Told {
    let forge = |f: &mut Forgery| {
        let more = largest(f, first);
        f.sketches[second][1] -= &more;
        false_sketch(toy, f, first, 1, &more);
    };
    Told::new(toy, forge, |_, _| Box::new(InTheOpen))
}

/// c of a layer is half of what it should be, and a false V justifies it.
pub fn half_the_scale(toy: &Toy, group: usize, opening: bool) -> Told {
    let mut forgery = Forgery::honest(toy);
    let c = *forgery.c(group) / 2;
    forgery.publish_with(group, c);
    let above = BigUint::try_from(target() * (2 * c + 1) - 1).unwrap();
    let missing = field(&(target() - forgery.squares(group)));
    let lie = move |_: &Toy, _: &Forgery| -> Box<dyn Lie> {
        Box::new(FalseScale { group, missing, above: above.clone(), opening })
    };
    Told { forgery, lie: Box::new(lie) }
}

/// c of a layer sixteen times too large, consistently rounded: z leaves its range.
pub fn too_long(toy: &Toy) -> Told {
    let forge = |f: &mut Forgery| {
        let c = *f.c(0) * 16;
        f.publish_with(0, c);
    };
    Told::new(toy, forge, |_, _| Box::new(InTheOpen))
}

/// A toy of one layer that honest rounding may refuse as degenerate: z and c are filled in later.
pub fn unrounded(draws: &[Draw], weights: Weights) -> Toy {
    let honest = toy::weights(&weights.shape, 7);
    let Toy { seed, rounded, context, .. } = Toy::new(draws, honest, [9; 32]);
    let commitment = toy::commit(&TOY_2, &weights, &seed);
    let id = commitment_id(&TOY_2, &weights.shape, &commitment);
    let streams: Vec<Streams> = draws.iter().map(|draw| draw.streams(&TOY_2, &id)).collect();
    let sketches = sketches(&TOY_2, &weights, &streams, &Progress::default()).unwrap();
    let mut toy =
        Toy { profile: &TOY_2, weights, sketches, rounded, seed, commitment, draws: draws.to_vec(), streams, context };
    let entries = TOY_2.entries();
    for (i, term) in toy.sketches.iter().enumerate() {
        let place = (i / 3, i % 3);
        let q = &mut toy.rounded.q[i * entries..][..entries];
        if term.iter().all(|s| *s == BigInt::ZERO) {
            // no scale fits; the largest one is in its range
            q.fill(0);
            toy.rounded.norms[i] = 0;
            toy.rounded.outputs[place.0].e[place.1] = 0;
            toy.rounded.outputs[place.0].a[place.1] = 1 << TOY_2.max_log_a;
            continue;
        }
        // each term alone, three times, is a layer like any other
        let alone = [term.clone(), term.clone(), term.clone()];
        let alone = round(&TOY_2, &alone, &[Streams::common(&TOY_2)]).unwrap();
        q.copy_from_slice(&alone.q[..entries]);
        toy.rounded.norms[i] = alone.norms[0];
        toy.rounded.outputs[place.0].e[place.1] = alone.outputs[0].e[0];
        toy.rounded.outputs[place.0].a[place.1] = alone.outputs[0].a[0];
    }
    toy
}
