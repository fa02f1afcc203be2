//! Additions of points with AVX-512 IFMA, eight in the lanes of a vector.
//!
//! As [`crate::prover::simd`], the module has `unsafe` for one thing only: calls of functions that are compiled for
//! instructions the machine was found to have. Those functions themselves are safe: no pointers, checked indices.
#![expect(unsafe_code, reason = "calls behind a test of the features they need")]

use super::{
    engine::{Engine, Picks},
    lanes::{Lanes, transposed},
};
use crate::curve::{Affine, Base};
use ark_ff::Zero;
use core::arch::x86_64::{__m512i, _mm512_setzero_si512};

/// Vectors of products that are multiplied in turn, so that one need not wait for another.
const CHAINS: usize = 4;

/// Eight points, none of them the identity; coordinates are reduced.
#[derive(Clone, Copy)]
pub(super) struct Octet {
    x: Lanes,
    y: Lanes,
}

/// The engine of a machine that has the instructions: the first one comes from [`Ifma::detect`], all others from it.
pub(super) struct Ifma {
    /// Denominator and product of those before it.
    scratch: Vec<[Lanes; 2]>,
}

impl Ifma {
    /// If the machine has the instructions.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma"))
            .then(|| Self { scratch: Vec::new() })
    }
}

/// `points[i] += others` or `points[i] *= 2` for all i with one inversion: the third point on the line through two points, or
/// on a tangent. False, and nothing done, if a denominator is 0.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn lines<const TANGENT: bool>(
    points: &mut [Octet],
    scratch: &mut Vec<[Lanes; 2]>,
    denominator: impl Fn(usize, &Octet) -> Lanes,
    numerator: impl Fn(usize, &Octet) -> Lanes,
) -> bool {
    let one = Lanes::one();
    scratch.resize(points.len().max(scratch.len()), [one; 2]);
    let mut chains = [one; CHAINS];
    for (k, group) in points.chunks(CHAINS).enumerate() {
        for (c, point) in group.iter().enumerate() {
            let d = denominator(k * CHAINS + c, point);
            let [denominator, before] = &mut scratch[k * CHAINS + c];
            (*denominator, *before) = (d, chains[c]);
            chains[c] = chains[c].times(d);
        }
    }
    let mut products = [Base::zero(); 8 * CHAINS];
    for (chain, out) in chains.iter().zip(products.chunks_mut(8)) {
        out.copy_from_slice(&chain.unpack());
    }
    if products.iter().any(Base::is_zero) {
        return false;
    }
    ark_ff::batch_inversion(&mut products);
    let mut inverses = chains;
    for (inverse, product) in inverses.iter_mut().zip(products.as_chunks::<8>().0) {
        *inverse = Lanes::pack(*product);
    }
    let (mut slopes, mut xs) = ([one; CHAINS], [one; CHAINS]);
    let mut groups = points.chunks_mut(CHAINS).enumerate();
    while let Some((k, group)) = groups.next_back() {
        let scratch = &scratch[k * CHAINS..][..group.len()];
        for (c, [d, before]) in scratch.iter().enumerate() {
            slopes[c] = inverses[c].times(*before);
            inverses[c] = inverses[c].times(*d);
        }
        for (c, point) in group.iter().enumerate() {
            slopes[c] = slopes[c].times(numerator(k * CHAINS + c, point));
        }
        for (c, point) in group.iter().enumerate() {
            let apart = if TANGENT { Lanes::zero() } else { scratch[c][0] };
            xs[c] = slopes[c].squared_minus(point.x, apart);
        }
        for (c, point) in group.iter_mut().enumerate() {
            let y = slopes[c].times_minus(point.x.minus(xs[c]), point.y);
            *point = Octet { x: xs[c], y };
        }
    }
    true
}

/// Words 0 to 3 of the picked entries are x, 4 to 7 y.
#[inline]
#[target_feature(enable = "avx512f")]
fn pick(table: &[__m512i], at: &[u32; 8]) -> [__m512i; 8] {
    let mut rows = [_mm512_setzero_si512(); 8];
    for lane in 0..8 {
        rows[lane] = table[at[lane] as usize];
    }
    transposed(rows)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn x([a, b, c, d, ..]: [__m512i; 8]) -> Lanes {
    Lanes::from_words([a, b, c, d])
}

#[inline]
#[target_feature(enable = "avx512f")]
fn y([.., a, b, c, d]: [__m512i; 8]) -> Lanes {
    Lanes::from_words([a, b, c, d])
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn double(points: &mut [Octet], scratch: &mut Vec<[Lanes; 2]>) -> bool {
    lines::<true>(points, scratch, |_, p| p.y.doubled(), |_, p| p.x.squared().tripled())
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn add(points: &mut [Octet], others: &[Octet], scratch: &mut Vec<[Lanes; 2]>) -> bool {
    let count = others.len();
    lines::<false>(points, scratch, |i, p| others[i % count].x.minus(p.x), |i, p| others[i % count].y.minus(p.y))
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn add_picks(points: &mut [Octet], table: &[__m512i], picks: &[Picks], scratch: &mut Vec<[Lanes; 2]>) -> bool {
    lines::<false>(
        points,
        scratch,
        |i, p| x(pick(table, &picks[i].at)).minus(p.x),
        |i, p| y(pick(table, &picks[i].at)).signed_minus(picks[i].negative, p.y),
    )
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn first_picks(table: &[__m512i], picks: &[Picks], out: &mut Vec<Octet>) {
    out.extend(picks.iter().map(|picks| {
        let words = pick(table, &picks.at);
        Octet { x: x(words), y: y(words).signed(picks.negative) }
    }));
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn entries(octet: &Octet) -> [__m512i; 8] {
    let ([a, b, c, d], [e, f, g, h]) = (octet.x.words(), octet.y.words());
    transposed([a, b, c, d, e, f, g, h])
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn pack(points: &[Affine; 8]) -> Octet {
    Octet { x: Lanes::pack(points.map(|p| p.x)), y: Lanes::pack(points.map(|p| p.y)) }
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn unpack(octet: &Octet) -> [Affine; 8] {
    let (x, y) = (octet.x.unpack(), octet.y.unpack());
    core::array::from_fn(|i| Affine::new_unchecked(x[i], y[i]))
}

// SAFETY, for every block below: a value of `Ifma` exists only where the machine has both features.
impl Engine for Ifma {
    const FEW: usize = 16;
    type Octet = Octet;
    /// x, then y, four words each.
    type Entry = __m512i;

    fn fresh(&self) -> Self {
        Self { scratch: Vec::new() }
    }

    fn pack(&self, points: &[Affine; 8]) -> Octet {
        unsafe { pack(points) }
    }

    fn unpack(&self, octet: &Octet) -> [Affine; 8] {
        unsafe { unpack(octet) }
    }

    fn entries(&self, octet: &Octet) -> [__m512i; 8] {
        unsafe { entries(octet) }
    }

    fn first(&self, table: &[__m512i], picks: &[Picks], out: &mut Vec<Octet>) {
        unsafe { first_picks(table, picks, out) }
    }

    fn double_block(&mut self, points: &mut [Octet]) -> bool {
        unsafe { double(points, &mut self.scratch) }
    }

    fn add_block(&mut self, points: &mut [Octet], others: &[Octet]) -> bool {
        unsafe { add(points, others, &mut self.scratch) }
    }

    fn add_picks_block(&mut self, points: &mut [Octet], table: &[__m512i], picks: &[Picks]) -> bool {
        unsafe { add_picks(points, table, picks, &mut self.scratch) }
    }
}
