//! The statement: every public value in one place.
//!
//! "For each draw and each layer, the vector `z` with scales `(e, a, c)` is the fingerprint of that layer, under this profile
//! and this draw, of weights of this shape, committed to in these rows, over these tokens. Whoever made this proof knew an
//! opening of the rows, and made it for this context."

use crate::{
    context::Context,
    curve::Affine,
    draw::Draw,
    error::{Rejected, ensure},
    profile::Profile,
    size::size,
};

/// The public description of the circuit. Weights come in canonical form, so it has no norms, no flags and no family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// d, the hidden size: columns of every committed matrix.
    pub hidden: u32,
    /// h, query heads.
    pub heads: u32,
    /// g, key/value heads; divides h.
    pub kv_heads: u32,
    /// e, entries of one head.
    pub head_dim: u32,
    /// f, neurons of the feed-forward block (experts concatenated).
    pub ffn: u32,
    /// Which layers of the model, strictly ascending.
    pub layers: Vec<u32>,
    /// Byte strings of the selected tokens, in selection order, all different.
    pub tokens: Vec<Vec<u8>>,
}

/// How the positions of a term are wired to the rows of one of its matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiring {
    /// Position i reads row i.
    Same,
    /// Position i of the queries reads the row of the key/value head that its query head belongs to.
    Grouped,
}

/// One of the two factors of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Index into [`Shape::matrices`].
    pub matrix: usize,
    /// Rows read by the positions.
    pub wiring: Wiring,
}

/// A term `M = X^ (left)^T (right) X^^T`, summed over positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Read through P (tokens whose side bit is 0).
    pub left: Side,
    /// Read through Q (tokens whose side bit is 1).
    pub right: Side,
    /// Number of positions.
    pub positions: usize,
}

/// Matrices of one layer, in committed order.
pub const LAYER_MATRICES: [&str; 6] = ["q", "k", "v", "oT", "up", "downT"];
/// Terms of one layer, in order.
pub const TERM_KINDS: [&str; 3] = ["a", "b", "f"];

impl Shape {
    /// Rows of the query and output matrices.
    #[must_use]
    pub const fn query_rows(&self) -> usize {
        size(self.heads).saturating_mul(size(self.head_dim))
    }

    /// Rows of the key and value matrices.
    #[must_use]
    pub const fn kv_rows(&self) -> usize {
        size(self.kv_heads).saturating_mul(size(self.head_dim))
    }

    /// Rows of every committed matrix in order: X, then q, k, v, oT, up, downT of each layer. All have d columns.
    #[must_use]
    pub fn matrices(&self) -> Vec<usize> {
        let (q, kv, f) = (self.query_rows(), self.kv_rows(), size(self.ffn));
        let mut rows = vec![self.tokens.len()];
        for _ in &self.layers {
            rows.extend([q, kv, kv, q, f, f]);
        }
        rows
    }

    /// Name of a committed matrix, for messages: `X` or `<layer>.<name>`.
    #[must_use]
    pub fn matrix_name(&self, index: usize) -> String {
        let names = self.layers.iter().flat_map(|layer| LAYER_MATRICES.map(|name| format!("{layer}.{name}")));
        std::iter::once("X".into()).chain(names).nth(index).unwrap_or_default()
    }

    /// The terms in order a, b, f of layer after layer.
    #[must_use]
    pub fn terms(&self) -> Vec<Term> {
        let (q, f) = (self.query_rows(), size(self.ffn));
        let side = |matrix, wiring| Side { matrix, wiring };
        let first = |layer: usize| layer.saturating_mul(6).saturating_add(1);
        let mut terms = Vec::new();
        for m in (0..self.layers.len()).map(first) {
            let at = |k: usize| m.saturating_add(k);
            terms.push(Term { left: side(at(0), Wiring::Same), right: side(at(1), Wiring::Grouped), positions: q });
            terms.push(Term { left: side(at(2), Wiring::Grouped), right: side(at(3), Wiring::Same), positions: q });
            terms.push(Term { left: side(at(4), Wiring::Same), right: side(at(5), Wiring::Same), positions: f });
        }
        terms
    }

