//! A valid proof with one field of its statement, or one part of it, changed.

use crate::{
    toy::{self, Toy, layout::parts},
    vector::{Splice, Stated, Vector},
};
use ark_ec::{AffineRepr, CurveGroup};
use huref_circuits::{
    context::Context,
    curve,
    draw::Draw,
    instance::Instance,
    profile::{ROBUST_2, TOY_2, TOY_2_CNN},
    relations,
    statement::{Outputs, Shape, Statement},
    wire::commitment_id,
};

/// The vector that all changes start from.
pub const BASE: &str = "grouped";

/// The vectors.
pub fn vectors() -> Vec<Vector> {
    [of_the_base(), of_draws(), of_encoders(), of_custom_networks(), of_contexts()].concat()
}

/// A toy, the name of its valid vector, and what is stated in it.
struct Base {
    name: &'static str,
    stated: Stated,
    proof: Vec<u8>,
}

impl Base {
    fn new(name: &'static str, toy: &Toy) -> Self {
        let (statement, proof) = toy.prove(5);
        Self { name, stated: Stated::new(&statement), proof }
    }

    /// Its proof for a changed statement.
    fn change(&self, name: &str, about: &str, check: &'static str, change: &dyn Fn(&mut Stated)) -> Vector {
        let mut other = self.stated.clone();
        change(&mut other);
        Vector::change(name, about, check, (self.name, &self.stated, &self.proof), &other, &[])
    }
}

/// A proof by a network is none by a matrix.
fn of_encoders() -> Vec<Vector> {
    let network = Base::new("network", &Toy::with_a_network());
    let answer = Base::new(BASE, &Toy::small());
    let mut changes = vec![
        network.change(
            "network as matrix",
            "the same under the profile whose encoder is a matrix",
            "proof length",
            &|s| {
                s.statement.profile = &TOY_2;
            },
        ),
        answer.change(
            "matrix as network",
            "the same under the profile whose encoder is a network",
            "proof length",
            &|s| {
                s.statement.profile = &TOY_2_CNN;
            },
        ),
        network.change("network z plus one", "z of the common draw, one more", "linear constraints", &|s| {
            s.statement.outputs[0].z[0] += 1;
        }),
        network.change("network own z plus one", "z of the own draw, one more", "linear constraints", &|s| {
            s.statement.outputs[1].z[0] += 1;
        }),
    ];
    let rows = parts(&network.stated.statement);
    // what a network adds to the bits stands in the last rows
    for part in rows.iter().filter(|part| part.name.starts_with("bit row")).rev().take(2) {
        let mut bytes = network.proof[part.start..][..part.length].to_vec();
        bytes[0] ^= 1;
        let (name, splice) = (&part.name, Splice { at: part.start, remove: part.length, insert: bytes });
        let base = (network.name, &network.stated, network.proof.as_slice());
        let about = format!("another point in place of {name}");
        changes.push(Vector::change(
            &format!("network {name}"),
            &about,
            "linear constraints",
            base,
            &network.stated,
            &[splice],
        ));
    }
    changes
}

