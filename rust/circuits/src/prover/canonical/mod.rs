//! Canonical form, then integers (specification, "canonical form").
//!
//! A disguise may rescale and mix whatever the network cannot feel. Rounding would lose what it made small, so all these
//! freedoms are used up first, in double precision and with a **fixed order of operations**: plain additions,
//! multiplications, divisions and square roots, all exactly specified by IEEE 754, in lanes that do not depend on the
//! machine or on the number of threads. The same files give the same integers everywhere.
//!
//! 1. norm weights are folded into the matrices that read (or write) through them;
//! 2. in LayerNorm models every row loses its mean over the hidden index;
//! 3. each key/value group gets the basis in which both of its Gram matrices are the same diagonal;
//! 4. each neuron's two rows get equal norm (3 and 4: what meets only zeros becomes zero, whatever its size);
//! 5. outliers (token rows, groups, neurons) are capped against the median of their kind;
//! 6. the directions of the embeddings that all tokens share count inversely to their length;
//! 7. every matrix is rounded with the smallest power of two that fits.

mod balance;
mod cholesky;
mod dense;
mod eigen;
mod embedding;
mod gram;
mod inverse;
mod layer;
mod solve;
mod tiles;

pub use dense::Source;
pub use embedding::inverse_embedding;
pub use layer::{Norms, RawLayer};

use crate::{
    profile::Profile,
    prover::{
        failure::Failure,
        progress::{Progress, Stage},
        simd::wide,
        weights::Matrix,
    },
    statement::{LAYER_MATRICES, Shape},
};
use balance::{balance_groups, balance_neurons, silence, silent_heads};
use dense::{Dense, widest};
use embedding::embedding;
use rayon::prelude::*;

/// Groups and neurons above this multiple of the median are scaled down to it.
const CAP: f64 = 4.0;

/// Canonical form and rounding of the embeddings of the selected tokens, K x d: the matrix X. `unit_rows`: a norm stands
/// directly behind the embedding, so the scale of its rows is free.
///
/// # Errors
/// [`Failure::Weights`] names matrix and place: wrong sizes, NaN or infinity, all entries zero. [`Failure::Cancelled`].
pub fn quantise_embedding(
    profile: &Profile,
    shape: &Shape,
    source: &dyn Source,
    layer_norm: bool,
    unit_rows: bool,
    progress: &Progress,
) -> Result<Vec<Matrix>, Failure> {
    let (rows, columns) = (shape.tokens.len(), shape.hidden as usize);
    let x = embedding(source, rows, columns, layer_norm, unit_rows, progress)?;
    Ok(vec![round(profile, &x, "X")?])
}

/// Two matrices in double precision, which the next layer reads its own into: fresh memory costs more than reading. Secret.
#[derive(Default)]
pub struct Memory([Vec<f64>; 2]);

impl Memory {
    /// Both, with room for so many entries.
    fn take(&mut self, entries: usize) -> [Vec<f64>; 2] {
        let old = std::mem::take(&mut self.0);
        old.map(|old| if old.capacity() < entries { Vec::with_capacity(entries) } else { old })
    }
}

