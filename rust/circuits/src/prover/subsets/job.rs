//! One job: all rows, on all threads.

use super::{
    engine::{BLOCK, Engine, Picks},
    planes,
    tables::Plan,
};
use crate::{
    curve::{Affine, Projective, Scalar},
    prover::{failure::Failure, progress::Progress, simd::wide},
};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, Field, PrimeField, Zero};
use rayon::prelude::*;
use std::{
    cmp::Reverse,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
};
use zeroize::Zeroizing;

/// Rows in octets, and how far the threads have come.
pub(super) struct Job<'a> {
    points: &'a [Affine],
    /// Eight rows each, the longest first; the last octet is filled up with its last row.
    octets: Vec<[Row<'a>; 8]>,
    planes: usize,
    plan: Plan,
    /// The next panel that nobody has taken.
    next: AtomicUsize,
    /// Weights dealt with, of how many, in how many rows.
    done: AtomicU64,
    weights: u64,
    rows: u64,
}

/// A row and its place.
#[derive(Clone, Copy)]
struct Row<'a> {
    index: usize,
    weights: &'a [i16],
}

/// What one thread has added up.
struct Part<E: Engine> {
    /// Octet after octet, strip after strip, plane after plane, for as many octets as reach into the thread's first panel.
    sums: Vec<E::Octet>,
    /// The sum of all points of each of its panels.
    totals: Vec<(usize, Projective)>,
}

