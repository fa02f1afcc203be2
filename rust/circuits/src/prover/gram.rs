//! The first rounds of the sumcheck of all claims, in which one side of most pairs of tables is small: bits of the bit string,
//! or rows of X.
//!
//! A table T of length `2^k l` is cut into `2^k` parts `T_b` of length l, one for each value b of its first k variables. All that
//! the first k rounds ask about `sum_i A[i] B[i]` follows from the products of parts, of all pairs together:
//!
//! ```text
//! C[b, b'] = sum over all pairs (A, B) of <A_b, B_b'>
//! ```
//!
//! and what is left after them is `sum_b eq(r, b) T_b` of each table. So no table of small values is written out as field
//! elements before it is `2^k` times shorter, and C costs little: the places where the bits of all `B_b'` make the same byte add
//! up their weights first, and products with rows of X are exact products of digits.

use crate::{
    curve::Scalar,
    poly::{Products, eq_table},
    prover::{passes, sumcheck::Sumcheck},
};
use ark_ff::{One, Zero};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// k: eight parts, whose bits at one place are a byte.
pub const VARIABLES: usize = 3;
const PARTS: usize = 1 << VARIABLES;

/// The sumcheck of all claims: tables, and beside them for k rounds pairs of which one side is small.
pub struct Opening<'a> {
    tables: Sumcheck,
    first: Option<Gram<'a>>,
}

impl<'a> Opening<'a> {
    /// A sum of pairs, and more of them.
    #[must_use]
    pub const fn new(tables: Sumcheck, first: Option<Gram<'a>>) -> Self {
        Self { tables, first }
    }

    /// The polynomial of this round at x.
    #[must_use]
    pub fn at(&self, x: u64) -> Scalar {
        self.tables.at(x) + self.first.as_ref().map_or(Scalar::zero(), |first| first.at(x))
    }

    /// Binds the most significant variable.
    pub fn bind(&mut self, r: Scalar) {
        self.tables.bind(r);
        if let Some(pairs) = self.first.as_mut().and_then(|first| first.bind(r)) {
            self.tables.extend(pairs);
            self.first = None;
        }
    }
}

/// The products of parts, what is bound of the variables, and the pairs that follow.
pub struct Gram<'a> {
    /// C, row after row, its bound variables folded.
    products: Zeroizing<Vec<Scalar>>,
    bound: Vec<Scalar>,
    bits: Bits,
    embedding: Option<Embedding<'a>>,
}

impl<'a> Gram<'a> {
    /// Of these pairs.
    #[must_use]
    pub fn new(bits: Bits, embedding: Option<Embedding<'a>>) -> Self {
        let (mut products, more) = rayon::join(|| bits.products(), || embedding.as_ref().map(Embedding::products));
        products.iter_mut().zip(more.iter().flat_map(|more| more.iter())).for_each(|(x, y)| *x += y);
        Self { products, bound: Vec::new(), bits, embedding }
    }

    /// The polynomial of this round at x.
    #[must_use]
    pub fn at(&self, x: u64) -> Scalar {
        let x = Scalar::from(x);
        let half = PARTS >> (self.bound.len() + 1);
        (0..half).map(|b| self.folded([Scalar::one() - x, x], [b, b])).sum()
    }

    /// `sum of weights[c] weights[c'] C[(c, b), (c', b')]` over both values of the next variable.
    fn folded(&self, weights: [Scalar; 2], [b, other]: [usize; 2]) -> Scalar {
        let half = PARTS >> (self.bound.len() + 1);
        let row = |b: usize| {
            let at = 2 * half * b;
            weights[0] * self.products[at + other] + weights[1] * self.products[at + half + other]
        };
        weights[0] * row(b) + weights[1] * row(half + b)
    }

    /// Binds a variable. After the last one: the pairs that are left.
    pub fn bind(&mut self, r: Scalar) -> Option<Vec<[Vec<Scalar>; 2]>> {
        let (half, weights) = (PARTS >> (self.bound.len() + 1), [Scalar::one() - r, r]);
        let folded = (0..half * half).map(|i| self.folded(weights, [i / half, i % half])).collect();
        self.products = Zeroizing::new(folded);
        self.bound.push(r);
        let eq = (self.bound.len() == VARIABLES).then(|| eq_table(&self.bound))?;
        let (mut pairs, more) =
            rayon::join(|| self.bits.left(&eq), || self.embedding.as_ref().map(|x| x.left(&eq)).unwrap_or_default());
        pairs.extend(more);
        Some(pairs)
    }
}

