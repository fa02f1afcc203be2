//! The prover's side of a sumcheck: tables that halve in every round.

use crate::curve::Scalar;
use ark_ff::{One, Zero};
use rayon::prelude::*;
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
        Self { tables, summand }
    }

    /// The polynomial of this round at x.
    #[must_use]
    pub fn at(&self, x: u64) -> Scalar {
        let half = self.tables[0].len() / 2;
        let x = Scalar::from(x);
        let value = |t: usize, i: usize| {
            let table = &self.tables[t];
            if x.is_zero() { table[i] } else { table[i] + x * (table[half + i] - table[i]) }
        };
        let over = |f: &(dyn Fn(usize) -> Scalar + Sync)| -> Scalar {
            (0..half).into_par_iter().with_min_len(CHUNK).map(f).reduce(Scalar::zero, |a, b| a + b)
        };
        match &self.summand {
            Summand::Pairs(pairs) => pairs.iter().map(|&(k, l, r)| k * over(&|i| value(l, i) * value(r, i))).sum(),
            Summand::Booleanity => over(&|i| {
                let b = value(1, i);
                value(0, i) * b * (b - Scalar::one())
            }),
            Summand::WeightedSquare => over(&|i| {
                let q = value(1, i);
                value(0, i) * q * q
            }),
            Summand::Product => over(&|i| value(0, i) * value(1, i) * value(2, i)),
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
    }

    /// What table t ended in.
    #[must_use]
    pub fn end(&self, t: usize) -> Scalar {
        self.tables[t][0]
    }
}
