//! The curve, behind aliases: secp256k1 (prime order, cofactor 1) over our own base field.
//!
//! One encoding for each point: SEC1 compressed, 33 bytes. The identity has none on this path and is refused.

use ark_ec::{
    AffineRepr, CurveConfig, CurveGroup,
    short_weierstrass::{Affine as Weierstrass, Projective as Jacobian, SWCurveConfig},
};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};

pub use crate::field::Base;
use crate::field::{constant, sqrt};
pub use ark_secp256k1::Fr as Scalar;

/// `y^2 = x^3 + 7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config;

impl CurveConfig for Config {
    type BaseField = Base;
    type ScalarField = Scalar;

    const COFACTOR: &'static [u64] = &[1];
    const COFACTOR_INV: Scalar = Scalar::ONE;
}

impl SWCurveConfig for Config {
    /// (0, 0) is not on the curve, so it can stand for the identity.
    type ZeroFlag = ();

    const COEFF_A: Base = Base::ZERO;
    const COEFF_B: Base = constant([7, 0, 0, 0]);
    const GENERATOR: Affine = Affine::new_unchecked(
        constant([0x59f2_815b_16f8_1798, 0x029b_fcdb_2dce_28d9, 0x55a0_6295_ce87_0b07, 0x79be_667e_f9dc_bbac]),
        constant([0x9c47_d08f_fb10_d4b8, 0xfd17_b448_a685_5419, 0x5da4_fbfc_0e11_08a8, 0x483a_da77_26a3_c465]),
    );

    fn mul_by_a(_: Base) -> Base {
        Base::ZERO
    }
}

/// A point in affine coordinates.
pub type Affine = Weierstrass<Config>;
/// A point in Jacobian coordinates.
pub type Projective = Jacobian<Config>;

/// 32 bytes, big-endian.
fn big_endian(BigInt(limbs): BigInt<4>) -> [u8; 32] {
    let mut out = [0; 32];
    for (bytes, limb) in out.as_chunks_mut().0.iter_mut().zip(limbs.iter().rev()) {
        *bytes = limb.to_be_bytes();
    }
    out
}

/// SEC1 compressed: `02` (y even) or `03` (y odd), then x big-endian. The identity is 33 zero bytes.
#[must_use]
pub fn encode(point: &Affine) -> [u8; 33] {
    let mut out = [0; 33];
    if let (Some((x, y)), [prefix, tail @ ..]) = (point.xy(), &mut out) {
        *prefix = if y.into_bigint().is_odd() { 3 } else { 2 };
        tail.copy_from_slice(&big_endian(x.into_bigint()));
    }
    out
}

/// The point of that encoding; `None` for every other string, the identity included.
#[must_use]
pub fn decode(bytes: &[u8; 33]) -> Option<Affine> {
    let [prefix @ (2 | 3), tail @ ..] = bytes else { return None };
    let x = Base::from_be_bytes_mod_order(tail);
    if big_endian(x.into_bigint()) != *tail {
        return None;
    }
    // no point has y = 0: -7 is not a cube
    let y = sqrt(x.square() * x + Config::COEFF_B)?;
    let other = y.into_bigint().is_odd() != (*prefix == 3);
    Some(Affine::new_unchecked(x, if other { -y } else { y }))
}

/// x and y, big-endian: twice as long as [`encode`], and read without a square root. The identity is 64 zero bytes.
#[must_use]
pub fn coordinates(point: &Affine) -> [[u8; 32]; 2] {
    point.xy().map_or([[0; 32]; 2], |(x, y)| [x, y].map(|value| big_endian(value.into_bigint())))
}

/// The point with these coordinates; `None` if there is none, and for coordinates that are not below q.
#[must_use]
pub fn from_coordinates(coordinates: [[u8; 32]; 2]) -> Option<Affine> {
    let [x, y] = coordinates.map(|bytes| Base::from_be_bytes_mod_order(&bytes));
    let point = Affine::new_unchecked(x, y);
    (y.square() == x.square() * x + Config::COEFF_B && self::coordinates(&point) == coordinates).then_some(point)
}

