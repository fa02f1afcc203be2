//! Encodings that are not the one canonical encoding of a point or a scalar.

use crate::{
    changed::BASE,
    toy::{Toy, layout::parts},
    vector::{Splice, Stated, Vector},
};
use ark_ff::{BigInteger, PrimeField};
use huref_circuits::curve::{self, Base, Scalar};

/// Strings of 33 bytes that encode no point.
fn no_points() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let with = |prefix: u8, x: Vec<u8>| [vec![prefix], x].concat();
    let g = curve::encode(&crate::toy::generators().g()[0]);
    let q = Base::MODULUS.to_bytes_be();
    // 2 + 7 is not the square of .., so 2 with this prefix is a point of another curve y^2 = x^3 + b
    let off = (1_u64..).find(|&x| curve::decode(&with(2, coordinate(x)).try_into().unwrap()).is_none()).unwrap();
    // x = 1 is on the curve: q + 1 would be its second name
    let mut above = q.clone();
    *above.last_mut().unwrap() += 1;
    vec![
        ("identity", "33 zero bytes: the identity has no encoding", vec![0; 33]),
        ("prefix 0", "prefix 0 before a valid x", with(0, g[1..].to_vec())),
        ("prefix 1", "prefix 1 before a valid x", with(1, g[1..].to_vec())),
        ("prefix 4", "the prefix of uncompressed points", with(4, g[1..].to_vec())),
        ("prefix 6", "a hybrid prefix", with(6, g[1..].to_vec())),
        ("x is q", "x equals the modulus", with(2, q)),
        ("x above q", "x is q + 1, a second name of x = 1", with(2, above)),
        ("x all ones", "x = 2^256 - 1", with(3, vec![255; 32])),
        (
            "off the curve",
            "the smallest x of no point: a point of a curve with another constant",
            with(2, coordinate(off)),
        ),
        ("x zero", "x = 0: 7 is not a square", with(2, coordinate(0))),
    ]
}

fn coordinate(x: u64) -> Vec<u8> {
    [vec![0; 24], x.to_be_bytes().to_vec()].concat()
}

/// Strings of 32 bytes that encode no scalar.
fn no_scalars() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let p = Scalar::MODULUS.to_bytes_be();
    let mut above = p.clone();
    *above.last_mut().unwrap() += 1;
    vec![
        ("is p", "p, a second name of 0", p),
        ("above p", "p + 1, a second name of 1", above),
        ("all ones", "2^256 - 1", vec![255; 32]),
    ]
}

/// The vectors.
pub fn vectors() -> Vec<Vector> {
    let (statement, proof) = Toy::small().prove(5);
    let stated = Stated::new(&statement);
    let base = (BASE, &stated, proof.as_slice());
    let parts = parts(&statement);
    let at = |name: &str| parts.iter().find(|part| part.name == name).unwrap();
    let mut out = Vec::new();
    for (name, about, bytes) in no_points() {
        let mut other = stated.clone();
        other.rows[1].clone_from(&bytes);
        out.push(Vector::change(
            &format!("row {name}"),
            &format!("commitment row 1: {about}"),
            "point",
            base,
            &other,
            &[],
        ));
    }
    for (which, points) in
        [("pad point", no_points()), ("T_0", no_points()[..1].to_vec()), ("L 3", no_points()[8..9].to_vec())]
    {
        for (name, about, bytes) in points {
            let splice = Splice { at: at(which).start, remove: 33, insert: bytes };
            let about = format!("{which} of the proof: {about}");
            out.push(Vector::change(&format!("{which} {name}"), &about, "point", base, &stated, &[splice]));
        }
    }
    for which in ["message 0", "u_lin", "zs 0", "blind_t", "last"] {
        for (name, about, bytes) in no_scalars() {
            let splice = Splice { at: at(which).start, remove: 32, insert: bytes };
            let about = format!("{which} of the proof: {about}");
            out.push(Vector::change(&format!("{which} {name}"), &about, "scalar", base, &stated, &[splice]));
        }
    }
    // 65 bytes: prefix 4, x, y
    let point = curve::decode(&stated.rows[1].clone().try_into().unwrap()).unwrap();
    let uncompressed = [vec![4], point.x.into_bigint().to_bytes_be(), point.y.into_bigint().to_bytes_be()].concat();
    let mut other = stated.clone();
    other.rows[1] = uncompressed;
    out.push(Vector::change("row uncompressed", "commitment row 1 in 65 bytes", "commitment rows", base, &other, &[]));
    let mut other = stated.clone();
    other.rows[6].pop();
    out.push(Vector::change("row truncated", "the last row lacks a byte", "commitment rows", base, &other, &[]));
    out
}
