//! The encoder's public matrix R, entries +1 and -1.

use crate::{
    challenge::{self, Challenge, labels},
    curve::Scalar,
    profile::Profile,
};
use ark_ff::Zero;
use shake::{ExtendableOutput, Shake128, Update, XofReader};

/// `R`, m x 3 r^2: bit (row x columns + column) of SHAKE-128 of a label and the challenge, if any, little-endian within a byte; 1 means -1.
pub struct Encoder {
    rows: usize,
    columns: usize,
    bits: Vec<u8>,
}

impl Encoder {
    /// The encoder of a profile, under a challenge or none.
    #[must_use]
    pub fn new(profile: &Profile, challenge: &Challenge) -> Self {
        let rows = profile.outputs as usize;
        let columns = (profile.sketch as usize).saturating_mul(profile.sketch as usize).saturating_mul(3);
        let mut bits = vec![0; rows.saturating_mul(columns).div_ceil(8)];
        let mut hasher = Shake128::default();
        hasher.update(labels(challenge).encoder.as_bytes());
        hasher.update(challenge::seed(challenge));
        hasher.finalize_xof().read(&mut bits);
        Self { rows, columns, bits }
    }

    /// Number of columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.columns
    }

    /// Entries, row after row.
    pub fn entries(&self) -> impl Iterator<Item = i8> {
        let bits = self.bits.iter().flat_map(|&byte| (0..8).map(move |i| byte >> i & 1));
        bits.take(self.rows.saturating_mul(self.columns)).map(|bit| if bit == 1 { -1 } else { 1 })
    }

    /// For each column j: `sum_k weights[k] R[k][j]` and `sum_k R[k][j]`.
    #[must_use]
    pub fn columns(&self, weights: &[Scalar]) -> Vec<(Scalar, i64)> {
        let mut out = vec![(Scalar::zero(), 0_i64); self.columns];
        let mut entries = self.entries();
        for &weight in weights.iter().take(self.rows) {
            for ((combined, plain), entry) in out.iter_mut().zip(entries.by_ref().take(self.columns)) {
                *plain = plain.saturating_add(i64::from(entry));
                if entry == 1 { *combined += weight } else { *combined -= weight }
            }
        }
        out
    }
}
