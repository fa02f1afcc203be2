//! What must not be in a proof, or in two of them.

use super::toy::{self, Toy, kinds, layout::parts};
use ark_ff::Zero;
use huref_circuits::{
    curve::{Scalar, encode, scalar_to_bytes},
    poly::signed,
    profile::{ROBUST_2, TOY_2},
    prover::secrets::{Blinds, Rule, Seed, WeightsDigest},
    statement::{Shape, Statement},
};
use std::collections::BTreeSet;

fn parts_of(statement: &Statement, proof: &[u8]) -> Vec<Vec<u8>> {
    parts(statement).into_iter().map(|part| proof[part.start..][..part.length].to_vec()).collect()
}

#[test]
fn two_proofs_of_one_statement_share_nothing() {
    let toy = Toy::small();
    let ((statement, first), (same, second)) = (toy.prove(1), toy.prove(2));
    assert_eq!(statement, same);
    let (first, second) = (parts_of(&statement, &first), parts_of(&statement, &second));
    let all: BTreeSet<_> = first.iter().chain(&second).collect();
    assert_eq!(all.len(), first.len() + second.len(), "no value stands in a proof twice or in both");
}

#[test]
fn equal_weights_commit_differently() {
    let points = |seed| -> BTreeSet<[u8; 33]> {
        Toy::new(&kinds()[3], toy::weights(&toy::small(), 7), [seed; 32]).commitment.iter().map(encode).collect()
    };
    let (first, second) = (points(1), points(2));
    assert!(first.is_disjoint(&second));
    assert_eq!(first, points(1), "and equally under one seed");
    // equal rows of one model too
    let mut weights = toy::weights(&toy::small(), 7);
    let entries = weights.matrices[1].entries.clone();
    weights.matrices[4].entries = entries;
    let toy = Toy::new(&kinds()[3], weights, [1; 32]);
    assert_ne!(toy.commitment[1], toy.commitment[4]);
}

/// The same entries in other rows: two commitments under one seed must not share a blind, or their difference would show
/// what was moved.
#[test]
fn equal_entries_in_other_rows_are_blinded_differently() {
    let seed = Seed([3; 32]);
    let blinds = |shape: &Shape, profile| -> BTreeSet<[u8; 32]> {
        let blinds = Blinds::new(&seed, &WeightsDigest::new(Rule::Stream, &toy::weights(shape, 7), profile));
        (0..7).map(|row| scalar_to_bytes(&blinds.row(row))).collect()
    };
    // every matrix has as many entries as the other shape's
    let (narrow, wide) = (toy::shape(6, 4, 2, 2, 12, 1, 16), toy::shape(12, 2, 1, 2, 6, 1, 8));
    let entries = |shape: &Shape| -> Vec<i16> {
        toy::weights(shape, 7).matrices.iter().flat_map(|m| m.entries.clone()).collect()
    };
    assert_eq!(entries(&narrow), entries(&wide));
    let first = blinds(&narrow, &TOY_2);
    assert!(first.is_disjoint(&blinds(&wide, &TOY_2)), "another hidden size");
    assert!(first.is_disjoint(&blinds(&narrow, &ROBUST_2)), "longer rows");
}

/// Ways in which a run of weights could be written.
fn encodings(run: &[i16]) -> Vec<(&'static str, Vec<u8>)> {
    macro_rules! all {
        ($convert:expr) => {
            run.iter().flat_map(|&w| $convert(w)).collect::<Vec<u8>>()
        };
    }
    let bits: Vec<bool> = run.iter().flat_map(|&w| (0..12).map(move |i| w >> i & 1 == 1)).collect();
    let packed = bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |x, &bit| x << 1 | u8::from(bit))).collect();
    vec![
        ("i16, little-endian", all!(i16::to_le_bytes)),
        ("i16, big-endian", all!(i16::to_be_bytes)),
        ("i32, little-endian", all!(|w| i32::from(w).to_le_bytes())),
        ("i32, big-endian", all!(|w| i32::from(w).to_be_bytes())),
        ("i64, little-endian", all!(|w| i64::from(w).to_le_bytes())),
        ("f32", all!(|w| f32::from(w).to_le_bytes())),
        ("f64", all!(|w| f64::from(w).to_le_bytes())),
        ("12 bits", packed),
        ("text", run.iter().map(i16::to_string).collect::<Vec<_>>().join(",").into_bytes()),
    ]
}

#[test]
fn a_proof_contains_no_run_of_weights() {
    let toy = Toy::small();
    let (statement, proof) = toy.prove(1);
    let published = [huref_circuits::wire::statement_bytes(&statement), proof].concat();
    let contains = |pattern: &[u8]| published.windows(pattern.len()).any(|window| window == pattern);
    for matrix in &toy.weights.matrices {
        for run in matrix.entries.windows(4) {
            for (how, bytes) in encodings(run) {
                assert!(!contains(&bytes), "weights as {how}");
            }
        }
        // nor one weight or sketch as a scalar of its own
        for &w in &matrix.entries {
            let scalar: Scalar = signed(i128::from(w));
            assert!(scalar.is_zero() || !contains(&scalar_to_bytes(&scalar)), "a weight as a scalar");
        }
    }
    assert!(contains(&encode(&statement.commitment[0])), "the search finds what is there");
}
