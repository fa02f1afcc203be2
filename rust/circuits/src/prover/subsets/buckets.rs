//! One sum of multiples by whole scalars: digits and buckets (Pippenger's method), all buckets side by side.
//!
//! A scalar is cut into digits with signs; each window, that is each place of a digit, has a bucket for every absolute value. The
//! buckets of many windows fill the lanes: in step t each takes its t-th point, those with the most points standing first, so
//! that the ones still at it are a prefix. Then runs of [`RUN`] buckets are weighted side by side.
//!
//! No sum begins with the identity. A bucket without a point, which random scalars hardly ever leave, and points that meet are
//! for [`crate::multiply::msm`].

use super::engine::{Engine, Picks};
use crate::curve::{Affine, Projective, Scalar};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField};
use rayon::prelude::*;
use std::cmp::Reverse;
use zeroize::Zeroizing;

/// Buckets of one run: all windows have multiples of it.
const RUN: usize = 16;
/// So many points at least, because buckets of fewer are often empty.
pub(super) const FEW: usize = 1024;
/// Steps are as many as the fullest bucket has points: at most so many times as the average.
const LOPSIDED: usize = 8;

/// Where a digit stands in a number. Its values are at least `-2^(width - 1)` and less than that.
#[derive(Clone, Copy)]
struct Window {
    start: usize,
    width: usize,
}

impl Window {
    /// Windows of 256 bits, with thirty-two points or more for each bucket. Sixteen would cost 2 % less, and leave the bucket
    /// of the lowest digit, which no other shares, empty once in some hundred sums.
    fn all(points: usize) -> Vec<Self> {
        let count = 256_usize.div_ceil(points.ilog2() as usize - 4);
        let start = |i: usize| 256 * i / count;
        (0..count).map(|i| Self { start: start(i), width: start(i + 1) - start(i) }).collect()
    }

    const fn buckets(self) -> usize {
        1 << (self.width - 1)
    }

    /// The digit of a number to which half of each digit's range was added.
    const fn digit(self, number: &BigInt<4>) -> isize {
        let (word, shift) = (self.start / 64, self.start % 64);
        let mut bits = number.0[word] >> shift;
        if shift + self.width > 64 {
            bits |= number.0[word + 1] << (64 - shift);
        }
        (bits & ((1 << self.width) - 1)) as isize - self.buckets() as isize
    }
}

/// `sum_j scalars[j] points[j]`. The scalars may be secrets. `None` where a bucket is empty or overfull, or points meet.
pub(super) fn sum<E: Engine>(engine: &E, points: &[Affine], scalars: &[Scalar]) -> Option<Projective> {
    if points.iter().any(AffineRepr::is_zero) {
        return None;
    }
    let windows = Window::all(points.len());
    let mut halves = BigInt::<4>::default();
    windows.iter().for_each(|window| halves.0[(window.start + window.width - 1) / 64] |= half_bit(*window));
    let number = |scalar: &Scalar| {
        let mut number = scalar.into_bigint();
        // the windows hold 2^256 different numbers, so each scalar has one form mod p
        if number.add_with_carry(&halves) {
            number.sub_with_borrow(&Scalar::MODULUS);
        }
        number
    };
    let numbers: Zeroizing<Vec<BigInt<4>>> = Zeroizing::new(scalars.iter().map(number).collect());
    let octet = |points: &[Affine]| engine.pack(&std::array::from_fn(|lane| points[lane.min(points.len() - 1)]));
    let table: Vec<E::Entry> = points.chunks(8).flat_map(|points| engine.entries(&octet(points))).collect();
    let together = windows.len().div_ceil(rayon::current_num_threads());
    let sums: Option<Vec<Vec<Projective>>> = windows
        .par_chunks(together)
        .map(|windows| of_windows(&mut engine.fresh(), &table, &numbers, windows))
        .collect();
    let shifted = |sum: Projective, window: &Window| (0..window.width).fold(sum, |sum, _| sum.double());
    let sums = sums?.concat();
    Some(windows.iter().zip(sums).rev().fold(Projective::ZERO, |total, (window, sum)| shifted(total, window) + sum))
}

/// The bit of half the range of a digit, in its word.
const fn half_bit(window: Window) -> u64 {
    1 << ((window.start + window.width - 1) % 64)
}

/// The sum of the digits of each window, times the points.
fn of_windows<E: Engine>(
    engine: &mut E,
    table: &[E::Entry],
    numbers: &[BigInt<4>],
    windows: &[Window],
) -> Option<Vec<Projective>> {
    let buckets = Buckets::new(numbers, windows);
    let sums = buckets.sums(engine, table)?;
    let (singles, weighted) = runs(engine, &sums)?;
    let (mut singles, mut weighted) = (singles.iter(), weighted.iter());
    let of_window = |window: &Window| {
        let count = window.buckets() / RUN;
        let (mut running, mut total) = (Projective::ZERO, Projective::ZERO);
        let singles: Vec<&Affine> = singles.by_ref().take(count).collect();
        for single in singles[1..].iter().rev() {
            running += *single;
            total += running;
        }
        let shifted = (0..RUN.ilog2()).fold(total, |total, _| total.double());
        weighted.by_ref().take(count).fold(shifted, |sum, run| sum + run)
    };
    Some(windows.iter().map(of_window).collect())
}

