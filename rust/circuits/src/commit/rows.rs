//! Row commitments to small integers: `C = sum_j w_j G_j + r H`.
//!
//! Signed buckets: generators whose weight has absolute value b are added up (negated for negative weights), then
//! `sum_b b B_b`. The additions inside the buckets are affine and pairwise, a tree whose levels share one inversion
//! (Montgomery's trick), so that an addition costs about six multiplications.

use crate::{
    commit::generators::Generators,
    curve::{Affine, Base, Projective, Scalar, msm, normalise},
    error::Failure,
    poly::signed,
    profile::Profile,
    progress::{Progress, Stage},
    weights::Weights,
};
use ark_ff::{AdditiveGroup, Field, Zero, batch_inversion};
use rayon::prelude::*;

/// Commits to all rows of all matrices: `floor(n / d)` matrix rows side by side, a new matrix starts a new row. `blind(m)`
/// is the blind of row m.
///
/// # Errors
/// [`Failure::Cancelled`].
pub fn commit_rows(
    weights: &Weights,
    profile: &Profile,
    generators: &Generators,
    blind: &(dyn Fn(usize) -> Scalar + Sync),
    progress: &Progress,
) -> Result<Vec<Affine>, Failure> {
    let width = weights.shape.slots(profile) * weights.shape.hidden as usize;
    let rows: Vec<&[i16]> = weights.matrices.iter().flat_map(|m| m.entries.chunks(width)).collect();
    progress.begin(Stage::Commit, rows.len() as u64);
    let points: Vec<Projective> = rows
        .par_iter()
        .enumerate()
        .map_init(Buckets::default, |buckets, (m, row)| {
            progress.advance(1)?;
            Ok(buckets.sum(row, &generators.g) + generators.h * blind(m))
        })
        .collect::<Result<_, Failure>>()?;
    Ok(normalise(&points))
}

/// Scratch space for one row at a time.
#[derive(Default)]
struct Buckets {
    /// Where each bucket begins in `points`.
    starts: Vec<usize>,
    /// How many points each bucket holds.
    counts: Vec<usize>,
    points: Vec<(Base, Base)>,
    denominators: Vec<Base>,
}

impl Buckets {
    /// `sum_j row[j] generators[j]`.
    fn sum(&mut self, row: &[i16], generators: &[Affine]) -> Projective {
        self.sort(row, generators);
        while self.counts.iter().any(|&count| count > 1) {
            if !self.halve() {
                // two equal or opposite points met: impossible for generators without a known relation, but correct
                let scalars: Vec<Scalar> = row.iter().map(|&w| signed(i128::from(w))).collect();
                return msm(&generators[..row.len()], &scalars).unwrap_or_default();
            }
        }
        // sum_b b B_b by running sums from the top
        let (mut running, mut total) = (Projective::zero(), Projective::zero());
        for (&start, &count) in self.starts.iter().zip(&self.counts).rev() {
            if count == 1 {
                let (x, y) = self.points[start];
                running += Affine::new_unchecked(x, y);
            }
            total += running;
        }
        total
    }

    /// Puts each generator into the bucket of its weight; bucket 0 is left out.
    fn sort(&mut self, row: &[i16], generators: &[Affine]) {
        let widest = row.iter().map(|w| w.unsigned_abs()).max().unwrap_or(0) as usize;
        self.counts.clear();
        self.counts.resize(widest, 0);
        for w in row.iter().filter(|w| **w != 0) {
            self.counts[w.unsigned_abs() as usize - 1] += 1;
        }
        self.starts.clear();
        let mut end = 0;
        for &count in &self.counts {
            self.starts.push(end);
            end += count;
        }
        self.points.clear();
        self.points.resize(end, (Base::ZERO, Base::ZERO));
        let mut next = self.starts.clone();
        for (&w, g) in row.iter().zip(generators).filter(|(w, _)| **w != 0) {
            let slot = &mut next[w.unsigned_abs() as usize - 1];
            self.points[*slot] = (g.x, if w < 0 { -g.y } else { g.y });
            *slot += 1;
        }
    }

    /// Adds the points of each bucket pairwise. False if a pair is equal or opposite.
    fn halve(&mut self) -> bool {
        self.denominators.clear();
        for (&start, &count) in self.starts.iter().zip(&self.counts) {
            let pairs = self.points[start..start + count].chunks_exact(2);
            self.denominators.extend(pairs.map(|pair| pair[1].0 - pair[0].0));
        }
        if self.denominators.iter().any(Zero::is_zero) {
            return false;
        }
        batch_inversion(&mut self.denominators);
        let mut inverses = self.denominators.iter();
        for (&start, count) in self.starts.iter().zip(&mut self.counts) {
            let bucket = &mut self.points[start..start + *count];
            for i in 0..*count / 2 {
                let ((x1, y1), (x2, y2)) = (bucket[2 * i], bucket[2 * i + 1]);
                let inverse = inverses.next().copied().unwrap_or_default();
                let slope = (y2 - y1) * inverse;
                let x3 = slope.square() - x1 - x2;
                bucket[i] = (x3, slope * (x1 - x3) - y1);
            }
            if *count % 2 == 1 && *count > 1 {
                bucket[*count / 2] = bucket[*count - 1];
            }
            *count = count.div_ceil(2);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ec::{CurveGroup, PrimeGroup};

    fn check(row: &[i16], generators: &[Affine]) {
        let scalars: Vec<Scalar> = row.iter().map(|&w| signed(i128::from(w))).collect();
        assert_eq!(Buckets::default().sum(row, generators), msm(&generators[..row.len()], &scalars).unwrap());
    }

    #[test]
    fn agrees_with_the_general_multiplication() {
        let g = Generators::derive(9).g;
        let row: Vec<i16> = (0..512_i32).map(|i| ((i * 7919 + 13) % 4095 - 2047) as i16).collect();
        check(&row, &g);
        check(&[5; 512], &g);
        check(&[0; 512], &g);
        check(&[1, -1, 2047, -2047, 0], &g);
    }

    #[test]
    fn survives_equal_and_opposite_points() {
        let one = Projective::generator().into_affine();
        let two = Projective::generator().double().into_affine();
        check(&[3, 3, 3, -3, 2], &[one, one, two, one, -two]);
        check(&[1, 1], &[one, -one]);
    }
}
