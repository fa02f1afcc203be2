//! What the public matrices P, Q and R are drawn from: the labels of the profile, or those of a challenge and its seed.
//!
//! A fingerprint's matrices are known before a model is committed to, so weights can be fitted to them. The matrices of a
//! challenge follow from the commitments that it names and from a beacon younger than both (proofs/spec/challenge.md).

/// The seed of the challenge that a statement answers; `None` for the fingerprint itself.
pub type Challenge = Option<[u8; 32]>;

/// Names of the protocol and of the streams that its public matrices are read from. No label is a prefix of a
/// different label, so no stream of a challenge is one of a fingerprint, whatever token or seed follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// The transcript's protocol and its version.
    pub protocol: &'static str,
    /// Streams of the sketch matrices, one for each token.
    pub sketch: &'static str,
    /// Stream of the encoder's matrix.
    pub encoder: &'static str,
}

/// The fingerprint itself.
pub const FINGERPRINT: Labels = Labels {
    protocol: "huref/fingerprint/v1",
    sketch: "huref/robust-1/sketch",
    encoder: "huref/robust-1/encoder/linear",
};

/// The answer to a challenge: in every stream the seed follows the label.
pub const CHALLENGE: Labels = Labels {
    protocol: "huref/challenge/v1",
    sketch: "huref/robust-1/challenge/sketch",
    encoder: "huref/robust-1/challenge/encoder/linear",
};

/// The labels of a statement.
#[must_use]
pub const fn labels(challenge: &Challenge) -> &'static Labels {
    if challenge.is_some() { &CHALLENGE } else { &FINGERPRINT }
}

/// What follows a label: the seed, or nothing.
#[must_use]
pub fn seed(challenge: &Challenge) -> &[u8] {
    challenge.as_ref().map_or(&[], |seed| seed.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_label_begins_another() {
        let labels = [FINGERPRINT, CHALLENGE].map(|l| [l.protocol, l.sketch, l.encoder]).concat();
        for (i, a) in labels.iter().enumerate() {
            for (j, b) in labels.iter().enumerate() {
                assert!(i == j || !a.starts_with(b), "{b} begins {a}");
            }
        }
    }
}
