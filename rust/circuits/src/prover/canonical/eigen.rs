//! Cholesky factors and eigenvectors of small symmetric matrices, in a fixed order of operations.

use crate::prover::simd::Vectors;

/// Lower L with `A = L L^T`. A singular A gets 1e-12 of its mean diagonal added (ten times more until it is not, at most all
/// of it). `None` where double precision holds no such L: diagonals that overflow or vanish.
pub fn cholesky(a: &[f64], e: usize) -> Option<Vec<f64>> {
    let mean = (0..e).fold(0.0, |sum, i| sum + a[i * e + i]) / e as f64;
    let shifts = std::iter::successors(Some(mean * 1e-12), |shift| Some(shift * 10.0)).take(13);
    std::iter::once(0.0).chain(shifts).find_map(|shift| factor(a, e, shift, mean * 1e-13))
}

fn factor(a: &[f64], e: usize, shift: f64, least: f64) -> Option<Vec<f64>> {
    let mut l = vec![0.0; e * e];
    for i in 0..e {
        for j in 0..=i {
            let known = (0..j).fold(0.0, |sum, k| sum + l[i * e + k] * l[j * e + k]);
            let rest = a[i * e + j] - known;
            if i > j {
                l[i * e + j] = rest / l[j * e + j];
            } else {
                let pivot = rest + shift;
                if !pivot.is_finite() || pivot <= least {
                    return None;
                }
                l[i * e + i] = pivot.sqrt();
            }
        }
    }
    Some(l)
}

/// Rotations below this share of the diagonal change nothing that rounding would keep.
const SMALL: f64 = 1e-15;
const SWEEPS: usize = 30;

/// Eigenvalues and eigenvectors (columns) by cyclic Jacobi rotations, rows in order.
pub fn eigen(vectors: Vectors, a: Vec<f64>, e: usize) -> (Vec<f64>, Vec<f64>) {
    vectors.run(
        #[inline(always)]
        || rotations(a, e),
    )
}

/// What stands behind each row while rotating: rows of a power of two would put a whole column into few sets of the cache.
const GAP: usize = 8;

#[inline(always)]
fn rotations(matrix: Vec<f64>, e: usize) -> (Vec<f64>, Vec<f64>) {
    let stride = e + GAP;
    let mut a = vec![0.0; e * stride];
    a.chunks_exact_mut(stride).zip(matrix.chunks_exact(e)).for_each(|(to, from)| to[..e].copy_from_slice(from));
    // rows of `u` are the eigenvectors while rotating, so that both passes run along rows
    let mut u = vec![0.0; e * stride];
    (0..e).for_each(|i| u[i * stride + i] = 1.0);
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..e {
            for q in p + 1..e {
                let (app, aqq, apq) = (a[p * stride + p], a[q * stride + q], a[p * stride + q]);
                if apq.abs() <= SMALL * (app * aqq).abs().sqrt() {
                    continue;
                }
                rotated = true;
                let theta = (aqq - app) / (2.0 * apq);
                let t = if theta >= 0.0 { 1.0 } else { -1.0 } / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                rotate_rows(&mut a, stride, [p, q], c, s);
                for row in a.chunks_exact_mut(stride) {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                rotate_rows(&mut u, stride, [p, q], c, s);
            }
        }
        if !rotated {
            break;
        }
    }
    let values = (0..e).map(|i| a[i * stride + i]).collect();
    let columns = (0..e * e).map(|i| u[i % e * stride + i / e]).collect();
    (values, columns)
}

#[inline(always)]
fn rotate_rows(m: &mut [f64], stride: usize, [p, q]: [usize; 2], c: f64, s: f64) {
    let (first, second) = m.split_at_mut(q * stride);
    for (x, y) in first[p * stride..][..stride].iter_mut().zip(&mut second[..stride]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cholesky_ends_whatever_it_is_given() {
        assert_eq!(cholesky(&[4.0, 2.0, 2.0, 5.0], 2), Some(vec![2.0, 0.0, 1.0, 2.0]));
        // singular: the shift makes it regular, and the factor still multiplies to nearly A
        let l = cholesky(&[1.0; 4], 2).unwrap();
        assert!((l[2] * l[2] + l[3] * l[3] - 1.0).abs() < 1e-11);
        for a in [f64::INFINITY, f64::NAN, f64::from_bits(1), -1.0] {
            assert_eq!(cholesky(&[a; 4], 2), None, "{a}");
        }
    }
}
