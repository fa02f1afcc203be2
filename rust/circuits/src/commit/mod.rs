//! Commitments and their openings.

pub mod generators;
pub mod ipa;
pub mod open;
pub mod sigma;