/// A proof by a network of no release is none by another one, and bytes that are no network are refused.
fn of_custom_networks() -> Vec<Vector> {
    let (custom, common) =
        (Base::new("custom", &Toy::drawn(&[toy::custom(), toy::OWN])), Base::new(BASE, &Toy::small()));
    let Draw::Custom { network } = toy::custom() else { unreachable!() };
    let drawn = |base: &Base, name: &str, about: &str, check, draw: Draw| {
        base.change(name, about, check, &|s| s.statement.draws[0] = draw.clone())
    };
    let mut changes = vec![
        drawn(&custom, "custom as common", "the same as the common draw", "proof length", Draw::Common),
        drawn(&common, "common as custom", "the common draw as that of a network", "proof length", toy::custom()),
        custom.change("custom z plus one", "z of the network, one more", "linear constraints", &|s| {
            s.statement.outputs[0].z[0] += 1;
        }),
        custom.change("draws custom twice", "two draws with a network", "draws", &|s| {
            s.statement.draws[1] = toy::custom();
        }),
        custom.change("draws custom and challenge", "no list of draws", "draws", &|s| {
            s.statement.draws[1] = toy::challenge();
        }),
    ];
    // the first convolution begins at byte 13: out, in, kernel, stride, shift; 135 weights, 5 biases; the second one at 188
    let mut with = |name: &str, about: &str, check, change: &dyn Fn(&mut Vec<u8>)| {
        let mut network = network.clone();
        change(&mut network);
        let name = format!("custom network {name}");
        changes.push(drawn(&custom, &name, about, check, Draw::Custom { network }));
    };
    let (lin, encoder) = ("linear constraints", "encoder");
    with("weight", "one bit of a weight of the first convolution", lin, &|n| n[40] ^= 2);
    with("last weight", "one bit of a weight of the last convolution", lin, &|n| n[210] ^= 2);
    with("bias", "one bit of a bias", lin, &|n| n[171] ^= 1);
    with("shift", "a sum loses a bit more", lin, &|n| n[32] += 1);
    with("empty", "no bytes", encoder, &Vec::clear);
    with("format", "another format", encoder, &|n| n[11] = b'2');
    with("truncated", "the last byte is missing", encoder, &|n| n.truncate(n.len() - 1));
    with("longer", "a byte more", encoder, &|n| n.push(0));
    with("one convolution", "one convolution", encoder, &|n| {
        n.truncate(188);
        n[12] = 1;
    });
    with("nine convolutions", "the last convolution 8 times: more than 8", encoder, &|n| {
        let last = n.split_off(188);
        n.extend(last.repeat(8));
        n[12] = 9;
    });
    with("no channel", "no output channel, no weight, no bias", encoder, &|n| {
        n[16] = 0;
        drop(n.drain(33..188));
    });
    // 5 kernels of 3 x 3 for 3 channels have as many weights as 15 for one
    with("channels", "27 channels of side 1, of 3 that there are", encoder, &|n| (n[20], n[24]) = (27, 1));
    with("kernel", "a kernel of 5 x 5 for a side of 4", encoder, &|n| {
        n[24] = 5;
        n.splice(33..33, [0; 5 * 3 * 16]);
    });
    with("stride", "no step between windows", encoder, &|n| n[28] = 0);
    with("shift of 32", "a shift of 32 bits", encoder, &|n| n[32] = 32);
    with("last shift", "the last convolution is rounded", encoder, &|n| n[207] = 1);
    with("outputs", "18 numbers come out", encoder, &|n| {
        n[24] = 1;
        drop(n.drain(33..33 + 5 * 3 * 8));
    });
    with("sizes of 2^32", "more weights than there are bytes", encoder, &|n| n[13..25].fill(0xff));
    with("reach", "three convolutions of which the last could reach 2^44", encoder, &|n| {
        *n = b"huref/cnn/v1\x03".to_vec();
        for [out, fan, kernel] in [[64_u8, 3, 2], [64, 64, 1], [2, 64, 2]] {
            n.extend([0, 0, 0, out, 0, 0, 0, fan, 0, 0, 0, kernel, 0, 0, 0, 1, 0, 0, 0, 0]);
            n.extend(vec![0x80; usize::from(out) * usize::from(fan) * usize::from(kernel).pow(2)]);
            n.extend(vec![0; 4 * usize::from(out)]);
        }
    });
    changes
}

