//! Balanced bases: heads and neurons.

use super::{
    dense::{Dense, dot, norm},
    eigen::{cholesky, eigen},
};
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
    let sizes: Vec<f64> =
        inner.entries.par_chunks(e * d).zip(outer.entries.par_chunks(rows * d)).map(size).collect();
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

fn gram(rows: &[f64], d: usize, e: usize, out: &mut [f64]) {
    for i in 0..e {
        for j in 0..=i {
            let value = dot(&rows[i * d..][..d], &rows[j * d..][..d]);
            out[i * e + j] += value;
            if i != j {
                out[j * e + i] += value;
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
    let l = cholesky(a, e);
    // L^T B L
    let product = |x: &dyn Fn(usize, usize) -> f64, y: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        let mut out = vec![0.0; e * e];
        for i in 0..e {
            for j in 0..e {
                out[i * e + j] = (0..e).fold(0.0, |sum, k| sum + x(i, k) * y(k, j));
            }
        }
        out
    };
    let bl = product(&|i, k| b[i * e + k], &|k, j| l[k * e + j]);
    let middle = product(&|i, k| l[k * e + i], &|k, j| bl[k * e + j]);
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
    let mut inverse = product(&|i, k| u[k * e + i], &|k, j| l[j * e + k]);
    for (row, &s) in inverse.chunks_mut(e).zip(&half) {
        row.iter_mut().for_each(|x| *x = if s > 0.0 { *x / s } else { 0.0 });
    }
    transform(inner, &c, e, d);
    outer.chunks_mut(e * d).for_each(|head| transform(head, &inverse, e, d));
}

/// `rows <- C rows`.
fn transform(rows: &mut [f64], c: &[f64], e: usize, d: usize) {
    let mut out = vec![0.0; e * d];
    for (out, c) in out.chunks_mut(d).zip(c.chunks(e)) {
        for (&factor, row) in c.iter().zip(rows.chunks(d)) {
            out.iter_mut().zip(row).for_each(|(o, w)| *o += factor * w);
        }
    }
    rows.copy_from_slice(&out);
}

/// Heads that add nothing, because their rows of `o^T` or the values of their group are zero, lose their queries: what they
/// attend to cannot be felt.
pub fn silence_heads(q: &mut Dense, v: &Dense, o: &Dense, e: usize, rows: usize) {
    let d = q.columns;
    let zero = |values: &[f64]| values.iter().all(|&w| w == 0.0);
    q.entries.par_chunks_mut(e * d).enumerate().for_each(|(head, q)| {
        let group = head * e / rows;
        if zero(&o.entries[head * e * d..][..e * d]) || zero(&v.entries[group * e * d..][..e * d]) {
            q.fill(0.0);
        }
    });
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
