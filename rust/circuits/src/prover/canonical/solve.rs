//! Triangular systems, many right-hand sides at a time.
//!
//! A row of a panel is one right-hand side. Its entry j is `(x_j - sum_(k<j) x_k L_jk) / L_jj`, terms from the first to the last.

use super::tiles::{Panel, SIDE, Tile, subtract};
use crate::prover::simd::Vectors;
use rayon::prelude::*;

/// Panels of a block of rows: a panel's columns of one block fit the first-level cache.
pub const BLOCK: usize = 32;

/// A lower triangular matrix: panel p has its columns up to the end of the diagonal tile.
pub struct Triangle(pub Vec<Panel>);

impl Triangle {
    /// Replaces rows X of the panels by `X L^-T`.
    pub fn solve(&self, vectors: Vectors, panels: &mut [Panel]) {
        for (b, rows) in self.0.chunks(BLOCK).enumerate() {
            reduce(vectors, rows, b * BLOCK, panels);
            finish(vectors, rows, b * BLOCK, panels);
        }
    }

    /// `L^T`, both indices counted from the end: lower triangular again.
    pub fn flipped(&self) -> Self {
        let last = self.0.len() - 1;
        let flip = |p: usize| {
            let entry = |column: usize, row: usize| {
                self.0[last - column / SIDE][(last - p) * SIDE + SIDE - 1 - row][SIDE - 1 - column % SIDE]
            };
            (0..(p + 1) * SIDE).map(|column| std::array::from_fn(|row| entry(column, row))).collect()
        };
        Self((0..=last).into_par_iter().map(flip).collect())
    }
}

/// Subtracts from the columns that belong to `rows` (panels of L from number `first` on) what all columns before them contribute.
/// Tiles that a panel does not have are left out.
pub fn reduce(vectors: Vectors, rows: &[Panel], first: usize, panels: &mut [Panel]) {
    for start in (0..first * SIDE).step_by(BLOCK * SIDE) {
        let known = start..start + BLOCK * SIDE;
        for (t, row) in rows.iter().enumerate() {
            for panel in &mut *panels {
                let (before, rest) = panel.split_at_mut(first * SIDE);
                if let Some(tile) = rest.as_chunks_mut().0.get_mut(t) {
                    subtract(vectors, tile, &row[known.clone()], &before[known.clone()]);
                }
            }
        }
    }
}

/// Solves for the columns that belong to `rows` once everything before them is subtracted.
pub fn finish(vectors: Vectors, rows: &[Panel], first: usize, panels: &mut [Panel]) {
    for (t, row) in rows.iter().enumerate() {
        let (start, end) = (first * SIDE, (first + t) * SIDE);
        for panel in &mut *panels {
            let (before, rest) = panel.split_at_mut(end);
            if let (Some(tile), Some(l)) = (rest.first_chunk_mut(), row[end..].first_chunk()) {
                subtract(vectors, tile, &row[start..end], &before[start..end]);
                vectors.run(
                    #[inline(always)]
                    || divide(tile, l),
                );
            }
        }
    }
}

/// Solves for the columns of one tile: `l` is the diagonal tile of L.
#[inline(always)]
fn divide(tile: &mut Tile, l: &Tile) {
    for i in 0..SIDE {
        let (before, rest) = tile.split_at_mut(i);
        for (known, l) in before.iter().zip(l) {
            rest[0].iter_mut().zip(known).for_each(|(x, y)| *x -= y * l[i]);
        }
        rest[0].iter_mut().for_each(|x| *x /= l[i][i]);
    }
}
