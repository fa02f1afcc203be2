//! Exact products of small integers with large ones.
//!
//! A large integer is cut into pieces so small that no sum of products leaves its type. So the order of additions does not
//! matter, and the compiler may use the widest vectors there are.
//!
//! - Inner products with rows ([`apply`]): digits of 13 bits, products and sums in 32 bits, of which machines add most at
//!   once. A digit times a weight of at most 12 bits is at most 2047 * 2^12, and 256 of them fit.
//! - Sums of rows ([`combine`]): limbs of 24 bits, products and sums in double precision. A limb times a weight of at most 12 bits is
//!   below 2^36, and sums of up to 2^16 of them stay below 2^53.

use crate::prover::simd::wide;
use rayon::prelude::*;

/// Bits of a digit, which is at least -2^12 and below 2^12.
pub const DIGIT_BITS: u32 = 13;
/// Rows that share the loads of the vectors.
const ROWS: usize = 8;
/// Columns at a time.
const TILE: usize = 256;

/// Takes the lowest digit off `rest`, which is less than 2^62 in absolute value.
pub const fn digit(rest: &mut i64) -> i16 {
    const HALF: i64 = 1 << (DIGIT_BITS - 1);
    let digit = ((*rest + HALF) & (2 * HALF - 1)) - HALF;
    *rest = (*rest - digit) >> DIGIT_BITS;
    digit as i16
}

/// For each row: its inner products with all vectors of digits, row after row. Rows may be shorter than the vectors, as if they
/// ended in zeros.
#[must_use]
pub fn apply(rows: &[&[i16]], vectors: &[Vec<i16>]) -> Vec<i64> {
    let (count, at_once) = (vectors.len(), at_once(rows));
    let tiles = tiles(vectors);
    let mut out = vec![0; rows.len() * count];
    out.par_chunks_mut(ROWS * count).zip(rows.par_chunks(ROWS)).for_each(|(out, rows)| {
        for (first, vectors) in (0..).step_by(TILE).zip(&tiles) {
            let rows: [_; ROWS] =
                std::array::from_fn(|r| rows.get(r).map_or(Aligned([0; TILE]), |row| tile(row, first)));
            wide(
                #[inline(always)]
                || {
                    for (v, vector) in vectors.iter().enumerate() {
                        for (out, row) in out.chunks_exact_mut(count).zip(&rows) {
                            out[v] += product(vector, row, at_once);
                        }
                    }
                },
            );
        }
    });
    out
}

/// Aligned as a cache line: wide vectors of numbers elsewhere touch two lines.
#[repr(align(64))]
struct Aligned<T>(T);

type Tile = Aligned<[i16; TILE]>;

/// Entry `first` of a row and those behind it; zeros where there are no more.
fn tile(row: &[i16], first: usize) -> Tile {
    let part = &row[first.min(row.len())..row.len().min(first + TILE)];
    let mut tile = [0; TILE];
    tile[..part.len()].copy_from_slice(part);
    Aligned(tile)
}

/// The same entries of all vectors side by side, because their own places in memory may share the sets of a cache.
fn tiles(vectors: &[Vec<i16>]) -> Vec<Vec<Tile>> {
    let length = vectors.iter().map(Vec::len).max().unwrap_or(0);
    let all = |first: usize| vectors.iter().map(|vector| tile(vector, first * TILE)).collect();
    (0..length.div_ceil(TILE)).into_par_iter().map(all).collect()
}

/// How many products of a digit and one of these entries 32 bits hold, whatever their order.
fn at_once(rows: &[&[i16]]) -> usize {
    let widest = rows.par_iter().flat_map_iter(|row| row.iter().map(|&x| x.unsigned_abs())).max().unwrap_or(0);
    let largest = usize::from(widest.max(1)) << (DIGIT_BITS - 1);
    TILE.min(i32::MAX as usize / largest)
}

/// `sum_i x_i y_i`, so many products at once.
#[inline(always)]
fn product(Aligned(x): &Tile, Aligned(y): &Tile, at_once: usize) -> i64 {
    if at_once == TILE {
        return i64::from(dot(x, y)); // of a length that the compiler knows
    }
    x.chunks(at_once).zip(y.chunks(at_once)).map(|(x, y)| i64::from(dot(x, y))).sum()
}

#[inline(always)]
fn dot(x: &[i16], y: &[i16]) -> i32 {
    x.iter().zip(y).map(|(&x, &y)| i32::from(x) * i32::from(y)).sum()
}

/// Bits of a limb.
pub const LIMB_BITS: u32 = 24;
/// Products that one accumulator holds.
pub const FLUSH: usize = 1 << 16;
/// Columns that one task accumulates: its accumulators fit the second-level cache.
const STRIP: usize = 2048;
/// Columns at a time: converted entries fit the first-level cache.
const PART: usize = 256;
/// Rows that share the loads and stores of the accumulators.
const GROUP: usize = 8;

