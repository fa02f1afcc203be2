//! The prover's part of [`crate::layout`]: weights over a flat string written out, place by place.

use crate::{
    curve::Scalar,
    layout::{Flat, Run},
    poly::eq_table,
};
use ark_ff::{AdditiveGroup, Zero};

impl Flat {
    /// Every place that counts, with `factor` times its weight.
    fn visit(&self, factor: Scalar, mut f: impl FnMut(usize, Scalar)) {
        for run in &self.0 {
            match run {
                Run::Integers { group, low, high, weights } => {
                    for (i, &weight) in weights.iter().take(group.count).enumerate() {
                        let mut bit = weight * factor;
                        for b in *low..*high {
                            f(group.start + i * group.width + b, bit);
                            bit.double_in_place();
                        }
                    }
                }
                Run::Dense(values) => values.iter().enumerate().for_each(|(i, &x)| f(i, x * factor)),
                Run::Point(point) => eq_table(point).into_iter().enumerate().for_each(|(i, x)| f(i, x * factor)),
            }
        }
    }

    /// `sum_i weights[i] values(i)`.
    #[must_use]
    pub fn dot(&self, values: impl Fn(usize) -> Scalar) -> Scalar {
        let mut sum = Scalar::zero();
        self.visit(Scalar::from(1_u64), |place, weight| sum += weight * values(place));
        sum
    }

    /// `total += factor * weights`.
    pub fn add_to(&self, total: &mut [Scalar], factor: Scalar) {
        self.visit(factor, |place, weight| total.iter_mut().skip(place).take(1).for_each(|x| *x += weight));
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
