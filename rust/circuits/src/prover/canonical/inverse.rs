//! `X (X^T X + lambda I)^-1`: long directions of X, which strangers share, count inversely to their length; directions much
//! shorter than `sqrt(lambda)` fade out.
//!
//! In singular values `U S V^T` becomes `U S/(S^2 + lambda) V^T`, a function of the Gram matrix alone: a rotation of X rotates the
//! result, a factor c of X divides it by c. One Cholesky factor and two triangular systems, in the smaller of the two forms,
//! which are equal: `X (X^T X + lambda I)^-1 = (X X^T + lambda I)^-1 X`. The smallest eigenvalue is lambda and the largest at most 10 m
//! times it, so the factor always exists.

use super::{
    cholesky::{self, cholesky},
    dense::{Dense, dot},
    gram::gram,
    tiles::{Panel, SIDE},
};
use crate::prover::{failure::Failure, progress::Progress, simd::Vectors};
use rayon::prelude::*;

/// lambda is the mean eigenvalue of `X^T X`, without those that are zero for every centred X of its shape, divided by this. Anything from 5
/// to 100 keeps strangers as far below relatives; where K = d, more would amplify noise on the weights, and less would
/// leave strangers what their long directions share.
const RIDGE: f64 = 10.0;
/// Panels of one task: their columns of one block fit the second-level cache.
const GROUP: usize = 16;

/// Multiplications for X of so many rows and columns.
#[must_use]
pub fn work(rows: usize, columns: usize) -> u64 {
    let (m, n) = (rows.max(columns) as u64, rows.min(columns));
    m * (n * n / 2) as u64 + cholesky::work(n.next_multiple_of(SIDE)) + m * (n * n) as u64
}

/// The lambda of X, whose columns have mean 0: squares are summed row by row.
fn ridge(x: &Dense) -> f64 {
    let total: f64 = x.entries.chunks_exact(x.columns).fold(0.0, |sum, row| sum + dot(row, row));
    let rank = x.columns.min(x.rows().saturating_sub(1));
    total / rank as f64 / RIDGE
}

/// `X (X^T X + lambda I)^-1` for X whose columns have mean 0, with lambda as above; X = 0 stays. Advances [`work`] units.
pub fn inverse(vectors: Vectors, x: Dense, progress: &Progress) -> Result<Dense, Failure> {
    if x.entries.iter().all(|&w| w == 0.0) {
        return Ok(x);
    }
    let lambda = ridge(&x);
    if x.columns <= x.rows() {
        by_columns(vectors, x, lambda, progress)
    } else {
        Ok(by_columns(vectors, x.transposed(), lambda, progress)?.transposed())
    }
}

/// `X (X^T X + lambda I)^-1` for any X and lambda.
fn by_columns(vectors: Vectors, mut x: Dense, lambda: f64, progress: &Progress) -> Result<Dense, Failure> {
    let n = x.columns;
    let lower = cholesky(vectors, gram(vectors, &x, lambda, progress)?, progress)?;
    let flipped = lower.flipped();
    x.entries.par_chunks_mut(GROUP * SIDE * n).try_for_each(|rows| {
        let mut panels: Vec<Panel> = rows.chunks(SIDE * n).map(|rows| pack(rows, n)).collect();
        lower.solve(vectors, &mut panels);
        panels.iter_mut().for_each(|panel| panel.reverse());
        flipped.solve(vectors, &mut panels);
        for (rows, panel) in rows.chunks_mut(SIDE * n).zip(&panels) {
            unpack(panel, rows, n);
        }
        progress.advance((rows.len() * n) as u64)
    })?;
    Ok(x)
}

/// At most eight rows of width n as a panel; zeros where there are no more rows or columns.
fn pack(rows: &[f64], n: usize) -> Panel {
    let mut panel = vec![[0.0; SIDE]; n.next_multiple_of(SIDE)];
    for (i, row) in rows.chunks_exact(n).enumerate() {
        panel.iter_mut().zip(row).for_each(|(column, &w)| column[i] = w);
    }
    panel
}

