//! Proofs that must be accepted: shapes, draws and contexts of every kind.

use crate::{
    related::related,
    toy::{self, Toy},
    vector::{Stated, Vector},
};
use huref_circuits::{context::Context, draw::Draw, profile::TOY_2_CNN, statement::Shape};

fn shapes() -> [(&'static str, &'static str, Shape); 9] {
    [
        ("grouped", "four query heads on two key/value heads, hidden size 6", toy::small()),
        ("multi-head", "as many key/value heads as query heads, hidden size 8", toy::shape(8, 4, 4, 2, 12, 1, 16)),
        ("multi-query", "one key/value head, five neurons", toy::shape(6, 4, 1, 2, 5, 1, 16)),
        ("two-layers", "two layers", toy::shape(6, 4, 2, 2, 12, 2, 16)),
        (
            "layers-apart",
            "layers 3, 7 and 8 of a model",
            Shape { layers: vec![3, 7, 8], ..toy::shape(6, 2, 2, 2, 6, 3, 16) },
        ),
        ("experts", "three experts of seven neurons: ffn 21", toy::shape(8, 2, 2, 4, 21, 1, 16)),
        ("wide", "one matrix row in a commitment row: hidden size 500 of 512", toy::shape(500, 2, 1, 4, 7, 1, 16)),
        (
            "split-rows",
            "matrices of several commitment rows, the last not full: hidden size 200",
            toy::shape(200, 4, 2, 2, 9, 1, 16),
        ),
        ("one-row", "every matrix but X has one row", toy::shape(3, 1, 1, 1, 1, 1, 12)),
    ]
}

fn kinds() -> [(&'static str, &'static str, Vec<Draw>); 5] {
    let beacon = || toy::BEACON.to_vec();
    [
        ("common", "the common draw alone", vec![Draw::Common]),
        ("own", "the own draw alone", vec![toy::OWN]),
        ("own-beacon", "the own draw alone, with a beacon", vec![Draw::Own { beacon: beacon() }]),
        ("challenge", "the answer to a challenge: same commitment, other sketches", vec![toy::challenge()]),
        (
            "both-beacon",
            "the common draw and the own one with a beacon",
            vec![Draw::Common, Draw::Own { beacon: beacon() }],
        ),
    ]
}

/// Owners of every form, and fields that are absent.
fn contexts() -> [(&'static str, &'static str, Context); 4] {
    let key = format!("ed25519:{}", "0f".repeat(32));
    let (none, nonce) = (String::new(), vec![0; 64]);
    [
        ("context-absent", "made for nobody in particular", Context::default()),
        ("context-key", "a key, no audience, the longest nonce", Context { owner: key, audience: none.clone(), nonce }),
        (
            "context-identity",
            "an issuer and a subject, the longest audience, no nonce",
            Context {
                owner: "https://accounts.example.org alice@example.org".into(),
                audience: "a".repeat(200),
                nonce: Vec::new(),
            },
        ),
        ("context-nonce", "a nonce alone", Context { nonce: (0..32).collect(), ..Context::default() }),
    ]
}

/// A toy under the profile with a network.
fn networked(draws: &[Draw], layers: u32) -> Toy {
    Toy::of(&TOY_2_CNN, draws, toy::weights(&toy::shape(6, 4, 2, 2, 12, layers, 16), 7), [3; 32])
}

/// The valid vectors.
pub fn vectors() -> Vec<Vector> {
    let (statement, proof) = related();
    let about = "equal and opposite commitment rows: embedding rows that repeat, not blinded";
    let related = Vector::whole("related-points", about, None, &Stated::new(&statement), &proof);
    let whole = |name: &str, about: &str, toy: &Toy| {
        let (statement, proof) = toy.prove(5);
        Vector::whole(name, about, None, &Stated::new(&statement), &proof)
    };
    let made = shapes().map(|(name, about, shape)| {
        whole(name, about, &Toy::new(&[Draw::Common, toy::OWN], toy::weights(&shape, 7), [3; 32]))
    });
    let drawn = kinds().map(|(name, about, draws)| whole(name, about, &Toy::drawn(&draws)));
    let layers = kinds().map(|(name, about, draws)| {
        let weights = toy::weights(&toy::shape(6, 4, 2, 2, 12, 3, 16), 7);
        whole(&format!("{name}-three-layers"), &format!("{about}, three layers"), &Toy::new(&draws, weights, [3; 32]))
    });
    let for_others =
        contexts().map(|(name, about, context)| whole(name, about, &Toy { context, ..Toy::drawn(&[Draw::Common]) }));
    let encoded = [
        ("network", "a network encodes the common draw, a matrix the own one", Toy::with_a_network()),
        ("network-common", "a network, the common draw alone", networked(&[Draw::Common], 2)),
        ("network-three-layers", "a network, three layers: no power of two", networked(&[Draw::Common, toy::OWN], 3)),
        (
            "network-challenge",
            "an answer under a profile with a network: a matrix encodes",
            networked(&[toy::challenge()], 1),
        ),
    ];
    let encoded = encoded.map(|(name, about, toy)| whole(name, about, &toy));
    let custom = [
        ("custom", "a network of no release encodes, a matrix the own draw", vec![toy::custom(), toy::OWN], 1),
        ("custom-alone", "a network of no release, two layers", vec![toy::custom()], 2),
        ("custom-three-layers", "a network of no release, three layers", vec![toy::custom(), toy::OWN], 3),
    ];
    let custom = custom.map(|(name, about, draws, layers)| {
        let weights = toy::weights(&toy::shape(6, 4, 2, 2, 12, layers, 16), 7);
        whole(name, about, &Toy::new(&draws, weights, [3; 32]))
    });
    let encoded = encoded.into_iter().chain(custom);
    made.into_iter().chain([related]).chain(drawn).chain(layers).chain(for_others).chain(encoded).collect()
}
