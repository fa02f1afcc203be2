//! Commitments and their openings.

pub mod generators;
pub mod ipa;
pub mod open;
#[cfg(feature = "prover")]
pub mod rows;
pub mod sigma;
