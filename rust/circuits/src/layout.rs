//! Where each committed integer stands in the bit string, and weights over that string.

use crate::{curve::Scalar, profile::Profile, security::Bounds, statement::{Public, Shape}};
use ark_ff::{AdditiveGroup, Zero};

/// A run of integers of equal width, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// First bit.
    pub start: usize,
    /// Number of integers.
    pub count: usize,
    /// Bits of each.
    pub width: usize,
}

impl Group {
    const fn end(self) -> usize {
        self.start.saturating_add(self.count.saturating_mul(self.width))
    }
}

/// The bit string: `S_t` shifted to be non-negative, slacks of the norms, remainders, slacks of c, Z, slack of the norm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// One group of r^2 integers for each term: `S + 2^(e+26) + half`.
    pub sketches: Vec<Group>,
    /// `2^80 - a^2 N`.
    pub slack_lo: Group,
    /// `(a+1)^2 N - 2^80 - 1`.
    pub slack_hi: Group,
    /// `rem_k`.
    pub rem: Group,
    /// `M - V`.
    pub c_lo: Group,
    /// `(c+1)^2 V - M c^2 - 1`.
    pub c_hi: Group,
    /// `Z + 2^(z_bits-1)`.
    pub z: Group,
    /// `n_max - sum Y^2`.
    pub norm: Group,
    /// Bits in all.
    pub size: usize,
    /// Commitment rows in all.
    pub rows: usize,
}

impl Layout {
    /// The layout for these outputs.
    #[must_use]
    pub fn new(shape: &Shape, profile: &Profile, bounds: &Bounds, public: &Public) -> Self {
        let per = (profile.sketch as usize).saturating_mul(profile.sketch as usize);
        let terms = shape.layers.len().saturating_mul(3);
        let mut end = 0;
        let mut put = |count: usize, width: usize| {
            let group = Group { start: end, count, width };
            end = group.end();
            group
        };
        let sketches = public.e.iter().map(|&e| put(per, (e as usize).saturating_add(profile.q_bits as usize))).collect();
        let slack_lo = put(terms, profile.slack_bits as usize);
        let slack_hi = put(terms, profile.slack_bits as usize);
        let rem = put(profile.outputs as usize, profile.fraction_bits as usize);
        let c_lo = put(1, bounds.c_lo_bits);
        let c_hi = put(1, bounds.c_hi_bits);
        let z = put(profile.projection_z as usize, bounds.z_bits);
        let norm = put(1, bounds.norm_bits);
        let rows = end.div_ceil(profile.n());
        Self { sketches, slack_lo, slack_hi, rem, c_lo, c_hi, z, norm, size: end, rows }
    }
}

/// Weights over a flat string, as runs: `(first index, values)`.
#[derive(Clone, Debug, Default)]
pub struct Flat(pub Vec<(usize, Vec<Scalar>)>);

impl Flat {
    /// Weights over the whole string.
    #[must_use]
    pub fn dense(values: Vec<Scalar>) -> Self {
        Self(vec![(0, values)])
    }

    /// Integer i of the group, its lowest `low` bits dropped, counts `weights[i]` times.
    #[must_use]
    pub fn integers(group: Group, weights: &[Scalar], low: usize) -> Self {
        let mut run = Vec::with_capacity(group.count.saturating_mul(group.width));
        for &weight in weights.iter().take(group.count) {
            let mut bit = weight;
            for b in 0..group.width {
                run.push(if b < low { Scalar::zero() } else { let now = bit; bit.double_in_place(); now });
            }
        }
        Self(vec![(group.start, run)])
    }

    /// Integer `index` of the group, once.
    #[must_use]
    pub fn one(group: Group, index: usize) -> Self {
        let start = group.start.saturating_add(index.saturating_mul(group.width));
        Self::integers(Group { start, count: 1, width: group.width }, &[Scalar::from(1_u64)], 0)
    }

    /// Both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// `sum_i weights[i] values(i)`.
    #[must_use]
    pub fn dot(&self, values: &[Scalar]) -> Scalar {
        self.0.iter().map(|(start, run)| crate::poly::dot(run, values.get(*start..).unwrap_or_default())).sum()
    }

    /// `total += factor * weights`.
    pub fn add_to(&self, total: &mut [Scalar], factor: Scalar) {
        for (start, run) in &self.0 {
            for (x, &y) in total.iter_mut().skip(*start).zip(run) {
                *x += factor * y;
            }
        }
    }
}
