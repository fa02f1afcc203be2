//! Weights that are no small integers. Field equations cannot tell a weight from a field element: `q / 2` and `2 k` have the
//! same sketches as `q` and `k`, and `1 / 2` is `(p + 1) / 2`. Only the range part tells them apart.

use super::{
    lies::claims,
    naive::{Committed, Matrix, Secrets, matrices, prove},
    related::related,
    toy::{Toy, verdict},
};
use ark_ff::Field;
use huref_circuits::{
    curve::Scalar,
    draw::Draw,
    profile::TOY_2,
    statement::Statement,
    switches::{Check, leaving_out},
};

/// `left / k` and `right * k`.
fn scaled(matrices: &mut [Matrix], left: usize, right: usize, k: u64) {
    let k = Scalar::from(k);
    let by = |matrix: &mut Matrix, factor: Scalar| matrix.iter_mut().flatten().for_each(|x| *x *= factor);
    by(&mut matrices[left], k.inverse().unwrap());
    by(&mut matrices[right], k);
}

fn stated(toy: &Toy, matrices: Vec<Matrix>) -> (Statement, Vec<u8>) {
    let mut secrets = Secrets::new(1);
    let committed = Committed::new(matrices, TOY_2.n(), |rows| secrets.scalars(rows));
    let statement = Statement { commitment: committed.points.clone(), ..toy.statement(toy.rounded.outputs.clone()) };
    let proof = prove(&committed, &statement, &toy.sketches, &toy.rounded, &mut secrets);
    (statement, proof)
}

#[test]
fn the_second_prover_is_accepted() {
    let toy = Toy::drawn(&[Draw::Common]);
    let (statement, proof) = stated(&toy, matrices(&toy));
    assert_eq!(verdict(&statement, &proof), Ok(()));
}

#[test]
fn points_with_a_known_relation_are_added_correctly() {
    let (statement, proof) = related();
    assert_eq!(verdict(&statement, &proof), Ok(()));
}

#[test]
fn wrap_around_wins_only_without_the_range_part() {
    let toy = Toy::drawn(&[Draw::Common]);
    let claim = |name| Check::Claim(claims(1, 1, false).iter().position(|claim| claim == name).unwrap());
    let range = [claim("bits = Z"), claim("bits = norm")];
    // q and k, v and o, up and down
    for (left, right, k) in [(1, 2, 2), (3, 4, 1 << 20), (5, 6, 3)] {
        let mut matrices = matrices(&toy);
        scaled(&mut matrices, left, right, k);
        let (statement, proof) = stated(&toy, matrices.clone());
        assert_eq!(verdict(&statement, &proof), Err("opening"), "matrix {left} divided by {k}");
        let lenient = leaving_out(&range, || {
            let (statement, proof) = stated(&toy, matrices.clone());
            verdict(&statement, &proof)
        });
        assert_eq!(lenient, Ok(()), "matrix {left} divided by {k}, control");
    }
}
