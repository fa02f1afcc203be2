//! Products of matrices in double precision, tile by tile, every entry summed in one order.
//!
//! An entry `c - a_0 b_0 - a_1 b_1 - ..` is one multiplication and one subtraction after the other, from the first term to
//! the last, never fused. Vectors hold *different* entries, and so do threads; tiles and blocks only say when an entry gets its next
//! terms. So neither changes a bit, and the results are those of the three plain loops of a textbook.

use crate::prover::simd::Vectors;

/// Rows of a panel; a tile is square.
pub const SIDE: usize = 8;
/// Eight entries of one column.
pub type Lanes = [f64; SIDE];
/// Eight rows of a matrix, column after column.
pub type Panel = Vec<Lanes>;
/// A tile of a panel: eight columns of it.
pub type Tile = [Lanes; SIDE];

/// `c -= a b^T`, for as many columns as a and b have: eight rows of a become the columns of c.
pub fn subtract(vectors: Vectors, c: &mut Tile, a: &[Lanes], b: &[Lanes]) {
    // as many columns at a time as the registers hold sums for
    match vectors {
        Vectors::Eight => vectors.run(
            #[inline(always)]
            || columns::<0, 8>(c, a, b),
        ),
        Vectors::Four => vectors.run(
            #[inline(always)]
            || {
                columns::<0, 4>(c, a, b);
                columns::<4, 4>(c, a, b);
            },
        ),
        Vectors::Two => {
            columns::<0, 2>(c, a, b);
            columns::<2, 2>(c, a, b);
            columns::<4, 2>(c, a, b);
            columns::<6, 2>(c, a, b);
        }
    }
}

/// The same for N columns of c from number FIRST on.
#[inline(always)]
fn columns<const FIRST: usize, const N: usize>(c: &mut Tile, a: &[Lanes], b: &[Lanes]) {
    let Some(c) = c[FIRST..].first_chunk_mut::<N>() else { return };
    let mut sums = *c;
    for (a, b) in a.iter().zip(b) {
        let factors: [f64; N] = std::array::from_fn(|i| a[FIRST + i]);
        for i in 0..N {
            for j in 0..SIDE {
                sums[i][j] -= factors[i] * b[j];
            }
        }
    }
    *c = sums;
}
