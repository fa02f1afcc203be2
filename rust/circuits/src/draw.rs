//! Draws: what the public matrices P, Q and R of a statement come from (proofs/spec/draws.md).
//!
//! The common draw is known before a model is committed to, so weights can be fitted to it. The matrices of an own draw follow
//! from the statement's own commitment, those of a challenge from two commitments and a beacon younger than both. A custom draw
//! has the sketches of the common one, and a network that belongs to no release.

use crate::{
    error::{Rejected, ensure},
    profile::{EncoderKind, Labels, Profile},
};
use sha2::{Digest, Sha256};

/// What is hashed into a seed before anything else: of an own draw, of a challenge. Seeds belong to no profile.
pub const SEED_LABELS: [&str; 2] = ["huref/own-seed/v1", "huref/challenge-seed/v1"];

/// What a statement says of the encoder of a custom draw, before the network's id. It belongs to no profile.
pub const CUSTOM_LABEL: &str = "huref/custom/encoder/cnn";

/// What a commitment is called by.
pub type Id = [u8; 32];

/// One set of P, Q and R.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draw {
    /// The same for every model.
    Common,
    /// That of the statement's own commitment.
    Own {
        /// Empty, or 32 to 64 bytes that nobody knew before.
        beacon: Vec<u8>,
    },
    /// That of two commitments.
    Challenge {
        /// The commitment that is not the statement's own.
        other: Id,
        /// 32 to 64 bytes that nobody knew before.
        beacon: Vec<u8>,
    },
    /// P and Q of the common draw, and a network that whoever asks has at hand.
    Custom {
        /// Its canonical bytes ([`crate::network`]); a statement names them by their SHA-256.
        network: Vec<u8>,
    },
}

/// Where the network comes from that stands in R's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The profile names one of this release.
    Profile,
    /// The draw has it: canonical bytes.
    Draw(Vec<u8>),
}

/// What the streams begin with from which P, Q and R are read: a label, and the seed of a draw that has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// Streams of P and Q, one for each token, whose bytes follow.
    pub sketch: Vec<u8>,
    /// Stream of R, or the name of the network that stands in its place.
    pub encoder: Vec<u8>,
    /// The network that stands in R's place, if one does.
    pub network: Option<Source>,
}

impl Streams {
    /// Streams of the draw with this seed; of the common draw where there is none.
    #[must_use]
    pub fn new(profile: &Profile, seed: Option<&[u8; 32]>) -> Self {
        let labels = if seed.is_some() { &profile.fresh } else { &profile.common };
        let begin = |label: &str, rest: &[u8]| [label.as_bytes(), rest].concat();
        let seeded = seed.map_or(&[][..], |seed| seed);
        let sketch = begin(labels.sketch, seeded);
        match &profile.encoder {
            // only the common draw: whoever knows R before the weights are fixed can fit weights to it
            EncoderKind::Cnn { network } if seed.is_none() => {
                Self { sketch, encoder: begin(labels.encoder, network), network: Some(Source::Profile) }
            }
            EncoderKind::Linear | EncoderKind::Cnn { .. } => {
                Self { sketch, encoder: begin(labels.encoder, seeded), network: None }
            }
        }
    }

    /// Streams of the common draw.
    #[must_use]
    pub fn common(profile: &Profile) -> Self {
        Self::new(profile, None)
    }

    /// Streams of the custom draw with the network of these bytes.
    #[must_use]
    pub fn custom(profile: &Profile, network: &[u8]) -> Self {
        let encoder = [CUSTOM_LABEL.as_bytes(), &Sha256::digest(network)].concat();
        Self { encoder, network: Some(Source::Draw(network.into())), ..Self::common(profile) }
    }
}

