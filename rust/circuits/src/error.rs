//! A verifier's refusal: it names the failing check and never carries a secret.

use crate::switches::{Check, is_left_out};
use thiserror::Error;

/// Why a statement or a proof was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    /// The bytes are not the canonical encoding of anything.
    #[error("malformed {what}: expected {expected}, got {got}")]
    Malformed {
        /// The part of statement or proof.
        what: &'static str,
        /// What the format demands.
        expected: String,
        /// What stood there.
        got: String,
    },
    /// A shape that no statement of this profile can have, or whose bounds reach p/2.
    #[error("shape: {0}")]
    Shape(&'static str),
    /// A public output outside its range.
    #[error("public outputs: {0}")]
    Public(&'static str),
    /// An equation does not hold.
    #[error("check failed: {0}")]
    Check(&'static str),
}

impl Rejected {
    /// Stable name of the check that refused.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Malformed { what, .. } => what,
            Self::Shape(_) => "shape",
            Self::Public(what) | Self::Check(what) => what,
        }
    }
}

/// The refusal, unless `ok`.
pub(crate) fn ensure(ok: bool, refusal: Rejected) -> Result<(), Rejected> {
    if ok || is_left_out(&Check::Named(refusal.check())) { Ok(()) } else { Err(refusal) }
}
