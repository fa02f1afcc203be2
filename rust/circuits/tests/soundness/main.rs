//! What a check is worth. For every claim, every linear constraint and every final or public check there is one prover who
//! violates exactly that check: the verifier refuses it there, and a verifier without that check accepts it.
//!
//! Run with `cargo test --features liar --test soundness`.

#[path = "../toy/mod.rs"]
mod toy;

mod batch;
mod book;
mod cancel;
mod consistent;
mod crude;
mod drift;
mod far;
mod forge;
mod liars;
mod lies;
mod manifest;
mod naive;
mod near;
mod nearness;
mod plain;
mod related;
mod wrap;
