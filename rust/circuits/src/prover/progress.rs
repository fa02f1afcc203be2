//! Progress and cancellation: counters that a caller may watch from another thread. The core only counts.

use crate::prover::failure::Failure;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

/// The stages of the road, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// Canonical form and rounding.
    Quantise,
    /// Row commitments.
    Commit,
    /// Sketches of the terms.
    Sketch,
    /// The proof.
    Prove,
}

impl Stage {
    /// The word for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quantise => "quantise",
            Self::Commit => "commit",
            Self::Sketch => "sketch",
            Self::Prove => "prove",
        }
    }
}

/// Where a long job stands.
#[derive(Default)]
pub struct Progress {
    stage: AtomicU8,
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

impl Progress {
    /// A new stage of `total` units begins.
    pub fn begin(&self, stage: Stage, total: u64) {
        self.done.store(0, Relaxed);
        self.total.store(total, Relaxed);
        self.stage.store(stage as u8, Relaxed);
    }

    /// `units` more are done.
    ///
    /// # Errors
    /// [`Failure::Cancelled`] once [`Progress::cancel`] was called.
    pub fn advance(&self, units: u64) -> Result<(), Failure> {
        self.done.fetch_add(units, Relaxed);
        if self.stop.load(Relaxed) { Err(Failure::Cancelled) } else { Ok(()) }
    }

    /// Asks the job to stop at its next step.
    pub fn cancel(&self) {
        self.stop.store(true, Relaxed);
    }

    /// Stage, units done, units in all.
    #[must_use]
    pub fn now(&self) -> (Stage, u64, u64) {
        let stage = match self.stage.load(Relaxed) {
            0 => Stage::Quantise,
            1 => Stage::Commit,
            2 => Stage::Sketch,
            _ => Stage::Prove,
        };
        (stage, self.done.load(Relaxed), self.total.load(Relaxed))
    }
}
