//! The prover's part of [`crate::layout`]: weights over a flat string written out, part by part on all threads.

use crate::{
    curve::Scalar,
    layout::{Flat, Run},
    poly::eq_table,
};
use ark_ff::{AdditiveGroup, One, Zero};
use rayon::prelude::*;

/// Variables of a part.
const VARIABLES: usize = 12;
/// Places of a part.
const PART: usize = 1 << VARIABLES;

impl Flat {
    /// Every place of a part that counts, as its place in the part, with `factor` times its weight.
    fn visit(&self, part: usize, factor: Scalar, mut f: impl FnMut(usize, Scalar)) {
        let (first, end) = (part * PART, (part + 1) * PART);
        for run in &self.0 {
            match run {
                Run::Integers { group, low, high, weights } => {
                    let skipped = first.saturating_sub(group.start) / group.width.max(1);
                    for (i, &weight) in weights.iter().take(group.count).enumerate().skip(skipped) {
                        let start = group.start + i * group.width;
                        if start >= end {
                            break;
                        }
                        let mut bit = weight * factor;
                        for place in start + *low..(start + *high).min(end) {
                            if place >= first {
                                f(place - first, bit);
                            }
                            bit.double_in_place();
                        }
                    }
                }
                Run::Dense(values) => {
                    values.iter().skip(first).take(PART).enumerate().for_each(|(i, &x)| f(i, x * factor));
                }
                Run::Point(point) => {
                    let (high, low) = point.split_at(point.len().saturating_sub(VARIABLES));
                    if part >> high.len() == 0 {
                        let set = |v: usize| part >> (high.len() - 1 - v) & 1 == 1;
                        let each = high.iter().enumerate().map(|(v, &x)| if set(v) { x } else { Scalar::one() - x });
                        let factor = factor * each.product::<Scalar>();
                        eq_table(low).into_iter().enumerate().for_each(|(i, x)| f(i, x * factor));
                    }
                }
            }
        }
    }

    /// `sum_i weights[i] values(i)` over a string of so many places.
    #[must_use]
    pub fn dot(&self, places: usize, values: impl Fn(usize) -> Scalar + Sync) -> Scalar {
        let part = |part: usize| {
            let mut sum = Scalar::zero();
            self.visit(part, Scalar::one(), |i, weight| {
                let value = values(part * PART + i);
                // most values are bits
                if value.is_one() {
                    sum += weight;
                } else if !value.is_zero() {
                    sum += weight * value;
                }
            });
            sum
        };
        (0..places.div_ceil(PART)).into_par_iter().map(part).reduce(Scalar::zero, |a, b| a + b)
    }

    /// `total += factor * weights`.
    pub fn add_to(&self, total: &mut [Scalar], factor: Scalar) {
        total.par_chunks_mut(PART).enumerate().for_each(|(part, total)| {
            self.visit(part, factor, |i, weight| total.get_mut(i).into_iter().for_each(|x| *x += weight));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        layout::{Columns, Group},
        poly::dot,
    };

    #[test]
    fn rows_are_those_of_the_weights_written_out() {
        let n = 16;
        let columns = Columns::new((3..7_u64).map(Scalar::from).collect());
        let weights: Vec<Scalar> = (20..29_u64).map(Scalar::from).collect();
        let flats = [
            Flat::integers(Group { start: 5, count: 9, width: 7 }, &weights, 0),
            Flat::integers(Group { start: 5, count: 3, width: 21 }, &weights, 4),
            Flat::parts(Group { start: 5, count: 3, width: 21 }, &weights, 4..20),
            Flat::parts(Group { start: 5, count: 3, width: 21 }, &weights, 20..21),
            Flat::one(Group { start: 1, count: 2, width: 30 }, 1),
            Flat::dense((0..70_u64).map(Scalar::from).collect()),
            Flat::point((11..18_u64).map(Scalar::from).collect()),
            Flat::point((11..15_u64).map(Scalar::from).collect()),
            Flat::point((11..14_u64).map(Scalar::from).collect()),
        ];
        let factor = Scalar::from(77_u64);
        for flat in flats {
            let (mut rows, mut dense) = (vec![Scalar::zero(); 5], vec![Scalar::zero(); 5 * n]);
            flat.add_rows(&columns, factor, &mut rows);
            flat.add_to(&mut dense, factor);
            let expected: Vec<Scalar> = dense.chunks(n).map(|row| dot(row, &columns.eq)).collect();
            assert_eq!(rows, expected, "{flat:?}");
        }
    }
}
