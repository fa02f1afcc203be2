//! What holds between the committed values, one relation a file: it states the relation and runs it on either side.

pub mod activations;
pub mod bits;
pub mod drift;
pub mod encode;
pub mod nearness;
pub mod range;
pub mod terms;

use crate::{
    claims::Claims,
    commit::open::{FinalClaim, open},
    curve::Scalar,
    error::{Rejected, ensure},
    instance::Instance,
    pads::{Ledger, Sent},
    public::Public,
    side::{Question, Side, Sum},
};
use range::Ternaries;

/// Runs all relations and leaves one final claim (proofs/spec/relations.md).
///
/// # Errors
/// Prover: cancelled. Verifier: the proof ends early, a value is not canonical, or a challenge is 0.
pub fn run<S: Side>(side: &mut S, instance: &Instance<'_>, ternary: Ternaries) -> Result<FinalClaim, S::Error> {
    let mut claims = Claims::default();
    match instance.public {
        Public::Fingerprint(statement) => {
            terms::check(side, instance, &mut claims)?;
            bits::check(side, instance, &mut claims)?;
            encode::check(side, instance, statement, &mut claims)?;
            range::check(side, instance, &mut claims, ternary)?;
            range::norm(side, instance, &mut claims)?;
        }
        Public::Nearness(statement) => {
            terms::check(side, instance, &mut claims)?;
            bits::check(side, instance, &mut claims)?;
            nearness::check(side, instance, statement, &mut claims)?;
            range::check(side, instance, &mut claims, ternary)?;
            range::norm(side, instance, &mut claims)?;
        }
        Public::Drift(statement) => {
            bits::check(side, instance, &mut claims)?;
            range::check(side, instance, &mut claims, ternary)?;
            drift::check(side, instance, statement, &mut claims)?;
        }
    }
    open(side, instance, &claims)
}

/// Pads, and products of pads, in the order in which [`run`] uses them: nothing but the statement determines them. The prover
/// needs them before it runs; the verifier knows from them how long a proof is.
///
/// # Errors
/// "more pads than generators": these could not be committed to.
pub fn pads(instance: &Instance<'_>) -> Result<Ledger, Rejected> {
    let mut counter = Counter { ledger: Ledger::default(), generators: instance.profile().n() };
    run(&mut counter, instance, Ternaries::default())?;
    counter.within_bounds()?;
    Ok(counter.ledger)
}

/// A side of the conversation without the other: every answer is 0, and only the ledger counts.
struct Counter {
    ledger: Ledger,
    generators: usize,
}

impl Counter {
    fn within_bounds(&self) -> Result<(), Rejected> {
        ensure(self.ledger.used <= self.generators, Rejected::Check("more pads than generators"))
    }
}

impl Side for Counter {
    type Error = Rejected;

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn challenge(&mut self) -> Result<Scalar, Rejected> {
        Ok(Scalar::from(1_u64))
    }

    fn secret(&mut self, _: Question<'_>) -> Result<Sent, Rejected> {
        self.within_bounds()?;
        Ok(Sent { masked: Scalar::default(), pad: self.ledger.next() })
    }

    fn begin(&mut self, _: Sum<'_>) -> Result<(), Rejected> {
        Ok(())
    }

    fn bind(&mut self, _: Scalar) {}

    fn public<T: Default>(&self, _: impl FnOnce() -> Result<T, Rejected>) -> Result<T, Rejected> {
        Ok(T::default())
    }
}
