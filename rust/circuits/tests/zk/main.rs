//! Zero knowledge: what can be produced without a witness tells nothing about one.
//!
//! Run with `cargo test --features liar --test zk`.

#[path = "../toy/mod.rs"]
mod toy;

mod leaks;
mod pads;
mod random;
mod simulator;
mod statistics;
