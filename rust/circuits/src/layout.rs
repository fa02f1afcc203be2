//! Where each committed integer stands in the bit string, and weights over that string.

use crate::{
    curve::Scalar,
    drift::Drift,
    nearness::{self, Nearness},
    network::{Network, input_width},
    poly::{dot, eq_at, eq_table, power_of_two, powers, sum},
    profile::Profile,
    public::Public,
    security::Bounds,
    size::size,
    statement::{Shape, Statement, TERM_KINDS, Wiring},
};
use ark_ff::{AdditiveGroup, Zero};
use std::{ops::Range, sync::Arc};

/// A run of integers of equal width, little-endian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// The bit string. Of a fingerprint: `S_t` shifted to be non-negative, slacks of the norms, remainders, slacks of c, Z, slack of
/// the norm; then, where a network encodes, what goes into it and its hidden sums. Of nearness: `S_t`, scales, slacks of the
/// norms, of the intervals, Z, slack of the norm. Of drift: slacks and Z. A group that only another kind has is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Bits of an entry of a rounded sketch, which are the upper ones of its integer.
    pub q_bits: usize,
    /// One group of r^2 integers for each term of each draw: `S + 2^(e+26) + half`.
    pub sketches: Vec<Group>,
    /// `a_t - 2^14`.
    pub scale: Group,
    /// `2^80 - a^2 N`.
    pub slack_lo: Group,
    /// `(a+1)^2 N - 2^80 - 1`.
    pub slack_hi: Group,
    /// `s G` of each pair whose sign is told.
    pub sign: Group,
    /// `2^16 G^2 - low^2 Z D` of each pair that has a low end, less 1 where it is strict.
    pub low: Group,
    /// `high^2 Z D - 2^16 G^2` of each pair, less 1 where it is strict.
    pub high: Group,
    /// Of drift: what a block's bound exceeds its difference by.
    pub slack: Group,
    /// `rem_(g,k)`, m for each layer of each draw.
    pub rem: Group,
    /// `M - V_g`.
    pub c_lo: Group,
    /// `(c_g+1)^2 V_g - M c_g^2 - 1`.
    pub c_hi: Group,
    /// `Z + 2^(z_bits-1)`.
    pub z: Group,
    /// `n_max - sum Y^2`.
    pub norm: Group,
    /// Of a network: one group of r^2 inputs for each term of the common draw: `a q + 2^27 + 2^41`.
    pub inputs: Vec<Group>,
    /// Of a network: one group of sums for each hidden convolution of each layer: `y + half + 2^(width-1)`.
    pub sums: Vec<Group>,
    /// Bits in all.
    pub size: usize,
    /// Commitment rows in all.
    pub rows: usize,
}

