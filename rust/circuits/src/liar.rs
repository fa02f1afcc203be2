//! Lies, for tests only: feature `liar`, in no default build and in no wheel.
//!
//! A check is worth something when a prover who violates exactly that check, and is honest towards all others, is refused,
//! and is accepted by a verifier without it. Crude lies cannot show this: they disturb every challenge and are refused for
//! another reason. So this module lends three things to tests, each for the length of a closure on the current thread:
//!
//! - [`lying`]: a [`Liar`] bends what the prover commits to and what it answers;
//! - [`without`]: some checks are left out, on both sides;
//! - [`programmed`]: challenges come from a tape instead of the sponge, as the simulator of the zero-knowledge argument
//!   wants them.
//!
//! The hooks call the functions at the end. Without the feature they do not exist.

use crate::{
    curve::{Affine, Scalar},
    pads::Form,
    relations::{Context, witness::Witness},
    side::{Question, Sum},
};
use ark_ff::Zero;
use num_bigint::BigInt;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};

/// A prover's bad intentions. Every method is honest until it is overridden.
pub trait Liar {
    /// Before the pads are committed to.
    fn pads(&mut self, _pads: &mut [Scalar], _triples: &[[usize; 3]]) {}
    /// Before Y is committed to.
    fn projection(&mut self, _y: &mut [i64]) {}
    /// Before the bits are committed to.
    fn bits(&mut self, _bits: &mut [Scalar], _context: &Context<'_>) {}
    /// A challenge was drawn.
    fn challenge(&mut self, _challenge: Scalar) {}
    /// A sumcheck begins.
    fn begin(&mut self, _sum: &Sum<'_>) {}
    /// What is sent, before it is masked.
    fn answer(&mut self, question: Question<'_>, witness: &Witness<'_>) -> Scalar {
        witness.answer(question)
    }
    /// A variable of the running sumcheck is bound.
    fn bind(&mut self, _challenge: Scalar) {}
    /// After the relations: the form that the opened row must equal, and what it equals.
    fn opening(&mut self, _pads: &mut [Scalar], _value: &Form, _opened: Scalar) {}
    /// Before X_s, X_v, T_1, T_0 are sent.
    fn masks(&mut self, honest: [Affine; 4]) -> [Affine; 4] {
        honest
    }
}

/// A check that can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// An opening claim, by its power of gamma.
    Claim(usize),
    /// A linear constraint, by its power of mu.
    Zero(usize),
    /// A check that refuses under this name.
    Named(&'static str),
}

thread_local! {
    static LIAR: RefCell<Option<Box<dyn Liar>>> = const { RefCell::new(None) };
    static LEFT_OUT: RefCell<Vec<Check>> = const { RefCell::new(Vec::new()) };
    static TAPE: RefCell<Option<VecDeque<Scalar>>> = const { RefCell::new(None) };
    static LIES: Cell<bool> = const { Cell::new(false) };
}

/// Runs `f` with a prover that lies.
pub fn lying<T>(liar: impl Liar + 'static, f: impl FnOnce() -> T) -> T {
    LIAR.set(Some(Box::new(liar)));
    LIES.set(true);
    let out = f();
    LIAR.set(None);
    LIES.set(false);
    out
}

/// Runs `f` without these checks.
pub fn without<T>(checks: &[Check], f: impl FnOnce() -> T) -> T {
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

fn ask<T>(honest: T, f: impl FnOnce(&mut dyn Liar) -> T) -> T {
    LIAR.with_borrow_mut(|liar| match liar {
        Some(liar) => f(liar.as_mut()),
        None => honest,
    })
}

pub(crate) fn pads(pads: &mut [Scalar], triples: &[[usize; 3]]) {
    ask((), |liar| liar.pads(pads, triples));
}

pub(crate) fn projection(y: &mut [i64]) {
    ask((), |liar| liar.projection(y));
}

pub(crate) fn bits(bits: &mut [Scalar], context: &Context<'_>) {
    ask((), |liar| liar.bits(bits, context));
}

pub(crate) fn drawn(challenge: Scalar) {
    ask((), |liar| liar.challenge(challenge));
}

pub(crate) fn begin(sum: &Sum<'_>) {
    ask((), |liar| liar.begin(sum));
}

pub(crate) fn bind(challenge: Scalar) {
    ask((), |liar| liar.bind(challenge));
}

pub(crate) fn opening(pads: &mut [Scalar], value: &Form, opened: Scalar) {
    ask((), |liar| liar.opening(pads, value, opened));
}

pub(crate) fn masks(honest: [Affine; 4]) -> [Affine; 4] {
    ask(honest, |liar| liar.masks(honest))
}

pub(crate) fn answer(question: Question<'_>, witness: &Witness<'_>) -> Scalar {
    LIAR.with_borrow_mut(|liar| match liar {
        Some(liar) => liar.answer(question, witness),
        None => witness.answer(question),
    })
}

/// A liar's integers need not fit: the lowest bits are written.
pub(crate) fn clipped(value: BigInt, width: usize) -> BigInt {
    if LIES.get() { value & ((BigInt::from(1) << width) - 1) } else { value }
}

/// Weights of claims or linear constraints in their batch: none for those left out.
pub(crate) fn thinned(check: fn(usize) -> Check, powers: impl Iterator<Item = Scalar>) -> impl Iterator<Item = Scalar> {
    powers.enumerate().map(move |(i, power)| if is_left_out(&check(i)) { Scalar::zero() } else { power })
}

/// Whether this check is left out.
pub(crate) fn is_left_out(check: &Check) -> bool {
    LEFT_OUT.with_borrow(|list| list.contains(check))
}

/// The next challenge of the tape, if there is one.
pub(crate) fn next_challenge(squeezed: Scalar) -> Scalar {
    TAPE.with_borrow_mut(|tape| tape.as_mut().map_or(squeezed, |tape| tape.pop_front().unwrap_or_default()))
}
