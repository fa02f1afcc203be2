//! The inner-product argument (Bootle et al. 2016, Bulletproofs 2018) for a public second vector.
//!
//! Claim: `P = <a, G> + <a, b> U`. In each round, with halves `a = (a', a'')`,
//!
//! ```text
//! L = <a', G''> + <a', b''> U,     R = <a'', G'> + <a'', b'> U
//! a <- a' x + a'' / x,    G <- G' / x + G'' x,    b <- b' / x + b'' x,    P <- P + x^2 L + x^-2 R
//! ```
//!
//! It is not zero-knowledge and need not be: `a` is the masked row, which is uniform.

use crate::curve::Scalar;
use ark_ff::Field;

/// Coefficient of every original generator after all rounds, times a factor: products of `1/x` and `x`, first round most
/// significant.
#[must_use]
pub fn coefficients(factor: Scalar, rounds: &[(Scalar, Scalar)]) -> Vec<Scalar> {
    // 1/x and x are 1/x times 1 and x^2
    let mut out = vec![rounds.iter().fold(factor, |product, (_, inverse)| product * inverse)];
    for (x, _) in rounds {
        let square = x.square();
        out = out.into_iter().flat_map(|s| [s, s * square]).collect();
    }
    out
}
