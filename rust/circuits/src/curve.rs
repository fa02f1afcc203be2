//! The curve, behind aliases: secp256k1 (prime order, cofactor 1).
//!
//! One encoding for each point: SEC1 compressed, 33 bytes. The identity has none on this path and is refused.

use ark_ec::{
    AffineRepr, CurveGroup,
    scalar_mul::variable_base::VariableBaseMSM,
    short_weierstrass::{Affine as Weierstrass, Projective as Jacobian},
};
use ark_ff::{BigInteger, PrimeField, Zero};
pub use ark_secp256k1::{Config, Fq as Base, Fr as Scalar};

/// A point in affine coordinates.
pub type Affine = Weierstrass<Config>;
/// A point in Jacobian coordinates.
pub type Projective = Jacobian<Config>;

fn be32(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().unwrap_or([0; 32])
}

/// SEC1 compressed: `02` (y even) or `03` (y odd), then x big-endian. The identity is 33 zero bytes.
#[must_use]
pub fn encode(point: &Affine) -> [u8; 33] {
    let mut out = [0; 33];
    if let (Some((x, y)), [prefix, tail @ ..]) = (point.xy(), &mut out) {
        *prefix = if y.into_bigint().is_odd() { 3 } else { 2 };
        tail.copy_from_slice(&be32(&x.into_bigint().to_bytes_be()));
    }
    out
}

/// The point of that encoding; `None` for every other string, the identity included.
#[must_use]
pub fn decode(bytes: &[u8; 33]) -> Option<Affine> {
    let [prefix @ (2 | 3), tail @ ..] = bytes else { return None };
    let x = Base::from_be_bytes_mod_order(tail);
    if be32(&x.into_bigint().to_bytes_be()) != *tail {
        return None;
    }
    let (even, odd) = Affine::get_ys_from_x_unchecked(x)?;
    let (even, odd) = if even.into_bigint().is_odd() { (odd, even) } else { (even, odd) };
    Some(Affine::new_unchecked(x, if *prefix == 3 { odd } else { even }))
}

/// 32 bytes, big-endian.
#[must_use]
pub fn scalar_to_bytes(scalar: &Scalar) -> [u8; 32] {
    be32(&scalar.into_bigint().to_bytes_be())
}

/// The scalar of that encoding; `None` if it is not below p.
#[must_use]
pub fn scalar_from_bytes(bytes: &[u8; 32]) -> Option<Scalar> {
    let scalar = Scalar::from_be_bytes_mod_order(bytes);
    (scalar_to_bytes(&scalar) == *bytes).then_some(scalar)
}

/// `sum_i scalars[i] points[i]`; `None` when the lengths differ.
#[must_use]
pub fn msm(points: &[Affine], scalars: &[Scalar]) -> Option<Projective> {
    if points.is_empty() && scalars.is_empty() {
        return Some(Projective::zero());
    }
    Projective::msm(points, scalars).ok()
}

/// Affine forms of many points with one inversion.
#[must_use]
pub fn normalise(points: &[Projective]) -> Vec<Affine> {
    Projective::normalize_batch(points)
}
