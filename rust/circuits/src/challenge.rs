//! What the public matrices P, Q and R are drawn from: the labels of the profile, or those of a challenge and its seed.
//!
//! A fingerprint's matrices are known before a model is committed to, so weights can be fitted to them. The matrices of a
//! challenge follow from the commitments that it names and from a beacon younger than both (proofs/spec/challenge.md).

use crate::profile::{Labels, Profile};

/// The seed of the challenge that a statement answers; `None` for the fingerprint itself.
pub type Challenge = Option<[u8; 32]>;

/// The labels of a statement.
#[must_use]
pub const fn labels<'a>(profile: &'a Profile, challenge: &Challenge) -> &'a Labels {
    if challenge.is_some() { &profile.challenge } else { &profile.fingerprint }
}

/// What follows a label: the seed, or nothing.
#[must_use]
pub fn seed(challenge: &Challenge) -> &[u8] {
    challenge.as_ref().map_or(&[], |seed| seed.as_slice())
}
