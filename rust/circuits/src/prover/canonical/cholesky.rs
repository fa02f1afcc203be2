//! The Cholesky factor of a large positive definite matrix.
//!
//! `L_ij = (G_ij - sum_(k<j) L_ik L_jk) / L_jj` and `L_jj = sqrt(G_jj - sum_(k<j) L_jk^2)`, terms from the first to the last: row i of
//! L is what row i of G becomes in [`super::solve`], with the rows above it as the triangle.

use super::{
    solve::{BLOCK, Triangle, finish, reduce},
    tiles::{Panel, SIDE, subtract},
};
use crate::prover::{failure::Failure, progress::Progress, simd::Vectors};
use rayon::prelude::*;

/// Panels of one task.
const GROUP: usize = 8;

/// L with `G = L L^T`, from the panels of the lower half of G. Entries are NaN or infinite where G is not positive definite.
pub fn cholesky(vectors: Vectors, mut panels: Vec<Panel>, progress: &Progress) -> Result<Triangle, Failure> {
    let count = panels.len();
    for first in (0..count).step_by(BLOCK) {
        let last = count.min(first + BLOCK);
        // what a task reads of the block's rows while others write their last tiles
        let rows: Vec<Panel> = panels[first..last].par_iter().map(|row| row[..first * SIDE].to_vec()).collect();
        panels[first..].par_chunks_mut(GROUP).for_each(|group| reduce(vectors, &rows, first, group));
        for p in first..last {
            let (above, rest) = panels.split_at_mut(p);
            finish(vectors, &above[first..], first, &mut rest[..1]);
            diagonal(vectors, &mut rest[0], first, p);
        }
        let (above, below) = panels.split_at_mut(last);
        below.par_chunks_mut(GROUP).for_each(|group| finish(vectors, &above[first..], first, group));
        progress.advance(work(last * SIDE) - work(first * SIDE))?;
    }
    Ok(Triangle(panels))
}

/// The last tile of panel p, once everything before column `8 first` is subtracted.
fn diagonal(vectors: Vectors, panel: &mut Panel, first: usize, p: usize) {
    let (before, rest) = panel.split_at_mut(p * SIDE);
    let Some(tile) = rest.first_chunk_mut::<SIDE>() else { return };
    let known = &before[first * SIDE..];
    subtract(vectors, tile, known, known);
    for j in 0..SIDE {
        for i in j..SIDE {
            let rest = (0..j).fold(tile[j][i], |rest, k| rest - tile[k][i] * tile[k][j]);
            tile[j][i] = if i == j { rest.sqrt() } else { rest / tile[j][j] };
        }
    }
}

/// Multiplications for a matrix of that size.
pub const fn work(n: usize) -> u64 {
    let n = n as u64;
    n * n * n / 6
}
