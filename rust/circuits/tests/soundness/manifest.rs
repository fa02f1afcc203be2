//! Every field of the statement and every part of the proof, changed: each change is refused.

use super::toy::{BEACON, OWN, Toy, challenge, fields, generators, kinds, layout::parts, verdict};
use ark_ec::{AffineRepr, CurveGroup};
use huref_circuits::{
    context::Context,
    curve::{self, Scalar},
    draw::Draw,
    prover::liar::{Liar, lying},
    statement::Statement,
    switches::programmed,
    wire::{POINT, commitment_id},
};
use std::{cell::RefCell, rc::Rc};

#[test]
fn every_field_of_the_statement() {
    for toy in kinds().iter().map(|draws| Toy::drawn(draws)).chain([Toy::with_a_network()]) {
        let (statement, proof) = toy.prove(1);
        assert_eq!(verdict(&statement, &proof), Ok(()));
        for change in fields::changes(&statement) {
            assert!(verdict(&change.statement, &proof).is_err(), "{} changed: accepted", change.field);
        }
    }
}

#[test]
fn every_bit_of_a_challenge() {
    let (statement, proof) = Toy::drawn(&[challenge()]).prove(1);
    for bit in 0..256 + 8 * BEACON.len() {
        let mut other = statement.clone();
        let Draw::Challenge { other: id, beacon } = &mut other.draws[0] else { panic!("a challenge") };
        let byte = if bit < 256 { &mut id[bit / 8] } else { &mut beacon[bit / 8 - 32] };
        *byte ^= 1 << (bit % 8);
        assert_eq!(verdict(&other, &proof), Err("linear constraints"), "bit {bit}");
    }
    assert_eq!(verdict(&statement, &proof), Ok(()));
}

#[test]
fn a_challenge_that_names_its_own_commitment() {
    let (mut statement, proof) = Toy::drawn(&[challenge()]).prove(1);
    let other = commitment_id(statement.profile, &statement.shape, &statement.commitment);
    statement.draws = vec![Draw::Challenge { other, beacon: BEACON.to_vec() }];
    assert_eq!(verdict(&statement, &proof), Err("draws"));
}

/// The same commitment under any draw; the vectors of the common draw, whatever stands beside them.
#[test]
fn draws_differ_in_their_outputs_only() {
    let toys = kinds().map(|draws| Toy::drawn(&draws));
    let [common, own, challenged, both] = &toys;
    assert!(toys.iter().all(|toy| toy.commitment == common.commitment));
    let [a, b, c] = [common, own, challenged].map(|toy| &toy.rounded.outputs[0]);
    assert!(a.z != b.z && b.z != c.z && a.z != c.z);
    assert_eq!(both.rounded.outputs, [a.clone(), b.clone()]);
}

/// A proof of two draws is none of one of them.
#[test]
fn half_of_the_draws() {
    let (statement, proof) = Toy::small().prove(1);
    for i in 0..2 {
        let mut half = statement.clone();
        half.draws = vec![half.draws.remove(i)];
        half.outputs = vec![half.outputs.remove(i)];
        assert_eq!(verdict(&half, &proof), Err("proof length"));
    }
}

/// Text moved over a border is another statement: lengths are absorbed.
#[test]
fn the_borders_of_a_context() {
    let (statement, proof) = Toy::small().prove(1);
    let Context { owner, audience, nonce } = statement.context.clone();
    let (first, rest) = audience.split_at(1);
    let moved = Context { owner: owner + first, audience: rest.into(), nonce };
    assert_eq!(verdict(&Statement { context: moved, ..statement }, &proof), Err("linear constraints"));
}

/// Somebody without the weights shows another's proof as made by them, for other people, or after another nonce. Under the
/// challenges of the honest proof (a verifier that does not absorb the context has the same ones for all) each replay is
/// accepted; the transcript refuses it.
#[test]
fn replays() {
    let tape = Rc::new(RefCell::new(Vec::new()));
    let (statement, proof) = lying(Recorder(tape.clone()), || Toy::small().prove(1));
    let tape = tape.take();
    let honest = statement.context.clone();
    for context in [
        Context { owner: "name:Mallory".into(), ..honest.clone() },
        Context { audience: "somebody else".into(), ..honest.clone() },
        Context { nonce: vec![1; 16], ..honest },
        Context::default(),
    ] {
        let replay = Statement { context, ..statement.clone() };
        assert_eq!(programmed(&tape, || verdict(&replay, &proof)), Ok(()), "{:?}", replay.context);
        assert_eq!(verdict(&replay, &proof), Err("linear constraints"), "{:?}", replay.context);
    }
}

