//! A valid proof with one field of its statement, or one part of it, changed.

use crate::{
    toy::{self, Toy, layout::parts},
    vector::{Splice, Stated, Vector},
};
use huref_circuits::{
    curve,
    instance::Instance,
    profile::{ROBUST_1, TOY_1},
    relations,
    statement::{Public, Shape},
};

/// The vector that all changes start from.
pub const BASE: &str = "grouped";

/// The vectors.
pub fn vectors() -> Vec<Vector> {
    [of_a_fingerprint(), of_an_answer()].concat()
}

/// Proofs of a fingerprint and of the answer to a challenge are never one another's.
fn of_an_answer() -> Vec<Vector> {
    let [(plain, plain_proof), (answer, answer_proof)] = [Toy::small(), Toy::challenged()].map(|toy| toy.prove(5));
    let (plain, answer) = (Stated::new(&plain), Stated::new(&answer));
    let (base, answered) = ((BASE, &plain, plain_proof.as_slice()), ("challenged", &answer, answer_proof.as_slice()));
    let with = |stated: &Stated, challenge| {
        let mut other = stated.clone();
        other.statement.challenge = challenge;
        other
    };
    let mut flipped = answer.statement.challenge;
    flipped.iter_mut().for_each(|seed| seed[31] ^= 1);
    let change =
        |name, about, base, stated: &Stated| Vector::change(name, about, "linear constraints", base, stated, &[]);
    vec![
        change("challenge added", "a fingerprint presented as the answer to a challenge", base, &with(&plain, flipped)),
        change(
            "challenge missing",
            "the answer to a challenge presented as a fingerprint",
            answered,
            &with(&answer, None),
        ),
        change("challenge changed", "one bit of the challenge changed", answered, &with(&answer, flipped)),
        change(
            "challenge with the outputs of the fingerprint",
            "outputs of the fingerprint under the challenge",
            answered,
            &with(&plain, answer.statement.challenge),
        ),
    ]
}

