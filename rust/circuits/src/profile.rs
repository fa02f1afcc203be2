//! Profiles: named, complete sets of what defines a fingerprint and its proof. No other module knows one by its name.
//!
//! Nothing here ever comes from a prover. A verifier knows a fixed list of profiles, refuses every other name, and the
//! transcript absorbs the numbers themselves beside the name.

use crate::size::size;

/// The numbers of a profile are named once: as fields, and in the list that the transcript absorbs.
macro_rules! profile {
    ($($(#[$doc:meta])+ $number:ident: $type:ty,)+) => {
        /// One complete set of rules.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Profile {
            /// Name, absorbed and compared.
            pub name: &'static str,
            $($(#[$doc])+ pub $number: $type,)+
            /// SHA-256 of the generators `G_0 .. G_{n-1}, H, U`, each as 33 bytes.
            pub generators: [u8; 32],
            /// How a vector comes from sketches.
            pub encoder: EncoderKind,
            /// The transcript's protocol and its version.
            pub protocol: &'static str,
            /// Labels of the draw that is the same for every model.
            pub common: Labels,
            /// Labels of draws that have a seed, which follows the label.
            pub fresh: Labels,
            /// What is taken where nobody says otherwise.
            pub defaults: Defaults,
        }

        impl Profile {
            /// The numbers with their names, in the order in which the transcript absorbs them.
            #[must_use]
            pub fn numbers(&self) -> [(&'static str, u64); [$(stringify!($number)),+].len()] {
                [$((stringify!($number), u64::from(self.$number))),+]
            }
        }
    };
}

profile! {
    /// A commitment row has `n = 2^log_n` columns.
    log_n: u32,
    /// Bits `b` of a weight: `|w| <= 2^(b-1) - 1`.
    weight_bits: u32,
    /// Number of selected tokens of a full vocabulary.
    tokens: u32,
    /// A sketch is `r x r`; a power of two.
    sketch: u32,
    /// Length of the vector z; a power of two.
    outputs: u32,
    /// Bits of an entry of a rounded sketch, sign included.
    q_bits: u32,
    /// The norm of a rounded sketch is below `2^log_norm`.
    log_norm: u32,
    /// Every term is scaled to Frobenius norm just below `2^log_scale`.
    log_scale: u32,
    /// Fraction bits of the last rounding.
    fraction_bits: u32,
    /// z counts multiples of `2^-z_fraction_bits`.
    z_fraction_bits: u32,
    /// Width of the two slacks of a norm.
    slack_bits: u32,
    /// `a_t <= 2^max_log_a` where no shift was needed.
    max_log_a: u32,
    /// `2^min_log_c <= c < 2^max_log_c`.
    min_log_c: u32,
    /// See `min_log_c`.
    max_log_c: u32,
    /// Rows of the projections A and C; a power of two.
    projection: u32,
    /// Ternary combinations of Y whose bits are committed.
    projection_z: u32,
    /// `|Y|^2 >= projection_loss |W|^2` but with negligible probability (lemma L3 of the specification).
    projection_loss: u64,
}

/// How a vector comes from sketches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncoderKind {
    /// By a public matrix, which a label determines.
    Linear,
    /// By a network of convolutions in the common draw, and by a matrix in draws that have a seed: their columns must be fresh.
    Cnn {
        /// Its id: SHA-256 of its canonical bytes ([`crate::network`]).
        network: [u8; 32],
    },
}

/// Labels of the streams that P, Q and R are read from. No label begins another one, and a profile has labels of its own, so
/// no stream is read for two purposes, whatever token or seed follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Streams of the sketch matrices P and Q, one for each token.
    pub sketch: &'static str,
    /// Stream of the encoder's matrix R, or the name of the encoder.
    pub encoder: &'static str,
}

/// What is taken where nobody says otherwise. A statement says what was taken, so no verifier reads this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// What the profile is for, for people.
    pub purpose: &'static str,
    /// Absorbed before a token's bytes to rank it: the first tokens in this order are taken.
    pub tokens: &'static str,
    /// Short words, which a vocabulary that is cut down keeps, are taken before all other tokens.
    pub words_first: bool,
    /// How many of the last active layers are taken.
    pub layers: u32,
}

impl Profile {
    /// Columns of a commitment row.
    #[must_use]
    pub const fn n(&self) -> usize {
        1 << self.log_n
    }

    /// Entries of a sketch, `r^2`.
    #[must_use]
    pub const fn entries(&self) -> usize {
        size(self.sketch).saturating_mul(size(self.sketch))
    }

    /// Commitment rows of Y.
    #[must_use]
    pub const fn y_rows(&self) -> usize {
        let projection = size(self.projection);
        projection.saturating_mul(projection).div_ceil(self.n())
    }

    /// The profile of that name, if this verifier knows it.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.into_iter().find(|profile| profile.name == name)
    }
}

