//! Nearness: answers of every form, false ones, and an answer changed.

use crate::{
    near::{claims, liar, quarter_of_the_square, zeros},
    toy::{self, near::Side},
    vector::{Stated, Vector},
};
use huref_circuits::{
    draw::Draw,
    nearness::{Answer, Nearness},
    profile::TOY_2_CNN,
    prover::nearness::Reveal,
    wire::commitment_id,
};

/// The vector that all changes start from.
const BASE: &str = "near-rounded";

fn base() -> (Stated<Nearness>, Vec<u8>) {
    let (statement, proof) = Side::new(1, 2).prove(Reveal::Rounded, 5);
    (Stated::new(&statement), proof)
}

/// The valid vectors.
pub fn valid() -> Vec<Vector> {
    let answers = [
        (BASE, "the cosines of one layer with two vectors, rounded", Side::new(1, 2), Reveal::Rounded),
        (
            "near-below",
            "no cosine of two layers with three vectors is as large as 255/256",
            Side::new(2, 3),
            Reveal::Below(255),
        ),
        (
            "near-at-least",
            "one cosine of three layers with two vectors is as large as 1/256",
            Side::new(3, 2),
            Reveal::AtLeast(1),
        ),
        ("near-three-layers", "three layers: no power of two", Side::new(3, 1), Reveal::Rounded),
        (
            "near-network",
            "under a profile with a network: a matrix encodes",
            Side::of(&TOY_2_CNN, 1, 1),
            Reveal::Rounded,
        ),
    ];
    let answers = answers.map(|(name, about, side, reveal)| {
        let (statement, proof) = side.prove(reveal, 5);
        Vector::whole(name, about, None, &Stated::new(&statement), &proof)
    });
    answers.into()
}

/// The invalid vectors.
pub fn invalid() -> Vec<Vector> {
    [lies(), changes()].concat()
}

fn lies() -> Vec<Vector> {
    let side = Side::new(1, 2);
    let shared = ["V", "X", "A W C", "D Y", "Y"];
    let own = |name: &&String| !shared.iter().any(|start| name.starts_with(start));
    let mut out = Vec::new();
    let named = |names: Vec<String>, kind: &str, check| {
        let vector = |name: &String| {
            let about =
                format!("a prover who violates only the {kind} \"{name}\", and is honest towards all other checks");
            let (statement, proof) = liar(&side, name).prove(&side);
            Vector::whole(&format!("forged near {name}"), &about, Some(check), &Stated::new(&statement), &proof)
        };
        names.iter().filter(own).map(vector).collect::<Vec<_>>()
    };
    out.extend(named(claims(1, 2, 2), "claim", "opening"));
    out.extend(named(zeros(1), "linear constraint", "linear constraints"));
    let (statement, proof) = quarter_of_the_square(&side, 1).prove(&side);
    let about = "the square of a product is a quarter of what it is";
    out.push(Vector::whole("forged near product", about, Some("products"), &Stated::new(&statement), &proof));
    out
}

fn changes() -> Vec<Vector> {
    let (stated, proof) = base();
    let mut out = Vec::new();
    let mut change = |name: &str, about: &str, check, change: &dyn Fn(&mut Nearness)| {
        let mut other = stated.clone();
        change(&mut other.statement);
        out.push(Vector::change(&format!("near {name}"), about, check, (BASE, &stated, &proof), &other, &[]));
    };
    let (lin, m) = ("linear constraints", stated.statement.profile.outputs as usize);
    let Answer::Rounded(cosines) = stated.statement.answer.clone() else { panic!("rounded") };
    let rounded = |j: usize, by: i32| {
        let mut cosines = cosines.clone();
        cosines[j] += by;
        Answer::Rounded(cosines)
    };
    change("cosine plus one", "a cosine is one step larger", lin, &|s| s.answer = rounded(0, 1));
    change("cosine of the other sign", "a cosine with the other sign", lin, &|s| {
        s.answer = rounded(1, -2 * cosines[1] - 1)
    });
    change("cosine too large", "a cosine of 257", "interval", &|s| s.answer = rounded(0, 257 - cosines[0]));
    change("cosine too small", "a cosine of -257", "interval", &|s| s.answer = rounded(0, -257 - cosines[0]));
    change("cosine missing", "one cosine for two pairs", "interval", &|s| s.answer = Answer::Rounded(vec![0]));
    change("cosine more", "three cosines for two pairs", "interval", &|s| s.answer = Answer::Rounded(vec![0; 3]));
    change("below nothing", "below 0", "interval", &|s| s.answer = Answer::Below(0));
    change("below everything", "below 257: true of everything", "interval", &|s| s.answer = Answer::Below(257));
    let at_least = |cosine, theirs, own| Answer::AtLeast { cosine, theirs, own };
    change("at least nothing", "at least 0", "interval", &|s| s.answer = at_least(0, 0, 0));
    change("at least everything", "at least 257", "interval", &|s| s.answer = at_least(257, 0, 0));
    change("pair of no vector", "vector 2 of two", "interval", &|s| s.answer = at_least(1, 2, 0));
    change("pair of no layer", "layer 1 of one", "interval", &|s| s.answer = at_least(1, 0, 1));
    change("as below", "a rounded proof for a bound", "proof length", &|s| s.answer = Answer::Below(256));
    change("vector constant", "a vector that every model has cosine 0 with", "vector", &|s| s.theirs[..m].fill(4096));
    change("vector zero", "a vector of zeros", "vector", &|s| s.theirs[..m].fill(0));
    change("vector too long", "the squares of a vector sum to more than m 2^25", "vector", &|s| {
        s.theirs[..m].iter_mut().enumerate().for_each(|(k, z)| *z = if k % 2 == 0 { 8192 } else { -8192 });
    });
    change("vector entry too large", "entries beyond the bound", "vector", &|s| {
        (s.theirs[0], s.theirs[1]) = (1 << 20, -(1 << 20))
    });
    change("vector cut", "a vector without its last entry", "vector", &|s| s.theirs.truncate(2 * m - 1));
    change("vector missing", "no vectors", "vector", &|s| s.theirs.clear());
    change("vectors exchanged", "their vectors exchanged", lin, &|s| s.theirs.rotate_left(m));
    change("vector negated", "one of their vectors negated", lin, &|s| s.theirs[..m].iter_mut().for_each(|z| *z = -*z));
    change("draw common", "under the common draw", "draws", &|s| s.draw = Draw::Common);
    change("draw own", "under the own draw", "draws", &|s| s.draw = toy::OWN);
    change("beacon", "another beacon", lin, &|s| s.draw = Draw::Challenge { other: [0xc4; 32], beacon: vec![0; 48] });
    change("beacon too short", "a beacon of 31 bytes", "draws", &|s| {
        s.draw = Draw::Challenge { other: [0xc4; 32], beacon: vec![0; 31] };
    });
    change("own commitment", "the challenge names its own commitment", "draws", &|s| {
        let other = commitment_id(s.profile, &s.shape, &s.commitment);
        s.draw = Draw::Challenge { other, beacon: toy::BEACON.to_vec() };
    });
    change("context", "made by somebody else", lin, &|s| s.context.owner = "name:Mallory".into());
    change("owner empty name", "an owner without a name", "context", &|s| s.context.owner = "name:".into());
    change("layer", "another layer number", lin, &|s| s.shape.layers = vec![7]);
    change("hidden too large", "a hidden size beyond a commitment row", "shape", &|s| s.shape.hidden = 513);
    change("profile", "under the profile with a network", lin, &|s| s.profile = &TOY_2_CNN);
    out
}
