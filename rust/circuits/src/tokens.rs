//! What the tokens determine: their digest and the sketch matrices P and Q.

use crate::{draw::Streams, error::Rejected, profile::Profile, size::size};
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
            return Err(Rejected::Shape("a side of the sketch has no token"));
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

const fn c_side(column: &(bool, Vec<i64>)) -> bool {
    column.0
}

fn signs(beginning: &[u8], token: &[u8], r: usize) -> (bool, Vec<i64>) {
    let mut hasher = Shake128::default();
    hasher.update(beginning);
    hasher.update(token);
    let mut stream = vec![0; r.div_ceil(4).saturating_add(1)];
    hasher.finalize_xof().read(&mut stream);
    let codes = stream.iter().skip(1).flat_map(|&byte| [byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6]);
    let signs = codes
        .take(r)
        .map(|code| match code {
            2 => 1,
            3 => -1,
            _ => 0,
        })
        .collect();
    (stream.first().is_some_and(|byte| byte & 1 == 1), signs)
}
