//! Every file of proofs/vectors gets the verdict that it states. No feature is needed: this is the shipped verifier.

use huref_circuits::{
    commit::generators::Generators,
    context::Context,
    curve::Affine,
    draw::Draw,
    drift::{Drift, Limit, Partition, PublicModel},
    error::Rejected,
    nearness::{Answer, Nearness},
    profile::Profile,
    statement::{Outputs, Shape, Statement},
    verify::verify,
    wire::read_points,
};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf, sync::OnceLock};

fn folder(name: &str) -> BTreeMap<String, Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proofs/vectors").join(name);
    let files = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
        })
        .collect()
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap().as_bytes();
    text.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn list<T>(value: &Value, read: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(read).collect()
}

fn u32(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

/// A statement of any kind.
enum Stated {
    Fingerprint(Statement),
    Nearness(Nearness),
    Drift(Drift),
}

/// The statement of these fields.
fn statement(fields: &Value) -> Result<Stated, Rejected> {
    let shape = &fields["shape"];
    let shape = Shape {
        hidden: u32(&shape["hidden"]),
        heads: u32(&shape["heads"]),
        kv_heads: u32(&shape["kvHeads"]),
        head_dim: u32(&shape["headDim"]),
        ffn: u32(&shape["ffn"]),
        layers: list(&shape["layers"], u32),
        tokens: list(&fields["tokens"], unhex),
    };
    let context = fields.get("context").filter(|context| !context.is_null());
    let field = |name| context.and_then(|context| context.get(name));
    let text = |name| field(name).map_or_else(String::new, |text| text.as_str().unwrap().to_owned());
    let context = Context {
        owner: text("owner"),
        audience: text("audience"),
        nonce: field("nonce").map(unhex).unwrap_or_default(),
    };
    let profile = Profile::named(fields["profile"].as_str().unwrap()).unwrap();
    let commitment = read_points(&list(&fields["commitment"], unhex).concat())?;
    if let Some(exponents) = fields.get("exponents") {
        return Ok(Stated::Drift(drift(fields, exponents, profile, shape, commitment, context)));
    }
    let mut draws = list(&fields["draws"], draw);
    let vectors = |value: &Value| list(value, |vector| list(vector, |z| z.as_i64().unwrap())).concat();
    if let Some(said) = fields.get("answer") {
        let (draw, theirs) = (draws.remove(0), vectors(&fields["theirs"]));
        return Ok(Stated::Nearness(Nearness {
            profile,
            shape,
            commitment,
            draw,
            theirs,
            answer: answer(said),
            context,
        }));
    }
    let outputs = |draw: &Value| Outputs {
        z: vectors(&draw["vectors"]),
        e: list(&draw["shifts"], u32),
        a: list(&draw["scales"], |a| a.as_u64().unwrap()),
        c: list(&draw["vectorScales"], |c| c.as_u64().unwrap()),
    };
    let outputs = list(&fields["draws"], outputs);
    Ok(Stated::Fingerprint(Statement { profile, shape, commitment, draws, outputs, context }))
}

fn drift(
    fields: &Value,
    exponents: &Value,
    profile: &'static Profile,
    shape: Shape,
    commitment: Vec<Affine>,
    context: Context,
) -> Drift {
    let matrix = |bytes: &Value| unhex(bytes).as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
    let public = &fields["public"];
    let public = (!public.is_null()).then(|| PublicModel::new(list(public, matrix)));
    let partition = match fields["partition"].as_str().unwrap() {
        "rows" => Partition::Rows,
        "matrices" => Partition::Matrices,
        _ => Partition::Whole,
    };
    let limit = &fields["limit"];
    let values: Vec<u128> = list(&limit["values"], |value| value.as_str().unwrap().parse().unwrap());
    let limit = match limit["kind"].as_str().unwrap() {
        "relative" => Limit::Relative(values[0].try_into().unwrap()),
        _ => Limit::Absolute(values),
    };
    let exponents = list(exponents, |x| x.as_i64().map(|x| i8::try_from(x).unwrap()));
    Drift { profile, shape, commitment, public, exponents, partition, limit, context }
}

fn answer(said: &Value) -> Answer {
    let cosines = list(&said["cosines"], |k| i32::try_from(k.as_i64().unwrap()).unwrap());
    let one = || u32::try_from(cosines[0]).unwrap();
    match said["kind"].as_str().unwrap() {
        "rounded" => Answer::Rounded(cosines),
        "below" => Answer::Below(one()),
        _ => Answer::AtLeast { cosine: one(), theirs: u32(&said["pair"][0]), own: u32(&said["pair"][1]) },
    }
}

fn draw(draw: &Value) -> Draw {
    let bytes = |name| draw.get(name).map(unhex).unwrap_or_default();
    let beacon = bytes("beacon");
    match draw["kind"].as_str().unwrap() {
        "common" => Draw::Common,
        "own" => Draw::Own { beacon },
        "custom" => Draw::Custom { network: bytes("network") },
        _ => Draw::Challenge { other: bytes("other").try_into().unwrap(), beacon },
    }
}

fn verdict(fields: &Value, proof: &[u8]) -> Result<(), &'static str> {
    static GENERATORS: OnceLock<Generators> = OnceLock::new();
    let generators = GENERATORS.get_or_init(|| Generators::derive(9));
    let result = statement(fields).and_then(|statement| match &statement {
        Stated::Fingerprint(statement) => verify(statement, proof, generators),
        Stated::Nearness(nearness) => verify(nearness, proof, generators),
        Stated::Drift(drift) => verify(drift, proof, generators),
    });
    result.map_err(|refusal| refusal.check())
}

/// Statement fields and proof of a vector that may be a change of a valid one.
fn resolve(vector: &Value, valid: &BTreeMap<String, Value>) -> (Value, Vec<u8>) {
    let Some(base) = vector.get("base") else { return (vector["statement"].clone(), unhex(&vector["proof"])) };
    let base = &valid[base.as_str().unwrap()];
    let mut fields = base["statement"].clone();
    for (key, value) in vector["statement"].as_object().unwrap() {
        fields[key] = value.clone();
    }
    let mut proof = unhex(&base["proof"]);
    for splice in vector["proof"].as_array().unwrap() {
        let (at, remove) = (u32(&splice[0]) as usize, u32(&splice[1]) as usize);
        proof.splice(at..at + remove, unhex(&splice[2]));
    }
    (fields, proof)
}

#[test]
fn valid_vectors_are_accepted() {
    let valid = folder("valid");
    assert!(valid.len() >= 20);
    for (name, vector) in valid {
        assert_eq!(verdict(&vector["statement"], &unhex(&vector["proof"])), Ok(()), "{name}");
    }
}

#[test]
fn invalid_vectors_are_refused_at_their_check() {
    let (valid, invalid) = (folder("valid"), folder("invalid"));
    assert!(invalid.len() >= 160);
    for (name, vector) in invalid {
        let (fields, proof) = resolve(&vector, &valid);
        assert_eq!(verdict(&fields, &proof), Err(vector["check"].as_str().unwrap()), "{name}");
    }
}
