//! What the tokens determine: their digest and the sketch matrices P and Q.

use crate::{
    curve::Scalar,
    draw::Streams,
    error::{Rejected, ensure},
    poly::sum,
    profile::Profile,
    size::size,
    sums::{Sum, multiples, table},
    ternary::ways,
};
use sha2::{Digest, Sha256};
use shake::{ExtendableOutput, Shake128, Update, XofReader};

/// SHA-256 over the tokens in order, each as its length (u32, big-endian) and its bytes.
#[must_use]
pub fn token_digest(tokens: &[Vec<u8>]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for token in tokens {
        Digest::update(&mut hasher, u32::try_from(token.len()).unwrap_or(u32::MAX).to_be_bytes());
        Digest::update(&mut hasher, token);
    }
    hasher.finalize().into()
}

/// How many tokens P has, and how many Q, under the draw whose streams begin like this ([`Streams::sketch`]).
#[must_use]
pub fn sides(beginning: &[u8], tokens: &[Vec<u8>]) -> (usize, usize) {
    let right = tokens.iter().filter(|token| signs(beginning, token, 0).0).count();
    (tokens.len().saturating_sub(right), right)
}

/// A matrix of small integers, row after row.
pub type Rows = Vec<Vec<i64>>;

/// P and Q, r x K each. A token's side and its r ternary signs come from SHAKE-128 of the beginning of the
/// draw's streams and its bytes. Centring makes every row sum to zero exactly: `P = n_P P0 - rowsum(P0)` on the `n_P` tokens of its side, 0 elsewhere; Q likewise.
///
/// # Errors
/// [`Rejected::Shape`] when a side has no token.
pub fn sketch_matrices(profile: &Profile, tokens: &[Vec<u8>], streams: &Streams) -> Result<(Rows, Rows), Rejected> {
    let r = size(profile.sketch);
    let columns: Vec<(bool, Vec<i64>)> = tokens.iter().map(|token| signs(&streams.sketch, token, r)).collect();
    let side = |right: bool| -> Result<Rows, Rejected> {
        let count = i64::try_from(columns.iter().filter(|c| c.0 == right).count()).unwrap_or(i64::MAX);
        if count == 0 {
            return Err(NO_TOKEN);
        }
        let row = |i: usize| {
            let entry = |c: &(bool, Vec<i64>)| c.1.get(i).copied().unwrap_or(0);
            let total: i64 = columns.iter().filter(|c| c.0 == right).map(entry).sum();
            let centred = |c| if right == c_side(c) { count.saturating_mul(entry(c)).saturating_sub(total) } else { 0 };
            columns.iter().map(centred).collect()
        };
        Ok((0..r).map(row).collect())
    };
    Ok((side(false)?, side(true)?))
}

/// `left^T P` and `right^T Q`, K numbers each, for the P and Q of [`sketch_matrices`], which are not written out: the four
/// signs of a byte choose from a table of what they make of their weights, as in [`crate::ternary`].
///
/// # Errors
/// [`Rejected::Shape`] when a side has no token.
pub fn combined(
    profile: &Profile,
    tokens: &[Vec<u8>],
    streams: &Streams,
    [left, right]: [&[Scalar]; 2],
) -> Result<[Vec<Scalar>; 2], Rejected> {
    let signs: Vec<Vec<u8>> = tokens.iter().map(|token| stream(&streams.sketch, token, size(profile.sketch))).collect();
    let side = |weights: &[Scalar], side: bool| {
        let of_side = |stream: &[u8]| is_right(stream) == side;
        let count = signs.iter().filter(|stream| of_side(stream)).count();
        ensure(count > 0, NO_TOKEN)?;
        let tables: Vec<_> = weights.chunks(4).map(|weights| table(&ways(weights))).collect();
        let multiples = multiples(tables.len());
        let entry = |stream: &Vec<u8>| {
            if !of_side(stream) {
                return Scalar::default();
            }
            let mut sum = Sum::default();
            let chosen = tables.iter().zip(stream.iter().skip(1));
            chosen.filter_map(|(table, &way)| table.get(usize::from(way))).for_each(|way| sum.add(way));
            sum.reduce(&multiples)
        };
        let entries: Vec<Scalar> = signs.iter().map(entry).collect();
        // centred
        let (count, total) = (Scalar::from(u64::try_from(count).unwrap_or(u64::MAX)), sum(&entries));
        let centred = |(stream, &entry): (&Vec<u8>, &Scalar)| {
            if of_side(stream) { count * entry - total } else { Scalar::default() }
        };
        Ok(signs.iter().zip(&entries).map(centred).collect())
    };
    Ok([side(left, false)?, side(right, true)?])
}