impl<'a> Job<'a> {
    /// Rows are at most as long as there are points.
    pub fn new(rows: &[&'a [i16]], points: &'a [Affine]) -> Self {
        let mut sorted: Vec<Row<'a>> =
            rows.iter().enumerate().map(|(index, &weights)| Row { index, weights }).collect();
        sorted.sort_by_key(|row| Reverse(row.weights.len()));
        let octets = sorted.chunks(8).map(|rows| std::array::from_fn(|lane| rows[lane.min(rows.len() - 1)])).collect();
        let planes = planes::needed(rows);
        Self {
            points,
            octets,
            planes,
            plan: Plan::new(rows.len() * planes),
            next: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            weights: rows.iter().map(|row| row.len() as u64).sum(),
            rows: rows.len() as u64,
        }
    }

    /// How many octets reach beyond a column.
    fn reaching(&self, column: usize) -> usize {
        self.octets.partition_point(|[longest, ..]| longest.weights.len() > column)
    }

    /// The sums of all rows, in their order. `None` where two points that meet are equal or opposite, or one is the identity.
    pub fn run<E: Engine>(&self, engine: &mut E, progress: &Progress) -> Result<Option<Vec<Projective>>, Failure> {
        if self.points.iter().any(AffineRepr::is_zero) {
            return Ok(None);
        }
        let threads = 0..rayon::current_num_threads();
        let parts: Vec<Option<Part<E>>> =
            threads.into_par_iter().map(|_| self.part(&mut engine.fresh(), progress)).collect::<Result<_, _>>()?;
        let parts: Option<Vec<Part<E>>> = parts.into_iter().collect();
        Ok(parts.and_then(|parts| self.finish(engine, parts)))
    }

    /// Takes panels until none is left.
    fn part<E: Engine>(&self, engine: &mut E, progress: &Progress) -> Result<Option<Part<E>>, Failure> {
        let mut part = Part { sums: Vec::new(), totals: Vec::new() };
        // the first panel's are the most, so that nothing is left behind by growing
        let mut picks = Zeroizing::new(Vec::new());
        loop {
            let panel = self.next.fetch_add(1, Relaxed);
            let first = panel * self.plan.columns();
            let octets = self.reaching(first);
            if octets == 0 {
                return Ok(Some(part));
            }
            let Some((tables, total)) = self.plan.tables(engine, self.points, first) else { return Ok(None) };
            part.totals.push((panel, total));
            self.pick(first, &mut picks);
            for picks in picks.chunks(octets * self.plan.strips * self.planes) {
                if part.sums.is_empty() {
                    engine.first(&tables, picks, &mut part.sums);
                } else if !engine.add_picks(&mut part.sums[..picks.len()], &tables, picks) {
                    return Ok(None);
                }
            }
            self.advance(first, progress)?;
        }
    }

    /// Picks of a panel: step after step, and then as [`Part::sums`].
    fn pick(&self, first: usize, picks: &mut Vec<Picks>) {
        let Plan { width, strips, .. } = self.plan;
        let octets = self.reaching(first);
        picks.resize(octets * self.plan.groups() * self.planes, Picks::default());
        wide(
            #[inline(always)]
            || {
                for (o, rows) in self.octets[..octets].iter().enumerate() {
                    let rows = rows.map(|row| row.weights);
                    for group in 0..self.plan.groups() {
                        let place = (group / strips * octets + o) * strips + group % strips;
                        let out = &mut picks[place * self.planes..][..self.planes];
                        let table = (group * self.plan.size()) as u32;
                        planes::picks(&rows, first + group * width as usize, width, table, out);
                    }
                }
            },
        );
    }

    /// A panel is done: that share of the rows, so that all panels together advance by the number of rows.
    fn advance(&self, first: usize, progress: &Progress) -> Result<(), Failure> {
        let mut weights = 0;
        for rows in &self.octets[..self.reaching(first)] {
            let filled = rows.windows(2).filter(|pair| pair[0].index == pair[1].index).count();
            for row in &rows[..8 - filled] {
                weights += row.weights.len().saturating_sub(first).min(self.plan.columns()) as u64;
            }
        }
        let before = self.done.fetch_add(weights, Relaxed);
        let rows = |weights: u64| weights * self.rows / self.weights;
        progress.advance(rows(before + weights) - rows(before))
    }

    /// `S = (sum_i c_i P_i - A) / 2` for all rows.
    fn finish<E: Engine>(&self, engine: &mut E, mut parts: Vec<Part<E>>) -> Option<Vec<Projective>> {
        let mut totals: Vec<(usize, Projective)> =
            parts.iter_mut().flat_map(|part| std::mem::take(&mut part.totals)).collect();
        totals.sort_by_key(|&(panel, _)| panel);
        parts.sort_by_key(|part| Reverse(part.sums.len()));
        let mut parts = parts.into_iter().map(|part| part.sums);
        let mut sums = parts.next()?;
        for more in parts {
            if !engine.add(&mut sums[..more.len()], &more) {
                return None;
            }
        }
        let stride = self.plan.strips * self.planes;
        let halves: Option<Vec<Vec<E::Octet>>> = sums
            .par_chunks(BLOCK * stride)
            .map(|sums| halves(&mut engine.fresh(), sums, self.plan.strips, self.planes))
            .collect();
        let half = Scalar::from(2_u64).inverse()?;
        let mut out =
            vec![Projective::zero(); self.octets.iter().flatten().map(|row| row.index + 1).max().unwrap_or(0)];
        // the shortest first; A is the same for all that end in the same panel
        let (mut panels, mut total, mut constant) = (0, Projective::zero(), Projective::zero());
        for (rows, octet) in self.octets.iter().zip(&halves?.concat()).rev() {
            let reached = rows[0].weights.len().div_ceil(self.plan.columns());
            if reached > panels {
                totals[panels..reached].iter().for_each(|(_, more)| total += more);
                (panels, constant) = (reached, total * half);
            }
            for (row, point) in rows.iter().zip(engine.unpack(octet)) {
                out[row.index] = Projective::from(point) - constant;
            }
        }
        Some(out)
    }
}

/// `sum_i 2^i P_i / 2` of each octet of rows.
fn halves<E: Engine>(engine: &mut E, sums: &[E::Octet], strips: usize, planes: usize) -> Option<Vec<E::Octet>> {
    let plane = |strip: usize, i: usize| -> Vec<E::Octet> {
        sums.chunks(strips * planes).map(|sums| sums[strip * planes + i]).collect()
    };
    let mut x = plane(0, planes - 1);
    for i in (0..planes).rev() {
        if i < planes - 1 && !(engine.double(&mut x) && engine.add(&mut x, &plane(0, i))) {
            return None;
        }
        if !(1..strips).all(|strip| engine.add(&mut x, &plane(strip, i))) {
            return None;
        }
    }
    halved(engine, x)
}

/// `x / 2`: times (p + 1) / 2, p the order of the curve, bit by bit with signs.
fn halved<E: Engine>(engine: &mut E, x: Vec<E::Octet>) -> Option<Vec<E::Octet>> {
    let opposite: Vec<E::Octet> =
        x.iter().map(|octet| engine.pack(&engine.unpack(octet).map(|point| -point))).collect();
    let digits = Scalar::from(2_u64).inverse()?.into_bigint().find_wnaf(2)?;
    let mut half = x.clone();
    for digit in digits.iter().rev().skip_while(|&&digit| digit == 0).skip(1) {
        let done = engine.double(&mut half)
            && match digit {
                0 => true,
                1 => engine.add(&mut half, &x),
                _ => engine.add(&mut half, &opposite),
            };
        if !done {
            return None;
        }
    }
    Some(half)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{commit::generators::Generators, multiply::Buckets, prover::subsets::engine::Portable};

    /// A job with every arithmetic of this machine, which must agree.
    pub(in super::super) fn run_everywhere<'a>(job: impl Fn() -> Job<'a>) -> Option<Vec<Projective>> {
        let progress = Progress::default();
        let sums = job().run(&mut Portable::default(), &progress).unwrap();
        #[cfg(target_arch = "x86_64")]
        {
            use crate::prover::subsets::vectors::{Avx2, Ifma};
            if let Some(mut engine) = Ifma::detect() {
                assert_eq!(job().run(&mut engine, &progress).unwrap(), sums);
            }
            if let Some(mut engine) = Avx2::detect() {
                assert_eq!(job().run(&mut engine, &progress).unwrap(), sums);
            }
        }
        sums
    }