/// Which points go into which bucket: window after window, absolute value after absolute value.
struct Buckets {
    /// Where the members of each bucket begin, and the end of the last.
    starts: Vec<usize>,
    /// Twice the place of a point, and 1 more if its opposite is meant.
    members: Zeroizing<Vec<u32>>,
}

impl Buckets {
    fn new(numbers: &[BigInt<4>], windows: &[Window]) -> Self {
        let firsts = windows.iter().scan(0, |next, window| Some(std::mem::replace(next, *next + window.buckets())));
        let windows: Vec<(usize, Window)> = firsts.zip(windows.iter().copied()).collect();
        let each = |f: &mut dyn FnMut(usize, u32)| {
            for &(first, window) in &windows {
                for (number, place) in numbers.iter().zip((0_u32..).step_by(2)) {
                    let digit = window.digit(number);
                    if digit != 0 {
                        f(first + digit.unsigned_abs() - 1, place + u32::from(digit < 0));
                    }
                }
            }
        };
        let count = windows.last().map_or(0, |(first, window)| first + window.buckets());
        let mut starts = vec![0_usize; count + 2];
        each(&mut |bucket, _| starts[bucket + 2] += 1);
        (1..starts.len()).for_each(|i| starts[i] += starts[i - 1]);
        let mut members = Zeroizing::new(vec![0; starts[count + 1]]);
        each(&mut |bucket, member| {
            members[starts[bucket + 1]] = member;
            starts[bucket + 1] += 1;
        });
        starts.pop();
        Self { starts, members }
    }

    fn members(&self, bucket: usize) -> &[u32] {
        &self.members[self.starts[bucket]..self.starts[bucket + 1]]
    }

    /// The sum of each bucket's points.
    fn sums<E: Engine>(&self, engine: &mut E, table: &[E::Entry]) -> Option<Vec<Affine>> {
        let count = self.starts.len() - 1;
        let size = |bucket: &usize| self.members(*bucket).len();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_unstable_by_key(|bucket| Reverse(size(bucket)));
        let [most, fewest] = [size(order.first()?), size(order.last()?)];
        if fewest == 0 || most > LOPSIDED * self.members.len() / count {
            return None;
        }
        // buckets of one size, and the last of them again where an octet lacks some
        let octet = |buckets: &[usize]| -> [usize; 8] { std::array::from_fn(|i| buckets[i.min(buckets.len() - 1)]) };
        let octets: Vec<[usize; 8]> =
            order.chunk_by(|a, b| size(a) == size(b)).flat_map(|alike| alike.chunks(8).map(octet)).collect();
        let (mut sums, mut picks) =
            (Vec::with_capacity(octets.len()), Zeroizing::new(Vec::with_capacity(octets.len())));
        for step in 0..most {
            let active = octets.partition_point(|octet| size(&octet[0]) > step);
            picks.clear();
            picks.extend(octets[..active].iter().map(|octet| {
                let members = octet.map(|bucket| self.members(bucket)[step]);
                let negative = (0..8).fold(0, |bits, i| bits | ((members[i] & 1) as u8) << i);
                Picks { at: members.map(|member| member >> 1), negative }
            }));
            if step == 0 {
                engine.first(table, &picks, &mut sums);
            } else if !engine.add_picks(&mut sums[..active], table, &picks) {
                return None;
            }
        }
        let mut out = vec![Affine::identity(); count];
        for (octet, sums) in octets.iter().zip(&sums) {
            octet.iter().zip(engine.unpack(sums)).for_each(|(&bucket, sum)| out[bucket] = sum);
        }
        Some(out)
    }
}

/// Of each run of buckets `B_1, B_2, ..`: `sum_i B_i` and `sum_i i B_i`.
fn runs<E: Engine>(engine: &mut E, buckets: &[Affine]) -> Option<(Vec<Affine>, Vec<Affine>)> {
    let count = buckets.len() / RUN;
    let column = |engine: &E, i: usize| -> Vec<E::Octet> {
        let octet = |first: usize| std::array::from_fn(|lane| buckets[(first + lane).min(count - 1) * RUN + i]);
        (0..count).step_by(8).map(|first| engine.pack(&octet(first))).collect()
    };
    let mut running = column(engine, RUN - 1);
    let mut total = running.clone();
    for i in (0..RUN - 1).rev() {
        let next = column(engine, i);
        if !(engine.add(&mut running, &next) && engine.add(&mut total, &running)) {
            return None;
        }
    }
    let unpack = |octets: &[E::Octet]| octets.iter().flat_map(|octet| engine.unpack(octet)).take(count).collect();
    Some((unpack(&running), unpack(&total)))
}
