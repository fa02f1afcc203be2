//! The hidden sums of a network, of all layers: their places in a sumcheck, and weights over them.
//!
//! Sum i of hidden convolution h of layer l stands at place `l 2^iv + offset_h + i`: the first `lv` variables say which layer,
//! the other `iv` which sum. Other places are absent: they count nothing.

use crate::{
    curve::Scalar,
    layout::Group,
    network::{Network, Placed},
    poly::{dot, log2_ceil},
};

/// Weights over the hidden sums: place (l, i) counts `layers[l] inside[i]` times.
#[derive(Clone, Debug, Default)]
pub struct OnHidden {
    /// One factor for each layer.
    pub layers: Vec<Scalar>,
    /// One for each hidden sum of a layer.
    pub inside: Vec<Scalar>,
}

impl OnHidden {
    /// All weights times a factor.
    #[must_use]
    pub fn times(&self, factor: Scalar) -> Self {
        Self { layers: scaled(&self.layers, factor), inside: self.inside.clone() }
    }

    /// The multilinear extension of the weights where `other` is eq.
    #[must_use]
    pub fn dot(&self, other: &Self) -> Scalar {
        dot(&self.layers, &other.layers) * dot(&self.inside, &other.inside)
    }
}

/// Every value times a factor.
#[must_use]
pub fn scaled(values: &[Scalar], factor: Scalar) -> Vec<Scalar> {
    values.iter().map(|&x| x * factor).collect()
}

/// Variables that say which of so many layers, and which sum of one.
#[must_use]
pub fn variables(network: &Network, layers: usize) -> (usize, usize) {
    (log2_ceil(layers), log2_ceil(network.hidden_sums()))
}

/// Hidden convolutions with the part of `inside` that is theirs.
pub fn convolutions<'a, T>(network: &'a Network, inside: &'a [T]) -> impl Iterator<Item = (&'a Placed, &'a [T])> {
    let mut rest = inside;
    network.hidden().iter().map(move |placed| {
        let (these, others) = rest.split_at(placed.sums().min(rest.len()));
        rest = others;
        (placed, these)
    })
}

/// Groups of the bit string that hold the sums: of each layer, for each hidden convolution.
pub fn by_layer<'a>(network: &Network, groups: &'a [Group]) -> impl Iterator<Item = &'a [Group]> {
    groups.chunks(network.hidden().len().max(1))
}
