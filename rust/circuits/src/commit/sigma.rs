//! One Sigma-protocol for everything that is left: pads, linear constraints, products, the opening of one row.
//!
//! Prover: `x_s`, `x_v` random; sends `Com(x_s)`, `Com(x_v)`, `T_1`, `T_0`, `u_lin`, `u_open`; after the challenge e the
//! masked pads `zs = e s + x_s` in clear and, through the inner-product argument, the masked row `z_v = e v + x_v`.
//!
//! Verifier:
//!
//! ```text
//! pads                 Com(zs; b_s) = e P_s + X_s
//! linear constraints   <lambda, zs> + e lambda_0 = u_lin,         lambda = sum_i mu^i zeros_i
//! products             Com(sum_k nu^k (z_i z_j - e z_k); b_t) = e T_1 + T_0
//! opening              <eq(sigma), z_v> = e last_0 + u_open + <last, zs>
//! ```
//!
//! (Attema and Cramer, eprint 2020/152, compressed Sigma-protocols.) Special soundness: 3.

use crate::{
    curve::Scalar,
    pads::{Form, Ledger},
    poly::powers,
    switches::{Check, thinned},
};

/// The zeros, combined by powers of mu.
#[must_use]
pub fn combine_zeros(ledger: &Ledger, mu: Scalar) -> Form {
    let mut lambda = Form::default();
    for (zero, mu) in ledger.zeros.iter().zip(thinned(Check::Zero, powers(mu))) {
        lambda += &zero.times(mu);
    }
    lambda
}

/// `sum_k nu^k f(z_i, z_j, z_k)` over the triples.
pub fn combine_triples(ledger: &Ledger, nu: Scalar, f: impl Fn([usize; 3]) -> Scalar) -> Scalar {
    ledger.triples.iter().zip(powers(nu)).map(|(&triple, nu)| nu * f(triple)).sum()
}
