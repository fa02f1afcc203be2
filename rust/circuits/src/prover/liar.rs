//! Lies, for tests only: feature `liar`, in no default build and in no wheel.
//!
//! A check is worth something when a prover who violates exactly that check, and is honest towards all others, is refused,
//! and is accepted by a verifier without it. Crude lies cannot show this: they disturb every challenge and are refused for
//! another reason. So a [`Liar`] bends what the prover commits to and what it answers, for the length of a closure on the
//! current thread ([`lying`]), while [`crate::switches`] leave out checks.

use crate::{
    curve::{Affine, Scalar},
    instance::Instance,
    pads::Form,
    prover::witness::Witness,
    side::{Question, Sum},
};
use num_bigint::BigInt;
use std::cell::{Cell, RefCell};

/// A prover's bad intentions. Every method is honest until it is overridden.
pub trait Liar {
    /// Before the pads are committed to.
    fn pads(&mut self, _pads: &mut [Scalar], _triples: &[[usize; 3]]) {}
    /// Before Y is committed to.
    fn projection(&mut self, _y: &mut [i64]) {}
    /// Before the bits are committed to.
    fn bits(&mut self, _bits: &mut [Scalar], _context: &Instance<'_>) {}
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

thread_local! {
    static LIAR: RefCell<Option<Box<dyn Liar>>> = const { RefCell::new(None) };
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

fn ask<T>(honest: T, f: impl FnOnce(&mut dyn Liar) -> T) -> T {
    LIAR.with_borrow_mut(|liar| match liar {
        Some(liar) => f(liar.as_mut()),
        None => honest,
    })
}

/// What the prover calls ([`crate::prover::hooks`]).
pub(super) mod hooks {
    use super::{Affine, BigInt, Form, Instance, LIAR, LIES, Question, Scalar, Sum, Witness, ask};
    use crate::poly::dot;

    pub fn pads(pads: &mut [Scalar], triples: &[[usize; 3]]) {
        ask((), |liar| liar.pads(pads, triples));
    }

    pub fn projection(y: &mut [i64]) {
        ask((), |liar| liar.projection(y));
    }

    pub fn bits(bits: &mut [Scalar], instance: &Instance<'_>) {
        ask((), |liar| liar.bits(bits, instance));
    }

    pub fn drawn(challenge: Scalar) {
        ask((), |liar| liar.challenge(challenge));
    }

    pub fn begin(sum: &Sum<'_>) {
        ask((), |liar| liar.begin(sum));
    }

    pub fn bind(challenge: Scalar) {
        ask((), |liar| liar.bind(challenge));
    }

    pub fn opening(pads: &mut [Scalar], value: &Form, row: &[Scalar], eq: &[Scalar]) {
        ask((), |liar| liar.opening(pads, value, dot(row, eq)));
    }

    pub fn masks(honest: [Affine; 4]) -> [Affine; 4] {
        ask(honest, |liar| liar.masks(honest))
    }

    pub fn answer(question: Question<'_>, witness: &Witness<'_>) -> Scalar {
        LIAR.with_borrow_mut(|liar| match liar {
            Some(liar) => liar.answer(question, witness),
            None => witness.answer(question),
        })
    }

    /// A liar's integers need not fit: the lowest bits are written.
    pub fn clipped(value: BigInt, width: usize) -> BigInt {
        if LIES.get() { value & ((BigInt::from(1) << width) - 1) } else { value }
    }
}
