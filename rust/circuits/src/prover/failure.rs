//! The prover's errors. They speak of the owner's own data.

use crate::error::Rejected;
use thiserror::Error;

/// Why a fingerprint, commitment or proof could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The model's weights cannot be used; names matrix and reason.
    #[error("{0}")]
    Weights(String),
    /// The statement itself is not provable.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The random source of the operating system failed.
    #[error("no randomness from the operating system: {0}")]
    Randomness(String),
}
