//! Switches for tests: checks that are left out, on both sides, and challenges from a tape instead of the sponge, as the
//! simulator of the zero-knowledge argument wants them. Without the feature `liar` there is nothing to switch: every check
//! counts and every challenge is the sponge's.

use crate::{curve::Scalar, poly::powers};

/// A check that can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// An opening claim, by its power of gamma.
    Claim(usize),
    /// A linear constraint, by its power of mu.
    Zero(usize),
    /// A check that refuses under this name.
    Named(&'static str),
    /// That the powers of rho run on through all draws and layers: they begin anew after so many terms.
    Power(usize),
}

/// Weights of claims or linear constraints in their batch: 0 for those left out.
pub(crate) fn thinned(check: fn(usize) -> Check, powers: impl Iterator<Item = Scalar>) -> impl Iterator<Item = Scalar> {
    powers.enumerate().map(move |(i, power)| if is_left_out(&check(i)) { Scalar::default() } else { power })
}

/// Powers of rho, one for each term of each draw.
pub(crate) fn running(rho: Scalar, terms: usize) -> Vec<Scalar> {
    let period = (1..terms).find(|&period| is_left_out(&Check::Power(period))).unwrap_or(terms);
    let one: Vec<Scalar> = powers(rho).take(period).collect();
    one.into_iter().cycle().take(terms).collect()
}

#[cfg(not(feature = "liar"))]
mod state {
    use super::{Check, Scalar};

    /// Whether this check is left out.
    pub(crate) const fn is_left_out(_: &Check) -> bool {
        false
    }

    /// The next challenge.
    pub(crate) const fn next_challenge(squeezed: Scalar) -> Scalar {
        squeezed
    }
}

#[cfg(feature = "liar")]
mod state {
    use super::{Check, Scalar};
    use std::{cell::RefCell, collections::VecDeque};

    thread_local! {
        static LEFT_OUT: RefCell<Vec<Check>> = const { RefCell::new(Vec::new()) };
        static TAPE: RefCell<Option<VecDeque<Scalar>>> = const { RefCell::new(None) };
    }

    /// Runs `f` without these checks.
    pub fn leaving_out<T>(checks: &[Check], f: impl FnOnce() -> T) -> T {
        LEFT_OUT.set(checks.to_vec());
        let out = f();
        LEFT_OUT.set(Vec::new());
        out
    }

    /// Runs `f` with these challenges. Drawing more of them is refused as "zero challenge".
    pub fn programmed<T>(tape: &[Scalar], f: impl FnOnce() -> T) -> T {
        TAPE.set(Some(tape.iter().copied().collect()));
        let out = f();
        TAPE.set(None);
        out
    }

    pub(crate) fn is_left_out(check: &Check) -> bool {
        LEFT_OUT.with_borrow(|list| list.contains(check))
    }

    pub(crate) fn next_challenge(squeezed: Scalar) -> Scalar {
        TAPE.with_borrow_mut(|tape| tape.as_mut().map_or(squeezed, |tape| tape.pop_front().unwrap_or_default()))
    }
}

pub(crate) use state::{is_left_out, next_challenge};
#[cfg(feature = "liar")]
pub use state::{leaving_out, programmed};