/// Every field of a fingerprint's statement, every part of its proof.
fn of_a_fingerprint() -> Vec<Vector> {
    let toy = Toy::small();
    let (statement, proof) = toy.prove(5);
    let stated = Stated::new(&statement);
    let base = (BASE, &stated, proof.as_slice());
    let mut out = Vec::new();

    // a statement whose every field is absorbed: any change of one changes every challenge
    let mut state = |name: &str, about: &str, check, change: &dyn Fn(&mut Stated)| {
        let mut other = stated.clone();
        change(&mut other);
        out.push(Vector::change(name, about, check, base, &other, &[]));
    };
    let lin = "linear constraints";
    macro_rules! public {
        ($f:expr) => {
            &|s: &mut Stated| {
                let f: fn(&mut Public) = $f;
                f(&mut s.statement.public)
            }
        };
    }
    macro_rules! shape {
        ($f:expr) => {
            &|s: &mut Stated| {
                let f: fn(&mut Shape) = $f;
                f(&mut s.statement.shape)
            }
        };
    }
    state("z plus one", "z[0] is one larger", lin, public!(|p| p.z[0] += 1));
    state("z minus one", "z[7] is one smaller", lin, public!(|p| p.z[7] -= 1));
    state("z swapped", "z[0] and z[1] exchanged", lin, public!(|p| p.z.swap(0, 1)));
    state(
        "z short",
        "an entry of z is missing",
        "lengths",
        public!(|p| {
            p.z.pop();
        }),
    );
    state("z long", "z has an entry more", "lengths", public!(|p| p.z.push(0)));
    state("z out of range", "z[0] is 2^14 + 1", "z range", public!(|p| p.z[0] = (1 << 14) + 1));
    state("z out of range below", "z[0] is -2^14 - 1", "z range", public!(|p| p.z[0] = -(1 << 14) - 1));
    state("z of 32 bits", "z[0] is 2^32 larger: the same in 32 bits", "z range", public!(|p| p.z[0] += 1 << 32));
    state("e minus one", "the shift of term 0 is one smaller", lin, public!(|p| p.e[0] -= 1));
    state("e plus 32", "a shift for which the bit string has a row more", "proof length", public!(|p| p.e[0] += 32));
    state("e too large", "a shift of 224", "shift", public!(|p| p.e[2] = 224));
    state(
        "e missing",
        "the shift of a term is missing",
        "lengths",
        public!(|p| {
            p.e.pop();
        }),
    );
    state("a minus one", "the scale of term 1 is one smaller", lin, public!(|p| p.a[1] -= 1));
    state("a below", "a scale of 2^14 - 1", "scale", public!(|p| p.a[0] = (1 << 14) - 1));
    state("a above", "a scale of 2^15 + 1 though the term was shifted", "scale", public!(|p| p.a[0] = (1 << 15) + 1));
    state(
        "a missing",
        "the scale of a term is missing",
        "lengths",
        public!(|p| {
            p.a.pop();
        }),
    );
    state("c plus one", "c is one larger", lin, public!(|p| p.c += 1));
    state("c below", "c is 2^10 - 1", "c", public!(|p| p.c = (1 << 10) - 1));
    state("c above", "c is 2^40", "c", public!(|p| p.c = 1 << 40));

    state("hidden minus one", "hidden size 5", lin, shape!(|s| s.hidden = 5));
    state("hidden zero", "hidden size 0", "shape", shape!(|s| s.hidden = 0));
    state("hidden too large", "a matrix row does not fit a commitment row", "shape", shape!(|s| s.hidden = 513));
    state("heads halved", "two query heads", lin, shape!(|s| s.heads = 2));
    state("heads zero", "no query head", "shape", shape!(|s| s.heads = 0));
    state("kv heads doubled", "as many key/value heads as query heads", lin, shape!(|s| s.kv_heads = 4));
    state("kv heads do not divide", "three key/value heads for four query heads", "shape", shape!(|s| s.kv_heads = 3));
    state("head dim", "a head has three entries", lin, shape!(|s| s.head_dim = 3));
    state("ffn minus one", "eleven neurons", lin, shape!(|s| s.ffn = 11));
    state("ffn zero", "no neuron", "shape", shape!(|s| s.ffn = 0));
    state("ffn too large", "2^24 + 1 neurons", "shape", shape!(|s| s.ffn = (1 << 24) + 1));
    state("another layer", "layer 1 instead of layer 0", lin, shape!(|s| s.layers = vec![1]));
    state("no layer", "no layer", "shape", shape!(|s| s.layers.clear()));
    state("layer twice", "layer 0 twice", "shape", shape!(|s| s.layers = vec![0, 0]));
    state("layer more", "layers 0 and 1, outputs of one", "lengths", shape!(|s| s.layers = vec![0, 1]));
    state("token renamed", "one token has a byte more", lin, shape!(|s| s.tokens[3].push(0)));
    state("tokens reordered", "two tokens exchanged", lin, shape!(|s| s.tokens.swap(2, 9)));
    state(
        "token boundary",
        "a byte moved from one token to the next",
        lin,
        shape!(|s| {
            let byte = s.tokens[4].pop().unwrap();
            s.tokens[5].insert(0, byte);
        }),
    );
    state(
        "token missing",
        "the last token is missing",
        lin,
        shape!(|s| {
            s.tokens.pop();
        }),
    );
    state("token twice", "a token stands in the list twice", "shape", shape!(|s| s.tokens[1] = s.tokens[0].clone()));
    state("one token", "K = 1: a side of the sketch has no token", "shape", shape!(|s| s.tokens.truncate(1)));
    state("no token", "an empty token list", "shape", shape!(|s| s.tokens.clear()));
    state("profile", "the full profile for toy outputs", "lengths", &|s| s.statement.profile = &ROBUST_1);

    let other = Toy::new(toy::weights(&toy::small(), 8), [4; 32]);
    let moved = curve::encode(&other.commitment[2]).to_vec();
    state("row of another model", "a commitment row is another point", lin, &|s| s.rows[2].clone_from(&moved));
    state("rows swapped", "two commitment rows exchanged", lin, &|s| s.rows.swap(0, 1));
    state("row missing", "the last commitment row is missing", "commitment rows", &|s| {
        s.rows.pop();
    });
    state("row more", "the last commitment row stands there twice", "commitment rows", &|s| {
        s.rows.push(s.rows[6].clone())
    });
    let (theirs, _) = other.prove(5);
    state("statement of another model", "a valid proof with another model's valid statement", lin, &|s| {
        *s = Stated::new(&theirs)
    });
    let again = Toy::new(toy::weights(&toy::small(), 7), [9; 32]);
    state("commitment under another seed", "the same weights, committed to again", lin, &|s| {
        *s = Stated::new(&again.prove(5).0);
    });

    // every kind of part of the proof, replaced by another one of its kind
    let (_, second) = toy.prove(6);
    let mut part = |name: &str, check| {
        let part = parts(&statement).into_iter().find(|part| part.name == name).unwrap();
        let insert = second[part.start..][..part.length].to_vec();
        let splice = Splice { at: part.start, remove: part.length, insert };
        let about = format!("{name} is that of another proof of the same statement");
        out.push(Vector::change(&format!("proof {name}"), &about, check, base, &stated, &[splice]));
    };
    for name in [
        "pad point",
        "Y row 0",
        "bit row 0",
        "bit row 5",
        "message 0",
        "message 60",
        "X_s",
        "X_v",
        "T_1",
        "T_0",
        "u_lin",
        "u_open",
        "zs 0",
    ] {
        part(name, lin);
    }
    let pads = relations::pads(&Instance::new(&statement).unwrap()).unwrap().used;
    part(&format!("zs {}", pads - 1), "pads");
    part("blind_s", "pads");
    part("blind_v", "opening");
    part("blind_t", "products");
    for name in ["L 0", "R 0", "L 8", "R 8", "last"] {
        part(name, "opening");
    }

    // parts exchanged, missing or too many
    let find = |name: &str| parts(&statement).into_iter().find(|part| part.name == name).unwrap();
    let mut splice = |name: &str, about: &str, check, splices: &[Splice]| {
        out.push(Vector::change(name, about, check, base, &stated, splices));
    };
    let exchange = |a: &str, b: &str| {
        let (a, b) = (find(a), find(b));
        let bytes = |part: &toy::layout::Part| proof[part.start..][..part.length].to_vec();
        [
            Splice { at: a.start, remove: a.length, insert: bytes(&b) },
            Splice { at: b.start, remove: b.length, insert: bytes(&a) },
        ]
    };
    splice("proof L and R exchanged", "first round", "opening", &exchange("L 0", "R 0"));
    splice("proof rounds exchanged", "L of two rounds", "opening", &exchange("L 1", "L 2"));
    splice("proof bit rows exchanged", "two rows of the bit string", lin, &exchange("bit row 0", "bit row 1"));
    splice("proof messages exchanged", "two messages", lin, &exchange("message 1", "message 2"));
    splice("proof T exchanged", "T_1 and T_0", lin, &exchange("T_1", "T_0"));
    let end = proof.len();
    let length = "proof length";
    splice("proof empty", "no proof", length, &[Splice { at: 0, remove: end, insert: vec![] }]);
    splice(
        "proof byte missing",
        "the last byte is missing",
        length,
        &[Splice { at: end - 1, remove: 1, insert: vec![] }],
    );
    splice("proof byte more", "a zero byte follows", length, &[Splice { at: end, remove: 0, insert: vec![0] }]);
    splice(
        "proof message missing",
        "a message is left out",
        length,
        &[Splice { at: find("message 0").start, remove: 32, insert: vec![] }],
    );
    splice(
        "proof message more",
        "a message stands there twice",
        length,
        &[Splice { at: find("message 1").start, remove: 0, insert: proof[find("message 0").start..][..32].to_vec() }],
    );
    splice(
        "proof round missing",
        "a round of the inner product is left out",
        length,
        &[Splice { at: find("L 8").start, remove: 66, insert: vec![] }],
    );
    splice("proof twice", "the proof follows itself", length, &[Splice { at: end, remove: 0, insert: proof.clone() }]);
    assert_eq!(statement.profile, &TOY_1);
    out
}
