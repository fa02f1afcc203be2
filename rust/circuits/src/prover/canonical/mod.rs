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
//! 6. on request, attention is turned to meet that of a base, which no network feels either;
//! 7. the directions of the embeddings that all tokens share count inversely to their length;
//! 8. every matrix is rounded with the smallest power of two that fits.

mod align;
mod balance;
mod cholesky;
mod dense;
mod eigen;
mod embedding;
mod folded;
mod gram;
mod inverse;
mod layer;
#[cfg(test)]
mod made_up;
mod neurons;
mod pairs;
mod rounding;
mod solve;
mod square;
mod tiles;

pub use dense::Source;
pub use embedding::inverse_embedding;
pub use layer::{RawAttention, RawNeurons};

use crate::{
    profile::Profile,
    prover::{
        failure::Failure,
        progress::{Progress, Stage},
        simd::Vectors,
        weights::Matrix,
    },
    statement::{LAYER_MATRICES, Shape},
};
use align::align_groups;
use balance::{balance_groups, silence, silent_heads};
use dense::{Dense, Stored};
use embedding::embedding;
use folded::Folded;
use neurons::{Side, neurons};
use rounding::round;
use std::ops::Range;

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

/// Two matrices in double precision, which the attention of the next layer is read into: fresh memory costs more than reading. Secret.
#[derive(Default)]
pub struct Memory([Vec<f64>; 2]);

impl Memory {
    /// Both, with room for so many entries.
    fn take(&mut self, entries: usize) -> [Vec<f64>; 2] {
        let old = std::mem::take(&mut self.0);
        old.map(|old| if old.capacity() < entries { Vec::with_capacity(entries) } else { old })
    }
}

/// Matrices of a layer that belong to attention: those before all others.
const ATTENTION: usize = 4;

/// Canonical form and rounding of the attention of a layer, q, k, v and `o^T`. `base`: what this makes of the same layer of
/// the model that this one's attention is aligned to.
///
/// # Errors
/// As [`quantise_embedding`].
pub fn quantise_attention(
    profile: &Profile,
    shape: &Shape,
    layer: &RawAttention<impl Source>,
    base: Option<&[Matrix]>,
    memory: &mut Memory,
    progress: &Progress,
) -> Result<Vec<Matrix>, Failure> {
    progress.begin(Stage::Quantise, rows(shape, 0..LAYER_MATRICES.len()));
    let (d, e, h, g) = (shape.hidden as usize, shape.head_dim as usize, shape.query_rows(), shape.kv_rows());
    let (layer_norm, heads, vectors) = (layer.layer_norm, h / (g / e), Vectors::widest());
    let name = |matrix: &str| format!("{}.{matrix}", layer.number);
    let base = base.map(|base| of_base(base, [h, g, g, h].map(|rows| rows * d), layer.number)).transpose()?;

    let [first, second] = memory.take(d * h.max(g));
    let v = Dense::read(first, &[&layer.v], [g, d], &name("v"))?;
    let o = Dense::read_columns(second, &[&layer.o], [h, d], &name("o"))?;
    let mut v = Folded::new(&layer.norm, layer_norm, d)?.all(v);
    let mut o = Folded::new(&layer.out_norm, layer_norm, d)?.all(o);
    let silent = silent_heads(&v, &o, e, heads);
    balance_groups(vectors, &mut v, &mut o, e, heads, CAP);
    if let Some([_, _, base_v, base_o]) = base {
        align_groups(vectors, &mut v, &mut o, [base_v, base_o], e, heads);
    }
    let [rounded_v, rounded_o] =
        [rounded(profile, &v, &name("v"), progress)?, rounded(profile, &o, &name("o"), progress)?];

    let k = Dense::read(v.entries, &[&layer.k], [g, d], &name("k"))?;
    let q = Dense::read(o.entries, &[&layer.q], [h, d], &name("q"))?;
    let folded = Folded::new(&layer.norm, layer_norm, d)?;
    let (mut k, mut q) = (folded.all(k), folded.all(q));
    for (matrix, gamma) in [(&mut q, &layer.q_norm), (&mut k, &layer.k_norm)] {
        if let Some(gamma) = gamma {
            matrix.normalise_heads(e, gamma)?;
        }
    }
    silence(&mut q, &silent, e);
    balance_groups(vectors, &mut k, &mut q, e, heads, CAP);
    if let Some([base_q, base_k, _, _]) = base {
        align_groups(vectors, &mut k, &mut q, [base_k, base_q], e, heads);
    }
    let [rounded_q, rounded_k] =
        [rounded(profile, &q, &name("q"), progress)?, rounded(profile, &k, &name("k"), progress)?];
    memory.0 = [k.entries, q.entries];
    Ok(vec![rounded_q, rounded_k, rounded_v, rounded_o])
}

/// The integers of a base's attention, if there are as many of each matrix as the layer has.
fn of_base(base: &[Matrix], entries: [usize; ATTENTION], number: u32) -> Result<[&[i16]; ATTENTION], Failure> {
    let found: Vec<&[i16]> = base.iter().take(ATTENTION).map(|matrix| matrix.entries.as_slice()).collect();
    match <[&[i16]; ATTENTION]>::try_from(found) {
        Ok(found) if found.map(<[i16]>::len) == entries => Ok(found),
        _ => Err(Failure::Weights(format!("{number}: the attention of the base has other sizes"))),
    }
}

/// Canonical form and rounding of the neurons of a layer, up and `down^T`.
///
/// # Errors
/// As [`quantise_embedding`].
pub fn quantise_neurons(
    profile: &Profile,
    shape: &Shape,
    layer: &RawNeurons<impl Source>,
    progress: &Progress,
) -> Result<Vec<Matrix>, Failure> {
    progress.begin(Stage::Quantise, rows(shape, 0..LAYER_MATRICES.len()));
    progress.advance(rows(shape, 0..ATTENTION))?;
    let (d, f) = (shape.hidden as usize, shape.ffn as usize);
    let name = |matrix: &str| format!("{}.{matrix}", layer.number);
    let folded = |gamma| Folded::new(gamma, layer.layer_norm, d);
    let up = Side { name: name("up"), parts: &layer.up, stored: Stored::Rows, folded: folded(&layer.norm)? };
    let down =
        Side { name: name("down"), parts: &layer.down, stored: Stored::Columns, folded: folded(&layer.out_norm)? };
    Ok(neurons(profile, &up, &down, [f, d], progress)?.into())
}

/// Rows of some matrices of a layer.
fn rows(shape: &Shape, matrices: Range<usize>) -> u64 {
    shape.matrices()[1..][matrices].iter().map(|&rows| rows as u64).sum()
}

fn rounded(profile: &Profile, matrix: &Dense, name: &str, progress: &Progress) -> Result<Matrix, Failure> {
    let matrix = round(profile, matrix, name)?;
    progress.advance(matrix.rows() as u64)?;
    Ok(matrix)
}
