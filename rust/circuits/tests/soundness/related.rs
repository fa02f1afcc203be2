//! A true statement about points that are equal or opposite: an owner who repeats embedding rows, some negated, and does not
//! blind. What a verifier adds up then meets itself in every way in which an incomplete addition would divide by zero.

use super::{
    naive::{Committed, Secrets, matrices, prove},
    toy::{self, Toy},
};
use ark_ff::Zero;
use huref_circuits::{curve::Scalar, draw::Draw, profile::TOY_2, statement::Statement};

/// 48 tokens share two embedding rows and their negatives, each alone in a commitment row.
pub fn related() -> (Statement, Vec<u8>) {
    let mut weights = toy::weights(&toy::shape(500, 2, 1, 2, 5, 1, 48), 7);
    let columns = weights.matrices[0].columns;
    let (first, rest) = weights.matrices[0].entries.split_at_mut(2 * columns);
    for (i, row) in rest.chunks_mut(2 * columns).enumerate() {
        let sign = if i % 3 == 0 { -1 } else { 1 };
        row.iter_mut().zip(&*first).for_each(|(x, &y)| *x = sign * y);
    }
    let toy = Toy::new(&[Draw::Common], weights, [3; 32]);
    let committed = Committed::new(matrices(&toy), TOY_2.n(), |rows| vec![Scalar::zero(); rows]);
    let statement = Statement { commitment: committed.points.clone(), ..toy.statement(toy.rounded.outputs.clone()) };
    let proof = prove(&committed, &statement, &toy.sketches, &toy.rounded, &mut Secrets::new(2));
    (statement, proof)
}
