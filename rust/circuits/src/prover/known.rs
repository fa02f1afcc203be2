//! What an owner knows beside the weights: the integers behind a statement of any kind.

use crate::prover::{drift::Measured, fingerprint::Rounded, nearness::Compared};

/// The integers behind a statement.
#[derive(Clone, Copy)]
pub enum Known<'a> {
    /// Those behind a fingerprint.
    Fingerprint(&'a Rounded),
    /// Those behind an answer of nearness.
    Nearness(&'a Compared),
    /// Those behind a statement of drift.
    Drift(&'a Measured),
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

impl<'a> From<&'a Measured> for Known<'a> {
    fn from(measured: &'a Measured) -> Self {
        Self::Drift(measured)
    }
}

impl<'a> Known<'a> {
    /// Those behind a fingerprint, if it is one.
    #[must_use]
    pub const fn rounded(&self) -> Option<&'a Rounded> {
        match self {
            Self::Fingerprint(rounded) => Some(rounded),
            Self::Nearness(_) | Self::Drift(_) => None,
        }
    }

    /// Those behind an answer of nearness, if it is one.
    #[must_use]
    pub const fn compared(&self) -> Option<&'a Compared> {
        match self {
            Self::Nearness(compared) => Some(compared),
            Self::Fingerprint(_) | Self::Drift(_) => None,
        }
    }

    /// Those behind a statement of drift, if it is one.
    #[must_use]
    pub const fn measured(&self) -> Option<&'a Measured> {
        match self {
            Self::Drift(measured) => Some(measured),
            Self::Fingerprint(_) | Self::Nearness(_) => None,
        }
    }

    /// Rounded sketches, term after term, draw after draw.
    #[must_use]
    pub fn q(&self) -> &'a [i64] {
        match self {
            Self::Fingerprint(rounded) => &rounded.q,
            Self::Nearness(compared) => &compared.q,
            Self::Drift(_) => &[],
        }
    }
}