/// Rows of bits and their weights.
pub struct Bits {
    /// Row after row.
    weights: Vec<Scalar>,
    /// Columns of a row.
    n: usize,
    /// Row after row: at each place of a part, the bits of all parts.
    bytes: Zeroizing<Vec<u8>>,
}

impl Bits {
    /// Rows of n weights and n bits; the weights back if one of the latter is neither 0 nor 1.
    pub fn new(weights: Vec<Scalar>, bits: &[Scalar], n: usize) -> Result<Self, Vec<Scalar>> {
        let length = n / PARTS;
        let mut bytes = Zeroizing::new(vec![0_u8; bits.len() / PARTS]);
        let all = bytes.par_chunks_mut(length).zip(bits.par_chunks(n)).all(|(bytes, row)| {
            row.chunks(length).enumerate().all(|(b, part)| {
                bytes.iter_mut().zip(part).all(|(byte, bit)| {
                    *byte |= u8::from(bit.is_one()) << b;
                    bit.is_one() || bit.is_zero()
                })
            })
        });
        if all { Ok(Self { weights, n, bytes }) } else { Err(weights) }
    }

    fn rows(&self) -> impl Iterator<Item = (&[Scalar], &[u8])> {
        self.weights.chunks(self.n).zip(self.bytes.chunks(self.n / PARTS))
    }

    fn products(&self) -> Zeroizing<Vec<Scalar>> {
        let length = self.n / PARTS;
        let of_part = |b: usize| {
            let mut sums = Zeroizing::new([Scalar::zero(); 1 << PARTS]);
            for (weights, bytes) in self.rows() {
                let part = &weights[b * length..][..length];
                bytes.iter().zip(part).for_each(|(&byte, weight)| sums[usize::from(byte)] += weight);
            }
            let of = |other: usize| (0..sums.len()).filter(|byte| byte >> other & 1 == 1).map(|byte| sums[byte]).sum();
            (0..PARTS).map(of).collect::<Vec<Scalar>>()
        };
        Zeroizing::new((0..PARTS).into_par_iter().flat_map_iter(of_part).collect())
    }

    fn left(&self, eq: &[Scalar]) -> Vec<[Vec<Scalar>; 2]> {
        let length = self.n / PARTS;
        let value = |byte: usize| (0..PARTS).filter(|b| byte >> b & 1 == 1).map(|b| eq[b]).sum();
        let values: Zeroizing<Vec<Scalar>> = Zeroizing::new((0..1 << PARTS).map(value).collect());
        let rows: Vec<_> = self.rows().collect();
        let pair = |(weights, bytes): (&[Scalar], &[u8])| {
            let sum = |j: usize| {
                let mut sum = Products::default();
                eq.iter().zip(weights[j..].iter().step_by(length)).for_each(|(&eq, &weight)| sum.add(eq, weight));
                sum.reduce()
            };
            [(0..length).map(sum).collect(), bytes.iter().map(|&byte| values[usize::from(byte)]).collect()]
        };
        rows.into_par_iter().map(pair).collect()
    }
}

/// Commitment rows of a matrix, side by side its rows of d entries. Entry c in slot s of row m counts `weights[m][s] columns[c]`
/// times.
pub struct Embedding<'a> {
    rows: Vec<&'a [i16]>,
    weights: Vec<Vec<Scalar>>,
    columns: Vec<Scalar>,
    /// Columns of a commitment row.
    n: usize,
}

impl<'a> Embedding<'a> {
    /// A matrix, and one weight for each of its rows.
    #[must_use]
    pub fn new(entries: &'a [i16], weights: &[Scalar], slots: usize, columns: Vec<Scalar>, n: usize) -> Self {
        let rows = entries.chunks(slots * columns.len()).collect();
        Self { rows, weights: weights.chunks(slots).map(<[Scalar]>::to_vec).collect(), columns, n }
    }

    /// The weight of a slot of row m; 0 past its end.
    fn weight(&self, m: usize, slot: usize) -> Scalar {
        self.weights[m].get(slot).copied().unwrap_or_default()
    }

