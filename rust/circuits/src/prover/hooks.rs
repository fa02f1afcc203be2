//! Where a lying prover takes hold of an honest one, for tests. Without the feature `liar` nothing happens here.

#[cfg(feature = "liar")]
pub(super) use crate::prover::liar::hooks::*;
#[cfg(not(feature = "liar"))]
pub(super) use honest::*;

#[cfg(not(feature = "liar"))]
mod honest {
    use crate::{
        curve::{Affine, Scalar},
        instance::Instance,
        pads::Form,
        prover::witness::Witness,
        side::{Question, Sum},
    };
    use num_bigint::BigInt;

    pub const fn pads(_: &mut [Scalar], _: &[[usize; 3]]) {}
    pub const fn projection(_: &mut [i64]) {}
    pub const fn bits(_: &mut [Scalar], _: &Instance<'_>) {}
    pub const fn drawn(_: Scalar) {}
    pub const fn begin(_: &Sum<'_>) {}
    pub const fn bind(_: Scalar) {}
    pub const fn opening(_: &mut [Scalar], _: &Form, _: &[Scalar], _: &[Scalar]) {}

    pub const fn masks(honest: [Affine; 4]) -> [Affine; 4] {
        honest
    }

    pub fn answer(question: Question<'_>, witness: &Witness<'_>) -> Scalar {
        witness.answer(question)
    }

    pub const fn clipped(value: BigInt, _: usize) -> BigInt {
        value
    }
}