    /// The row that a position reads.
    #[must_use]
    pub const fn row_of(&self, wiring: Wiring, position: usize) -> usize {
        match wiring {
            Wiring::Same => position,
            Wiring::Grouped => {
                let (e, g, h) = (size(self.head_dim), size(self.kv_heads), size(self.heads));
                let (Some(head), Some(inside)) = (position.checked_div(e), position.checked_rem(e)) else { return 0 };
                let Some(group) = head.saturating_mul(g).checked_div(h) else { return 0 };
                group.saturating_mul(e).saturating_add(inside)
            }
        }
    }

    /// Matrix rows that stand side by side in one commitment row.
    #[must_use]
    pub fn slots(&self, profile: &Profile) -> usize {
        profile.n().checked_div(size(self.hidden)).unwrap_or(0)
    }

    /// Commitment rows of every matrix, in order.
    #[must_use]
    pub fn commitment_rows(&self, profile: &Profile) -> Vec<usize> {
        let slots = self.slots(profile).max(1);
        self.matrices().into_iter().map(|rows| rows.div_ceil(slots)).collect()
    }
}

/// What a bundle publishes beside the commitment, for one draw: lists in the order of layers, of terms, of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// The vectors, m numbers for each layer, multiples of `2^-12`.
    pub z: Vec<i64>,
    /// Shift of each term.
    pub e: Vec<u32>,
    /// Scale of each term.
    pub a: Vec<u64>,
    /// Scale of the standardisation of each layer.
    pub c: Vec<u64>,
}

/// Everything public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The rules.
    pub profile: &'static Profile,
    /// The circuit.
    pub shape: Shape,
    /// Row commitments to the weights, in order.
    pub commitment: Vec<Affine>,
    /// What P, Q and R come from.
    pub draws: Vec<Draw>,
    /// The outputs under each draw.
    pub outputs: Vec<Outputs>,
    /// Whom the proof is for.
    pub context: Context,
}

impl Statement {
    /// Vectors of all draws, one after the other.
    pub fn z(&self) -> impl Iterator<Item = i64> {
        self.outputs.iter().flat_map(|outputs| &outputs.z).copied()
    }

    /// Shifts of all terms of all draws.
    pub fn e(&self) -> impl Iterator<Item = u32> {
        self.outputs.iter().flat_map(|outputs| &outputs.e).copied()
    }

    /// Scales of all terms of all draws.
    pub fn a(&self) -> impl Iterator<Item = u64> {
        self.outputs.iter().flat_map(|outputs| &outputs.a).copied()
    }

    /// Scales of the standardisation of all layers of all draws.
    pub fn c(&self) -> impl Iterator<Item = u64> {
        self.outputs.iter().flat_map(|outputs| &outputs.c).copied()
    }

    /// Checks on the public outputs alone: lengths and ranges (proofs/spec/statement.md).
    ///
    /// # Errors
    /// [`Rejected::Public`] names the output that is out of range.
    pub fn check_outputs(&self) -> Result<(), Rejected> {
        let ensure = |ok: bool, what| ensure(ok, Rejected::Public(what));
        let Self { profile, shape, draws, outputs, .. } = self;
        let layers = shape.layers.len();
        let terms = layers.saturating_mul(TERM_KINDS.len());
        let entries = layers.saturating_mul(size(profile.outputs));
        let full = |o: &Outputs| (o.z.len(), o.e.len(), o.a.len(), o.c.len()) == (entries, terms, terms, layers);
        ensure(outputs.len() == draws.len() && outputs.iter().all(full), "lengths")?;
        ensure(self.e().all(|e| e <= 250_u32.saturating_sub(profile.q_bits)), "shift")?;
        let low = 1_u64 << profile.log_scale.saturating_sub(profile.log_norm);
        let top = |e: u32| if e > 0 { low.saturating_mul(2) } else { 1 << profile.max_log_a };
        ensure(self.a().zip(self.e()).all(|(a, e)| (low..=top(e)).contains(&a)), "scale")?;
        ensure(self.c().all(|c| (1 << profile.min_log_c..1 << profile.max_log_c).contains(&c)), "c")?;
        ensure(self.z().all(|z| z.unsigned_abs() <= z_bound(profile)), "z range")
    }
}

/// The largest `|z_k|` of a vector with mean 0 and standard deviation 1, rounded up to a power of two.
#[must_use]
pub const fn z_bound(profile: &Profile) -> u64 {
    let root = u32::BITS.saturating_sub(profile.outputs.leading_zeros()).div_ceil(2);
    1_u64.unbounded_shl(profile.z_fraction_bits.saturating_add(root))
}
