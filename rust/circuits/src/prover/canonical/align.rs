//! Attention turned to meet that of a base.
//!
//! The balanced basis of a group follows eigenvectors, which turn under the smallest change of the weights. A rotation O
//! of the group's keys and queries changes neither `q^T k` nor that both Gram matrices are the same. So a model whose
//! commitment shall be compared with that of a base gets, for each group, the rotation that brings it nearest to the base.

use super::{
    dense::{Dense, dot, norm},
    eigen::eigen,
    pairs::products,
    square::{product, transform, transposed},
};
use crate::prover::simd::Vectors;
use rayon::prelude::*;

/// Turns each group towards the integers of the base: `inner` holds k (or v), e rows a group, `outer` the q (or o^T) of the
/// group's heads, `rows` rows a group; `base` the same two of the base, of the same sizes.
///
/// With `M = k0 k^T / (|k0| |k|) + sum over heads q0 q^T / (|q0| |q|)`, norms of the group's parts: `k <- O k`, `q <- O q` for
/// the orthogonal O next to M. A term with a norm of zero is left out.
pub fn align_groups(vectors: Vectors, inner: &mut Dense, outer: &mut Dense, base: [&[i16]; 2], e: usize, rows: usize) {
    let d = inner.columns;
    let groups = inner.entries.par_chunks_mut(e * d).zip(outer.entries.par_chunks_mut(rows * d));
    let bases = base[0].par_chunks(e * d).zip(base[1].par_chunks(rows * d));
    groups.zip(bases).for_each(|((inner, outer), (inner_base, outer_base))| {
        let mut m = vec![0.0; e * e];
        meet(vectors, inner_base, inner, e, d, &mut m);
        meet(vectors, outer_base, outer, e, d, &mut m);
        let turn = orthogonal(vectors, &m, e);
        transform(vectors, inner, &turn, e, d);
        outer.chunks_mut(e * d).for_each(|head| transform(vectors, head, &turn, e, d));
    });
}

/// `m += sum over heads base rows^T / (|base| |rows|)`, e rows a head.
fn meet(vectors: Vectors, base: &[i16], rows: &[f64], e: usize, d: usize, m: &mut [f64]) {
    let base: Vec<f64> = base.iter().map(|&w| f64::from(w)).collect();
    let size = norm(&base) * norm(rows);
    if size == 0.0 {
        return;
    }
    for (base, rows) in base.chunks_exact(e * d).zip(rows.chunks_exact(e * d)) {
        m.iter_mut().zip(products(vectors, base, rows, d)).for_each(|(m, value)| *m += value / size);
    }
}

/// Singular values below this share of the largest say nothing about a direction.
const NOTHING: f64 = 1e-6;

/// The orthogonal matrix next to M, `M (M^T M)^(-1/2)` where M is regular.
///
/// With the eigenvectors v of `M^T M`, from the largest eigenvalue to the smallest: `u = M v`, made orthogonal to all u
/// before it, with length 1; where nothing of it is left, the unit vector of which most is left instead. `O = sum u v^T`.
fn orthogonal(vectors: Vectors, m: &[f64], e: usize) -> Vec<f64> {
    let (values, v) = eigen(vectors, product(vectors, &transposed(m, e), m, e), e);
    let vt = transposed(&v, e);
    // row i is M v_i
    let mut u = transposed(&product(vectors, m, &v, e), e);
    let mut order: Vec<usize> = (0..e).collect();
    order.sort_by(|&i, &j| values[j].total_cmp(&values[i]));
    let least = NOTHING * norm(&u[order[0] * e..][..e]);
    let mut found: Vec<Vec<f64>> = Vec::with_capacity(e);
    // what is left of each unit vector, squared
    let mut left = vec![1.0; e];
    for &i in &order {
        let mut vector = u[i * e..][..e].to_vec();
        let mut length = rest(&mut vector, &found);
        if length <= least {
            let most = (1..e).fold(0, |most, j| if left[j] > left[most] { j } else { most });
            vector.fill(0.0);
            vector[most] = 1.0;
            length = rest(&mut vector, &found);
        }
        vector.iter_mut().for_each(|x| *x /= length);
        left.iter_mut().zip(&vector).for_each(|(left, x)| *left -= x * x);
        u[i * e..][..e].copy_from_slice(&vector);
        found.push(vector);
    }
    product(vectors, &transposed(&u, e), &vt, e)
}