/// All profiles, the default first.
pub static PROFILES: [&Profile; 4] = [&ROBUST_2, &ROBUST_2_CNN, &TOY_2, &TOY_2_CNN];

/// The default profile: the statement at full size.
pub static ROBUST_2: Profile = ROBUST;

/// The sketches of [`ROBUST_2`], encoded by a trained network.
pub static ROBUST_2_CNN: Profile = Profile {
    name: "robust-2-cnn",
    encoder: EncoderKind::Cnn { network: TRAINED },
    protocol: "huref/fingerprint/cnn/v2",
    common: Labels { encoder: "huref/robust-2/encoder/cnn", ..ROBUST.common },
    defaults: Defaults { purpose: "the sketches of robust-2, encoded by a trained network", ..ROBUST.defaults },
    ..ROBUST
};

/// [`TOY_2`] with a network, which a rule determines.
pub static TOY_2_CNN: Profile = Profile {
    name: "toy-2-cnn",
    encoder: EncoderKind::Cnn { network: RULED },
    protocol: "huref/fingerprint/cnn/v2",
    common: Labels { encoder: "huref/toy-2/encoder/cnn", ..TOY.common },
    defaults: Defaults { purpose: "toy-2, encoded by a network; it has no security", ..TOY.defaults },
    ..TOY
};

/// The toy.
pub static TOY_2: Profile = TOY;

/// A profile for tests and vectors. It has the same relations at a size where everything takes milliseconds and **no**
/// security: its projections are far too short. A policy accepts it only if it names it.
const TOY: Profile = Profile {
    name: "toy-2",
    log_n: 9,
    tokens: 64,
    sketch: 4,
    outputs: 8,
    projection: 16,
    projection_z: 12,
    projection_loss: 1,
    generators: GENERATORS_9,
    common: Labels { sketch: "huref/toy-2/sketch", encoder: "huref/toy-2/encoder/linear" },
    fresh: Labels { sketch: "huref/toy-2/fresh/sketch", encoder: "huref/toy-2/fresh/encoder/linear" },
    defaults: Defaults {
        purpose: "tiny, for tests and for reading along; it has no security",
        tokens: "huref/toy-2/tokens",
        words_first: false,
        layers: 2,
    },
    ..ROBUST
};

/// The profile that the others differ from.
const ROBUST: Profile = Profile {
    name: "robust-2",
    log_n: 15,
    weight_bits: 12,
    tokens: 4096,
    sketch: 32,
    outputs: 512,
    q_bits: 27,
    log_norm: 26,
    log_scale: 40,
    fraction_bits: 64,
    z_fraction_bits: 12,
    slack_bits: 70,
    max_log_a: 22,
    min_log_c: 10,
    max_log_c: 40,
    projection: 256,
    projection_z: 160,
    projection_loss: 676,
    generators: GENERATORS_15,
    encoder: EncoderKind::Linear,
    protocol: "huref/fingerprint/v2",
    common: Labels { sketch: "huref/robust-2/sketch", encoder: "huref/robust-2/encoder/linear" },
    fresh: Labels { sketch: "huref/robust-2/fresh/sketch", encoder: "huref/robust-2/fresh/encoder/linear" },
    defaults: Defaults {
        purpose: "survives every change that leaves a model's outputs alone",
        tokens: "huref/robust-2/tokens",
        words_first: true,
        layers: 2,
    },
};

