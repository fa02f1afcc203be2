//! The first rounds of the sumcheck over bits, eight at a time.
//!
//! The places that differ in the first three variables alone hold eight bits: a byte v. What the sum looks like in these
//! variables follows from the weights of the 256 bytes, `H_v = sum_x eq(tau'', x)` over the places x of the other variables
//! that hold v:
//!
//! ```text
//! sum_(y, v) eq(tau', y) H_v b_v(y) (b_v(y) - 1)
//! ```
//!
//! So three rounds need one addition for each byte, and a table of 2048 entries instead of one as long as the string. Then the
//! 256 bytes have become 256 values.

use crate::{
    curve::Scalar,
    poly::{eq_at, eq_table},
};
use ark_ff::{One, Zero};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Variables that a byte stands for.
const PACKED: usize = 3;

/// Bits, eight in a byte, and what is bound of their first variables.
pub struct Packed {
    bytes: Zeroizing<Vec<u8>>,
    /// `eq(tau'', x)`.
    weights: Vec<Scalar>,
    first: Vec<Scalar>,
    bound: Vec<Scalar>,
}

impl Packed {
    /// The bits, and the tables of the sum over y and v. `None` for a string of fewer variables, and for one with other values
    /// than 0 and 1.
    #[must_use]
    pub fn new(tau: &[Scalar], bits: &[Scalar]) -> Option<(Self, Vec<Vec<Scalar>>)> {
        let (first, others) = tau.split_at_checked(PACKED)?;
        let places = 1 << others.len();
        let mut bytes = Zeroizing::new(vec![0_u8; places]);
        for (bits, y) in bits.chunks(places).zip(0..) {
            let pack = |(byte, bit): (&mut u8, &Scalar)| {
                *byte |= u8::from(bit.is_one()) << y;
                bit.is_one() || bit.is_zero()
            };
            if !bytes.par_iter_mut().zip(bits).map(pack).reduce(|| true, |a, b| a && b) {
                return None;
            }
        }
        let weights = eq_table(others);
        let mut sums = [Scalar::zero(); 256];
        bytes.iter().zip(&weights).for_each(|(&byte, weight)| sums[usize::from(byte)] += weight);
        let eq = eq_table(first).into_iter().flat_map(|y| sums.map(|sum| y * sum)).collect();
        let values = (0..1 << PACKED).flat_map(|y| (0..256_u64).map(move |byte| Scalar::from(byte >> y & 1))).collect();
        Some((Self { bytes, weights, first: first.to_vec(), bound: Vec::new() }, vec![eq, values]))
    }

    /// A variable is bound. Whether it was the last of the first.
    pub fn bind(&mut self, r: Scalar) -> bool {
        self.bound.push(r);
        self.bound.len() == PACKED
    }

    /// The tables of the other variables, where these are the values of the 256 bytes.
    #[must_use]
    pub fn unpacked(mut self, values: &[Scalar]) -> Vec<Vec<Scalar>> {
        let factor = eq_at(&self.first, &self.bound);
        self.weights.par_iter_mut().for_each(|weight| *weight *= factor);
        vec![self.weights, self.bytes.par_iter().map(|&byte| values[usize::from(byte)]).collect()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prover::sumcheck::{Sumcheck, Summand};
    use ark_ff::UniformRand;

    #[test]
    fn rounds_are_those_of_the_string_written_out() {
        let mut rng = ark_std::test_rng();
        for (variables, count) in [(2, 3), (3, 8), (4, 9), (9, 301), (9, 512)] {
            for other in [None, Some(count - 1)] {
                let tau: Vec<Scalar> = (0..variables).map(|_| Scalar::rand(&mut rng)).collect();
                let mut bits: Vec<Scalar> = (0..count).map(|i| Scalar::from((i * i / 3 % 2) as u64)).collect();
                other.into_iter().for_each(|i: usize| bits[i] = Scalar::from(5_u64));
                assert_eq!(Packed::new(&tau, &bits).is_some(), variables >= PACKED && other.is_none());
                let mut expected = Sumcheck::new(vec![eq_table(&tau), bits.clone()], variables, Summand::Booleanity);
                let mut sumcheck = Sumcheck::booleanity(&tau, &bits);
                for round in 0..variables {
                    for x in [0, 2, 3] {
                        assert_eq!(sumcheck.at(x), expected.at(x), "{variables} variables, round {round}");
                    }
                    let r = Scalar::rand(&mut rng);
                    [&mut sumcheck, &mut expected].into_iter().for_each(|sumcheck| sumcheck.bind(r));
                }
                assert_eq!([0, 1].map(|t| sumcheck.end(t)), [0, 1].map(|t| expected.end(t)));
            }
        }
    }
}
