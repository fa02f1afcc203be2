//! The Gram matrix of the columns of a matrix.

use super::{
    dense::Dense,
    tiles::{Panel, SIDE, subtract},
};
use crate::prover::{failure::Failure, progress::Progress, simd::Vectors};
use rayon::prelude::*;

/// Rows of X that are packed at a time: those of two panels fit the first-level cache.
const DEPTH: usize = 256;
/// Panels of one task: packed, they fit the second-level cache.
const GROUP: usize = 8;

/// The lower half of `X^T X + lambda I` in panels, the last one filled up with rows of the identity. Each entry is summed
/// from the first row of X to the last.
pub fn gram(vectors: Vectors, x: &Dense, lambda: f64, progress: &Progress) -> Result<Vec<Panel>, Failure> {
    let (n, count) = (x.columns, x.columns.div_ceil(SIDE));
    let mut panels: Vec<Panel> = (1..=count).into_par_iter().map(|tiles| zeros(tiles * SIDE)).collect();
    for rows in x.entries.chunks(DEPTH * n) {
        let packed: Vec<Panel> = (0..count).into_par_iter().map(|p| pack(rows, n, p * SIDE)).collect();
        panels.par_chunks_mut(GROUP).enumerate().for_each(|(g, group)| {
            let wide = &packed[g * GROUP..];
            for (q, narrow) in packed[..g * GROUP + group.len()].iter().enumerate() {
                for (panel, wide) in group.iter_mut().zip(wide) {
                    // beyond the diagonal there is no tile
                    if let Some(tile) = panel.as_chunks_mut().0.get_mut(q) {
                        subtract(vectors, tile, narrow, wide);
                    }
                }
            }
        });
        progress.advance((rows.len() / n * (n * n / 2)) as u64)?;
    }
    // turning the sign is exact, so this is the sum
    panels.par_iter_mut().flatten().for_each(|column| column.iter_mut().for_each(|x| *x = -*x));
    for i in 0..count * SIDE {
        let diagonal = &mut panels[i / SIDE][i][i % SIDE];
        *diagonal = if i < n { *diagonal + lambda } else { 1.0 };
    }
    Ok(panels)
}

/// Zeros that are written: a page that is read before it is written is mapped twice.
fn zeros(columns: usize) -> Panel {
    let mut panel = Panel::with_capacity(columns);
    panel.resize(columns, [0.0; SIDE]);
    panel
}

/// Columns from `first` on of rows of width n, as a panel; zeros where there are no more.
fn pack(rows: &[f64], n: usize, first: usize) -> Panel {
    let width = SIDE.min(n - first);
    let column = |row: &[f64]| {
        let mut column = [0.0; SIDE];
        column[..width].copy_from_slice(&row[first..first + width]);
        column
    };
    rows.chunks_exact(n).map(column).collect()
}