/// 32 bytes, big-endian.
#[must_use]
pub fn scalar_to_bytes(scalar: &Scalar) -> [u8; 32] {
    big_endian(scalar.into_bigint())
}

/// The scalar of that encoding; `None` if it is not below p.
#[must_use]
pub fn scalar_from_bytes(bytes: &[u8; 32]) -> Option<Scalar> {
    let scalar = Scalar::from_be_bytes_mod_order(bytes);
    (scalar_to_bytes(&scalar) == *bytes).then_some(scalar)
}

/// Affine forms of many points with one inversion.
#[must_use]
pub fn normalise(points: &[Projective]) -> Vec<Affine> {
    Projective::normalize_batch(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ec::PrimeGroup;
    use ark_ff::BigInt;
    use k256::{
        ProjectivePoint,
        elliptic_curve::{ops::Reduce, sec1::ToSec1Point},
    };
    use proptest::prelude::*;

    fn k256(x: [u64; 4]) -> k256::Scalar {
        k256::Scalar::reduce(&k256::U256::from_be_slice(&BigInt(x).to_bytes_be()))
    }

    fn ours(x: [u64; 4]) -> Scalar {
        Scalar::from_be_bytes_mod_order(&BigInt(x).to_bytes_be())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn agrees_with_k256(x: [u64; 4], y: [u64; 4]) {
            let g = Projective::generator();
            let (a, b) = ((g * ours(x)).into_affine(), (g * ours(y)).into_affine());
            let (c, d) = (ProjectivePoint::GENERATOR * k256(x), ProjectivePoint::GENERATOR * k256(y));
            for (point, oracle) in [(a, c), ((a + b).into_affine(), c + d), ((a + a).into_affine(), c + c), (-a, -c)] {
                prop_assert!(point.is_on_curve());
                prop_assert_eq!(encode(&point).to_vec(), oracle.to_affine().to_sec1_point(true).as_bytes().to_vec());
                prop_assert_eq!(decode(&encode(&point)), Some(point));
                prop_assert_eq!(from_coordinates(coordinates(&point)), Some(point));
            }
        }
    }

    #[test]
    fn refuses_coordinates_of_no_point() {
        let good = coordinates(&Config::GENERATOR);
        assert_eq!(from_coordinates(good), Some(Config::GENERATOR));
        for (coordinate, byte) in [(0, 0), (0, 31), (1, 0), (1, 31)] {
            let mut other = good;
            other[coordinate][byte] ^= 1;
            assert_eq!(from_coordinates(other), None);
        }
        assert_eq!(from_coordinates([[0; 32]; 2]), None, "identity");
        assert_eq!(from_coordinates([[0xff; 32]; 2]), None, "not reduced");
    }

    #[test]
    fn refuses_every_other_encoding() {
        let good = encode(&Config::GENERATOR);
        assert_eq!(decode(&good), Some(Config::GENERATOR));
        let with = |change: &dyn Fn(&mut [u8; 33])| {
            let mut bytes = good;
            change(&mut bytes);
            decode(&bytes)
        };
        assert_eq!(with(&|b| *b = [0; 33]), None, "identity");
        assert_eq!(with(&|b| b[0] = 4), None, "prefix");
        assert_eq!(with(&|b| b[1..].fill(0xff)), None, "x above p");
        // x = 5 is on no point of this curve
        assert_eq!(
            with(&|b| {
                b[1..].fill(0);
                b[32] = 5;
            }),
            None,
            "no point"
        );
        // x = p + 1 names the point of x = 1 a second time
        let p_plus_one = BigInt([0xffff_fffe_ffff_fc30, u64::MAX, u64::MAX, u64::MAX]);
        assert_eq!(with(&|b| b[1..].copy_from_slice(&p_plus_one.to_bytes_be())), None, "x not reduced");
        assert!(
            with(&|b| {
                b[1..].fill(0);
                b[32] = 1;
            })
            .is_some()
        );
    }
}
