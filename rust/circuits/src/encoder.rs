//! The encoder's public matrix R, entries +1 and -1.

use crate::{
    curve::Scalar,
    draw::Streams,
    poly,
    profile::Profile,
    size::size,
    sums::{Sum, multiples, table},
};
use ark_ff::Zero;
use shake::{ExtendableOutput, Shake128, Update, XofReader};

/// `R`, m x 3 r^2: bit (row x columns + column) of SHAKE-128 of the beginning of a draw's stream,
/// little-endian within a byte; 1 means -1.
pub struct Encoder {
    rows: usize,
    columns: usize,
    bits: Vec<u8>,
}

impl Encoder {
    /// The encoder of a profile under a draw.
    #[must_use]
    pub fn new(profile: &Profile, streams: &Streams) -> Self {
        let rows = size(profile.outputs);
        let columns = profile.entries().saturating_mul(3);
        let mut bits = vec![0; rows.saturating_mul(columns).div_ceil(8)];
        let mut hasher = Shake128::default();
        hasher.update(&streams.encoder);
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

    /// For each column j: `m sum_k weights[k] R[k][j] - (sum_k weights[k]) (sum_k R[k][j])`: what the weights make of `f'`,
    /// as weights of the entries.
    #[must_use]
    pub fn centred_columns(&self, weights: &[Scalar]) -> Vec<Scalar> {
        let (m, total) = (poly::signed(i128::try_from(self.rows).unwrap_or(0)), poly::sum(weights));
        let columns = self.columns(weights).into_iter();
        columns.map(|(combined, plain)| m * combined - total * poly::signed(i128::from(plain))).collect()
    }

    /// For each column j: `sum_k weights[k] R[k][j]` and `sum_k R[k][j]`. Eight rows at a time, as [`crate::ternary`] does
    /// it: their 256 sums are one table, in which the eight bits of a column are an index.
    #[must_use]
    pub fn columns(&self, weights: &[Scalar]) -> Vec<(Scalar, i64)> {
        let mut sums = vec![(Sum::default(), 0_i64); self.columns];
        // a row begins with a byte: r^2 is a multiple of 8
        let mut rows = self.bits.chunks(self.columns.div_ceil(8));
        for weights in weights.chunks(8) {
            let table = table(&ways(weights));
            let mut row = |k| if k < weights.len() { rows.next() } else { None };
            let rows: [&[u8]; 8] = std::array::from_fn(|k| row(k).unwrap_or_default());
            let count = i64::try_from(weights.len()).unwrap_or(0);
            for (byte, sums) in sums.chunks_mut(8).enumerate() {
                let indices = transpose(rows.map(|row| row.get(byte).copied().unwrap_or(0)));
                for ((combined, plain), index) in sums.iter_mut().zip(indices) {
                    table.get(usize::from(index)).into_iter().for_each(|way| combined.add(way));
                    *plain =
                        plain.saturating_add(count).saturating_sub(i64::from(index.count_ones()).saturating_mul(2));
                }
            }
        }
        let multiples = multiples(self.rows);
        sums.iter().map(|(combined, plain)| (combined.reduce(&multiples), *plain)).collect()
    }
}

/// Eight bits of eight rows -> eight bits of eight columns.
fn transpose(rows: [u8; 8]) -> [u8; 8] {
    let mut x = u64::from_le_bytes(rows);
    for (shift, mask) in [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)] {
        let swap = (x >> shift ^ x) & mask;
        x ^= swap ^ swap << shift;
    }
    x.to_le_bytes()
}

/// For each byte, the sum of up to eight weights, less those whose bit is 1.
fn ways(weights: &[Scalar]) -> Vec<Scalar> {
    let mut sums = vec![Scalar::zero()];
    for &weight in weights {
        sums = sums.iter().map(|&x| x + weight).chain(sums.iter().map(|&x| x - weight)).collect();
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{ROBUST_2, TOY_2};
    use ark_ff::UniformRand;

    #[test]
    fn columns_are_those_of_the_entries() {
        let mut rng = ark_std::test_rng();
        for profile in [&ROBUST_2, &TOY_2] {
            let encoder = Encoder::new(profile, &Streams::common(profile));
            assert_eq!(encoder.width() % 8, 0);
            let weights: Vec<Scalar> = (0..profile.outputs).map(|_| Scalar::rand(&mut rng)).collect();
            let mut expected = vec![(Scalar::zero(), 0); encoder.width()];
            let entries: Vec<i8> = encoder.entries().collect();
            for (row, weight) in entries.chunks(encoder.width()).zip(&weights) {
                for ((combined, plain), &entry) in expected.iter_mut().zip(row) {
                    *combined += Scalar::from(entry) * weight;
                    *plain += i64::from(entry);
                }
            }
            assert!(encoder.columns(&weights) == expected, "{}", profile.name);
            let few: Vec<Scalar> = weights.iter().take(5).copied().collect();
            let padded: Vec<Scalar> = few.iter().copied().chain([Scalar::zero(); 3]).collect();
            let combined =
                |weights: &[Scalar]| encoder.columns(weights).into_iter().map(|(x, _)| x).collect::<Vec<_>>();
            assert!(combined(&few) == combined(&padded), "{}", profile.name);
        }
    }
}
