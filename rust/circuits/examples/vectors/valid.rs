//! Proofs that must be accepted: a shape of every kind.

use crate::{
    related::related,
    toy::{self, Toy},
    vector::{Stated, Vector},
};
use huref_circuits::statement::Shape;

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
        ("one-row", "every matrix but X has one row", toy::shape(3, 1, 1, 1, 1, 1, 6)),
    ]
}

/// The valid vectors.
pub fn vectors() -> Vec<Vector> {
    let (statement, proof) = related();
    let about = "equal and opposite commitment rows: embedding rows that repeat, not blinded";
    let related = Vector::whole("related-points", about, None, &Stated::new(&statement), &proof);
    let made = shapes().into_iter().map(|(name, about, shape)| {
        let (statement, proof) = Toy::new(toy::weights(&shape, 7), [3; 32]).prove(5);
        Vector::whole(name, about, None, &Stated::new(&statement), &proof)
    });
    let (statement, proof) = Toy::challenged().prove(5);
    let about = "the model of grouped.json answers a challenge: same commitment, other sketches, other transcript";
    let challenged = Vector::whole("challenged", about, None, &Stated::new(&statement), &proof);
    made.chain([related, challenged]).collect()
}
