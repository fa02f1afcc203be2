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
    /// Reads the entries of a row from that column on, as many as there is room for.
    fn read(&self, row: usize, first: usize, out: &mut [f64]);
    /// Where it came from, for messages.
    fn name(&self) -> String;
}

impl<S: Source + ?Sized> Source for &S {
    fn rows(&self) -> usize {
        (**self).rows()
    }
    fn columns(&self) -> usize {
        (**self).columns()
    }
    fn read(&self, row: usize, first: usize, out: &mut [f64]) {
        (**self).read(row, first, out);
    }
    fn name(&self) -> String {
        (**self).name()
    }
}

/// How the rows of a matrix are stored in a tensor.
#[derive(Clone, Copy)]
pub enum Stored {
    Rows,
    Columns,
}

impl Stored {
    /// Rows and columns of the matrix.
    pub fn shape(self, source: &impl Source) -> [usize; 2] {
        match self {
            Self::Rows => [source.rows(), source.columns()],
            Self::Columns => [source.columns(), source.rows()],
        }
    }

    /// Reads the matrix, `columns` wide. The first place in the tensor, row and column, that is not finite.
    fn fill(self, source: &impl Source, columns: usize, out: &mut [f64]) -> Option<(usize, usize)> {
        let strips = out.par_chunks_mut(SIDE * columns).enumerate();
        strips.filter_map(|(s, strip)| self.strip(source, s * SIDE, columns, strip)).min()
    }

    /// Reads rows of the matrix from number `first` on, at most [`SIDE`] of them. As for [`Stored::fill`].
    pub fn strip(self, source: &impl Source, first: usize, columns: usize, out: &mut [f64]) -> Option<(usize, usize)> {
        match self {
            Self::Rows => {
                let mut bad = None;
                for (r, row) in (first..).zip(out.chunks_exact_mut(columns)) {
                    bad = bad.or(read(source, r, 0, row).map(|c| (r, c)));
                }
                bad
            }
            Self::Columns => turned(source, first, columns, out),
        }
    }

    /// Whether tensors on top of each other make a matrix of that shape.
    ///
    /// # Errors
    /// [`Failure::Weights`] names matrix and tensor.
    pub fn check(self, parts: &[impl Source], [rows, columns]: [usize; 2], name: &str) -> Result<(), Failure> {
        let found: usize = parts.iter().map(|part| self.shape(part)[0]).sum();
        let Some(part) = parts.iter().find(|part| self.shape(*part)[1] != columns || found != rows) else {
            return Ok(());
        };
        let [got, width] = self.shape(part);
        let of = if got == found { String::new() } else { format!(", {found} rows in all") };
        let what = format!("{name} ({}): expected {rows} x {columns} entries", part.name());
        Err(Failure::Weights(format!("{what}, got {got} x {width}{of}")))
    }
}

/// A tensor holds NaN or infinity there.
pub fn not_finite(source: &impl Source, (row, column): (usize, usize)) -> Failure {
    Failure::Weights(format!("{}: NaN or infinity at row {row}, column {column}", source.name()))
}

/// A matrix of these tensors is zero.
pub fn all_zero(parts: &[impl Source], name: &str) -> Failure {
    let first = parts.first().map_or_else(|| "no matrix".to_owned(), Source::name);
    Failure::Weights(format!("{name} ({first}): all entries are zero"))
}

/// Reads a part of a row. The column of the first entry that is not finite.
fn read(source: &impl Source, row: usize, first: usize, out: &mut [f64]) -> Option<usize> {
    source.read(row, first, out);
    if widest(out).is_finite() {
        return None;
    }
    out.iter().position(|w| !w.is_finite()).map(|c| first + c)
}

/// Rows of a matrix that are read at a time; where they are columns of a tensor, that are turned, and ..
pub const SIDE: usize = 32;
/// .. rows: their entries of one column fill a cache line.
const LINE: usize = 8;

/// Reads columns of a tensor, from number `first` on, as rows of that length. As for [`Stored::fill`].
fn turned(source: &impl Source, first: usize, length: usize, out: &mut [f64]) -> Option<(usize, usize)> {
    let width = out.len() / length;
    let (mut block, mut bad) = ([[0.0; SIDE]; LINE], None);
    for start in (0..length).step_by(LINE) {
        let count = LINE.min(length - start);
        for (r, row) in (start..).zip(&mut block[..count]) {
            bad = bad.or(read(source, r, first, &mut row[..width]).map(|c| (r, c)));
        }
        for (c, out) in out.chunks_exact_mut(length).enumerate() {
            out[start..start + count].iter_mut().zip(&block).for_each(|(out, row)| *out = row[c]);
        }
    }
    bad
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

/// The largest magnitude; infinity or NaN if there is one. As bits magnitudes have the order of their values, and these two
/// are above all.
pub fn widest(row: &[f64]) -> f64 {
    let bits = wide(
        #[inline(always)]
        || row.iter().fold(0, |widest: u64, w| widest.max(w.abs().to_bits())),
    );
    f64::from_bits(bits)
}

/// Euclidean norm.
pub fn norm(row: &[f64]) -> f64 {
    dot(row, row).sqrt()
}

/// Subtracts from a row its mean. There are as many ones as entries.
pub fn centre(row: &mut [f64], ones: &[f64]) {
    let mean = dot(row, ones) / row.len() as f64;
    row.iter_mut().for_each(|w| *w -= mean);
}

impl Dense {
    /// Tensors of so many columns on top of each other, with so many rows in all; together they must not be zero. `memory` is
    /// that of a matrix no longer needed.
    pub fn read(memory: Vec<f64>, parts: &[impl Source], shape: [usize; 2], name: &str) -> Result<Self, Failure> {
        Self::filled(memory, parts, Stored::Rows, shape, name)
    }

    /// The same, of tensors that are stored the other way.
    pub fn read_columns(
        memory: Vec<f64>,
        parts: &[impl Source],
        shape: [usize; 2],
        name: &str,
    ) -> Result<Self, Failure> {
        Self::filled(memory, parts, Stored::Columns, shape, name)
    }

    fn filled(
        mut memory: Vec<f64>,
        parts: &[impl Source],
        stored: Stored,
        [rows, columns]: [usize; 2],
        name: &str,
    ) -> Result<Self, Failure> {
        stored.check(parts, [rows, columns], name)?;
        memory.truncate(rows * columns);
        memory.par_extend(rayon::iter::repeat_n(0.0, rows * columns - memory.len())); // all cores touch what is fresh
        let mut rest = memory.as_mut_slice();
        for part in parts {
            let (these, others) = rest.split_at_mut(stored.shape(part)[0] * columns);
            rest = others;
            if let Some(place) = stored.fill(part, columns, these) {
                return Err(not_finite(part, place));
            }
        }
        if memory.par_iter().all(|&w| w == 0.0) {
            return Err(all_zero(parts, name));
        }
        Ok(Self { columns, entries: memory })
    }

    pub fn rows(&self) -> usize {
        self.entries.len() / self.columns.max(1)
    }

    /// Subtracts from every row its mean.
    pub fn centre_rows(&mut self) {
        let ones = vec![1.0; self.columns];
        self.each_row(|_, row| centre(row, &ones));
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