/// Proofs of one kind of statement are none of another kind.
fn of_draws() -> Vec<Vector> {
    let both = Base::new(BASE, &Toy::small());
    let common = Base::new("common", &Toy::drawn(&[Draw::Common]));
    let own = Base::new("own", &Toy::drawn(&[toy::OWN]));
    let dated = Base::new("own-beacon", &Toy::drawn(&[Draw::Own { beacon: toy::BEACON.to_vec() }]));
    let answer = Base::new("challenge", &Toy::drawn(&[toy::challenge()]));
    let answer_outputs = &answer.stated.statement.outputs;
    // outputs for each draw, so that nothing but the list is wrong
    let listed = |base: &Base, name, about, check, draws: &[Draw]| {
        base.change(name, about, check, &|s| {
            let last = s.statement.outputs[s.statement.outputs.len() - 1].clone();
            s.statement.outputs.resize(draws.len(), last);
            s.statement.draws = draws.to_vec();
        })
    };
    let own_with = |length| Draw::Own { beacon: vec![0xbe; length] };
    let challenge_with = |other, length| Draw::Challenge { other, beacon: vec![0xbe; length] };
    let Statement { profile, shape, commitment, .. } = &common.stated.statement;
    let id = commitment_id(profile, shape, commitment);
    let lin = "linear constraints";
    let mut flipped = [0xc4; 32];
    flipped[31] ^= 1;
    let mut beacon = toy::BEACON.to_vec();
    beacon[0] ^= 1;
    vec![
        listed(&both, "draws empty", "no draw", "draws", &[]),
        listed(&both, "draws in the wrong order", "own, then common", "draws", &[toy::OWN, Draw::Common]),
        listed(&both, "draws common twice", "the common draw twice", "draws", &[Draw::Common, Draw::Common]),
        listed(&both, "draws own twice", "two own draws", "draws", &[toy::OWN, own_with(32)]),
        listed(&both, "draws three", "three draws", "draws", &[Draw::Common, toy::OWN, own_with(32)]),
        listed(&both, "draws common and challenge", "no list of draws", "draws", &[Draw::Common, toy::challenge()]),
        listed(&own, "draws own beacon short", "a beacon of 31 bytes", "draws", &[own_with(31)]),
        listed(&own, "draws own beacon long", "a beacon of 65 bytes", "draws", &[own_with(65)]),
        listed(&answer, "draws challenge beacon absent", "no beacon", "draws", &[challenge_with([0xc4; 32], 0)]),
        listed(&answer, "draws challenge beacon short", "31 bytes", "draws", &[challenge_with([0xc4; 32], 31)]),
        listed(&answer, "draws challenge names itself", "the other is this one", "draws", &[challenge_with(id, 48)]),
        listed(&both, "draws common alone", "the own draw left out", "proof length", &[Draw::Common]),
        both.change("draws own alone", "the common draw left out", "proof length", &|s| {
            s.statement.draws.remove(0);
            s.statement.outputs.remove(0);
        }),
        listed(&common, "draws own added", "an own draw added", "proof length", &[Draw::Common, toy::OWN]),
        listed(&common, "draws common as own", "vectors of the common draw as own ones", lin, &[toy::OWN]),
        listed(&own, "draws own as common", "own vectors as those of the common draw", lin, &[Draw::Common]),
        listed(&common, "draws common as an answer", "the common draw as the answer", lin, &[toy::challenge()]),
        listed(&answer, "draws an answer as common", "the answer as the common draw", lin, &[Draw::Common]),
        listed(&dated, "draws beacon missing", "the beacon of an own draw left out", lin, &[toy::OWN]),
        listed(&dated, "draws own beacon changed", "one bit of it", lin, &[Draw::Own { beacon: beacon.clone() }]),
        listed(&own, "draws beacon added", "a beacon added to an own draw", lin, &[own_with(48)]),
        listed(
            &answer,
            "draws other changed",
            "one bit of the other commitment",
            lin,
            &[Draw::Challenge { other: flipped, beacon: toy::BEACON.to_vec() }],
        ),
        listed(
            &answer,
            "draws challenge beacon changed",
            "one bit of the beacon",
            lin,
            &[Draw::Challenge { other: [0xc4; 32], beacon }],
        ),
        common.change(
            "draws outputs of an answer",
            "vector and scales of an answer under the common draw",
            lin,
            &|s| {
                let (outputs, answer) = (&mut s.statement.outputs[0], answer_outputs[0].clone());
                *outputs = Outputs { e: outputs.e.clone(), ..answer };
            },
        ),
        // rows of a re-randomised copy: their own draw is another one
        own.change(
            "own of another commitment",
            "the rows of a re-randomised copy under the first's outputs",
            lin,
            &|s| {
                for row in &mut s.rows {
                    let point = curve::decode(row.as_slice().try_into().unwrap()).unwrap();
                    *row = curve::encode(&(point.into_group() + toy::generators().h()).into_affine()).to_vec();
                }
            },
        ),
    ]
}

