//! Public random matrices with entries 0, +1 and -1.

use crate::{
    curve::{Scalar, scalar_to_bytes},
    poly::power_of_two,
};
use ark_ff::{BigInt, BigInteger, PrimeField, Zero};
use shake::{ExtendableOutput, Shake128, Update, XofReader};

/// A matrix with entries 0 (one half), +1 and -1 (a quarter each) from SHAKE-128, four entries a byte.
pub struct Ternary {
    rows: usize,
    columns: usize,
    codes: Vec<u8>,
}

/// What a code of two bits means.
const fn sign(code: u8) -> i8 {
    match code & 3 {
        2 => 1,
        3 => -1,
        _ => 0,
    }
}

impl Ternary {
    /// The matrix of that seed and label.
    #[must_use]
    pub fn new(seed: Scalar, label: &[u8], rows: usize, columns: usize) -> Self {
        let mut hasher = Shake128::default();
        hasher.update(&scalar_to_bytes(&seed));
        hasher.update(label);
        let mut codes = vec![0; rows.saturating_mul(columns).div_ceil(4)];
        hasher.finalize_xof().read(&mut codes);
        Self { rows, columns, codes }
    }

    /// Codes of one row. A row need not begin with a byte.
    fn row(&self, row: usize) -> impl Iterator<Item = u8> {
        let first = row.saturating_mul(self.columns);
        let bytes = self.codes.get(first / 4..).unwrap_or_default();
        let codes = bytes.iter().flat_map(|&byte| [byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6]);
        codes.skip(first % 4).take(self.columns)
    }

    /// All entries, row after row.
    pub fn entries(&self) -> impl Iterator<Item = i8> {
        (0..self.rows).flat_map(|row| self.row(row)).map(sign)
    }

    /// `weights^T M`, four rows at a time: the 256 ways to add up their weights are one table, in which the four codes of a
    /// column are an index. One addition instead of four, and no branch on random bits.
    #[must_use]
    pub fn combine(&self, weights: &[Scalar]) -> Vec<Scalar> {
        let mut sums = vec![Wide::default(); self.columns];
        let mut index = vec![0_u8; self.columns];
        for (weights, first) in weights.chunks(4).zip((0..self.rows).step_by(4)) {
            index.fill(0);
            for (row, shift) in (first..self.rows).zip([0, 2, 4, 6]).take(weights.len()) {
                index.iter_mut().zip(self.row(row)).for_each(|(index, code)| *index |= code << shift);
            }
            let table = ways(weights);
            for (sum, &index) in sums.iter_mut().zip(&index) {
                sum.add(table.get(usize::from(index)).copied().unwrap_or_default());
            }
        }
        let power = power_of_two(256);
        sums.iter().map(|sum| sum.reduce(power)).collect()
    }
}

/// For each byte, the sum of four weights with the signs that its four codes say, as an integer below p.
fn ways(weights: &[Scalar]) -> Vec<BigInt<4>> {
    let way = |byte: u8| -> Scalar {
        let signed = |(&weight, shift): (&Scalar, u8)| match sign(byte >> shift) {
            1 => weight,
            -1 => -weight,
            _ => Scalar::zero(),
        };
        weights.iter().zip([0, 2, 4, 6]).map(signed).sum()
    };
    (0..=u8::MAX).map(|byte| way(byte).into_bigint()).collect()
}

/// A sum of up to 2^64 integers below 2^256, not reduced.
#[derive(Clone, Copy, Default)]
struct Wide {
    low: BigInt<4>,
    high: u64,
}

impl Wide {
    fn add(&mut self, x: BigInt<4>) {
        let carry = self.low.add_with_carry(&x);
        self.high = self.high.saturating_add(u64::from(carry));
    }

    /// Mod p, given `2^256` mod p.
    fn reduce(mut self, power: Scalar) -> Scalar {
        // 2^256 < 2 p
        if self.low >= Scalar::MODULUS {
            self.low.sub_with_borrow(&Scalar::MODULUS);
        }
        Scalar::from_bigint(self.low).unwrap_or_default() + power * Scalar::from(self.high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;

    #[test]
    fn combines_as_its_entries_say() {
        let mut rng = ark_std::test_rng();
        for (rows, columns) in [(1, 1), (3, 5), (4, 8), (9, 7), (16, 33), (160, 256)] {
            let matrix = Ternary::new(Scalar::from(7_u64), b"A", rows, columns);
            let weights: Vec<Scalar> =
                (0..rows).map(|i| if i % 5 == 0 { -Scalar::from(1_u64) } else { Scalar::rand(&mut rng) }).collect();
            let entries: Vec<i8> = matrix.entries().collect();
            assert_eq!(entries.len(), rows * columns);
            let mut expected = vec![Scalar::zero(); columns];
            for (row, weight) in entries.chunks(columns).zip(&weights) {
                expected.iter_mut().zip(row).for_each(|(x, &entry)| *x += Scalar::from(i64::from(entry)) * weight);
            }
            assert_eq!(matrix.combine(&weights), expected, "{rows} x {columns}");
        }
    }

    #[test]
    fn half_of_the_entries_are_zero_and_signs_are_even() {
        let count = |sign| Ternary::new(Scalar::from(1_u64), b"C", 64, 1024).entries().filter(|&x| x == sign).count();
        let near = |got: usize, expected: usize| assert!(got.abs_diff(expected) < 600, "{got} instead of {expected}");
        near(count(0), 32_768);
        near(count(1), 16_384);
        near(count(-1), 16_384);
    }
}
