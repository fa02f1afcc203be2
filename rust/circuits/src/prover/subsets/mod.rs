//! Sums of small multiples for many rows over the same points: `S_r = sum_j w_rj G_j`.
//!
//! **Subset sums** ("four Russians"; Arlazarov, Dinic, Kronrod, Faradzev 1970). The columns are cut into groups of k. A bit
//! plane of a row, seen through one group, is one of `2^k` subsets of its points; a table of all of them, made once, serves
//! every plane of every row. A row of b-bit weights costs b/k additions a weight instead of one, and its share of the tables.
//!
//! **Signs instead of bits.** A bit u counts as s = 2 u - 1, one of +1 and -1. In two's complement
//!
//! ```text
//! 2 w + 1 = sum_i c_i s_i      c_i = 2^i, but c_(b-1) = -2^(b-1)
//! 2 S + A = sum_i c_i P_i      P_i = sum_j s_ij G_j,  A = sum_j G_j
//! ```
//!
//! so a table needs one half of its entries (complements are opposite), and no entry and no partial sum of independent points is
//! the identity, whatever the weights. All additions are affine, thousands with one inversion; where the points are related and two
//! that meet are equal or opposite after all, the rows go to [`Buckets`], which can do that.
//!
//! **Memory.** For each thread tables of at most 4 MiB (10 MiB while they are made), `80 b` bytes for each row and `36 b` for its
//! picks of a panel: 16 MiB for 4,096 rows of 12 bits, 32 MiB for the 16,384 that are dealt with at once.

#[cfg(any(target_arch = "x86_64", test))]
mod buckets;
mod engine;
mod job;
mod planes;
pub mod scalars;
mod tables;
#[cfg(target_arch = "x86_64")]
mod vectors;

use crate::{
    curve::{Affine, Projective},
    multiply::Buckets,
    prover::{failure::Failure, progress::Progress},
};
use engine::{Engine, Portable};
use job::Job;
use rayon::prelude::*;

/// Rows of one job: what more of them save is less than 1 %, and memory is bounded.
const MOST: usize = 1 << 14;

/// The arithmetic that adds up points. All give the same sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Vectors of eight with AVX-512 IFMA.
    Ifma,
    /// Vectors of four with AVX2 and fused multiply-adds.
    Avx2,
    /// That of every machine.
    Portable,
}

/// `sum_j rows[r][j] points[j]` for every row, over the shorter length, on all threads of the pool, by the fastest arithmetic that the
/// machine has. Many rows at once are cheapest. `progress` advances by the number of rows, often enough to be stopped within
/// a second.
///
/// # Errors
/// [`Failure::Cancelled`].
pub fn sums(rows: &[&[i16]], points: &[Affine], progress: &Progress) -> Result<Vec<Projective>, Failure> {
    sums_with(Arithmetic::Ifma, rows, points, progress)
}

/// The same sums by this arithmetic, or the next that the machine has: for comparison.
///
/// # Errors
/// [`Failure::Cancelled`].
#[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables, reason = "only one arithmetic"))]
pub fn sums_with(
    arithmetic: Arithmetic,
    rows: &[&[i16]],
    points: &[Affine],
    progress: &Progress,
) -> Result<Vec<Projective>, Failure> {
    #[cfg(target_arch = "x86_64")]
    {
        if arithmetic == Arithmetic::Ifma
            && let Some(engine) = vectors::Ifma::detect()
        {
            return sums_by(engine, rows, points, progress);
        }
        if arithmetic != Arithmetic::Portable
            && let Some(engine) = vectors::Avx2::detect()
        {
            return sums_by(engine, rows, points, progress);
        }
    }
    sums_by(Portable::default(), rows, points, progress)
}

fn sums_by<E: Engine>(
    mut engine: E,
    rows: &[&[i16]],
    points: &[Affine],
    progress: &Progress,
) -> Result<Vec<Projective>, Failure> {
    let rows: Vec<&[i16]> = rows.iter().map(|row| row.get(..points.len()).unwrap_or(row)).collect();
    let mut sums = Vec::with_capacity(rows.len());
    for rows in rows.chunks(MOST) {
        sums.extend(if rows.len() < E::FEW {
            one_by_one(rows, points, 1, progress)?
        } else if let Some(sums) = Job::new(rows, points).run(&mut engine, progress)? {
            sums
        } else {
            // related points, which the job met after some of its work: progress stands still until the end
            one_by_one(rows, points, 0, progress)?
        });
    }
    Ok(sums)
}

/// Each row by itself; each advances progress by `step`.
fn one_by_one(rows: &[&[i16]], points: &[Affine], step: u64, progress: &Progress) -> Result<Vec<Projective>, Failure> {
    let sum = |buckets: &mut Buckets, row: &&[i16]| {
        progress.advance(step)?;
        Ok(buckets.sum(row, points))
    };
    rows.par_iter().map_init(Buckets::default, sum).collect()
}

#[cfg(test)]
mod tests {
    use super::{job::tests::run_everywhere, *};
    use crate::{commit::generators::Generators, prover::progress::Stage};
    use ark_ec::{CurveGroup, PrimeGroup};
    use proptest::prelude::*;

    fn slices(rows: &[Vec<i16>]) -> Vec<&[i16]> {
        rows.iter().map(Vec::as_slice).collect()
    }

