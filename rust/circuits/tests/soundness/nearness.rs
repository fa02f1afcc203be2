//! One consistent liar for each check of a statement of nearness, and the two verdicts on it.

use super::{
    near::{Told, claims, liar, moved, quarter_of_the_square, zeros},
    toy::{
        self,
        near::{Side, verdict},
    },
};
use huref_circuits::{
    draw::Draw,
    instance::Instance,
    nearness::{Answer, Nearness, entry_variables},
    pads::Ledger,
    poly::log2_ceil,
    prover::nearness::{Reveal, compare},
    relations,
    security::{SecurityTerm, position_variables, security_of_nearness},
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
    let compared = compare(toy.profile, &toy.weights.shape, &toy.sketches, &toy.streams[0], &constant.theirs).unwrap();
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
        let intervals = statement.intervals();
        let low = intervals.iter().filter(|interval| interval.low.is_some()).count();
        assert_eq!(statement.counts(), (intervals.len(), low));
        let (vectors, pairs) = if matches!(reveal, Reveal::AtLeast(_)) { (1, 1) } else { (theirs, theirs * layers) };
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

/// The sums of degrees of both kinds, from the counts of their relations.
#[test]
fn the_error_is_that_of_the_counts() {
    let bits = |terms: Vec<SecurityTerm>| terms.into_iter().find(|term| term.name.contains("sumchecks")).unwrap().bits;
    for (layers, theirs, reveal) in [(1, 1, Reveal::Rounded), (2, 3, Reveal::Below(256)), (3, 2, Reveal::AtLeast(1))] {
        let side = Side::new(layers, theirs);
        let (statement, _) = side.prove(reveal, 1);
        let instance = Instance::new(&statement).unwrap();
        let (profile, shape) = (side.toy.profile, &statement.shape);
        let pairs = statement.intervals().len();
        let low = if matches!(reveal, Reveal::Below(_)) { 0 } else { pairs };
        let (rows, slots) = position_variables(shape, profile);
        let log = |x: u32| log2_ceil(x as usize);
        let (layers, terms) = (layers as usize, 3 * layers as usize);
        let degrees = (terms - 1)
            + 2 * log(profile.sketch)
            + 2 * (rows + slots)
            + (2 * terms - 1)
            + 2 * log(shape.hidden)
            + 4 * instance.bit_variables()
            + (terms - 1)
            + 3 * entry_variables(shape, profile)
            + (layers - 1)
            + 2 * log(profile.outputs)
            + statement.in_question().len()
            + 6 * log(profile.projection)
            + log(profile.projection_z)
            + (claims(layers, low, pairs).len() - 1)
            + 2 * profile.log_n as usize
            + (zeros(layers).len() - 1)
            + (relations::pads(&instance).unwrap().triples.len() - 1)
            + 3
            + 6 * profile.log_n as usize;
        assert_eq!(bits(security_of_nearness(&statement).unwrap()), 255.9 - (degrees as f64).log2());
    }
}