impl Layout {
    /// The layout for a statement whose lengths are checked.
    #[must_use]
    pub fn new<'a>(statement: impl Into<Public<'a>>, bounds: &Bounds, network: Option<&Network>) -> Self {
        match statement.into() {
            Public::Fingerprint(statement) => Self::of_fingerprint(statement, bounds, network),
            Public::Nearness(nearness) => Self::of_nearness(nearness, bounds),
            Public::Drift(drift) => Self::of_drift(drift, bounds),
        }
    }

    fn of_fingerprint(statement: &Statement, bounds: &Bounds, network: Option<&Network>) -> Self {
        let profile = statement.profile;
        let (terms, groups) = (statement.e().count(), statement.c().count());
        let mut it = Self { q_bits: size(profile.q_bits), ..Self::default() };
        it.sketches = statement.e().map(|e| it.put(profile.entries(), size(e).saturating_add(it.q_bits))).collect();
        it.slack_lo = it.put(terms, size(profile.slack_bits));
        it.slack_hi = it.put(terms, size(profile.slack_bits));
        it.rem = it.put(groups.saturating_mul(size(profile.outputs)), size(profile.fraction_bits));
        it.c_lo = it.put(groups, bounds.c_lo_bits);
        it.c_hi = it.put(groups, bounds.c_hi_bits);
        it.projection(profile, bounds);
        let layers = if network.is_some() { statement.shape.layers.len() } else { 0 };
        let inputs = layers.saturating_mul(TERM_KINDS.len());
        it.inputs = (0..inputs).map(|_| it.put(profile.entries(), input_width(profile))).collect();
        let hidden = network.map_or(&[][..], Network::hidden);
        it.sums = (0..layers).flat_map(|_| hidden).map(|placed| it.put(placed.sums(), placed.width())).collect();
        it.in_rows(profile)
    }

    fn of_nearness(nearness: &Nearness, bounds: &Bounds) -> Self {
        let Nearness { profile, shape, .. } = nearness;
        let terms = shape.layers.len().saturating_mul(TERM_KINDS.len());
        let (pairs, low) = nearness.counts();
        let (sign, end) = nearness::widths(profile);
        let mut it = Self { q_bits: size(nearness::Q_BITS), ..Self::default() };
        let width = nearness::common_shift(shape, profile).saturating_add(it.q_bits);
        it.sketches = (0..terms).map(|_| it.put(profile.entries(), width)).collect();
        it.scale = it.put(terms, size(nearness::SCALE_BITS));
        it.slack_lo = it.put(terms, size(nearness::SLACK_BITS));
        it.slack_hi = it.put(terms, size(nearness::SLACK_BITS));
        it.sign = it.put(low, sign);
        it.low = it.put(low, end);
        it.high = it.put(pairs, end);
        it.projection(profile, bounds);
        it.in_rows(profile)
    }

    fn of_drift(drift: &Drift, bounds: &Bounds) -> Self {
        let mut it = Self::default();
        it.slack = it.put(drift.blocks(), drift.slack_bits());
        it.z = it.put(size(drift.profile.projection_z), bounds.z_bits);
        it.in_rows(drift.profile)
    }

    /// The next group.
    const fn put(&mut self, count: usize, width: usize) -> Group {
        let group = Group { start: self.size, count, width };
        self.size = group.end();
        group
    }

    /// Z and the slack of the norm.
    const fn projection(&mut self, profile: &Profile, bounds: &Bounds) {
        self.z = self.put(size(profile.projection_z), bounds.z_bits);
        self.norm = self.put(1, bounds.norm_bits);
    }

    const fn in_rows(mut self, profile: &Profile) -> Self {
        self.rows = self.size.div_ceil(profile.n());
        self
    }

    /// By how many bits the sketch of a term is shifted: the lower ones of its integers are rounded away.
    #[must_use]
    pub const fn shift(&self, sketch: Group) -> usize {
        sketch.width.saturating_sub(self.q_bits)
    }

    /// Weights over the bits that give `sum_j weights[j] q_j`, from term `first` on, up to the returned constant. Each term has
    /// `entries` weights.
    #[must_use]
    pub fn upper_parts(&self, first: usize, entries: usize, weights: &[Scalar]) -> (Flat, Scalar) {
        let top = power_of_two(self.q_bits.saturating_sub(1));
        let mut flat = Flat::default();
        for (weights, &group) in weights.chunks(entries.max(1)).zip(self.sketches.iter().skip(first)) {
            flat = flat.and(Flat::integers(group, weights, self.shift(group)));
        }
        (flat, sum(weights) * top)
    }
}

/// Weights over a flat string (the bits, or Y), a sum of runs. A verifier never writes them out: what it needs is
/// [`Flat::add_rows`], and that follows from the description.
#[derive(Clone, Debug, Default)]
pub struct Flat(pub(crate) Vec<Run>);

/// A run of weights.
#[derive(Clone, Debug)]
pub(crate) enum Run {
    /// Bits `low` to `high` of integer i of the group, as an integer, count `weights[i]` times.
    Integers { group: Group, low: usize, high: usize, weights: Vec<Scalar> },
    /// Place i counts `values[i]` times.
    Dense(Vec<Scalar>),
    /// Place i counts `eq(point, i)` times.
    Point(Vec<Scalar>),
}

/// Weights of the columns of a row: `eq(sigma)` and what follows from it.
pub struct Columns {
    sigma: Vec<Scalar>,
    /// `eq(sigma)`.
    pub eq: Vec<Scalar>,
    /// `suffix[j] = sum_(k >= j) 2^(k - j) eq[k]`, so that a run of bits at j is `suffix[j] - 2^length suffix[j + length]`.
    suffix: Vec<Scalar>,
}

impl Columns {
    /// Columns at a point.
    #[must_use]
    pub fn new(sigma: Vec<Scalar>) -> Self {
        let eq = eq_table(&sigma);
        let mut last = Scalar::zero();
        let mut suffix = vec![last; eq.len().saturating_add(1)];
        for (sum, &weight) in suffix.iter_mut().zip(&eq).rev() {
            last.double_in_place();
            last += weight;
            *sum = last;
        }
        Self { sigma, eq, suffix }
    }

