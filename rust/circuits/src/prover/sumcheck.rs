//! The prover's side of a sumcheck: tables that halve in every round.

use crate::{
    curve::Scalar,
    poly::{Products, eq_table},
    prover::packed::Packed,
};
use ark_ff::{Field, One, Zero};
use rayon::prelude::*;
use std::ops::Range;
use zeroize::Zeroize;

/// What is summed, as a function of the tables.
pub enum Summand {
    /// `sum_i coefficients[i] tables[left_i] tables[right_i]`.
    Pairs(Vec<(Scalar, usize, usize)>),
    /// `tables[0] tables[1] (tables[1] - 1)`.
    Booleanity,
    /// `tables[0] tables[1]^2`.
    WeightedSquare,
    /// `tables[0] tables[1] tables[2]`.
    Product,
}

/// A running sumcheck.
pub struct Sumcheck {
    tables: Vec<Vec<Scalar>>,
    summand: Summand,
    packed: Option<Packed>,
}

impl Drop for Sumcheck {
    fn drop(&mut self) {
        self.tables.zeroize();
    }
}

/// Work below this many entries is not worth a second thread.
const CHUNK: usize = 1 << 10;

impl Sumcheck {
    /// Tables of equal length, a power of two.
    #[must_use]
    pub fn new(mut tables: Vec<Vec<Scalar>>, variables: usize, summand: Summand) -> Self {
        for table in &mut tables {
            table.resize(1 << variables, Scalar::zero());
        }
        Self { tables, summand, packed: None }
    }

    /// `sum_x eq(tau, x) b(x) (b(x) - 1)`; bits beyond the last are 0.
    #[must_use]
    pub fn booleanity(tau: &[Scalar], bits: &[Scalar]) -> Self {
        match Packed::new(tau, bits) {
            Some((packed, tables)) => Self { tables, summand: Summand::Booleanity, packed: Some(packed) },
            None => Self::new(vec![eq_table(tau), bits.to_vec()], tau.len(), Summand::Booleanity),
        }
    }

    /// More pairs of tables for a sum of pairs, as long as those that there are.
    pub fn extend(&mut self, more: Vec<[Vec<Scalar>; 2]>) {
        let Summand::Pairs(pairs) = &mut self.summand else { return };
        for tables in more {
            pairs.push((Scalar::one(), self.tables.len(), self.tables.len() + 1));
            self.tables.extend(tables);
        }
    }

    /// The polynomial of this round at x.
    #[must_use]
    pub fn at(&self, x: u64) -> Scalar {
        let half = self.tables[0].len() / 2;
        // nodes are small: additions are cheaper than a multiplication
        let node = |low: Scalar, high: Scalar| match x {
            0 => low,
            _ => (1..x).fold(high, |value, _| value + (high - low)),
        };
        let value = |t: usize, i: usize| node(self.tables[t][i], self.tables[t][half + i]);
        let part = |f: &(dyn Fn(usize) -> [Scalar; 2] + Sync), first: usize| {
            let mut sum = Products::default();
            (first..half.min(first + CHUNK)).map(f).for_each(|[x, y]| sum.add(x, y));
            sum.reduce()
        };
        let over = |f: &(dyn Fn(usize) -> [Scalar; 2] + Sync)| -> Scalar {
            let parts = (0..half.div_ceil(CHUNK)).into_par_iter();
            parts.map(|i| part(f, i * CHUNK)).reduce(Scalar::zero, |a, b| a + b)
        };
        match &self.summand {
            Summand::Pairs(pairs) => {
                let part = |l: usize, r: usize, part: Range<usize>| {
                    let values = |t: usize| {
                        let (low, high) = self.tables[t].split_at(half);
                        low[part.clone()].iter().zip(&high[part.clone()]).map(|(&low, &high)| node(low, high))
                    };
                    let mut sum = Products::default();
                    values(l).zip(values(r)).for_each(|(l, r)| sum.add(l, r));
                    sum.reduce()
                };
                let parts = half.div_ceil(CHUNK);
                let sum = |at: usize| {
                    let ((k, l, r), first) = (pairs[at / parts], at % parts * CHUNK);
                    k * part(l, r, first..half.min(first + CHUNK))
                };
                (0..parts * pairs.len()).into_par_iter().map(sum).reduce(Scalar::zero, |a, b| a + b)
            }
            Summand::Booleanity => over(&|i| {
                let b = value(1, i);
                [value(0, i), b * (b - Scalar::one())]
            }),
            Summand::WeightedSquare => over(&|i| {
                let q = value(1, i);
                [value(0, i), q.square()]
            }),
            Summand::Product => over(&|i| [value(0, i), value(1, i) * value(2, i)]),
        }
    }

    /// Binds the most significant variable.
    pub fn bind(&mut self, r: Scalar) {
        self.tables.par_iter_mut().for_each(|table| {
            let half = table.len() / 2;
            let (low, high) = table.split_at_mut(half);
            low.par_iter_mut().with_min_len(CHUNK).zip(high).for_each(|(l, h)| *l += r * (*h - *l));
            table[half..].fill(Scalar::zero());
            table.truncate(half);
        });
        if let Some(packed) = self.packed.take_if(|packed| packed.bind(r)) {
            let tables = packed.unpacked(&self.tables[1]);
            std::mem::replace(&mut self.tables, tables).zeroize();
        }
    }

    /// What table t ended in.
    #[must_use]
    pub fn end(&self, t: usize) -> Scalar {
        self.tables[t][0]
    }
}
