//! Both kinds of statements, where it does not matter which one it is.

use crate::{
    context::Context,
    curve::Affine,
    draw::Draw,
    nearness::{self, Nearness},
    profile::Profile,
    statement::{Shape, Statement},
};
use std::slice;

/// A statement of either kind.
#[derive(Clone, Copy, Debug)]
pub enum Public<'a> {
    /// Vectors are the fingerprint of committed weights.
    Fingerprint(&'a Statement),
    /// Committed weights come as near as this to published vectors.
    Nearness(&'a Nearness),
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

impl<'a> Public<'a> {
    /// The rules.
    #[must_use]
    pub const fn profile(self) -> &'static Profile {
        match self {
            Self::Fingerprint(statement) => statement.profile,
            Self::Nearness(nearness) => nearness.profile,
        }
    }

    /// The circuit.
    #[must_use]
    pub const fn shape(self) -> &'a Shape {
        match self {
            Self::Fingerprint(statement) => &statement.shape,
            Self::Nearness(nearness) => &nearness.shape,
        }
    }

    /// Row commitments to the weights, in order.
    pub fn commitment(self) -> &'a [Affine] {
        match self {
            Self::Fingerprint(statement) => &statement.commitment,
            Self::Nearness(nearness) => &nearness.commitment,
        }
    }

    /// What P, Q and R come from.
    #[must_use]
    pub fn draws(self) -> &'a [Draw] {
        match self {
            Self::Fingerprint(statement) => &statement.draws,
            Self::Nearness(nearness) => slice::from_ref(&nearness.draw),
        }
    }

    /// Whom the proof is for.
    #[must_use]
    pub const fn context(self) -> &'a Context {
        match self {
            Self::Fingerprint(statement) => &statement.context,
            Self::Nearness(nearness) => &nearness.context,
        }
    }

    /// The transcript's protocol.
    #[must_use]
    pub const fn protocol(self) -> &'static str {
        match self {
            Self::Fingerprint(statement) => statement.profile.protocol,
            Self::Nearness(_) => nearness::PROTOCOL,
        }
    }
}