/// A re-randomised copy of a commitment is a commitment with another id, hence another own draw: what was proved for the
/// first holds for it neither as it stands nor with the common draw alone.
#[test]
fn a_rerandomised_commitment_is_another_one() {
    for draws in [vec![Draw::Common], vec![OWN], vec![Draw::Common, OWN]] {
        let (mut statement, proof) = Toy::drawn(&draws).prove(1);
        let id = |s: &Statement| commitment_id(s.profile, &s.shape, &s.commitment);
        let before = id(&statement);
        for row in &mut statement.commitment {
            *row = (row.into_group() + generators().h()).into_affine();
        }
        assert_ne!(before, id(&statement));
        assert_eq!(verdict(&statement, &proof), Err("linear constraints"));
    }
}

/// The part of this name, or rather its bytes, replaced by another point or scalar.
fn changed(proof: &[u8], start: usize, length: usize) -> Vec<u8> {
    let part = &proof[start..][..length];
    let other = if length == POINT {
        let point = curve::decode(part.try_into().unwrap()).unwrap();
        curve::encode(&(point.into_group() + generators().g()[3]).into_affine()).to_vec()
    } else {
        let scalar = curve::scalar_from_bytes(part.try_into().unwrap()).unwrap();
        curve::scalar_to_bytes(&(scalar + Scalar::from(1_u64))).to_vec()
    };
    [&proof[..start], &other, &proof[start + length..]].concat()
}

#[test]
fn every_part_of_the_proof() {
    let (statement, proof) = Toy::small().prove(1);
    let parts = parts(&statement);
    let end = parts.last().map(|part| part.start + part.length);
    assert_eq!(end, Some(proof.len()), "the list covers the proof");
    for part in parts {
        let verdict = verdict(&statement, &changed(&proof, part.start, part.length));
        let expected: &[_] = match part.name.split(' ').next().unwrap() {
            "blind_s" => &["pads"],
            "blind_t" => &["products"],
            "blind_v" | "L" | "R" | "last" => &["opening"],
            // a response of a pad that stands in no linear constraint
            "zs" => &["linear constraints", "pads"],
            _ => &["linear constraints"],
        };
        assert!(verdict.is_err_and(|check| expected.contains(&check)), "{}: {verdict:?}", part.name);
    }
}

#[test]
fn a_proof_holds_for_one_statement_only() {
    let (first, proof) = Toy::small().prove(1);
    let (second, other) = Toy::new(&kinds()[3], super::toy::weights(&super::toy::small(), 8), [3; 32]).prove(1);
    assert_eq!((verdict(&first, &proof), verdict(&second, &other)), (Ok(()), Ok(())));
    assert!(verdict(&first, &other).is_err() && verdict(&second, &proof).is_err());
}

#[test]
fn the_challenge_zero_is_refused() {
    let (statement, proof) = Toy::small().prove(1);
    for before in [0, 1, 2, 20] {
        let mut tape = vec![Scalar::from(5_u64); before];
        tape.push(Scalar::from(0_u64));
        assert_eq!(programmed(&tape, || verdict(&statement, &proof)), Err("zero challenge"), "after {before}");
    }
}

/// Writes down the challenges of an honest prover.
struct Recorder(Rc<RefCell<Vec<Scalar>>>);
impl Liar for Recorder {
    fn challenge(&mut self, challenge: Scalar) {
        self.0.borrow_mut().push(challenge);
    }
}

/// If challenges did not depend on what is sent, a proof could be repaired after the fact: here `X_s + H` makes up for
/// `blind_s + 1`. Under the challenges of the honest proof the changed one is accepted; only the transcript refuses it.
#[test]
fn frozen_challenges_would_be_fatal() {
    let tape = Rc::new(RefCell::new(Vec::new()));
    let (statement, proof) = lying(Recorder(tape.clone()), || Toy::small().prove(1));
    let tape = tape.take();
    assert_eq!(programmed(&tape, || verdict(&statement, &proof)), Ok(()));
    let find = |name: &str| parts(&statement).into_iter().find(|part| part.name == name).unwrap();
    let (mask, response) = (find("X_s"), find("blind_s"));
    let point = curve::decode(proof[mask.start..][..POINT].try_into().unwrap()).unwrap();
    let mut forged = changed(&proof, response.start, response.length);
    assert_eq!(programmed(&tape, || verdict(&statement, &forged)), Err("pads"));
    forged[mask.start..][..POINT]
        .copy_from_slice(&curve::encode(&(point.into_group() + generators().h()).into_affine()));
    assert_eq!(programmed(&tape, || verdict(&statement, &forged)), Ok(()), "frozen");
    assert_eq!(verdict(&statement, &forged), Err("linear constraints"), "real");
}