/// Takes away what a vector has along others, twice, for rounding leaves some; the length of what is left.
fn rest(vector: &mut [f64], others: &[Vec<f64>]) -> f64 {
    for _ in 0..2 {
        for other in others {
            let along = dot(vector, other);
            vector.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
        }
    }
    norm(vector)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prover::canonical::made_up::made_up;

    fn integers(values: &[f64]) -> Vec<i16> {
        values.iter().map(|x| (x * 2047.0).round_ties_even() as i16).collect()
    }

    /// The largest entry of `O^T O - I`.
    fn skew(o: &[f64], e: usize) -> f64 {
        let gram = product(Vectors::widest(), &transposed(o, e), o, e);
        (0..e * e).fold(0.0, |worst: f64, i| worst.max((gram[i] - f64::from(u8::from(i % (e + 1) == 0))).abs()))
    }

    /// The inner product in eight lanes, one addition after the other.
    fn in_lanes(a: &[f64], b: &[f64]) -> f64 {
        let mut lanes = [0.0; 8];
        let whole = a.len() / 8 * 8;
        (0..whole).for_each(|i| lanes[i % 8] += a[i] * b[i]);
        let sum = lanes.iter().fold(0.0, |sum, x| sum + x);
        (whole..a.len()).fold(sum, |sum, i| sum + a[i] * b[i])
    }

    /// The same by plain loops, whatever vectors and threads there are.
    fn textbook(inner: &mut [f64], outer: &mut [f64], base: [&[i16]; 2], e: usize, d: usize) {
        let mut m = vec![0.0; e * e];
        for (rows, base) in [(&*inner, base[0]), (&*outer, base[1])] {
            let base: Vec<f64> = base.iter().map(|&w| f64::from(w)).collect();
            let size = in_lanes(&base, &base).sqrt() * in_lanes(rows, rows).sqrt();
            for head in 0..rows.len() / (e * d) {
                let row = |m: &[f64], i: usize| m[(head * e + i) * d..][..d].to_vec();
                for (i, m) in m.iter_mut().enumerate() {
                    *m += in_lanes(&row(&base, i / e), &row(rows, i % e)) / size;
                }
            }
        }
        let turn = orthogonal(Vectors::widest(), &m, e);
        for head in inner.chunks_mut(e * d).chain(outer.chunks_mut(e * d)) {
            let old = head.to_vec();
            for i in 0..e * d {
                head[i] = (0..e).fold(0.0, |sum, k| sum + turn[i / d * e + k] * old[k * d + i % d]);
            }
        }
    }

    #[test]
    fn same_bits_as_the_textbook_for_all_vectors_and_threads() {
        for (groups, heads, e, d) in [(1, 1, 1, 1), (2, 1, 3, 17), (3, 4, 8, 40), (2, 2, 16, 261)] {
            let [inner, outer] = [groups, groups * heads].map(|count| made_up(count * e * d, count as u64));
            let [inner_base, outer_base] = [groups, groups * heads].map(|count| integers(&made_up(count * e * d, 9)));
            let mut expected = (inner.clone(), outer.clone());
            for g in 0..groups {
                let (one, all) = (g * e * d..(g + 1) * e * d, g * heads * e * d..(g + 1) * heads * e * d);
                let base = [&inner_base[one.clone()], &outer_base[all.clone()]];
                textbook(&mut expected.0[one], &mut expected.1[all], base, e, d);
            }
            let all_vectors = [Vectors::Two, Vectors::Four, Vectors::Eight];
            for (vectors, threads) in all_vectors.into_iter().flat_map(|v| [1, 2, 3].map(|threads| (v, threads))) {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                let [mut found_inner, mut found_outer] =
                    [&inner, &outer].map(|entries| Dense { columns: d, entries: entries.clone() });
                let base = [inner_base.as_slice(), outer_base.as_slice()];
                pool.install(|| {
                    align_groups(Vectors::widest(), &mut found_inner, &mut found_outer, base, e, heads * e)
                });
                let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert!(bits(&found_inner.entries) == bits(&expected.0), "{e} x {d}, {vectors:?}, {threads} threads");
                assert!(bits(&found_outer.entries) == bits(&expected.1), "{e} x {d}, {vectors:?}, {threads} threads");
            }
        }
    }

    #[test]
    fn next_to_a_regular_matrix_is_its_polar_factor() {
        for e in [1, 2, 5, 16] {
            let m = made_up(e * e, 3);
            let o = orthogonal(Vectors::widest(), &m, e);
            assert!(skew(&o, e) < 1e-13);
            // O^T M is symmetric, and no eigenvalue of it is negative
            let s = product(Vectors::widest(), &transposed(&o, e), &m, e);
            (0..e * e).for_each(|i| assert!((s[i] - s[i % e * e + i / e]).abs() < 1e-9));
            assert!(eigen(Vectors::widest(), s, e).0.iter().all(|&value| value > -1e-9));
        }
    }

    #[test]
    fn what_no_polar_factor_belongs_to_has_an_orthogonal_matrix_too() {
        let e = 6;
        let shifted: Vec<f64> = (0..e * e).map(|i| f64::from(u8::from(i / e + 1 == i % e))).collect();
        let one: Vec<f64> = made_up(e * e, 4).iter().enumerate().map(|(i, x)| if i < e { *x } else { 0.0 }).collect();
        let steep: Vec<f64> =
            made_up(e * e, 5).iter().enumerate().map(|(i, x)| x * 10.0_f64.powi(-3 * (i % e) as i32)).collect();
        let alike: Vec<f64> = (0..e * e).map(|i| made_up(e, 6)[i % e]).collect();
        for (m, what) in [(shifted, "nilpotent"), (one, "of rank one"), (steep, "steep"), (alike, "rows alike")] {
            let o = orthogonal(Vectors::widest(), &m, e);
            assert!(skew(&o, e) < 1e-13, "{what}: {}", skew(&o, e));
            // the largest direction is met all the same
            let s = product(Vectors::widest(), &transposed(&o, e), &m, e);
            let trace = (0..e).fold(0.0, |sum, i| sum + s[i * (e + 1)]);
            assert!(trace > norm(&m) * 0.999, "{what}: {trace}");
        }
    }

    #[test]
    fn a_base_of_zeros_turns_nothing() {
        let (e, d) = (4, 10);
        let entries = made_up(e * d, 7);
        let [mut inner, mut outer] = [1, 2].map(|_| Dense { columns: d, entries: entries.clone() });
        align_groups(Vectors::widest(), &mut inner, &mut outer, [&[0; 40], &[0; 40]], e, e);
        assert_eq!((inner.entries, outer.entries), (entries.clone(), entries));
    }

    #[test]
    fn a_turned_copy_is_turned_back() {
        let (e, d, heads) = (8, 30, 3);
        let [inner, outer] = [1, heads].map(|count| made_up(count * e * d, 8 + count as u64));
        let base = [integers(&inner), integers(&outer)];
        let turn = orthogonal(Vectors::widest(), &made_up(e * e, 12), e);
        let [mut found, mut others] = [&inner, &outer].map(|entries| Dense { columns: d, entries: entries.clone() });
        found
            .entries
            .chunks_mut(e * d)
            .chain(others.entries.chunks_mut(e * d))
            .for_each(|head| transform(Vectors::widest(), head, &turn, e, d));
        align_groups(Vectors::widest(), &mut found, &mut others, [&base[0], &base[1]], e, heads * e);
        for (found, expected) in [(&found.entries, &inner), (&others.entries, &outer)] {
            let worst = found.iter().zip(expected).fold(0.0, |worst: f64, (x, y)| worst.max((x - y).abs()));
            assert!(worst < 1e-4, "{worst}");
        }
    }
}