    fn plain(rows: &[Vec<i16>], points: &[Affine]) -> Vec<Projective> {
        rows.iter().map(|row| Buckets::default().sum(row, points)).collect()
    }

    /// The job with every arithmetic of this machine; the same answer, point for point.
    fn jobs(rows: &[Vec<i16>], points: &[Affine]) -> Option<Vec<Projective>> {
        let rows = slices(rows);
        run_everywhere(|| Job::new(&rows, points))
    }

    /// Numbers that look random, of so many bits.
    fn rows(lengths: impl IntoIterator<Item = usize>, bits: u32) -> Vec<Vec<i16>> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as i16 >> (16 - bits)
        };
        lengths.into_iter().map(|length| (0..length).map(|_| next()).collect()).collect()
    }

    #[test]
    fn every_number_of_bits_and_rows_of_any_length() {
        let g = Generators::derive(9).g().to_vec();
        for bits in 1..=16 {
            let mut rows = rows((0..21).map(|r| [512, 511, 300, 0, 1, 97, 512][r % 7]), bits);
            rows.push(vec![0; 512]);
            rows.push(vec![-1; 512]);
            assert_eq!(jobs(&rows, &g), Some(plain(&rows, &g)), "{bits} bits");
        }
    }

    #[test]
    fn any_number_of_rows() {
        let g = Generators::derive(9).g().to_vec();
        for count in [0, 1, 2, 7, 8, 9, 15, 16, 17, 64, 100] {
            let rows = rows(std::iter::repeat_n(512, count), 12);
            assert_eq!(jobs(&rows, &g), Some(plain(&rows, &g)), "{count} rows");
            assert_eq!(sums(&slices(&rows), &g, &Progress::default()), Ok(plain(&rows, &g)), "{count} rows");
        }
    }

    #[test]
    fn extremes() {
        let g = Generators::derive(9).g().to_vec();
        let rows: Vec<Vec<i16>> = [i16::MIN, i16::MAX, -1, 0, 1, -2048, 2047]
            .iter()
            .flat_map(|&w| [vec![w; 512], (0..512).map(|j| if j % 3 == 0 { w } else { 0 }).collect()])
            .collect();
        assert_eq!(jobs(&rows, &g), Some(plain(&rows, &g)));
    }

    #[test]
    fn more_panels_than_threads() {
        let g = Generators::derive(12).g().to_vec();
        let rows = rows((0..40).map(|r| 4096 - 150 * (r % 20)), 12);
        assert_eq!(jobs(&rows, &g), Some(plain(&rows, &g)));
    }

    /// Whatever the points: rows longer than points, the identity among them, equal and opposite ones, partial sums that meet.
    #[test]
    fn related_points() {
        let g = Generators::derive(9).g().to_vec();
        let multiples: Vec<Affine> =
            (1..=512_u64).map(|k| (Projective::generator() * crate::curve::Scalar::from(k)).into_affine()).collect();
        let identity: Vec<Affine> =
            g.iter().enumerate().map(|(j, &g)| if j == 500 { Affine::identity() } else { g }).collect();
        let equal = vec![g[0]; 512];
        let opposite: Vec<Affine> =
            g.iter().enumerate().map(|(j, &p)| if j % 2 == 0 { p } else { -g[j - 1] }).collect();
        // two panels of the same points, so that sums meet entries, and two of opposite ones
        let again: Vec<Affine> = (0..512).map(|j| g[j % 64]).collect();
        let against: Vec<Affine> = (0..512).map(|j| if j < 256 { g[j] } else { -g[j - 256] }).collect();
        for points in [multiples, identity, equal, opposite, again, against, g[..3].to_vec(), vec![]] {
            for mut rows in [rows(std::iter::repeat_n(512, 70), 12), vec![vec![0; 512]; 70], vec![vec![5; 512]; 70]] {
                rows[3].truncate(9);
                let expected = plain(&rows, &points);
                let progress = Progress::default();
                for arithmetic in [Arithmetic::Ifma, Arithmetic::Avx2, Arithmetic::Portable] {
                    let sums = sums_with(arithmetic, &slices(&rows), &points, &progress);
                    assert_eq!(sums.as_ref(), Ok(&expected), "{arithmetic:?}");
                }
            }
        }
    }

    #[test]
    fn progress_counts_rows_and_can_be_stopped() {
        let g = Generators::derive(9).g().to_vec();
        for count in [3, 20, 100] {
            let rows = rows((0..count).map(|r| 512 - r), 12);
            let progress = Progress::default();
            progress.begin(Stage::Commit, count as u64);
            sums(&slices(&rows), &g, &progress).unwrap();
            assert_eq!(progress.now(), (Stage::Commit, count as u64, count as u64));
            progress.cancel();
            assert_eq!(sums(&slices(&rows), &g, &progress), Err(Failure::Cancelled));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_rows_agree(
            rows in proptest::collection::vec(proptest::collection::vec(any::<i16>(), 0..300), 0..40),
            bits in 1_u32..=16,
        ) {
            let g = Generators::derive(9).g().to_vec();
            let rows: Vec<Vec<i16>> = rows.iter().map(|row| row.iter().map(|w| w >> (16 - bits)).collect()).collect();
            prop_assert_eq!(jobs(&rows, &g), Some(plain(&rows, &g)));
        }
    }
}