/// `sum_m weights[m] rows[m]` limb by limb, `width` entries; rows may be shorter, as if they ended in zeros. One vector of sums
/// for each limb; at most [`FLUSH`] rows.
#[must_use]
pub fn combine<const L: usize>(rows: &[&[i16]], width: usize, weights: &[[f64; L]]) -> Vec<Vec<f64>> {
    assert!(weights.len() <= FLUSH, "more rows than an accumulator holds");
    let mut out = vec![vec![0.0; width]; L];
    let mut strips: Vec<Vec<&mut [f64]>> = (0..width.div_ceil(STRIP)).map(|_| Vec::with_capacity(L)).collect();
    for limb in &mut out {
        strips.iter_mut().zip(limb.chunks_mut(STRIP)).for_each(|(strip, part)| strip.push(part));
    }
    strips.into_par_iter().enumerate().for_each(|(s, mut strip)| {
        let mut group = Aligned([[0.0; PART]; GROUP]);
        for (rows, weights) in rows.chunks(GROUP).zip(weights.chunks(GROUP)) {
            let mut factors = [[0.0; L]; GROUP];
            factors.iter_mut().zip(weights).for_each(|(factor, weight)| *factor = *weight);
            for first in (0..strip[0].len()).step_by(PART) {
                wide(
                    #[inline(always)]
                    || {
                        for (r, part) in group.0.iter_mut().enumerate() {
                            let row = rows.get(r).copied().unwrap_or_default();
                            let start = (s * STRIP + first).min(row.len());
                            let row = &row[start..row.len().min(start + PART)];
                            part.iter_mut().zip(row).for_each(|(x, &w)| *x = f64::from(w));
                            part[row.len()..].fill(0.0);
                        }
                        for (l, sums) in strip.iter_mut().enumerate() {
                            let width = PART.min(sums.len() - first);
                            accumulate(&mut sums[first..first + width], &group.0, &factors.map(|factor| factor[l]));
                        }
                    },
                );
            }
        }
    });
    out
}

/// `sums += sum_r factors[r] rows[r]`.
#[inline(always)]
fn accumulate(sums: &mut [f64], rows: &[[f64; PART]; GROUP], factors: &[f64; GROUP]) {
    let [a, b, c, d, e, f, g, h] = rows;
    for (i, sum) in sums.iter_mut().enumerate().take(PART) {
        let first = a[i] * factors[0] + b[i] * factors[1] + (c[i] * factors[2] + d[i] * factors[3]);
        let second = e[i] * factors[4] + f[i] * factors[5] + (g[i] * factors[6] + h[i] * factors[7]);
        *sum += first + second;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_hand(rows: &[&[i16]], vectors: &[Vec<i16>]) -> Vec<i64> {
        let product = |row: &[i16], v: &[i16]| row.iter().zip(v).map(|(&w, &x)| i64::from(w) * i64::from(x)).sum();
        rows.iter().flat_map(|row| vectors.iter().map(move |v| product(row, v))).collect()
    }

    #[test]
    fn digits_make_the_number_again() {
        for x in [0, 1, -1, 4095, 4096, -4096, -4097, 123_456_789_012, -123_456_789_012, (1 << 38) - 1, -(1 << 38)] {
            let mut rest = x;
            let found: Vec<i16> = (0..4).map(|_| digit(&mut rest)).collect();
            assert!(rest == 0 && found.iter().all(|d| (-4096..4096).contains(d)), "{x}");
            assert_eq!(found.iter().rev().fold(0, |sum, &d| (sum << DIGIT_BITS) + i64::from(d)), x);
        }
    }

    #[test]
    fn the_widest_sums_fit() {
        let columns = 1000;
        for widest in [1, 2047, 2048, -2048, i16::MAX, i16::MIN] {
            for digit in [-4096, 4095] {
                let (row, vectors) = (vec![widest; columns], [vec![digit; columns]]);
                assert_eq!(apply(&[&row], &vectors), by_hand(&[&row], &vectors), "{widest}, {digit}");
            }
        }
        assert_eq!([2047, 2048, i16::MIN, 0].map(|widest| at_once(&[&[], &[widest]])), [256, 255, 15, 256]);
    }

    #[test]
    fn agrees_with_integers() {
        for (rows, columns) in [(1, 1), (3, 7), (5, 1025), (9, 2100), (17, 300)] {
            let entries: Vec<i16> = (0..rows * columns).map(|i| ((i * 7919) % 4095) as i16 - 2047).collect();
            let digit = |i: usize| ((i * 48_271) % (1 << DIGIT_BITS)) as i16 - (1 << (DIGIT_BITS - 1));
            let vectors: Vec<Vec<i16>> = (0..3).map(|v| (0..columns).map(|i| digit(i + 17 * v)).collect()).collect();
            // the last row is short
            let parts: Vec<&[i16]> = entries[..entries.len() - columns / 3].chunks(columns).collect();
            assert_eq!(apply(&parts, &vectors), by_hand(&parts, &vectors), "{rows} x {columns}");

            let limb = |i: usize| ((i * 48_271) % (1 << 24)) as f64;
            let weights: Vec<[f64; 2]> = (0..rows).map(|m| [limb(m), -limb(m + 5)]).collect();
            let combined = combine(&parts, columns, &weights);
            for (l, sums) in combined.iter().enumerate() {
                for (i, &sum) in sums.iter().enumerate() {
                    let terms =
                        parts.iter().zip(&weights).filter_map(|(row, w)| row.get(i).map(|&x| f64::from(x) * w[l]));
                    assert_eq!(sum, terms.sum::<f64>(), "{rows} x {columns}, limb {l}, column {i}");
                }
            }
        }
    }
}
