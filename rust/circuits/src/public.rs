//! All kinds of statements, where it does not matter which one it is.

use crate::{
    context::Context,
    curve::Affine,
    draw::Draw,
    drift::{self, Drift},
    nearness::{self, Nearness},
    profile::Profile,
    statement::{Shape, Statement},
};
use std::slice;

/// A statement of any kind.
#[derive(Clone, Copy, Debug)]
pub enum Public<'a> {
    /// Vectors are the fingerprint of committed weights.
    Fingerprint(&'a Statement),
    /// Committed weights come as near as this to published vectors.
    Nearness(&'a Nearness),
    /// Committed weights are no further than this from others.
    Drift(&'a Drift),
}

impl<'a> From<&'a Statement> for Public<'a> {
    fn from(statement: &'a Statement) -> Self {
        Self::Fingerprint(statement)
    }
}

impl<'a> From<&'a Nearness> for Public<'a> {
    fn from(nearness: &'a Nearness) -> Self {
        Self::Nearness(nearness)
    }
}

impl<'a> From<&'a Drift> for Public<'a> {
    fn from(drift: &'a Drift) -> Self {
        Self::Drift(drift)
    }
}

impl<'a> Public<'a> {
    /// The rules.
    #[must_use]
    pub const fn profile(self) -> &'static Profile {
        match self {
            Self::Fingerprint(statement) => statement.profile,
            Self::Nearness(nearness) => nearness.profile,
            Self::Drift(drift) => drift.profile,
        }
    }

    /// The circuit.
    #[must_use]
    pub const fn shape(self) -> &'a Shape {
        match self {
            Self::Fingerprint(statement) => &statement.shape,
            Self::Nearness(nearness) => &nearness.shape,
            Self::Drift(drift) => &drift.shape,
        }
    }

    /// Row commitments to the weights of one model or two, in order.
    pub fn commitment(self) -> &'a [Affine] {
        match self {
            Self::Fingerprint(statement) => &statement.commitment,
            Self::Nearness(nearness) => &nearness.commitment,
            Self::Drift(drift) => &drift.commitment,
        }
    }

    /// The statement, if it is one of drift.
    #[must_use]
    pub const fn drift(self) -> Option<&'a Drift> {
        match self {
            Self::Drift(drift) => Some(drift),
            Self::Fingerprint(_) | Self::Nearness(_) => None,
        }
    }

    /// How many models are committed to, one after the other.
    #[must_use]
    pub fn models(self) -> usize {
        match self {
            Self::Fingerprint(_) | Self::Nearness(_) => 1,
            Self::Drift(drift) => drift.models(),
        }
    }

    /// What P, Q and R come from, if there are any.
    #[must_use]
    pub fn draws(self) -> &'a [Draw] {
        match self {
            Self::Fingerprint(statement) => &statement.draws,
            Self::Nearness(nearness) => slice::from_ref(&nearness.draw),
            Self::Drift(_) => &[],
        }
    }

    /// Whom the proof is for.
    #[must_use]
    pub const fn context(self) -> &'a Context {
        match self {
            Self::Fingerprint(statement) => &statement.context,
            Self::Nearness(nearness) => &nearness.context,
            Self::Drift(drift) => &drift.context,
        }
    }

    /// The transcript's protocol.
    #[must_use]
    pub const fn protocol(self) -> &'static str {
        match self {
            Self::Fingerprint(statement) => statement.profile.protocol,
            Self::Nearness(_) => nearness::PROTOCOL,
            Self::Drift(_) => drift::PROTOCOL,
        }
    }
}
