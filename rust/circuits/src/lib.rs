//! The proof behind a huref fingerprint.
//!
//! A model's owner commits to quantised weights `W`, row by row, and proves in zero knowledge that the published vector `z`
//! is their fingerprint. For every term `M = A^T B` of a layer (a: query and key, b: value and output, f: up and down) and
//! public ternary matrices P, Q that the tokens determine:
//!
//! ```text
//! S_t = (P X) A_t^T B_t (Q X)^T          an r x r sketch of the K x K term, exact integers
//! q_t = round(S_t / 2^e_t)               norm below 2^26
//! f   = sum_t a_t R q_t                  R public, entries +1 and -1
//! z   = round(c (m f - sum f) / 2^64)    mean 0, standard deviation 1, in units of 2^-12
//! ```
//!
//! Map of the modules, each of which uses only those before it:
//!
//! | module | |
//! |---|---|
//! | [`field`], [`curve`], [`multiply`] | secp256k1; sums of multiples of points |
//! | [`transcript`], [`wire`] | Fiat-Shamir, canonical bytes |
//! | [`profile`], [`statement`], [`security`] | parameters, public values, bounds and soundness |
//! | [`challenge`], [`tokens`], [`encoder`], [`ternary`] | public matrices: what they are drawn from, P and Q, the encoder, random projections |
//! | [`poly`], [`pads`] | multilinear extensions; secrets as affine forms in committed one-time pads |
//! | [`layout`], [`side`], [`sumcheck`] | the bit string; the two sides; masked sumcheck |
//! | [`commit`] | generators, row commitments, openings, Sigma-protocol, inner-product argument |
//! | [`relations`] | terms, bits, encode, range: what holds between the committed values |
//! | [`prove`], [`verify`] | both sides, to be read side by side |
//! | [`equation`], [`batch`] | what a proof comes down to; many proofs decided together |
//!
//! The prover alone needs, in the order of its road: [`canonical`] form of the [`weights`], exact [`sketch`]es, their
//! [`fingerprint`], the [`bit_string`], [`secrets`], [`progress`]; and for speed [`exact`] products in floating point and
//! [`subsets`], sums for many rows at once. [`convolution`]s are another encoder, of which nothing is proved yet.
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "prover"), forbid(unsafe_code))]
#![warn(missing_docs)]
// What a verifier runs cannot panic. Modules of the prover, which works on its owner's data, say what they are excused from.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used,
        reason = "tests fail by panicking"
    )
)]

pub mod batch;
pub mod challenge;
pub mod commit;
pub mod curve;
pub mod encoder;
pub mod equation;
pub mod error;
pub mod field;
pub mod layout;
pub mod multiply;
pub mod pads;
pub mod poly;
pub mod profile;
pub mod relations;
pub mod security;
pub mod side;
pub mod statement;
pub mod sumcheck;
pub mod ternary;
pub mod tokens;
pub mod transcript;
pub mod verify;
pub mod wire;

#[cfg(feature = "prover")]
pub mod bit_string;
#[cfg(feature = "prover")]
pub mod canonical;
#[cfg(feature = "prover")]
pub mod convolution;
#[cfg(feature = "prover")]
pub mod exact;
#[cfg(feature = "prover")]
pub mod fingerprint;
#[cfg(feature = "liar")]
pub mod liar;
#[cfg(feature = "prover")]
pub mod progress;
#[cfg(feature = "prover")]
pub mod prove;
#[cfg(feature = "prover")]
pub mod secrets;
#[cfg(feature = "prover")]
mod simd;
#[cfg(feature = "prover")]
pub mod sketch;
#[cfg(feature = "prover")]
pub mod subsets;
#[cfg(feature = "prover")]
pub mod weights;