impl Draw {
    /// Number of the kind: common, own, challenge, custom.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Common => 0,
            Self::Own { .. } => 1,
            Self::Challenge { .. } => 2,
            Self::Custom { .. } => 3,
        }
    }

    /// The beacon; empty if there is none.
    #[must_use]
    pub fn beacon(&self) -> &[u8] {
        match self {
            Self::Common | Self::Custom { .. } => &[],
            Self::Own { beacon } | Self::Challenge { beacon, .. } => beacon,
        }
    }

    /// The commitment of the other side; empty if there is none.
    #[must_use]
    pub fn other(&self) -> &[u8] {
        match self {
            Self::Common | Self::Own { .. } | Self::Custom { .. } => &[],
            Self::Challenge { other, .. } => other,
        }
    }

    /// Canonical bytes of the network that it has, if it has one.
    #[must_use]
    pub fn network(&self) -> Option<&[u8]> {
        match self {
            Self::Common | Self::Own { .. } | Self::Challenge { .. } => None,
            Self::Custom { network } => Some(network),
        }
    }

    /// Labels of its streams. An own draw and a challenge share theirs: their seeds have different labels.
    #[must_use]
    pub const fn labels(&self, profile: &'static Profile) -> &'static Labels {
        match self {
            Self::Common | Self::Custom { .. } => &profile.common,
            Self::Own { .. } | Self::Challenge { .. } => &profile.fresh,
        }
    }

    /// What a statement says of its encoder: the label, and the id of a network.
    #[must_use]
    pub fn encoder(&self, profile: &'static Profile) -> Vec<u8> {
        match self {
            Self::Common => Streams::common(profile).encoder,
            Self::Custom { network } => Streams::custom(profile, network).encoder,
            Self::Own { .. } | Self::Challenge { .. } => self.labels(profile).encoder.into(),
        }
    }

    /// The seed for a statement about the commitment `own`; none of the common draw and of a custom one. All but the last of
    /// the hashed parts have fixed lengths, so no two draws share a seed.
    #[must_use]
    pub fn seed(&self, own: &Id) -> Option<[u8; 32]> {
        let [own_label, challenge_label] = SEED_LABELS;
        let mut hasher = Sha256::new();
        match self {
            Self::Common | Self::Custom { .. } => return None,
            Self::Own { .. } => {
                hasher.update(own_label);
                hasher.update(own);
            }
            Self::Challenge { other, .. } => {
                hasher.update(challenge_label);
                hasher.update(own.min(other));
                hasher.update(own.max(other));
            }
        }
        hasher.update(self.beacon());
        Some(hasher.finalize().into())
    }

    /// What its streams begin with, in a statement about the commitment `own`.
    #[must_use]
    pub fn streams(&self, profile: &'static Profile, own: &Id) -> Streams {
        let seeded = || Streams::new(profile, self.seed(own).as_ref());
        self.network().map_or_else(seeded, |network| Streams::custom(profile, network))
    }

    fn has_good_beacon(&self) -> bool {
        let length = self.beacon().len();
        (32..=64).contains(&length) || (length == 0 && !matches!(self, Self::Challenge { .. }))
    }
}

/// Checks the draws of a statement: common; own; challenge; custom; common or custom, and own; with beacons of the right
/// lengths.
///
/// # Errors
/// "draws".
pub fn check(draws: &[Draw]) -> Result<(), Rejected> {
    let listed = matches!(draws, [_] | [Draw::Common | Draw::Custom { .. }, Draw::Own { .. }]);
    ensure(listed && draws.iter().all(Draw::has_good_beacon), Rejected::Public("draws"))
}

/// Checks the one draw of a statement of nearness, which is a challenge.
///
/// # Errors
/// "draws".
pub fn check_challenge(draws: &[Draw]) -> Result<(), Rejected> {
    check(draws)?;
    ensure(matches!(draws, [Draw::Challenge { .. }]), Rejected::Public("draws"))
}

/// Checks that no draw of a statement about the commitment `own` names it as the other one.
///
/// # Errors
/// "draws".
pub fn check_others(draws: &[Draw], own: &Id) -> Result<(), Rejected> {
    ensure(draws.iter().all(|draw| draw.other() != own.as_slice()), Rejected::Public("draws"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::TOY_2;

    #[test]
    fn seeds() {
        let (low, high) = ([1; 32], [2; 32]);
        let challenge = |other| Draw::Challenge { other, beacon: vec![7; 32] };
        assert_eq!(challenge(high).seed(&low), challenge(low).seed(&high), "both sides have one seed");
        assert_ne!(challenge(high).seed(&low), challenge(high).seed(&[3; 32]));
        let own = |beacon: &[u8]| Draw::Own { beacon: beacon.to_vec() };
        assert_ne!(own(&[]).seed(&low), own(&[]).seed(&high));
        assert_ne!(own(&[]).seed(&low), own(&[0; 32]).seed(&low));
        assert_eq!(Draw::Common.seed(&low), None);
        assert_eq!(Draw::Common.streams(&TOY_2, &low), Streams::common(&TOY_2));
        let expected: [u8; 32] = Sha256::digest([&b"huref/own-seed/v1"[..], &low].concat()).into();
        let streams = own(&[]).streams(&TOY_2, &low);
        assert_eq!(streams.sketch, [b"huref/toy-2/fresh/sketch", &expected[..]].concat());
        assert_eq!(streams.encoder, [b"huref/toy-2/fresh/encoder/linear", &expected[..]].concat());
    }

    #[test]
    fn four_lists() {
        let own = |length| Draw::Own { beacon: vec![1; length] };
        let challenge = |length| Draw::Challenge { other: [9; 32], beacon: vec![1; length] };
        let good = [
            vec![Draw::Common],
            vec![own(0)],
            vec![own(32)],
            vec![own(64)],
            vec![challenge(32)],
            vec![Draw::Common, own(0)],
            vec![Draw::Common, own(48)],
        ];
        let bad = [
            vec![],
            vec![own(31)],
            vec![own(65)],
            vec![own(1)],
            vec![challenge(0)],
            vec![challenge(31)],
            vec![challenge(65)],
            vec![Draw::Common, Draw::Common],
            vec![own(0), Draw::Common],
            vec![own(0), own(32)],
            vec![Draw::Common, challenge(32)],
            vec![challenge(32), own(0)],
            vec![Draw::Common, own(0), own(0)],
        ];
        assert!(good.iter().all(|draws| check(draws).is_ok()));
        assert!(bad.iter().all(|draws| check(draws) == Err(Rejected::Public("draws"))));
        assert!(check_others(&[challenge(32)], &[8; 32]).is_ok());
        assert_eq!(check_others(&[challenge(32)], &[9; 32]), Err(Rejected::Public("draws")));
    }
}