    /// Part b of row m, which may end early.
    fn part(&self, m: usize, b: usize) -> &'a [i16] {
        let (row, length) = (self.rows[m], self.n / PARTS);
        &row[(b * length).min(row.len())..((b + 1) * length).min(row.len())]
    }

    fn products(&self) -> Zeroizing<Vec<Scalar>> {
        let (length, d) = (self.n / PARTS, self.columns.len());
        let parts: Vec<&[i16]> =
            (0..self.rows.len()).flat_map(|m| (0..PARTS).map(move |b| (m, b))).map(|(m, b)| self.part(m, b)).collect();
        let of_part = |b: usize| {
            let (mut sums, end) = (vec![Scalar::zero(); PARTS], (b + 1) * length);
            let mut start = b * length;
            // slot by slot
            while start < end {
                let (slot, column) = (start / d, start % d);
                let (first, stop) = (start - b * length, end.min((slot + 1) * d) - b * length);
                let inside: Vec<&[i16]> =
                    parts.iter().map(|part| &part[first.min(part.len())..stop.min(part.len())]).collect();
                let products = passes::apply(&inside, &[&self.columns[column..][..stop - first]]);
                for (m, products) in products.chunks(PARTS).enumerate() {
                    let weight = self.weight(m, slot);
                    sums.iter_mut().zip(products).for_each(|(sum, &product)| *sum += weight * product);
                }
                start = b * length + stop;
            }
            sums
        };
        Zeroizing::new((0..PARTS).into_par_iter().flat_map_iter(of_part).collect())
    }

    fn left(&self, eq: &[Scalar]) -> Vec<[Vec<Scalar>; 2]> {
        let (length, d) = (self.n / PARTS, self.columns.len());
        let weighted: Vec<Scalar> = (0..self.n).map(|i| eq[i / length] * self.columns[i % d]).collect();
        let pair = |m: usize| {
            let sum = |j: usize| {
                let mut sum = Products::default();
                (j..self.n).step_by(length).for_each(|i| sum.add(weighted[i], self.weight(m, i / d)));
                sum.reduce()
            };
            let parts: Vec<&[i16]> = (0..PARTS).map(|b| self.part(m, b)).collect();
            [(0..length).map(sum).collect(), passes::combine(&parts, length, eq)]
        };
        (0..self.rows.len()).into_par_iter().map(pair).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prover::sumcheck::Summand;
    use ark_ff::UniformRand;

    #[test]
    fn rounds_are_those_of_the_tables_written_out() {
        let (mut rng, log_n, d, slots) = (ark_std::test_rng(), 6, 12, 5);
        let n = 1 << log_n;
        let mut random = |count: usize| -> Vec<Scalar> { (0..count).map(|_| Scalar::rand(&mut rng)).collect() };
        let entries: Vec<i16> = (0..17 * d).map(|i| ((i * 7919) % 4095) as i16 - 2047).collect();
        let (weights, columns, of_bits, tables) = (random(17), random(d), random(3 * n), [random(n), random(n)]);
        let bits: Vec<Scalar> = (0..3 * n).map(|i| Scalar::from((i * i / 3 % 2) as u64)).collect();
        let mut other = bits.clone();
        other[70] = Scalar::from(2_u64);
        assert_eq!(Bits::new(of_bits.clone(), &other, n).err().as_ref(), Some(&of_bits));

        let mut all = tables.to_vec();
        for (row, weights) in entries.chunks(slots * d).zip(weights.chunks(slots)) {
            all.push(weights.iter().flat_map(|&w| columns.iter().map(move |&c| w * c)).collect());
            all.push(row.iter().map(|&x| Scalar::from(x)).collect());
        }
        for (weights, bits) in of_bits.chunks(n).zip(bits.chunks(n)) {
            all.extend([weights.to_vec(), bits.to_vec()]);
        }
        let pairs = (0..all.len() / 2).map(|i| (Scalar::one(), 2 * i, 2 * i + 1)).collect();
        let mut expected = Sumcheck::new(all, log_n, Summand::Pairs(pairs));
        let first = Summand::Pairs(vec![(Scalar::one(), 0, 1)]);
        let embedding = Embedding::new(&entries, &weights, slots, columns, n);
        let gram = Gram::new(Bits::new(of_bits, &bits, n).ok().unwrap(), Some(embedding));
        let mut opening = Opening::new(Sumcheck::new(tables.into(), log_n, first), Some(gram));
        for round in 0..log_n {
            assert_eq!([0, 2].map(|x| opening.at(x)), [0, 2].map(|x| expected.at(x)), "round {round}");
            let r = random(1)[0];
            opening.bind(r);
            expected.bind(r);
        }
    }
}
