//! A layer whose terms cancel in the encoder, so that its honest c is too large: weights made for it. Sketches of a and b are
//! those of random weights; up and down are chosen so that what R makes of f takes away what it makes of a and b.

use super::{
    forge::Forgery,
    liars::InTheOpen,
    lies::{Told, unrounded},
    toy::{self, Toy},
};
use huref_circuits::{
    draw::{Draw, Streams},
    encoder::Encoder,
    profile::TOY_2,
    prover::weights::Weights,
    tokens::sketch_matrices,
};
use std::ops::Range;

/// The solution of `a x = b` for a square matrix, by elimination.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    for i in 0..b.len() {
        let pivot = (i..b.len()).max_by(|&x, &y| a[x][i].abs().total_cmp(&a[y][i].abs())).unwrap();
        a.swap(i, pivot);
        b.swap(i, pivot);
        for j in (0..b.len()).filter(|&j| j != i) {
            let factor = a[j][i] / a[i][i];
            let row = a[i].clone();
            a[j].iter_mut().zip(&row).for_each(|(x, y)| *x -= factor * y);
            b[j] -= factor * b[i];
        }
    }
    (0..b.len()).map(|i| b[i] / a[i][i]).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The shortest x with `a x = b`, for a matrix with fewer rows than columns.
fn shortest(a: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let square = a.iter().map(|x| a.iter().map(|y| dot(x, y)).collect()).collect();
    let y = solve(square, b.to_vec());
    (0..a[0].len()).map(|j| a.iter().zip(&y).map(|(row, y)| row[j] * y).sum()).collect()
}

/// A model whose terms cancel, and the honest story about it: no lie but a c out of its window.
pub fn cancelling_terms() -> (Toy, Told) {
    let (weights, target) = (0..).find_map(third_term).expect("some other terms are small enough in the encoder");
    let window = 1_u64 << TOY_2.max_log_c..2 << TOY_2.max_log_c;
    (0..1000)
        .find_map(|step| {
            let mut target = target.clone();
            target[0] *= 1.0 + f64::from(step) * 1e-3;
            let toy = unrounded(&[Draw::Common], with_sketch(toy::copy(&weights), &target));
            let told = Told::new(&toy, Forgery::publish, |_, _| Box::new(InTheOpen));
            window.contains(&told.outputs()[0].c[0]).then_some((toy, told))
        })
        .expect("a third term that is a little off leaves a difference of the right size")
}

/// Random weights, and what their third term must be to take away what R makes of the others; `None` if it cannot.
fn third_term(seed: u64) -> Option<(Weights, Vec<f64>)> {
    let weights = toy::weights(&toy::shape(8, 2, 2, 4, 128, 1, 16), seed);
    let toy = unrounded(&[Draw::Common], toy::copy(&weights));
    let (per, m) = (TOY_2.entries(), TOY_2.outputs as usize);
    // R, each column centred, without its last row, which follows from the others
    let encoder = Encoder::new(&TOY_2, &Streams::common(&TOY_2));
    let entries: Vec<f64> = encoder.entries().map(f64::from).collect();
    let entry = |k: usize, j: usize| entries[k * 3 * per + j];
    let mean = |j: usize| (0..m).map(|k| entry(k, j)).sum::<f64>() / m as f64;
    let row = |k: usize, columns: Range<usize>| columns.map(|j| entry(k, j) - mean(j)).collect::<Vec<f64>>();
    let a = &toy.rounded.outputs[0].a;
    let others: Vec<f64> = (0..2 * per).map(|j| a[j / per] as f64 * toy.rounded.q[j] as f64).collect();
    let left: Vec<f64> = (0..m - 1).map(|k| -dot(&row(k, 0..2 * per), &others)).collect();
    let right: Vec<Vec<f64>> = (0..m - 1).map(|k| row(k, 2 * per..3 * per)).collect();
    // of norm 2^40, which something that R does not see makes up
    let base = shortest(&right, &left);
    let any: Vec<f64> = (0..per).map(|j| (j * 37 % 11) as f64 - 5.0).collect();
    let seen = shortest(&right, &right.iter().map(|row| dot(row, &any)).collect::<Vec<_>>());
    let unseen: Vec<f64> = any.iter().zip(&seen).map(|(x, y)| x - y).collect();
    let missing = 2_f64.powi(80) - dot(&base, &base);
    let factor = (missing / dot(&unseen, &unseen)).sqrt();
    (missing > 0.0).then(|| (weights, base.iter().zip(&unseen).map(|(x, y)| x + factor * y).collect()))
}

/// Up and down such that the sketch of f is a multiple of the target.
fn with_sketch(mut weights: Weights, target: &[f64]) -> Weights {
    // S = (P X) M (Q X)^T for M = up^T down
    let (p, q) = sketch_matrices(&TOY_2, &weights.shape.tokens, &Streams::common(&TOY_2)).unwrap();
    let (x, r) = (&weights.matrices[0], TOY_2.sketch as usize);
    let project = |rows: &[Vec<i64>]| -> Vec<Vec<f64>> {
        let sum = |row: &[i64], l: usize| row.iter().enumerate().map(|(t, &p)| p * i64::from(x.row(t)[l])).sum::<i64>();
        rows.iter().map(|row| (0..x.columns).map(|l| sum(row, l) as f64).collect()).collect()
    };
    let (u, v) = (project(&p), project(&q));
    let column = |j: usize| shortest(&u, &target.chunks(r).map(|row| row[j]).collect::<Vec<_>>());
    let columns: Vec<Vec<f64>> = (0..r).map(column).collect();
    let row = |l: usize| shortest(&v, &columns.iter().map(|column| column[l]).collect::<Vec<_>>());
    let product: Vec<f64> = (0..x.columns).flat_map(row).collect();
    let largest = product.iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    // each entry of M by two neurons
    let d = x.columns;
    let (mut up, mut down) = (vec![0; 2 * product.len() * d], vec![0; 2 * product.len() * d]);
    for (i, entry) in product.iter().enumerate() {
        let entry = (entry * 2e6 / largest).round() as i64;
        let high = (entry as f64 / 2047.0).round() as i64;
        for (neuron, (left, right)) in [(2 * i, (high, 2047)), (2 * i + 1, (entry - 2047 * high, 1))] {
            up[neuron * d + i / d] = left as i16;
            down[neuron * d + i % d] = right as i16;
        }
    }
    weights.matrices[5].entries = up;
    weights.matrices[6].entries = down;
    weights
}

/// The layer is what it is meant to be.
#[test]
fn what_is_left_is_small() {
    let (toy, told) = cancelling_terms();
    assert!(toy.rounded.norms.iter().all(|&norm| norm > 0));
    assert!(told.outputs()[0].c[0] >> TOY_2.max_log_c == 1);
}
