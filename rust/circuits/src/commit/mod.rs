//! Commitments and their openings.

pub mod generators;
pub mod ipa;
pub mod open;
#[cfg(feature = "prover")]
//ROWS pub mod rows;
pub mod sigma;