/// Canonical form and rounding of layer `number`: its six matrices in committed order.
///
/// # Errors
/// As [`quantise_embedding`].
pub fn quantise_layer(
    profile: &Profile,
    shape: &Shape,
    number: u32,
    layer: &RawLayer<impl Source>,
    layer_norm: bool,
    memory: &mut Memory,
    progress: &Progress,
) -> Result<Vec<Matrix>, Failure> {
    let rows: usize = shape.matrices().iter().skip(1).take(LAYER_MATRICES.len()).sum();
    progress.begin(Stage::Quantise, rows as u64);
    let rounded = |matrix: &Dense, name: &str| -> Result<Matrix, Failure> {
        let matrix = round(profile, matrix, &format!("{number}.{name}"))?;
        progress.advance(matrix.rows() as u64)?;
        Ok(matrix)
    };
    let (d, e, f) = (shape.hidden as usize, shape.head_dim as usize, shape.ffn as usize);
    let (h, g) = (shape.query_rows(), shape.kv_rows());
    let norms = &layer.norms;
    let prepared = |mut matrix: Dense, gamma: &Option<Vec<f64>>| -> Result<Dense, Failure> {
        if let Some(gamma) = gamma {
            matrix.scale_columns(gamma)?;
        }
        if layer_norm {
            matrix.centre_rows();
        }
        Ok(matrix)
    };
    let name = |matrix: &str| format!("{number}.{matrix}");
    let heads = h / (g / e);

    let [first, second] = memory.take(d * f.max(h));
    let v = Dense::read(first, &[&layer.v], [g, d], &name("v"))?;
    let o = Dense::read_columns(second, &[&layer.o], [h, d], &name("o"))?;
    let (mut v, mut o) = (prepared(v, &norms.attention_norm)?, prepared(o, &norms.attention_out_norm)?);
    let silent = silent_heads(&v, &o, e, heads);
    balance_groups(&mut v, &mut o, e, heads, CAP);
    let values = [rounded(&v, "v")?, rounded(&o, "o")?];

    let k = Dense::read(v.entries, &[&layer.k], [g, d], &name("k"))?;
    let q = Dense::read(o.entries, &[&layer.q], [h, d], &name("q"))?;
    let (mut k, mut q) = (prepared(k, &norms.attention_norm)?, prepared(q, &norms.attention_norm)?);
    for (matrix, gamma) in [(&mut q, &norms.q_norm), (&mut k, &norms.k_norm)] {
        if let Some(gamma) = gamma {
            matrix.normalise_heads(e, gamma)?;
        }
    }
    silence(&mut q, &silent, e);
    balance_groups(&mut k, &mut q, e, heads, CAP);
    let queries = [rounded(&q, "q")?, rounded(&k, "k")?];

    let up = Dense::read(k.entries, &layer.up, [f, d], &name("up"))?;
    let down = Dense::read_columns(q.entries, &layer.down, [f, d], &name("down"))?;
    let (mut up, mut down) = (prepared(up, &norms.ffn_norm)?, prepared(down, &norms.ffn_out_norm)?);
    balance_neurons(&mut up, &mut down, CAP);
    let neurons = [rounded(&up, "up")?, rounded(&down, "down")?];
    memory.0 = [up.entries, down.entries];
    Ok([queries, values, neurons].into_iter().flatten().collect())
}

/// Half to even, one scale for the matrix: the smallest power of two with all `|w| <= 2^(b-1) - 1`.
fn round(profile: &Profile, matrix: &Dense, name: &str) -> Result<Matrix, Failure> {
    let top = f64::from((1_u32 << (profile.weight_bits - 1)) - 1);
    let rows = matrix.entries.par_chunks(matrix.columns);
    let widest = f64::from_bits(rows.map(|row| widest(row).to_bits()).reduce(|| 0, u64::max));
    if !widest.is_finite() {
        return Err(Failure::Weights(format!("{name}: values too large for the canonical form")));
    }
    if widest == 0.0 {
        return Err(Failure::Weights(format!("{name}: all entries are zero")));
    }
    // powers of two divide exactly, so the loop finds the one scale whatever the starting point
    let mut scale = 1.0_f64;
    while (widest / scale).round_ties_even() > top {
        scale *= 2.0;
    }
    while (widest / (scale / 2.0)).round_ties_even() <= top {
        scale /= 2.0;
    }
    let mut entries = vec![0; matrix.entries.len()];
    entries.par_chunks_mut(matrix.columns).zip(matrix.entries.par_chunks(matrix.columns)).for_each(|(out, row)| {
        wide(
            #[inline(always)]
            || out.iter_mut().zip(row).for_each(|(out, w)| *out = (w / scale).round_ties_even() as i16),
        );
    });
    Ok(Matrix { columns: matrix.columns, entries })
}