    /// `sum_b 2^b eq[column + b]` over `length` bits.
    fn integer(&self, column: usize, length: usize, scale: Scalar) -> Scalar {
        let at = |j: usize| self.suffix.get(j).copied().unwrap_or_default();
        at(column) - scale * at(column.saturating_add(length))
    }
}

impl Flat {
    /// Weights over the whole string.
    #[must_use]
    pub fn dense(values: Vec<Scalar>) -> Self {
        Self(vec![Run::Dense(values)])
    }

    /// `eq(point)` over the string; places beyond its end are absent.
    #[must_use]
    pub fn point(point: Vec<Scalar>) -> Self {
        Self(vec![Run::Point(point)])
    }

    /// Integer i of the group, its lowest `low` bits dropped, counts `weights[i]` times.
    #[must_use]
    pub fn integers(group: Group, weights: &[Scalar], low: usize) -> Self {
        Self::parts(group, weights, low..group.width)
    }

    /// These bits of integer i of the group, as an integer, count `weights[i]` times.
    #[must_use]
    pub fn parts(group: Group, weights: &[Scalar], bits: Range<usize>) -> Self {
        Self(vec![Run::Integers { group, low: bits.start, high: bits.end.min(group.width), weights: weights.to_vec() }])
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

    /// Adds `factor` times `<weights, eq(sigma)>` of each row.
    pub fn add_rows(&self, columns: &Columns, factor: Scalar, rows: &mut [Scalar]) {
        let n = columns.eq.len().max(1);
        for run in &self.0 {
            match run {
                Run::Integers { group, low, high, weights } => {
                    let powers: Vec<Scalar> = powers(Scalar::from(2_u64)).take(group.width.saturating_add(1)).collect();
                    let power = |k: usize| powers.get(k).copied().unwrap_or_default();
                    let starts = (0..).map(|i: usize| group.start.saturating_add(i.saturating_mul(group.width)));
                    for (&weight, first) in weights.iter().take(group.count).zip(starts) {
                        let (mut start, end) = (first.saturating_add(*low), first.saturating_add(*high));
                        let mut weight = weight * factor;
                        // an integer may run over the end of a row
                        while start < end {
                            let (Some(row), Some(column)) = (start.checked_div(n), start.checked_rem(n)) else { break };
                            let length = end.saturating_sub(start).min(n.saturating_sub(column));
                            let scale = power(length);
                            let value = columns.integer(column, length, scale);
                            rows.iter_mut().skip(row).take(1).for_each(|x| *x += weight * value);
                            weight *= scale;
                            start = start.saturating_add(length);
                        }
                    }
                }
                Run::Dense(values) => {
                    for (x, values) in rows.iter_mut().zip(values.chunks(n)) {
                        *x += factor * dot(values, &columns.eq);
                    }
                }
                Run::Point(point) => {
                    // a string shorter than a row stands at its beginning: the variables that it lacks are 0
                    let (high, low) = point.split_at(point.len().saturating_sub(columns.sigma.len()));
                    let (lacking, sigma) = columns.sigma.split_at(columns.sigma.len().saturating_sub(low.len()));
                    let factor = factor * eq_at(low, sigma) * eq_at(lacking, &vec![Scalar::zero(); lacking.len()]);
                    for (x, weight) in rows.iter_mut().zip(eq_table(high)) {
                        *x += factor * weight;
                    }
                }
            }
        }
    }
}

/// Weights over the rows of one matrix: `eq(s)` pushed through the wiring of one side of a term.
#[derive(Clone, Debug)]
pub struct RowWeights {
    /// Index of the matrix.
    pub matrix: usize,
    /// How positions read its rows.
    pub wiring: Wiring,
    /// Number of positions.
    pub positions: usize,
    /// `eq` of the row part of s, shared by all sides.
    pub high: Arc<Vec<Scalar>>,
    /// `eq` of the slot part of s.
    pub low: Arc<Vec<Scalar>>,
}

impl RowWeights {
    /// One weight for each matrix row.
    #[must_use]
    pub fn rows(&self, shape: &Shape, slots: usize) -> Vec<Scalar> {
        let count = match self.wiring {
            Wiring::Same => self.positions,
            Wiring::Grouped => shape.kv_rows(),
        };
        let mut rows = vec![Scalar::zero(); count];
        let mut position = 0..self.positions;
        for &high in self.high.iter().take(self.positions.div_ceil(slots.max(1))) {
            for (i, &low) in position.by_ref().take(slots).zip(self.low.iter()) {
                if let Some(row) = rows.get_mut(shape.row_of(self.wiring, i)) {
                    *row += high * low;
                }
            }
        }
        rows
    }
}