/// Digest of `2^15 + 2` generators.
const GENERATORS_15: [u8; 32] = [
    0xae, 0x29, 0x6c, 0xf4, 0x6e, 0x37, 0xc5, 0xc5, 0x92, 0xfd, 0x9e, 0xdc, 0x65, 0x3e, 0x85, 0x2d, 0x94, 0x75, 0x1d,
    0xdf, 0xbe, 0xc4, 0x61, 0x32, 0x6e, 0x15, 0x17, 0xb5, 0xec, 0x6e, 0x9d, 0x8d,
];
/// Digest of `2^9 + 2` generators.
const GENERATORS_9: [u8; 32] = [
    0xca, 0xda, 0xba, 0xf7, 0xb9, 0xd8, 0xd8, 0xd7, 0x25, 0xa6, 0x63, 0x48, 0x63, 0xd4, 0x92, 0xcf, 0x32, 0x52, 0x1a,
    0x20, 0x78, 0x28, 0x99, 0x64, 0x00, 0x6f, 0x6f, 0xd0, 0x7f, 0xb6, 0x3e, 0x61,
];
/// Id of the trained network.
const TRAINED: [u8; 32] = [
    0x4e, 0x14, 0xde, 0x31, 0x50, 0xdd, 0x52, 0xca, 0x01, 0xe5, 0x46, 0xed, 0xae, 0x4d, 0xfb, 0x1a, 0xb2, 0x45, 0x22,
    0x76, 0x70, 0x2a, 0x24, 0xf9, 0xfa, 0xc4, 0xb9, 0x49, 0x4e, 0x0a, 0x65, 0x84,
];
/// Id of the toy's network.
const RULED: [u8; 32] = [
    0xac, 0x90, 0x08, 0x84, 0xdb, 0xc8, 0x5c, 0x1f, 0xbe, 0x36, 0xf3, 0xcf, 0x99, 0xe5, 0x9a, 0x4d, 0xbe, 0x55, 0xba,
    0x10, 0x75, 0xd2, 0xd0, 0x5a, 0x54, 0x1d, 0xbd, 0x2d, 0x41, 0x25, 0xd0, 0x6c,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{commit::generators::Generators, draw::SEED_LABELS};

    #[test]
    fn generator_digests_are_those_of_the_derived_generators() {
        for profile in [&ROBUST_2, &TOY_2] {
            assert_eq!(Generators::derive(profile.log_n).digest(), profile.generators, "{}", profile.name);
        }
        assert!(PROFILES.iter().all(|profile| [GENERATORS_15, GENERATORS_9].contains(&profile.generators)));
    }

    #[test]
    fn names_differ_and_no_label_begins_another() {
        for (i, one) in PROFILES.iter().enumerate() {
            assert!(PROFILES.iter().skip(i + 1).all(|other| other.name != one.name));
        }
        // no label of a stream is the beginning of another one, of a seed's or of the protocol's
        let labels = |p: &&Profile| [p.common, p.fresh].map(|labels| [labels.sketch, labels.encoder]).concat();
        let other = |p: &&'static Profile| [labels(p), vec![p.protocol, p.defaults.tokens]].concat();
        let all: Vec<&str> = PROFILES.iter().flat_map(other).chain(SEED_LABELS).collect();
        for a in &all {
            assert!(all.iter().all(|b| a == b || !a.starts_with(b)), "{a}");
        }
        for profile in PROFILES {
            let mut own = other(&profile);
            own.sort_unstable();
            assert!(own.is_sorted_by(|a, b| a < b), "{}: one label twice", profile.name);
        }
    }
}
