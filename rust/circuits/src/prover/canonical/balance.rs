//! Balanced bases: heads and neurons.

use super::{
    dense::{Dense, norm},
    eigen::{cholesky, eigen},
    square::{product, transform, transposed},
};
use crate::prover::simd::{dots, wide};
use rayon::prelude::*;

/// The lower median of the values that are not zero; 0 if there are none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|&x| x > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

/// Brings each group to the basis in which both Gram matrices are the same diagonal, then caps its size
/// `sqrt(|inner| |outer|)`. `inner` holds k (or v), e rows a group; `outer` holds the q (or o^T) of the group's heads.
///
/// With `A = k k^T = L L^T`, `B = sum q q^T`, `L^T B L = U S^2 U^T` and `C = S^(1/2) U^T L^-1`: `k <- C k`, `q <- C^-T q`
/// leaves `q^T k` as it is, and `C^-T = S^(-1/2) U^T L^T`. Where one of the two is zero the product is, and both become zero.
pub fn balance_groups(inner: &mut Dense, outer: &mut Dense, e: usize, rows: usize, cap: f64) {
    let d = inner.columns;
    inner
        .entries
        .par_chunks_mut(e * d)
        .zip(outer.entries.par_chunks_mut(rows * d))
        .for_each(|(inner, outer)| balance_group(inner, outer, e, d));
    let size = |(inner, outer): (&[f64], &[f64])| (norm(inner) * norm(outer)).sqrt();
    let sizes: Vec<f64> = inner.entries.par_chunks(e * d).zip(outer.entries.par_chunks(rows * d)).map(size).collect();
    let top = cap * median(&sizes);
    for (chunk, matrix) in [(e * d, inner), (rows * d, outer)] {
        matrix.entries.par_chunks_mut(chunk).zip(&sizes).for_each(|(group, &size)| shrink(group, size, top));
    }
}

fn shrink(values: &mut [f64], size: f64, top: f64) {
    if size > top {
        values.iter_mut().for_each(|w| *w = *w / size * top);
    }
}

/// `out += rows rows^T`, the rows d wide.
fn gram(rows: &[f64], d: usize, e: usize, out: &mut [f64]) {
    const AT_ONCE: usize = 4;
    let row = |i: usize| &rows[i * d..][..d];
    for i in 0..e {
        for first in (0..=i).step_by(AT_ONCE) {
            let values = wide(
                #[inline(always)]
                || dots(row(i), std::array::from_fn::<_, AT_ONCE, _>(|k| row((first + k).min(i)))),
            );
            for (j, value) in (first..=i).zip(values) {
                out[i * e + j] += value;
                if i != j {
                    out[j * e + i] += value;
                }
            }
        }
    }
}

fn balance_group(inner: &mut [f64], outer: &mut [f64], e: usize, d: usize) {
    let mut a = vec![0.0; e * e];
    gram(inner, d, e, &mut a);
    let mut b = vec![0.0; e * e];
    outer.chunks(e * d).for_each(|head| gram(head, d, e, &mut b));
    let trace = |m: &[f64]| (0..e).fold(0.0, |sum, i| sum + m[i * e + i]);
    if trace(&a) == 0.0 || trace(&b) == 0.0 {
        inner.fill(0.0);
        outer.fill(0.0);
        return;
    }
    // None only beyond what tensors of 32 bits can hold: such a group stays as it is
    let Some(l) = cholesky(&a, e) else { return };
    // L^T B L
    let lt = transposed(&l, e);
    let middle = product(&lt, &product(&b, &l, e), e);
    let (values, u) = eigen(middle, e);
    let widest = values.iter().fold(0.0_f64, |a, &x| a.max(x));
    // S^(1/2) = fourth root of the eigenvalue of L^T B L; directions that carry nothing vanish on both sides
    let half: Vec<f64> = values.iter().map(|&x| if x > widest * 1e-24 { x.sqrt().sqrt() } else { 0.0 }).collect();
    // C = S^(1/2) U^T L^-1, row by row: solve y L = u^T from the last column
    let mut c = vec![0.0; e * e];
    for i in 0..e {
        for j in (0..e).rev() {
            let known = (j + 1..e).fold(0.0, |sum, k| sum + c[i * e + k] * l[k * e + j]);
            c[i * e + j] = (u[j * e + i] - known) / l[j * e + j];
        }
    }
    for (row, &s) in c.chunks_mut(e).zip(&half) {
        row.iter_mut().for_each(|x| *x *= s);
    }
    let mut inverse = product(&transposed(&u, e), &lt, e);
    for (row, &s) in inverse.chunks_mut(e).zip(&half) {
        row.iter_mut().for_each(|x| *x = if s > 0.0 { *x / s } else { 0.0 });
    }
    transform(inner, &c, e, d);
    outer.chunks_mut(e * d).for_each(|head| transform(head, &inverse, e, d));
}

/// Which heads add nothing, because their rows of `o^T` or the values of their group are zero.
pub fn silent_heads(v: &Dense, o: &Dense, e: usize, rows: usize) -> Vec<bool> {
    let size = e * v.columns;
    let zero = |values: &[f64]| values.iter().all(|&w| w == 0.0);
    let silent = |(head, o): (usize, &[f64])| zero(o) || zero(&v.entries[head * e / rows * size..][..size]);
    o.entries.par_chunks(size).enumerate().map(silent).collect()
}

/// Takes the queries of silent heads away: what they attend to cannot be felt.
pub fn silence(q: &mut Dense, silent: &[bool], e: usize) {
    let heads = q.entries.par_chunks_mut(e * q.columns).zip(silent);
    heads.filter(|(_, silent)| **silent).for_each(|(head, _)| head.fill(0.0));
}

/// Gives the two rows of each neuron equal norm, then caps their size. Where one of the two is zero the neuron adds nothing,
/// and both become zero.
pub fn balance_neurons(up: &mut Dense, down: &mut Dense, cap: f64) {
    let (a, b) = (up.norms(), down.norms());
    let sizes: Vec<f64> = a.iter().zip(&b).map(|(x, y)| (x * y).sqrt()).collect();
    let top = cap * median(&sizes);
    for (matrix, norms) in [(up, &a), (down, &b)] {
        matrix.each_row(|i, row| {
            if sizes[i] > 0.0 {
                row.iter_mut().for_each(|w| *w = *w / norms[i] * sizes[i].min(top));
            } else {
                row.fill(0.0);
            }
        });
    }
}
