//! What an owner knows beside the weights: the integers behind a statement of either kind.

use crate::prover::{fingerprint::Rounded, nearness::Compared};

/// The integers behind a statement.
#[derive(Clone, Copy)]
pub enum Known<'a> {
    /// Those behind a fingerprint.
    Fingerprint(&'a Rounded),
    /// Those behind an answer of nearness.
    Nearness(&'a Compared),
}

impl<'a> From<&'a Rounded> for Known<'a> {
    fn from(rounded: &'a Rounded) -> Self {
        Self::Fingerprint(rounded)
    }
}

impl<'a> From<&'a Compared> for Known<'a> {
    fn from(compared: &'a Compared) -> Self {
        Self::Nearness(compared)
    }
}

impl Known<'_> {
    /// Those behind a fingerprint, if it is one.
    #[must_use]
    pub const fn rounded(&self) -> Option<&Rounded> {
        match self {
            Self::Fingerprint(rounded) => Some(rounded),
            Self::Nearness(_) => None,
        }
    }

    /// Those behind an answer of nearness, if it is one.
    #[must_use]
    pub const fn compared(&self) -> Option<&Compared> {
        match self {
            Self::Nearness(compared) => Some(compared),
            Self::Fingerprint(_) => None,
        }
    }

    /// Rounded sketches, term after term, draw after draw.
    #[must_use]
    pub fn q(&self) -> &[i64] {
        match self {
            Self::Fingerprint(rounded) => &rounded.q,
            Self::Nearness(compared) => &compared.q,
        }
    }
}
