//! The proof behind a huref fingerprint.
//!
//! A model's owner commits to quantised weights `W`, row by row, and proves in zero knowledge that the published vectors `z`
//! are their fingerprint, one for each layer. For every term `M = A^T B` of a layer (a: query and key, b: value and output, f:
//! up and down) and public ternary matrices P, Q that the tokens determine:
//!
//! ```text
//! S_t = (P X) A_t^T B_t (Q X)^T          an r x r sketch of the K x K term, exact integers
//! q_t = round(S_t / 2^e_t)               norm below 2^26
//! f   = sum over a layer of a_t R q_t    R public, entries +1 and -1
//! z   = round(c (m f - sum f) / 2^64)    mean 0, standard deviation 1, in units of 2^-12
//! ```
//!
//! P, Q and R are a *draw*: common to all models, or one that follows from the commitment, so that no weights can be fitted to
//! it. One proof speaks of both.
//!
//! To prove and verify at toy size (the vectors are `statement.outputs`):
//!
//! ```
//! # #[cfg(feature = "prover")]
//! # fn main() -> Result<(), huref_circuits::prover::failure::Failure> {
//! use huref_circuits::{
//!     context::Context,
//!     draw::Draw,
//!     profile::TOY_2,
//!     prover::{
//!         fingerprint::round,
//!         generators::derive,
//!         progress::Progress,
//!         prove::prove,
//!         rows::commit_rows,
//!         secrets::{Blinds, Model, Rule, Seed, WeightsDigest, fresh},
//!         sketch::sketches,
//!         weights::{Matrix, Weights},
//!     },
//!     statement::{Shape, Statement},
//!     verify::verify,
//!     wire::commitment_id,
//! };
//!
//! // a layer of small integers, and the embeddings of 16 tokens
//! let tokens = (0..16_u8).map(|token| vec![token]).collect();
//! let shape = Shape { hidden: 8, heads: 2, kv_heads: 1, head_dim: 4, ffn: 12, layers: vec![0], tokens };
//! let matrix = |rows| Matrix { columns: 8, entries: (0..8 * rows).map(|i| (i * i * 37 % 1999) as i16 - 999).collect() };
//! let weights = Weights::new(shape.clone(), shape.matrices().into_iter().map(matrix).collect())?;
//!
//! let (profile, generators, progress) = (&TOY_2, derive(TOY_2.log_n), Progress::default());
//! let seed = Seed(fresh()?);
//! let digest = WeightsDigest::new(Rule::Tree, &weights, profile);
//! let blinds = Blinds::new(&seed, &digest);
//! let commitment = commit_rows(&weights, profile, &generators, &|row| blinds.row(row), &progress)?;
//!
//! // the common draw, and the one that follows from this commitment
//! let draws = vec![Draw::Common, Draw::Own { beacon: vec![] }];
//! let id = commitment_id(profile, &shape, &commitment);
//! let streams: Vec<_> = draws.iter().map(|draw| draw.streams(profile, &id)).collect();
//! let sketches = sketches(profile, &weights, &streams, &progress)?;
//! let rounded = round(profile, &sketches, &streams)?;
//!
//! let context = Context { owner: "name:Alice".into(), ..Context::default() };
//! let outputs = rounded.outputs.clone();
//! let statement = Statement { profile, shape, commitment, draws, outputs, context };
//! let model = Model { weights: &weights, digest: &digest, seed: &seed };
//! let proof = prove(&[model], &statement, &sketches, &rounded, &fresh()?, &generators, &progress)?;
//! verify(&statement, &proof, &generators)?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "prover"))]
//! # fn main() {}
//! ```
//!
//! Map of the modules, each of which uses only those before it:
//!
//! | module | |
//! |---|---|
//! | [`size`], [`field`], [`curve`] | numbers of things in memory; secp256k1 |
//! | [`multiply`], [`poly`], [`sums`] | sums of multiples of points; multilinear extensions; sums of many scalars |
//! | [`switches`], [`error`] | checks that tests leave out; why something was refused |
//! | [`profile`], [`draw`], [`context`], [`statement`] | the table of profiles; what P, Q, R come from; whom a proof is for; every public value |
//! | [`nearness`], [`drift`], [`public`] | the other kinds of statements; all of them |
//! | [`transcript`], [`ternary`], [`tokens`], [`wire`] | Fiat-Shamir; random projections; sketch matrices P and Q; canonical bytes |
//! | [`encoder`], [`network`] | the encoder's matrix R, or the network in its place |
//! | [`pads`] | secrets as affine forms in committed one-time pads |
//! | [`security`], [`layout`], [`hidden`] | bounds and soundness; the bit string; sums inside a network |
//! | [`claims`], [`instance`], [`side`], [`sumcheck`] | what is left to open; what follows from a statement; the two sides; masked sumcheck |
//! | [`commit`] | generators, openings, Sigma-protocol, inner-product argument |
//! | [`relations`] | terms, bits, encode (with activations) or nearness, range; or bits, range, drift: what holds between the committed values |
//! | [`equation`], [`verify`], [`batch`] | the verifier, and many proofs decided together |
//! | [`prover`] | everything that only an owner runs; nothing before it knows that it exists |
#![deny(unsafe_code)]
#![cfg_attr(not(feature = "prover"), forbid(unsafe_code))]
#![warn(missing_docs)]
// What a verifier runs cannot panic, converts no number silently and does nothing but compute (see clippy.toml, too). The
// prover, which works on its owner's data, is excused below.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::dbg_macro,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::exit,
    clippy::expect_used,
    clippy::get_unwrap,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::mem_forget,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::integer_division,
        clippy::panic,
        clippy::unwrap_used,
        reason = "tests fail by panicking"
    )
)]

pub mod batch;
pub mod claims;
pub mod commit;
pub mod context;
pub mod curve;
pub mod draw;
pub mod drift;
pub mod encoder;
pub mod equation;
pub mod error;
pub mod field;
pub mod hidden;
pub mod instance;
pub mod layout;
pub mod multiply;
pub mod nearness;
pub mod network;
pub mod pads;
pub mod poly;
pub mod profile;
#[cfg(feature = "prover")]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::integer_division,
    reason = "sizes are checked when the weights are made; where bits are cut off, the lowest ones are meant"
)]
pub mod prover;
pub mod public;
pub mod relations;
pub mod security;
pub mod side;
pub mod size;
pub mod statement;
pub mod sumcheck;
pub mod sums;
pub mod switches;
pub mod ternary;
pub mod tokens;
pub mod transcript;
pub mod verify;
pub mod wire;