/// Whom a proof is for cannot be changed, and has one spelling.
fn of_contexts() -> Vec<Vector> {
    let base = Base::new(BASE, &Toy::small());
    let change = |name: &str, about: &str, check, change: &dyn Fn(&mut Context)| {
        base.change(&format!("context {name}"), about, check, &|s| change(&mut s.statement.context))
    };
    let (lin, grammar) = ("linear constraints", "context");
    let key = |digits: &str| format!("ed25519:{}", digits.repeat(32));
    let mut out = vec![
        change("owner changed", "another owner", lin, &|c| c.owner = "name:Mallory".into()),
        change("owner absent", "no owner", lin, &|c| c.owner.clear()),
        change("owner a key", "the owner is a key", lin, &|c| c.owner = key("ab")),
        change("audience changed", "another case", lin, &|c| c.audience = "court of Utrecht, case 8".into()),
        change("audience absent", "no audience", lin, &|c| c.audience.clear()),
        change("nonce changed", "one bit of the nonce", lin, &|c| c.nonce[15] ^= 1),
        change("nonce absent", "no nonce", lin, &|c| c.nonce.clear()),
        change("nonce longer", "the nonce has a byte more", lin, &|c| c.nonce.push(0)),
        change("absent", "made for nobody in particular", lin, &|c| *c = Context::default()),
        change("border", "a letter moved from the audience to the owner", lin, &|c| {
            let letter = c.audience.remove(0);
            c.owner.push(letter);
        }),
        change("audience of Cyrillic", "a letter that looks like a", grammar, &|c| c.audience = "\u{430}".into()),
        change("audience long", "201 characters", grammar, &|c| c.audience = "a".repeat(201)),
        change("audience space", "a space at its end", grammar, &|c| c.audience.push(' ')),
        change("nonce short", "a nonce of 15 bytes", grammar, &|c| c.nonce.truncate(15)),
        change("nonce long", "a nonce of 65 bytes", grammar, &|c| c.nonce = vec![1; 65]),
    ];
    for (name, owner) in [
        ("plain", "Alice".to_owned()),
        ("space", "name:Alice ".into()),
        ("no name", "name:".into()),
        ("line", "name:Alice\nBob".into()),
        ("key short", key("ab")[..71].into()),
        ("key long", key("ab") + "0"),
        ("key upper", key("AB")),
        ("no subject", "https://accounts.example.org".into()),
        ("two spaces", "https://accounts.example.org  alice".into()),
        ("three words", "https://accounts.example.org alice bob".into()),
        ("http", "http://accounts.example.org alice".into()),
        ("Unicode", "name:Ál".into()),
        ("name long", format!("name:{}", "x".repeat(201))),
    ] {
        let name = format!("owner {name}");
        out.push(change(&name, &format!("the owner is {owner:?}"), grammar, &|c| c.owner.clone_from(&owner)));
    }
    out
}

/// Every field of the base's statement but draws and context, every part of its proof.
fn of_the_base() -> Vec<Vector> {
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
                let f: fn(&mut Outputs) = $f;
                f(&mut s.statement.outputs[0])
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
    state("c plus one", "c is one larger", lin, public!(|p| p.c[0] += 1));
    state("c below", "c is 2^10 - 1", "c", public!(|p| p.c[0] = (1 << 10) - 1));
    state("c above", "c is 2^40", "c", public!(|p| p.c[0] = 1 << 40));

    state(
        "c missing",
        "the scale of the layer is missing",
        "lengths",
        public!(|p| {
            p.c.pop();
        }),
    );
    state("own z plus one", "z[7] of the own draw is one larger", lin, &|s| s.statement.outputs[1].z[7] += 1);
    state("own e too large", "a shift of 224 in the own draw", "shift", &|s| s.statement.outputs[1].e[2] = 224);
    state("own a minus one", "a scale of the own draw is one smaller", lin, &|s| s.statement.outputs[1].a[2] -= 1);
    state("own c below", "c of the own draw is 2^10 - 1", "c", &|s| s.statement.outputs[1].c[0] = (1 << 10) - 1);
    state("own z missing", "the own draw has no vector", "lengths", &|s| s.statement.outputs[1].z.clear());
    state("outputs exchanged", "the outputs of the two draws exchanged", lin, &|s| s.statement.outputs.swap(0, 1));

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
    state("profile", "the full profile for toy outputs", "lengths", &|s| s.statement.profile = &ROBUST_2);

    let other = Toy::new(&toy.draws, toy::weights(&toy::small(), 8), [4; 32]);
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
    let again = Toy::new(&toy.draws, toy::weights(&toy::small(), 7), [9; 32]);
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
    assert_eq!(statement.profile, &TOY_2);
    out
}