const NO_TOKEN: Rejected = Rejected::Shape("a side of the sketch has no token");

const fn c_side(column: &(bool, Vec<i64>)) -> bool {
    column.0
}

/// The stream of a token, as far as r signs go: a byte whose first bit is the side, then four signs a byte.
fn stream(beginning: &[u8], token: &[u8], r: usize) -> Vec<u8> {
    let mut hasher = Shake128::default();
    hasher.update(beginning);
    hasher.update(token);
    let mut stream = vec![0; r.div_ceil(4).saturating_add(1)];
    hasher.finalize_xof().read(&mut stream);
    stream
}

/// Whether the token of that stream is one of Q.
fn is_right(stream: &[u8]) -> bool {
    stream.first().is_some_and(|byte| byte & 1 == 1)
}

fn signs(beginning: &[u8], token: &[u8], r: usize) -> (bool, Vec<i64>) {
    let stream = stream(beginning, token, r);
    let codes = stream.iter().skip(1).flat_map(|&byte| [byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6]);
    let signs = codes
        .take(r)
        .map(|code| match code {
            2 => 1,
            3 => -1,
            _ => 0,
        })
        .collect();
    (is_right(&stream), signs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        poly::signed,
        profile::{ROBUST_2, TOY_2},
    };
    use ark_ff::UniformRand;

    fn words(count: u32) -> Vec<Vec<u8>> {
        (0..count).map(|i| i.to_be_bytes().to_vec()).collect()
    }

    #[test]
    fn combined_is_what_the_matrices_say() {
        let mut rng = ark_std::test_rng();
        for (profile, count) in [(&ROBUST_2, 300), (&TOY_2, 64)] {
            let (tokens, streams) = (words(count), Streams::new(profile, Some(&[3; 32])));
            let mut weights = || -> Vec<Scalar> { (0..profile.sketch).map(|_| Scalar::rand(&mut rng)).collect() };
            let (left, right) = (weights(), weights());
            let (p, q) = sketch_matrices(profile, &tokens, &streams).unwrap();
            let slow = |weights: &[Scalar], matrix: &Rows| -> Vec<Scalar> {
                let rows = || weights.iter().zip(matrix);
                let entry = |j: usize| rows().map(|(&w, row)| w * signed(i128::from(row[j]))).sum();
                (0..tokens.len()).map(entry).collect()
            };
            let found = combined(profile, &tokens, &streams, [&left, &right]).unwrap();
            assert!(found == [slow(&left, &p), slow(&right, &q)], "{}", profile.name);
        }
    }

    #[test]
    fn a_side_without_tokens_is_refused() {
        let streams = &Streams::common(&TOY_2);
        let of = |right| words(64).into_iter().filter(move |token| signs(&streams.sketch, token, 0).0 == right);
        for tokens in [of(false).collect(), of(true).collect(), vec![]] {
            let none = [Scalar::default(); 4];
            assert_eq!(combined(&TOY_2, &tokens, streams, [&none, &none]), Err(NO_TOKEN));
            assert_eq!(sketch_matrices(&TOY_2, &tokens, streams), Err(NO_TOKEN));
        }
    }

    /// Four signs are one byte of a stream.
    #[test]
    fn signs_fill_their_bytes() {
        assert!(crate::profile::PROFILES.iter().all(|profile| profile.sketch % 4 == 0));
    }
}
