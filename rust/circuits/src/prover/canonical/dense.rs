//! Dense matrices in double precision, with sums in a fixed order.

use crate::prover::{
    failure::Failure,
    simd::{dots, wide},
};
use rayon::prelude::*;

/// A matrix that can be read row by row: a tensor of a model file, of any type and layout.
pub trait Source: Sync {
    /// Number of rows.
    fn rows(&self) -> usize;
    /// Number of columns.
    fn columns(&self) -> usize;
    /// Reads one row.
    fn read(&self, row: usize, out: &mut [f64]);
    /// Where it came from, for messages.
    fn name(&self) -> String;
}

impl<S: Source> Source for &S {
    fn rows(&self) -> usize {
        (**self).rows()
    }
    fn columns(&self) -> usize {
        (**self).columns()
    }
    fn read(&self, row: usize, out: &mut [f64]) {
        (**self).read(row, out);
    }
    fn name(&self) -> String {
        (**self).name()
    }
}

/// Rows one after another.
pub struct Dense {
    pub columns: usize,
    pub entries: Vec<f64>,
}

/// `sum_i a_i b_i`, in one order on every machine.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    wide(
        #[inline(always)]
        || dots(a, [b])[0],
    )
}

/// Euclidean norm.
pub fn norm(row: &[f64]) -> f64 {
    dot(row, row).sqrt()
}

impl Dense {
    /// Reads a whole tensor that must not be zero.
    pub fn read(source: &dyn Source, rows: usize, columns: usize, name: &str) -> Result<Self, Failure> {
        Self::read_part(source, rows, columns, name)?.not_zero(source, name)
    }

    /// Refuses a matrix that is zero throughout.
    pub fn not_zero(self, source: &dyn Source, name: &str) -> Result<Self, Failure> {
        if self.entries.iter().all(|&w| w == 0.0) {
            return Err(Failure::Weights(format!("{name} ({}): all entries are zero", source.name())));
        }
        Ok(self)
    }

    /// Reads a tensor that may be zero: one expert of several.
    pub fn read_part(source: &dyn Source, rows: usize, columns: usize, name: &str) -> Result<Self, Failure> {
        let describe = || format!("{name} ({})", source.name());
        if (source.rows(), source.columns()) != (rows, columns) {
            let got = format!("{} x {}", source.rows(), source.columns());
            return Err(Failure::Weights(format!("{}: expected {rows} x {columns} entries, got {got}", describe())));
        }
        let mut entries = vec![0.0; rows * columns];
        let bad = entries
            .par_chunks_mut(columns)
            .enumerate()
            .filter_map(|(r, row)| {
                source.read(r, row);
                row.iter().position(|w| !w.is_finite()).map(|c| (r, c))
            })
            .min();
        match bad {
            Some((r, c)) => Err(Failure::Weights(format!("{}: NaN or infinity at row {r}, column {c}", describe()))),
            None => Ok(Self { columns, entries }),
        }
    }

    /// Matrices of equal width on top of each other.
    pub fn stack(parts: impl Iterator<Item = Result<Self, Failure>>) -> Result<Self, Failure> {
        let mut whole = Self { columns: 0, entries: Vec::new() };
        for part in parts {
            let part = part?;
            whole.columns = part.columns;
            if whole.entries.is_empty() { whole.entries = part.entries } else { whole.entries.extend(part.entries) }
        }
        Ok(whole)
    }

    pub fn rows(&self) -> usize {
        self.entries.len() / self.columns.max(1)
    }

    /// Calls `f(index, row)` for every row.
    pub fn each_row(&mut self, f: impl Fn(usize, &mut [f64]) + Sync) {
        self.entries.par_chunks_mut(self.columns).enumerate().for_each(|(r, row)| f(r, row));
    }

    pub fn norms(&self) -> Vec<f64> {
        self.entries.par_chunks(self.columns).map(norm).collect()
    }

    pub fn transposed(self) -> Self {
        let (rows, columns) = (self.rows(), self.columns);
        const TILE: usize = 32;
        let mut entries = vec![0.0; self.entries.len()];
        entries.par_chunks_mut(rows * TILE).enumerate().for_each(|(block, out)| {
            let first = block * TILE;
            for start in (0..rows).step_by(TILE) {
                for (c, out) in out.chunks_mut(rows).enumerate() {
                    let column = self.entries[start * columns + first + c..].iter().step_by(columns);
                    out[start..].iter_mut().take(TILE).zip(column).for_each(|(out, &w)| *out = w);
                }
            }
        });
        Self { columns: rows, entries }
    }

    pub fn scale_columns(&mut self, gamma: &[f64]) -> Result<(), Failure> {
        if gamma.len() != self.columns {
            let (got, expected) = (gamma.len(), self.columns);
            return Err(Failure::Weights(format!("a norm has {got} weights where the hidden size is {expected}")));
        }
        self.each_row(|_, row| row.iter_mut().zip(gamma).for_each(|(w, g)| *w *= g));
        Ok(())
    }

    /// Subtracts from every row its mean.
    pub fn centre_rows(&mut self) {
        let ones = vec![1.0; self.columns];
        let count = self.columns as f64;
        self.each_row(|_, row| {
            let mean = dot(row, &ones) / count;
            row.iter_mut().for_each(|w| *w -= mean);
        });
    }

    /// Subtracts from every column its mean, summed from the first row to the last.
    pub fn centre_columns(&mut self) {
        let mut mean = vec![0.0; self.columns];
        for row in self.entries.chunks(self.columns) {
            mean.iter_mut().zip(row).for_each(|(m, w)| *m += w);
        }
        let count = self.rows() as f64;
        mean.iter_mut().for_each(|m| *m /= count);
        self.each_row(|_, row| row.iter_mut().zip(&mean).for_each(|(w, m)| *w -= m));
    }

    /// Norms on queries or keys. With one norm for each head (e weights) the scale of a head is free: it is brought to unit
    /// Frobenius norm. With one norm over all heads only one scalar is free and nothing is normalised.
    pub fn normalise_heads(&mut self, e: usize, gamma: &[f64]) -> Result<(), Failure> {
        if gamma.len() != e && gamma.len() != self.rows() {
            return Err(Failure::Weights(format!("a head norm has {} weights", gamma.len())));
        }
        let columns = self.columns;
        self.entries.par_chunks_mut(e * columns).enumerate().for_each(|(head, rows)| {
            let size = if gamma.len() == e { norm(rows) } else { 1.0 };
            for (i, row) in rows.chunks_mut(columns).enumerate() {
                let factor = gamma[(head * e + i) % gamma.len()];
                row.iter_mut().for_each(|w| *w = if size > 0.0 { *w / size * factor } else { 0.0 });
            }
        });
        Ok(())
    }
}
