//! Balanced bases: heads and neurons.

use super::{
    dense::{Dense, norm},
    eigen::{cholesky, eigen},
    pairs::gram,
    square::{product, transform, transposed},
};
use crate::prover::simd::Vectors;
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
pub fn balance_groups(vectors: Vectors, inner: &mut Dense, outer: &mut Dense, e: usize, rows: usize, cap: f64) {
    let d = inner.columns;
    inner
        .entries
        .par_chunks_mut(e * d)
        .zip(outer.entries.par_chunks_mut(rows * d))
        .for_each(|(inner, outer)| balance_group(vectors, inner, outer, e, d));
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

fn balance_group(vectors: Vectors, inner: &mut [f64], outer: &mut [f64], e: usize, d: usize) {
    let a = gram(vectors, inner, d);
    let mut b = vec![0.0; e * e];
    for head in outer.chunks(e * d) {
        b.iter_mut().zip(gram(vectors, head, d)).for_each(|(b, value)| *b += value);
    }
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
    let middle = product(vectors, &lt, &product(vectors, &b, &l, e), e);
    let (values, u) = eigen(vectors, middle, e);
    let widest = values.iter().fold(0.0_f64, |a, &x| a.max(x));
    // S^(1/2) = fourth root of the eigenvalue of L^T B L; directions that carry nothing vanish on both sides
    let half: Vec<f64> = values.iter().map(|&x| if x > widest * 1e-24 { x.sqrt().sqrt() } else { 0.0 }).collect();
    // C = S^(1/2) U^T L^-1 = S^(1/2) Y^T
    let mut c = transposed(&solved(vectors, &u, &l, e), e);
    for (row, &s) in c.chunks_mut(e).zip(&half) {
        row.iter_mut().for_each(|x| *x *= s);
    }
    let mut inverse = product(vectors, &transposed(&u, e), &lt, e);
    for (row, &s) in inverse.chunks_mut(e).zip(&half) {
        row.iter_mut().for_each(|x| *x = if s > 0.0 { *x / s } else { 0.0 });
    }
    transform(vectors, inner, &c, e, d);
    outer.chunks_mut(e * d).for_each(|head| transform(vectors, head, &inverse, e, d));
}

/// The Y with `L^T Y = U`, from the last row to the first: the rest of a row is what is left of U less the rows known.
fn solved(vectors: Vectors, u: &[f64], l: &[f64], e: usize) -> Vec<f64> {
    let (mut y, mut known) = (u.to_vec(), vec![0.0; e]);
    for j in (0..e).rev() {
        let (row, below) = y[j * e..].split_at_mut(e);
        vectors.run(
            #[inline(always)]
            || {
                known.fill(0.0);
                for (y, l) in below.chunks_exact(e).zip(l[(j + 1) * e..].chunks_exact(e)) {
                    known.iter_mut().zip(y).for_each(|(sum, y)| *sum += y * l[j]);
                }
                row.iter_mut().zip(&known).for_each(|(x, known)| *x = (*x - known) / l[j * e + j]);
            },
        );
    }
    y
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_bits_for_all_vectors_and_threads() {
        for (groups, heads, e, d) in [(1, 1, 1, 3), (3, 2, 8, 40), (2, 1, 20, 531)] {
            let made_up = |rows: usize, seed: i64| {
                let entry = |i: i64| ((i * 7919 + seed) % 10007 - 5003) as f64 / 5003.0;
                Dense { columns: d, entries: (1..=(rows * d) as i64).map(|i| entry(i * i)).collect() }
            };
            let run = |vectors: Vectors, threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                let [mut inner, mut outer] = [made_up(groups * e, 1), made_up(groups * heads * e, 2)];
                pool.install(|| balance_groups(vectors, &mut inner, &mut outer, e, heads * e, 4.0));
                inner.entries.iter().chain(&outer.entries).map(|x| x.to_bits()).collect::<Vec<_>>()
            };
            let expected = run(Vectors::Two, 1);
            for vectors in [Vectors::Two, Vectors::Four, Vectors::Eight] {
                for threads in [1, 2, 3] {
                    assert!(run(vectors, threads) == expected, "{e} x {d}, {vectors:?}, {threads} threads");
                }
            }
        }
    }
}
