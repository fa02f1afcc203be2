//! Every field of the statement and every part of the proof, changed: each change is refused.

use super::toy::{Toy, fields, generators, layout::parts, verdict};
use ark_ec::{AffineRepr, CurveGroup};
use huref_circuits::{
    curve::{self, Scalar},
    prover::liar::{Liar, lying},
    statement::Statement,
    switches::programmed,
    wire::POINT,
};
use std::{cell::RefCell, rc::Rc};

#[test]
fn every_field_of_the_statement() {
    for toy in [Toy::small(), Toy::challenged()] {
        let (statement, proof) = toy.prove(1);
        assert_eq!(verdict(&statement, &proof), Ok(()));
        for change in fields::changes(&statement) {
            assert!(verdict(&change.statement, &proof).is_err(), "{} changed: accepted", change.field);
        }
    }
}

#[test]
fn every_bit_of_a_challenge() {
    let (mut statement, proof) = Toy::challenged().prove(1);
    for bit in 0..256 {
        let flip = |statement: &mut Statement| statement.challenge.as_mut().unwrap()[bit / 8] ^= 1 << (bit % 8);
        flip(&mut statement);
        assert_eq!(verdict(&statement, &proof), Err("linear constraints"), "bit {bit}");
        flip(&mut statement);
    }
    assert_eq!(verdict(&statement, &proof), Ok(()));
}

#[test]
fn a_challenge_is_answered_by_the_same_commitment_with_other_outputs() {
    let (plain, challenged) = (Toy::small(), Toy::challenged());
    assert_eq!(plain.commitment, challenged.commitment);
    assert_ne!(plain.rounded.public.z, challenged.rounded.public.z);
}

/// The part of this name, or rather its bytes, replaced by another point or scalar.
fn changed(proof: &[u8], start: usize, length: usize) -> Vec<u8> {
    let part = &proof[start..][..length];
    let other = if length == POINT {
        let point = curve::decode(part.try_into().unwrap()).unwrap();
        curve::encode(&(point.into_group() + generators().g[3]).into_affine()).to_vec()
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
    let (second, other) = Toy::new(super::toy::weights(&super::toy::small(), 8), [3; 32]).prove(1);
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
    forged[mask.start..][..POINT].copy_from_slice(&curve::encode(&(point.into_group() + generators().h).into_affine()));
    assert_eq!(programmed(&tape, || verdict(&statement, &forged)), Ok(()), "frozen");
    assert_eq!(verdict(&statement, &forged), Err("linear constraints"), "real");
}
