//! The verdicts on plain lies.

use super::{
    book::{Book, Consistent, Lie, Message},
    crude::{Forged, lies},
    liars::InTheOpen,
    lies::Told,
    toy::{self, Toy},
};
use ark_ff::One;
use huref_circuits::{
    curve::Scalar, instance::Instance, pads::Ledger, prover::liar::lying, relations, statement::Statement,
};

/// Message `.0` is one too large.
struct OneMessage(usize);
impl Lie for OneMessage {
    fn message(&mut self, _: Message, honest: Scalar, book: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        if book.sent.len() == self.0 { honest + Scalar::one() } else { honest }
    }
}

/// Message `index` of a proof about this toy is one too large.
fn one_message(toy: &Toy, index: usize) -> (Statement, Vec<u8>) {
    Told::new(toy, |_| (), move |_, _| Box::new(OneMessage(index))).prove(toy)
}

#[test]
fn plain_lies_are_refused() {
    for Forged { name, check, statement, proof } in lies() {
        assert_eq!(toy::verdict(&statement, &proof), Err(check), "{name}");
    }
}

#[test]
fn messages_matter() {
    let toy = Toy::small();
    let (honest, _) = toy.prove(0);
    let instance = Instance::new(&honest).unwrap();
    let Ledger { used: pads, triples, .. } = relations::pads(&instance).unwrap();
    for index in (0..pads - triples.len()).step_by(4) {
        let (statement, proof) = one_message(&toy, index);
        let verdict = toy::verdict(&statement, &proof);
        assert!(matches!(verdict, Err("linear constraints" | "opening")), "message {index}: {verdict:?}");
    }
    let (statement, proof) = one_message(&toy, pads);
    assert_eq!(toy::verdict(&statement, &proof), Ok(()), "there is no such message");
    assert_eq!(lying(Consistent::new(Box::new(InTheOpen)), || toy.prove(0)), toy.prove(0), "an honest liar");
}
