//! How columns are cut into groups and panels, and the tables of a panel.

use super::engine::{BLOCK, Engine};
use crate::curve::{Affine, Projective};

/// How the columns are cut: groups of neighbouring columns with a table each, and panels of groups whose tables are made together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Columns of a group.
    pub width: u32,
    /// Octets of groups of a panel.
    pub octets: usize,
    /// Sums of each plane of each row that run side by side, each over every `strips`th group: where rows are few, they fill the
    /// blocks of additions that share an inversion.
    pub strips: usize,
}

/// Widest group: its table has 2^13 points, 512 KiB, which a second-level cache holds.
const WIDEST: u32 = 14;
/// Points of a panel's tables, unless a single octet of groups has more.
const PANEL: usize = 1 << 14;

impl Plan {
    /// The cheapest plan for sums over `planes` planes of all rows together: an addition for each plane and group, and for each entry of
    /// a table about one and a half.
    pub fn new(planes: usize) -> Self {
        let cost = |&width: &u32| (2 * planes + (3 << (width - 1))) * 1000 / width as usize;
        let width = (3..=WIDEST).min_by_key(cost).unwrap_or(WIDEST);
        let octets = (PANEL >> (width + 2)).clamp(1, 16);
        let room = BLOCK * 8 / planes.max(1);
        let strips = if room > 1 { (1 << room.ilog2()).min(8 * octets) } else { 1 };
        Self { width, octets, strips }
    }

    /// Groups of a panel.
    pub const fn groups(self) -> usize {
        8 * self.octets
    }

    /// Columns of a panel.
    pub const fn columns(self) -> usize {
        self.groups() * self.width as usize
    }

    /// Points of a table.
    pub const fn size(self) -> usize {
        1 << (self.width - 1)
    }

    /// The tables of the panel that begins at a column, one after another, and the sum of all its points. Entry u of a table is
    /// the sum of its group's points, point j negative unless u has bit j. Past the last point they begin again from the first: there all
    /// weights are 0.
    pub fn tables<E: Engine>(
        self,
        engine: &mut E,
        points: &[Affine],
        first: usize,
    ) -> Option<(Vec<E::Entry>, Projective)> {
        let (width, octets) = (self.width as usize, self.octets);
        // octet o of column j: point j of groups 8 o to 8 o + 7
        let octet = |i: usize| {
            let (j, o) = (i / octets, i % octets);
            std::array::from_fn(|lane| points[(first + (8 * o + lane) * width + j) % points.len()])
        };
        let mut columns: Vec<E::Octet> = (0..width * octets).map(|i| engine.pack(&octet(i))).collect();
        // totals, by halves
        let mut totals = columns.clone();
        while totals.len() > octets {
            let more = totals.split_off(totals.len().div_ceil(2).next_multiple_of(octets));
            let count = more.len();
            if !engine.add(&mut totals[..count], &more) {
                return None;
            }
        }
        let totals: Vec<[Affine; 8]> = totals.iter().map(|octet| engine.unpack(octet)).collect();
        // all points negative, then one after another positive
        let mut sums: Vec<E::Octet> = Vec::with_capacity(octets * self.size());
        sums.extend(totals.iter().map(|totals| engine.pack(&totals.map(|point| -point))));
        if !engine.double(&mut columns) {
            return None;
        }
        for column in columns.chunks(octets).take(width - 1) {
            let half = sums.len();
            sums.extend_from_within(..);
            if !engine.add(&mut sums[half..], column) {
                return None;
            }
        }
        let mut tables = vec![engine.entries(&sums[0])[0]; self.groups() * self.size()];
        for (i, sums) in sums.iter().enumerate() {
            let (subset, o) = (i / octets, i % octets);
            for (lane, entry) in engine.entries(sums).iter().enumerate() {
                tables[(8 * o + lane) * self.size() + subset] = *entry;
            }
        }
        Some((tables, totals.iter().flatten().sum()))
    }
}
