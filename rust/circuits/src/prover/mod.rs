//! Everything that only an owner of weights runs. A verifier is built without it.
//!
//! A file with the name of one outside is the prover's part of that. In the order of the road, each module uses only those
//! before it:
//!
//! | module | |
//! |---|---|
//! | [`failure`], [`progress`], [`weights`] | what goes wrong; counters; quantised weights, the witness |
//! | `simd`, [`exact`] | the widest vectors; exact products in floating point |
//! | [`canonical`], [`sketch`], [`convolution`], [`fingerprint`] | from tensors to z; the second encoder |
//! | [`nearness`] | from sketches to cosines |
//! | [`generators`], [`subsets`], [`rows`], [`secrets`] | row commitments; blinds and one-time secrets |
//! | [`layout`], [`claims`], `packed`, [`sumcheck`], [`ipa`] | what the verifier only describes, written out |
//! | [`passes`], `gram` | passes over the weights; the first rounds of all claims |
//! | [`drift`], [`known`] | sums of squares; what is behind a statement of any kind |
//! | [`witness`] | the answers to every question |
//! | [`liar`], `hooks` | for tests: answers that are lies |
//! | [`bit_string`], [`prove`] | the proof |

pub mod bit_string;
pub mod canonical;
pub mod claims;
pub mod convolution;
pub mod drift;
pub mod exact;
pub mod failure;
pub mod fingerprint;
pub mod generators;
mod gram;
mod hooks;
pub mod ipa;
pub mod known;
pub mod layout;
#[cfg(feature = "liar")]
pub mod liar;
pub mod nearness;
mod packed;
pub mod passes;
pub mod progress;
pub mod prove;
pub mod rows;
pub mod secrets;
mod simd;
pub mod sketch;
pub mod subsets;
pub mod sumcheck;
pub mod weights;
pub mod witness;
