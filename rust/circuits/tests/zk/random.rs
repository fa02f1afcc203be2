//! Pseudo-random scalars and points from a fixed seed.

use super::toy::generators;
use ark_ec::CurveGroup;
use ark_ff::PrimeField;
use huref_circuits::curve::{Affine, Scalar};
use shake::{ExtendableOutput, Shake128, Shake128Reader, Update, XofReader};

/// A stream of random values.
pub struct Random(Shake128Reader);

impl Random {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        let mut hasher = Shake128::default();
        hasher.update(&seed.to_be_bytes());
        Self(hasher.finalize_xof())
    }

    /// A uniform scalar.
    pub fn scalar(&mut self) -> Scalar {
        let mut bytes = [0; 64];
        self.0.read(&mut bytes);
        Scalar::from_be_bytes_mod_order(&bytes)
    }

    /// Uniform scalars.
    pub fn scalars(&mut self, count: usize) -> Vec<Scalar> {
        (0..count).map(|_| self.scalar()).collect()
    }

    /// A uniform point.
    pub fn point(&mut self) -> Affine {
        (generators().h() * self.scalar()).into_affine()
    }

    /// Uniform points.
    pub fn points(&mut self, count: usize) -> Vec<Affine> {
        (0..count).map(|_| self.point()).collect()
    }
}