    fn run(plan: Plan, rows: &[&[i16]], points: &[Affine]) -> Option<Vec<Projective>> {
        run_everywhere(|| Job { plan, ..Job::new(rows, points) })
    }

    #[test]
    fn every_plan_gives_the_same_sums() {
        let g = Generators::derive(9).g().to_vec();
        let rows: Vec<Vec<i16>> = (0..19_i32)
            .map(|r| (0..512 - 90 * (r % 5)).map(|j| ((j * 7919 + r * 104_729) % 4096 - 2048) as i16).collect())
            .collect();
        let rows: Vec<&[i16]> = rows.iter().map(Vec::as_slice).collect();
        let expected: Vec<Projective> = rows.iter().map(|row| Buckets::default().sum(row, &g)).collect();
        for width in 3..=14 {
            for (octets, strips) in [(1, 1), (1, 8), (2, 1), (2, 4), (4, 32)] {
                let plan = Plan { width, octets, strips };
                assert_eq!(run(plan, &rows, &g).as_ref(), Some(&expected), "{plan:?}");
            }
        }
    }

    #[test]
    fn points_that_meet_are_noticed() {
        let g = Generators::derive(6).g().to_vec();
        let plan = Plan { width: 4, octets: 1, strips: 1 };
        let rows = [[1_i16; 64].as_slice(); 9];
        let with = |change: &dyn Fn(&mut Vec<Affine>)| {
            let mut points = g.clone();
            change(&mut points);
            run(plan, &rows, &points)
        };
        assert!(with(&|_| ()).is_some());
        assert_eq!(with(&|g| g[60] = Affine::identity()), None, "the identity");
        // columns 0 and 1 of a group are added to 2 and 3 first
        assert_eq!(with(&|g| g[60] = g[62]), None, "equal points of a group");
        assert_eq!(with(&|g| g[60] = -g[62]), None, "opposite points of a group");
        assert_eq!(with(&|g| g.copy_within(0..4, 4)), None, "a sum and an equal entry");
        assert_eq!(with(&|g| (0..4).for_each(|j| g[4 + j] = -g[j])), None, "a sum and an opposite entry");
    }
}
