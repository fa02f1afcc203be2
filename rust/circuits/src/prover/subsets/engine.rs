//! What [`super`] asks of the arithmetic, and the arithmetic of every machine.

use crate::curve::{Affine, Base};
use ark_ff::{AdditiveGroup, Field};
use zeroize::DefaultIsZeroes;

/// Octets of points that share one inversion, which costs as much as 300 to 1,000 multiplications. What a block touches stays in
/// the second-level cache.
pub(super) const BLOCK: usize = 1024;

/// For eight points: which entry of a table, and whether its opposite is meant.
#[derive(Clone, Copy, Default)]
pub(super) struct Picks {
    /// Places in the tables.
    pub at: [u32; 8],
    /// Bit i is set where the opposite of point i is meant.
    pub negative: u8,
}

/// Picks tell weights.
impl DefaultIsZeroes for Picks {}

/// Affine additions of eight points and more, all with one inversion.
///
/// Points are never the identity. Where two points are equal or opposite the line through them has no slope: the methods that
/// return `bool` then return false, and the points are undefined.
pub(super) trait Engine: Sized + Send + Sync {
    /// Below this many rows the bucket tree is faster.
    const FEW: usize;
    /// Eight points.
    type Octet: Copy + Send + Sync;
    /// A point of a table.
    type Entry: Copy + Send + Sync;

    /// An engine for another thread.
    fn fresh(&self) -> Self;
    /// Eight points as an octet.
    fn pack(&self, points: &[Affine; 8]) -> Self::Octet;
    /// An octet as eight points.
    fn unpack(&self, octet: &Self::Octet) -> [Affine; 8];
    /// Its points as entries of tables.
    fn entries(&self, octet: &Self::Octet) -> [Self::Entry; 8];
    /// Appends the picked points.
    fn first(&self, table: &[Self::Entry], picks: &[Picks], out: &mut Vec<Self::Octet>);
    /// [`Engine::double`] with one inversion.
    fn double_block(&mut self, points: &mut [Self::Octet]) -> bool;
    /// [`Engine::add`] with one inversion.
    fn add_block(&mut self, points: &mut [Self::Octet], others: &[Self::Octet]) -> bool;
    /// [`Engine::add_picks`] with one inversion.
    fn add_picks_block(&mut self, points: &mut [Self::Octet], table: &[Self::Entry], picks: &[Picks]) -> bool;

    /// `points[i] *= 2`.
    fn double(&mut self, points: &mut [Self::Octet]) -> bool {
        points.chunks_mut(BLOCK).all(|points| self.double_block(points))
    }

    /// `points[i] += others[i]`, others repeated: their number divides [`BLOCK`] or is at least that of the points.
    fn add(&mut self, points: &mut [Self::Octet], others: &[Self::Octet]) -> bool {
        let mut cycle = others.chunks(BLOCK).cycle();
        points.chunks_mut(BLOCK).all(|points| cycle.next().is_some_and(|others| self.add_block(points, others)))
    }

    /// `points[i] +=` the entry picked for i.
    fn add_picks(&mut self, points: &mut [Self::Octet], table: &[Self::Entry], picks: &[Picks]) -> bool {
        points
            .chunks_mut(BLOCK)
            .zip(picks.chunks(BLOCK))
            .all(|(points, picks)| self.add_picks_block(points, table, picks))
    }
}

/// The arithmetic of every machine: [`Base`].
#[derive(Default)]
pub(super) struct Portable {
    /// Denominator and product of those before it.
    scratch: Vec<[Base; 2]>,
}

/// Products that are multiplied in turn, so that one need not wait for another: the even and the odd points of an octet.
const CHAINS: usize = 2;

impl Portable {
    /// Adds `other(i)` to point i of all octets, or doubles it where that is `None`.
    fn lines(&mut self, points: &mut [[Affine; 8]], other: impl Fn(usize) -> Option<Affine>) -> bool {
        let points = points.as_flattened_mut();
        self.scratch.clear();
        let mut chains = [Base::ONE; CHAINS];
        for (i, p) in points.iter().enumerate() {
            let d = other(i).map_or_else(|| p.y.double(), |q| q.x - p.x);
            let chain = &mut chains[i % CHAINS];
            self.scratch.push([d, *chain]);
            *chain *= d;
        }
        let [first, second] = chains;
        let Some(inverse) = (first * second).inverse() else { return false };
        let mut inverses = [inverse * second, inverse * first];
        for (i, (p, [d, before])) in points.iter_mut().zip(&self.scratch).enumerate().rev() {
            let inverse = &mut inverses[i % CHAINS];
            let (rise, x_sum) = match other(i) {
                Some(q) => (q.y - p.y, p.x + q.x),
                None => {
                    let square = p.x.square();
                    (square.double() + square, p.x.double())
                }
            };
            let slope = rise * (*inverse * before);
            *inverse *= d;
            let x = slope.square() - x_sum;
            *p = Affine::new_unchecked(x, slope * (p.x - x) - p.y);
        }
        true
    }
}

fn picked(table: &[Affine], picks: &Picks, lane: usize) -> Affine {
    let entry = table[picks.at[lane] as usize];
    if picks.negative >> lane & 1 == 1 { -entry } else { entry }
}

impl Engine for Portable {
    const FEW: usize = 256;
    type Octet = [Affine; 8];
    type Entry = Affine;

    fn fresh(&self) -> Self {
        Self::default()
    }

    fn pack(&self, points: &[Affine; 8]) -> [Affine; 8] {
        *points
    }

    fn unpack(&self, octet: &[Affine; 8]) -> [Affine; 8] {
        *octet
    }

    fn entries(&self, octet: &[Affine; 8]) -> [Affine; 8] {
        *octet
    }

    fn first(&self, table: &[Affine], picks: &[Picks], out: &mut Vec<[Affine; 8]>) {
        out.extend(picks.iter().map(|picks| core::array::from_fn(|lane| picked(table, picks, lane))));
    }

    fn double_block(&mut self, points: &mut [[Affine; 8]]) -> bool {
        self.lines(points, |_| None)
    }

    fn add_block(&mut self, points: &mut [[Affine; 8]], others: &[[Affine; 8]]) -> bool {
        self.lines(points, |i| Some(others[i / 8 % others.len()][i % 8]))
    }

    fn add_picks_block(&mut self, points: &mut [[Affine; 8]], table: &[Affine], picks: &[Picks]) -> bool {
        self.lines(points, |i| Some(picked(table, &picks[i / 8], i % 8)))
    }
}
