//! Additions of points in the lanes of vectors, eight at a time: with AVX-512 IFMA, or with AVX2 and fused multiply-adds.
//!
//! As [`crate::prover::simd`], the module has `unsafe` for one thing only: calls of functions that are compiled for
//! instructions the machine was found to have. Those functions themselves are safe: no pointers, checked indices.
#![expect(unsafe_code, reason = "calls behind a test of the features they need")]

mod avx2;
mod ifma;
#[cfg(test)]
mod tests;

/// Vectors of products that are multiplied in turn, so that one need not wait for another.
const CHAINS: usize = 4;

/// The engine over a module's arithmetic (`Base`, `Lanes`, `Entry`, `pick_x`, `pick_y`, `entries`): functions that are compiled for certain
/// features cannot be those of a trait.
macro_rules! engine {
    ($engine:ident, $features:literal, [$($feature:tt),+], $few:literal) => {
        use super::super::engine::{Engine, Picks};
        use super::CHAINS;
        use crate::curve::Affine;
        use ark_ff::Zero;

        /// Eight points, none of them the identity; coordinates are reduced.
        #[derive(Clone, Copy)]
        pub(in super::super) struct Octet {
            x: Lanes,
            y: Lanes,
        }

        /// The engine of a machine that has the instructions: the first one comes from `detect`, all others from it.
        pub(in super::super) struct $engine {
            /// Denominator and product of those before it.
            scratch: Vec<[Lanes; 2]>,
        }

        impl $engine {
            /// If the machine has the instructions.
            pub fn detect() -> Option<Self> {
                (true $(&& is_x86_feature_detected!($feature))+).then(|| Self { scratch: Vec::new() })
            }
        }

        /// `points[i] += others` or `points[i] *= 2` for all i with one inversion: the third point on the line through two points, or
        /// on a tangent. False, and nothing done, if a denominator is 0.
        #[target_feature(enable = $features)]
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

        #[target_feature(enable = $features)]
        fn double(points: &mut [Octet], scratch: &mut Vec<[Lanes; 2]>) -> bool {
            lines::<true>(points, scratch, |_, p| p.y.doubled(), |_, p| p.x.squared().tripled())
        }

        #[target_feature(enable = $features)]
        fn add(points: &mut [Octet], others: &[Octet], scratch: &mut Vec<[Lanes; 2]>) -> bool {
            let count = others.len();
            lines::<false>(points, scratch, |i, p| others[i % count].x.minus(p.x), |i, p| others[i % count].y.minus(p.y))
        }

        #[target_feature(enable = $features)]
        fn add_picks(points: &mut [Octet], table: &[Entry], picks: &[Picks], scratch: &mut Vec<[Lanes; 2]>) -> bool {
            lines::<false>(
                points,
                scratch,
                |i, p| pick_x(table, &picks[i].at).minus(p.x),
                |i, p| pick_y(table, &picks[i].at).signed_minus(picks[i].negative, p.y),
            )
        }

        #[target_feature(enable = $features)]
        fn first_picks(table: &[Entry], picks: &[Picks], out: &mut Vec<Octet>) {
            out.extend(picks.iter().map(|picks| Octet {
                x: pick_x(table, &picks.at).signed(0),
                y: pick_y(table, &picks.at).signed(picks.negative),
            }));
        }

        #[target_feature(enable = $features)]
        fn pack(points: &[Affine; 8]) -> Octet {
            Octet { x: Lanes::pack(points.map(|p| p.x)), y: Lanes::pack(points.map(|p| p.y)) }
        }

        #[target_feature(enable = $features)]
        fn unpack(octet: &Octet) -> [Affine; 8] {
            let (x, y) = (octet.x.unpack(), octet.y.unpack());
            core::array::from_fn(|i| Affine::new_unchecked(x[i], y[i]))
        }

        // SAFETY, for every block below: a value of the engine exists only where the machine has the features.
        impl Engine for $engine {
            const FEW: usize = $few;
            type Octet = Octet;
            type Entry = Entry;

            fn fresh(&self) -> Self {
                Self { scratch: Vec::new() }
            }

            fn pack(&self, points: &[Affine; 8]) -> Octet {
                unsafe { pack(points) }
            }

            fn unpack(&self, octet: &Octet) -> [Affine; 8] {
                unsafe { unpack(octet) }
            }

            fn entries(&self, octet: &Octet) -> [Entry; 8] {
                unsafe { entries(octet.x, octet.y) }
            }

            fn first(&self, table: &[Entry], picks: &[Picks], out: &mut Vec<Octet>) {
                unsafe { first_picks(table, picks, out) }
            }

            fn double_block(&mut self, points: &mut [Octet]) -> bool {
                unsafe { double(points, &mut self.scratch) }
            }

            fn add_block(&mut self, points: &mut [Octet], others: &[Octet]) -> bool {
                unsafe { add(points, others, &mut self.scratch) }
            }

            fn add_picks_block(&mut self, points: &mut [Octet], table: &[Entry], picks: &[Picks]) -> bool {
                unsafe { add_picks(points, table, picks, &mut self.scratch) }
            }
        }
    };
}
use engine;

pub(super) use avx2::Avx2;
pub(super) use ifma::Ifma;
