//! One-time means one time, even where the random source of the operating system repeats itself.

use super::toy::{self, Toy, kinds, layout::parts};
use huref_circuits::{
    instance::Instance,
    pads::Ledger,
    profile::TOY_2,
    prover::secrets::{Model, OneTime, Rule, Seed, WeightsDigest},
    relations,
    statement::Statement,
    wire::statement_bytes,
};
use std::collections::BTreeSet;

fn pads(random: u8, seed: u8, weights: u64, statement: &[u8], attempt: u64) -> BTreeSet<Vec<u8>> {
    let (weights, seed) = (toy::weights(&toy::small(), weights), Seed([seed; 32]));
    let model = Model { weights: &weights, digest: &WeightsDigest::new(Rule::Stream, &weights, &TOY_2), seed: &seed };
    let mut secrets = OneTime::new(&[random; 32], &[model], statement, attempt);
    secrets.scalars(200).iter().map(|scalar| huref_circuits::curve::scalar_to_bytes(scalar).to_vec()).collect()
}

#[test]
fn everything_that_differs_makes_other_pads() {
    let first = pads(1, 1, 1, b"statement", 0);
    assert_eq!(first.len(), 200);
    assert_eq!(first, pads(1, 1, 1, b"statement", 0), "a function of its inputs");
    for (what, other) in [
        ("randomness", pads(2, 1, 1, b"statement", 0)),
        ("seed", pads(1, 2, 1, b"statement", 0)),
        ("weights", pads(1, 1, 2, b"statement", 0)),
        ("statement", pads(1, 1, 1, b"statemenu", 0)),
        ("length of the statement", pads(1, 1, 1, b"statement\0", 0)),
        ("attempt", pads(1, 1, 1, b"statement", 1)),
    ] {
        assert!(first.is_disjoint(&other), "{what}");
    }
}

/// The same randomness for two statements: the proofs still share no commitment to pads, no mask and no response.
#[test]
fn a_repeating_random_source_repeats_no_pad() {
    let toy = Toy::small();
    let values = |statement: &Statement, proof: &[u8]| -> BTreeSet<Vec<u8>> {
        parts(statement).into_iter().map(|part| proof[part.start..][..part.length].to_vec()).collect()
    };
    let (statement, proof) = toy.prove(9);
    // another statement of the same owner about the same weights: the tokens in another order
    let mut weights = toy::weights(&toy::small(), 7);
    weights.shape.tokens.swap(0, 1);
    let other = Toy::new(&kinds()[3], weights, [3; 32]);
    let (other_statement, other_proof) = other.prove(9);
    assert_ne!(statement_bytes(&statement), statement_bytes(&other_statement));
    assert!(values(&statement, &proof).is_disjoint(&values(&other_statement, &other_proof)));
}

/// Within one proof every sent value has a pad of its own, and no pad of a product masks anything.
#[test]
fn no_pad_masks_twice() {
    let (statement, _) = Toy::small().prove(1);
    let instance = Instance::new(&statement).unwrap();
    let Ledger { used: count, triples, .. } = relations::pads(&instance).unwrap();
    let products: BTreeSet<usize> = triples.iter().map(|&[_, _, product]| product).collect();
    assert_eq!(products.len(), triples.len());
    for [left, right, product] in triples {
        assert!(left < count && right < count && product < count);
        assert!(!products.contains(&left) && !products.contains(&right));
    }
    let messages = parts(&statement).iter().filter(|part| part.name.starts_with("message")).count();
    assert_eq!(messages, count - products.len());
}
