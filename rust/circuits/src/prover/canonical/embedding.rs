//! The matrix X: embeddings of the selected tokens.

use super::{
    balance::median,
    dense::{Dense, Source, norm},
    inverse::{inverse, work},
};
use crate::prover::{
    failure::Failure,
    progress::{Progress, Stage},
    simd::Vectors,
};

/// X before rounding, all rows of `source` one after another.
///
/// # Errors
/// As [`embedding`].
pub fn inverse_embedding(
    source: &dyn Source,
    layer_norm: bool,
    unit_rows: bool,
    progress: &Progress,
) -> Result<Vec<f64>, Failure> {
    Ok(embedding(source, source.rows(), source.columns(), layer_norm, unit_rows, progress)?.entries)
}

/// X before rounding: centred and capped, centred again because capping moves the mean, filtered (`canonical/inverse.rs`), and
/// capped again, because a direction that one row alone has would give it several times the usual length.
///
/// # Errors
/// [`Failure::Weights`] as [`super::quantise_embedding`], but zeros and values beyond double precision are left to the
/// rounding; [`Failure::Cancelled`].
pub fn embedding(
    source: &dyn Source,
    rows: usize,
    columns: usize,
    layer_norm: bool,
    unit_rows: bool,
    progress: &Progress,
) -> Result<Dense, Failure> {
    progress.begin(Stage::Quantise, work(rows, columns));
    let mut x = Dense::read(Vec::new(), &[source], [rows, columns], "X")?;
    if layer_norm {
        x.centre_rows();
    }
    if unit_rows {
        let root = (x.columns as f64).sqrt();
        x.each_row(|_, row| {
            let norm = norm(row);
            if norm > 0.0 {
                row.iter_mut().for_each(|w| *w = *w / norm * root);
            }
        });
    }
    x.centre_columns();
    cap(&mut x);
    x.centre_columns();
    let mut x = inverse(Vectors::widest(), x, progress)?;
    cap(&mut x);
    Ok(x)
}

/// Scales rows that are longer than the median down to it.
fn cap(x: &mut Dense) {
    let norms = x.norms();
    let cap = median(&norms);
    x.each_row(|i, row| {
        if cap > 0.0 && norms[i] > cap {
            row.iter_mut().for_each(|w| *w = *w / norms[i] * cap);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        profile::ROBUST_2,
        prover::{canonical::rounding::round, weights::Matrix},
    };

    /// Rows at hand.
    struct Rows(Vec<Vec<f64>>);

    impl Source for Rows {
        fn rows(&self) -> usize {
            self.0.len()
        }
        fn columns(&self) -> usize {
            self.0[0].len()
        }
        fn read(&self, row: usize, first: usize, out: &mut [f64]) {
            out.copy_from_slice(&self.0[row][first..][..out.len()]);
        }
        fn name(&self) -> String {
            "rows".into()
        }
    }

    /// Embeddings of some spread: the first columns are long directions that all rows share.
    fn rows(count: usize, width: usize) -> Rows {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        Rows((0..count).map(|_| (0..width).map(|i| next() / (1.0 + i as f64)).collect()).collect())
    }

    fn run(rows: &Rows) -> Vec<f64> {
        inverse_embedding(rows, false, false, &Progress::default()).expect("not cancelled")
    }

    fn integers(rows: &Rows) -> Matrix {
        round(&ROBUST_2, &Dense { columns: rows.columns(), entries: run(rows) }, "X").expect("not zero")
    }

    /// `X X^T` of the integers, with norm 1.
    fn gram(x: &Matrix) -> Vec<f64> {
        let row = |t: usize| x.row(t).iter().map(|&w| f64::from(w)).collect::<Vec<f64>>();
        let rows: Vec<Vec<f64>> = (0..x.rows()).map(row).collect();
        let gram: Vec<f64> =
            rows.iter().flat_map(|a| rows.iter().map(|b| crate::prover::canonical::dense::dot(a, b))).collect();
        let size = norm(&gram);
        gram.into_iter().map(|x| x / size).collect()
    }

    fn distance(a: &[f64], b: &[f64]) -> f64 {
        norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
    }

    #[test]
    fn what_the_network_cannot_feel_changes_the_integers_by_their_rounding() {
        for (count, width) in [(60, 24), (32, 32), (24, 60)] {
            let x = rows(count, width);
            let expected = gram(&integers(&x));
            let change =
                |f: &dyn Fn(&[f64]) -> Vec<f64>| gram(&integers(&Rows(x.0.iter().map(|row| f(row)).collect())));
            let permuted = change(&|row| row.iter().rev().copied().collect());
            // all of one scale, and moved by one vector
            let scaled = change(&|row| row.iter().enumerate().map(|(i, w)| 0.3 * w + i as f64).collect());
            // turned in the plane of every two neighbours
            let turned = change(&|row| {
                let turn = |pair: &[f64]| [0.6 * pair[0] - 0.8 * pair[1], 0.8 * pair[0] + 0.6 * pair[1]];
                row.chunks(2).flat_map(turn).collect()
            });
            for (found, what) in [(permuted, "permuted"), (scaled, "scaled and moved"), (turned, "turned")] {
                assert!(distance(&found, &expected) < 3e-3, "{what}: {}", distance(&found, &expected));
            }
            let other = change(&|row| row.iter().map(|w| w * w).collect());
            assert!(distance(&other, &expected) > 0.1);
        }
    }

    #[test]
    fn a_dead_token_of_giant_norm_changes_little() {
        const DEAD: usize = 7;
        let others = |x: &Rows| {
            let mut matrix = integers(x);
            matrix.entries.drain(DEAD * matrix.columns..(DEAD + 1) * matrix.columns);
            gram(&matrix)
        };
        let mut x = rows(400, 24);
        let expected = others(&x);
        x.0[DEAD].iter_mut().for_each(|w| *w *= 30.0);
        let found = others(&x);
        assert!(distance(&found, &expected) < 0.05, "{}", distance(&found, &expected));
        let lengths: Vec<f64> = run(&x).chunks(24).map(norm).collect();
        assert!(lengths[DEAD] <= median(&lengths) * (1.0 + 1e-12));
    }

    #[test]
    fn nothing_but_zeros_is_refused() {
        for x in [Rows(vec![vec![1.0; 5]; 9]), Rows(vec![vec![3.0; 5]])] {
            let found = Dense { columns: 5, entries: run(&x) };
            assert!(found.entries.iter().all(|&w| w == 0.0));
            assert!(matches!(round(&ROBUST_2, &found, "X"), Err(Failure::Weights(_))));
        }
    }

    #[test]
    fn progress_reaches_its_end_and_can_be_stopped() {
        for (count, width) in [(600, 41), (41, 600)] {
            let progress = Progress::default();
            inverse_embedding(&rows(count, width), false, false, &progress).expect("not cancelled");
            let (stage, done, total) = progress.now();
            assert_eq!((stage, done), (Stage::Quantise, total));
            progress.cancel();
            let stopped = inverse_embedding(&rows(count, width), false, false, &progress);
            assert_eq!(stopped, Err(Failure::Cancelled));
            assert!(progress.now().1 < total);
        }
    }
}