/// The rows of a panel whose columns stand in reverse.
fn unpack(panel: &Panel, rows: &mut [f64], n: usize) {
    for (i, row) in rows.chunks_exact_mut(n).enumerate() {
        row.iter_mut().zip(panel.iter().rev()).for_each(|(w, column)| *w = column[i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prover::canonical::made_up::made_up;

    fn matrix(rows: usize, columns: usize, seed: u64) -> Dense {
        Dense { columns, entries: made_up(rows * columns, seed) }
    }

    /// The same by the three plain loops of each step.
    fn textbook(x: &Dense, lambda: f64) -> Vec<f64> {
        let (rows, n) = (x.rows(), x.columns);
        let at = |t: usize, i: usize| x.entries[t * n + i];
        let mut l = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let gram = (0..rows).fold(0.0, |sum, t| sum + at(t, i) * at(t, j)) + if i == j { lambda } else { 0.0 };
                let rest = (0..j).fold(gram, |rest, k| rest - l[i * n + k] * l[j * n + k]);
                l[i * n + j] = if i == j { rest.sqrt() } else { rest / l[j * n + j] };
            }
        }
        let mut out = x.entries.clone();
        for row in out.chunks_mut(n) {
            for j in 0..n {
                row[j] = (0..j).fold(row[j], |rest, k| rest - row[k] * l[j * n + k]) / l[j * n + j];
            }
            for j in (0..n).rev() {
                row[j] = (j + 1..n).rev().fold(row[j], |rest, k| rest - row[k] * l[k * n + j]) / l[j * n + j];
            }
        }
        out
    }

    fn run(vectors: Vectors, threads: usize, x: &Dense, lambda: f64) -> Vec<f64> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let x = Dense { columns: x.columns, entries: x.entries.clone() };
        pool.install(|| by_columns(vectors, x, lambda, &Progress::default())).expect("not cancelled").entries
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|x| x.to_bits()).collect()
    }

    #[test]
    fn same_bits_as_the_textbook_for_all_vectors_and_threads() {
        // fewer than a tile, whole tiles, ragged ones; more than one block of columns, of packed rows, of right-hand sides
        for (rows, columns) in [(1, 1), (3, 7), (8, 8), (17, 16), (40, 9), (300, 30), (70, 290), (530, 523)] {
            let x = matrix(rows, columns, 1);
            let expected = bits(&textbook(&x, 0.3));
            for vectors in [Vectors::Two, Vectors::Four, Vectors::Eight] {
                for threads in [1, 2, 3] {
                    let found = bits(&run(vectors, threads, &x, 0.3));
                    assert!(found == expected, "{rows} x {columns}, {vectors:?}, {threads} threads");
                }
            }
        }
    }

    fn plain(x: Dense) -> Dense {
        inverse(Vectors::widest(), x, &Progress::default()).expect("not cancelled")
    }

    fn centred(mut x: Dense) -> Dense {
        x.centre_columns();
        x
    }

    fn copy(x: &Dense) -> Dense {
        Dense { columns: x.columns, entries: x.entries.clone() }
    }

    /// Largest difference relative to the largest entry.
    fn difference(a: &[f64], b: &[f64]) -> f64 {
        let widest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0_f64, |widest, x| widest.max(x.abs()));
        assert_eq!(a.len(), b.len());
        widest(&mut a.iter().zip(b).map(|(a, b)| a - b)) / widest(&mut b.iter().copied())
    }

    /// `X Y^T`.
    fn product(x: &Dense, y: &Dense) -> Dense {
        let rows = x.entries.chunks(x.columns);
        let entries = rows.flat_map(|a| y.entries.chunks(y.columns).map(|b| dot(a, b))).collect();
        Dense { columns: y.rows(), entries }
    }

    /// By how much `Y (X^T X + lambda I) = X` fails, relative to X.
    fn residual(x: &Dense, y: &Dense) -> f64 {
        let lambda = ridge(x);
        let back = product(&product(y, x), &copy(x).transposed());
        let found: Vec<f64> = back.entries.iter().zip(&y.entries).map(|(a, y)| a + lambda * y).collect();
        difference(&found, &x.entries)
    }

    #[test]
    fn both_forms_agree() {
        for (rows, columns) in [(50, 120), (64, 64), (65, 64), (120, 50)] {
            let x = centred(matrix(rows, columns, 2));
            let lambda = ridge(&x);
            let tall = run(Vectors::Eight, 2, &x, lambda);
            let turned = Dense { columns: rows, entries: run(Vectors::Eight, 2, &copy(&x).transposed(), lambda) };
            assert!(difference(&turned.transposed().entries, &tall) < 1e-9, "{rows} x {columns}");
            assert!(residual(&x, &plain(copy(&x))) < 1e-9, "{rows} x {columns}");
        }
    }

    #[test]
    fn ranks_that_are_not_full_need_no_care() {
        let repeated = |mut x: Dense| {
            let (head, tail) = x.entries.split_at_mut(20 * x.columns);
            tail.chunks_mut(head.len()).for_each(|rows| rows.copy_from_slice(&head[..rows.len()]));
            x
        };
        let narrow = |rows, columns| product(&matrix(rows, 5, 3), &matrix(columns, 5, 4));
        let mut of_layer_norm = matrix(90, 30, 5);
        of_layer_norm.centre_rows();
        for x in
            [repeated(matrix(90, 30, 6)), repeated(matrix(40, 60, 7)), narrow(90, 30), narrow(30, 90), of_layer_norm]
        {
            let x = centred(x);
            assert!(residual(&x, &plain(copy(&x))) < 1e-9);
        }
    }

    #[test]
    fn a_function_of_the_gram_matrix() {
        let x = centred(matrix(70, 40, 8));
        let y = plain(copy(&x));
        let expected = product(&y, &y);
        // a reflection along a random direction, twice: any rotation is a product of such
        let rotate = |x: &Dense, seed: u64| {
            let direction = matrix(1, 40, seed).entries;
            let square = dot(&direction, &direction);
            let mut x = copy(x);
            x.each_row(|_, row| {
                let along = 2.0 * dot(row, &direction) / square;
                row.iter_mut().zip(&direction).for_each(|(w, u)| *w -= along * u);
            });
            x
        };
        let rotated = rotate(&rotate(&x, 9), 10);
        assert!(difference(&plain(copy(&rotated)).entries, &rotate(&rotate(&y, 9), 10).entries) < 1e-9);
        let scaled = Dense { columns: 40, entries: rotated.entries.iter().map(|w| 3.7 * w).collect() };
        let found = plain(scaled);
        let found = Dense { columns: 40, entries: found.entries.iter().map(|w| 3.7 * w).collect() };
        assert!(difference(&product(&found, &found).entries, &expected.entries) < 1e-9);
        // a power of two changes no bit
        let doubled = plain(Dense { columns: 40, entries: x.entries.iter().map(|w| 8.0 * w).collect() });
        assert_eq!(bits(&y.entries), bits(&doubled.entries.iter().map(|w| 8.0 * w).collect::<Vec<_>>()));
    }
}
