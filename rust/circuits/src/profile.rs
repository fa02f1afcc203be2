//! Profiles: named, complete sets of the numbers that define a fingerprint and its proof.
//!
//! Nothing here ever comes from a prover. A verifier knows a fixed list of profiles, refuses every other name, and the
//! transcript absorbs the numbers themselves beside the name.

use crate::size::size;

/// Labels of the streams that P, Q and R are read from. No label begins another one, and a profile has labels of its own, so
/// no stream is read for two purposes, whatever token or seed follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Streams of the sketch matrices P and Q, one for each token.
    pub sketch: &'static str,
    /// Stream of the encoder's matrix R.
    pub encoder: &'static str,
}

/// Labels for the two kinds of draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawLabels {
    /// Of the draw that is the same for every model.
    pub common: Labels,
    /// Of draws that have a seed, which follows the label.
    pub fresh: Labels,
}

/// One complete set of parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name, absorbed and compared.
    pub name: &'static str,
    /// A commitment row has `n = 2^log_n` columns.
    pub log_n: u32,
    /// Bits `b` of a weight: `|w| <= 2^(b-1) - 1`.
    pub weight_bits: u32,
    /// Number of selected tokens of a full vocabulary.
    pub tokens: u32,
    /// A sketch is `r x r`; a power of two.
    pub sketch: u32,
    /// Length of the vector z; a power of two.
    pub outputs: u32,
    /// Bits of an entry of a rounded sketch, sign included.
    pub q_bits: u32,
    /// The norm of a rounded sketch is below `2^log_norm`.
    pub log_norm: u32,
    /// Every term is scaled to Frobenius norm just below `2^log_scale`.
    pub log_scale: u32,
    /// Fraction bits of the last rounding.
    pub fraction_bits: u32,
    /// z counts multiples of `2^-z_fraction_bits`.
    pub z_fraction_bits: u32,
    /// Width of the two slacks of a norm.
    pub slack_bits: u32,
    /// `a_t <= 2^max_log_a` where no shift was needed.
    pub max_log_a: u32,
    /// `2^min_log_c <= c < 2^max_log_c`.
    pub min_log_c: u32,
    /// See `min_log_c`.
    pub max_log_c: u32,
    /// Rows of the projections A and C; a power of two.
    pub projection: u32,
    /// Ternary combinations of Y whose bits are committed.
    pub projection_z: u32,
    /// `|Y|^2 >= projection_loss |W|^2` but with negligible probability (lemma L3 of the specification).
    pub projection_loss: u64,
    /// Labels of its streams; a statement absorbs those of its draws.
    pub labels: DrawLabels,
    /// SHA-256 of the generators `G_0 .. G_{n-1}, H, U`, each as 33 bytes.
    pub generators: [u8; 32],
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
        [&ROBUST_2, &TOY_2].into_iter().find(|p| p.name == name)
    }
}

/// What both profiles share: the parameters of a sketch entry, its scale and its rounding.
const COMMON: Profile = Profile {
    name: "",
    log_n: 0,
    weight_bits: 12,
    tokens: 0,
    sketch: 0,
    outputs: 0,
    q_bits: 27,
    log_norm: 26,
    log_scale: 40,
    fraction_bits: 64,
    z_fraction_bits: 12,
    slack_bits: 70,
    max_log_a: 22,
    min_log_c: 10,
    max_log_c: 40,
    projection: 0,
    projection_z: 0,
    projection_loss: 0,
    labels: DrawLabels { common: Labels { sketch: "", encoder: "" }, fresh: Labels { sketch: "", encoder: "" } },
    generators: [0; 32],
};

/// The default profile: the statement at full size.
pub static ROBUST_2: Profile = Profile {
    name: "robust-2",
    log_n: 15,
    tokens: 4096,
    sketch: 32,
    outputs: 512,
    projection: 256,
    projection_z: 160,
    projection_loss: 676,
    labels: DrawLabels {
        common: Labels { sketch: "huref/robust-2/sketch", encoder: "huref/robust-2/encoder/linear" },
        fresh: Labels { sketch: "huref/robust-2/fresh/sketch", encoder: "huref/robust-2/fresh/encoder/linear" },
    },
    generators: GENERATORS_15,
    ..COMMON
};

/// A profile for tests and vectors. It has the same relations at a size where everything takes milliseconds and **no**
/// security: its projections are far too short. Policies never accept it unless they are told to.
pub static TOY_2: Profile = Profile {
    name: "toy-2",
    log_n: 9,
    tokens: 64,
    sketch: 4,
    outputs: 8,
    projection: 16,
    projection_z: 12,
    projection_loss: 1,
    labels: DrawLabels {
        common: Labels { sketch: "huref/toy-2/sketch", encoder: "huref/toy-2/encoder/linear" },
        fresh: Labels { sketch: "huref/toy-2/fresh/sketch", encoder: "huref/toy-2/fresh/encoder/linear" },
    },
    generators: GENERATORS_9,
    ..COMMON
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

impl Profile {
    /// The numbers in the order in which the transcript absorbs them.
    #[must_use]
    pub fn numbers(&self) -> [u64; 17] {
        let Self {
            name: _,
            log_n,
            weight_bits,
            tokens,
            sketch,
            outputs,
            q_bits,
            log_norm,
            log_scale,
            fraction_bits,
            z_fraction_bits,
            slack_bits,
            max_log_a,
            min_log_c,
            max_log_c,
            projection,
            projection_z,
            projection_loss,
            labels: _,
            generators: _,
        } = self;
        let small = [
            log_n,
            weight_bits,
            tokens,
            sketch,
            outputs,
            q_bits,
            log_norm,
            log_scale,
            fraction_bits,
            z_fraction_bits,
            slack_bits,
            max_log_a,
            min_log_c,
            max_log_c,
            projection,
            projection_z,
        ];
        let mut numbers = [*projection_loss; 17];
        for (number, value) in numbers.iter_mut().zip(small) {
            *number = u64::from(*value);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commit::generators::Generators;

    #[test]
    fn generator_digests_are_those_of_the_derived_generators() {
        for profile in [&ROBUST_2, &TOY_2] {
            assert_eq!(Generators::derive(profile.log_n).digest(), profile.generators, "{}", profile.name);
        }
    }
}
