//! The two sides of the conversation.
//!
//! A relation is written once, as the verifier runs it, over a [`Side`]. Where a secret is wanted it asks a [`Question`];
//! the verifier's side reads the masked answer from the proof, the prover's side computes it from the witness, masks it and
//! sends it. So prover and verifier cannot drift apart: they run the same code.

use crate::{
    claims::Claims,
    curve::Scalar,
    error::Rejected,
    hidden::OnHidden,
    layout::{Flat, RowWeights},
    pads::{Ledger, Sent},
};

/// One side of the conversation.
pub trait Side {
    /// The error of this side.
    type Error: From<Rejected>;
    /// The ledger of pads, products and zeros that this side keeps.
    fn ledger(&mut self) -> &mut Ledger;
    /// A random scalar, never 0.
    ///
    /// # Errors
    /// The challenge 0 is refused.
    fn challenge(&mut self) -> Result<Scalar, Self::Error>;
    /// The answer to a question, masked.
    ///
    /// # Errors
    /// Prover: cancelled. Verifier: the proof ends early, or the scalar is not canonical.
    fn secret(&mut self, question: Question<'_>) -> Result<Sent, Self::Error>;
    /// A sumcheck begins. The verifier has nothing to do.
    ///
    /// # Errors
    /// Prover: cancelled.
    fn begin(&mut self, sum: Sum<'_>) -> Result<(), Self::Error>;
    /// A variable of the running sumcheck is bound.
    fn bind(&mut self, challenge: Scalar);

    /// What both sides compute from public values and challenges. A side that only counts leaves it out.
    ///
    /// # Errors
    /// The refusal that `f` returns.
    fn public<T: Default>(&self, f: impl FnOnce() -> Result<T, Rejected>) -> Result<T, Self::Error> {
        Ok(f()?)
    }

    /// Several challenges.
    ///
    /// # Errors
    /// As [`Side::challenge`].
    fn challenges(&mut self, count: usize) -> Result<Vec<Scalar>, Self::Error> {
        (0..count).map(|_| self.challenge()).collect()
    }
}

/// What the verifier wants to know.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// `<weights, bits> - constant`.
    Bits(&'a Flat, Scalar),
    /// `<weights, Y>`.
    Y(&'a Flat),
    /// The running sumcheck's polynomial of this round, at a point.
    Round(u64),
    /// The value that table `i` of the running sumcheck ended in.
    End(usize),
    /// `N_i`, the squared norm of rounded sketch i, of all draws.
    Norm(usize),
    /// `V_g = sum_k h_(g,k)^2` of layer g, of all draws.
    Scale(usize),
    /// `a_t`, the scale of term t, where it is secret.
    TermScale(usize),
    /// `P_t = a_t N_t`.
    ScaledNorm(usize),
    /// `D_l = sum_k f'_l[k]^2`.
    VectorSquares(usize),
    /// `<z_v, f'_l>` for vector v of theirs and layer l.
    Inner(usize, usize),
    /// The hidden activations of a network, each times its weight.
    Activations(&'a OnHidden),
    /// `sum Y^2`.
    ProjectionSquares,
    /// Of drift: `sum_G weights[G] (den |Delta|^2 - num |alpha W|^2)` over the blocks.
    Excess(&'a [Scalar]),
}

/// What a sumcheck sums. The table numbers are those of [`Question::End`].
#[derive(Clone, Copy, Debug)]
pub enum Sum<'a> {
    /// `sum_i rho^i A_i B_i` over positions, i over the terms of all draws. Tables `A_0, B_0, A_1, ..`.
    Chains {
        /// Powers of rho.
        rho: &'a [Scalar],
        /// Weights of the tokens in each draw: `P^T eq(ri)` and `Q^T eq(rj)`.
        tokens: &'a [[Vec<Scalar>; 2]],
    },
    /// `sum_m beta^m V_m x_(m mod 2)` over hidden indices. Tables `V_0, V_1, .., x_left, x_right`.
    MatrixVector {
        /// Powers of beta, one for each side of each draw.
        beta: &'a [Scalar],
        /// What the x of each draw is multiplied by before they are added up.
        mix: &'a [Scalar],
        /// Row weights of every side.
        sides: &'a [RowWeights],
    },
    /// `eq(tau) b (b - 1)` over the bit string. Tables `eq, b`.
    Booleanity {
        /// The point.
        tau: &'a [Scalar],
    },
    /// `theta^. y^2` over the entries of all rounded sketches, then all h. Tables `theta^., y`.
    Squares {
        /// Powers of theta, one for each sum of squares.
        theta: &'a [Scalar],
    },
    /// `sum_l delta^l f'_l[k]^2` over k. Tables `f'_0, f'_1, ..`.
    Vectors {
        /// Powers of delta.
        delta: &'a [Scalar],
    },
    /// `mu t U` over the hidden sums of a network: weight, whether it is positive, its rounded value. Tables `mu, t, U`.
    Activations {
        /// The weights are the sum of these.
        mu: &'a [OnHidden; 2],
    },
    /// `Y^2`. Table `Y`.
    Projection,
    /// Of drift: `factor_m sum_j (den Delta_m[j]^2 - num (alpha W_m[j])^2)` over the commitment rows of one model.
    Rows {
        /// One factor for each row.
        factors: &'a [Scalar],
    },
    /// The same over the columns, rows bound. Tables `Delta, alpha W`.
    Columns {
        /// The factor of all rows.
        factor: Scalar,
    },
    /// All claims, over the columns of the commitment rows.
    Claims {
        /// The claims.
        claims: &'a Claims,
        /// Their powers of gamma.
        gammas: &'a [Scalar],
    },
}
