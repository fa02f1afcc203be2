//! The targets. Each panics when the library does something it must not do.

use huref_circuits::{commit::generators::Generators, curve, error::Refusal, profile::{Profile, TOY_2}, statement::{Public, Shape, Statement}, verify::verify, wire::{read_points, statement_bytes, Reader}};
use serde_json::Value;
use std::{fs, path::PathBuf, sync::OnceLock};

/// A function of bytes and inputs that are worth changing.
pub struct Target {
    /// Name, also of its corpus.
    pub name: &'static str,
    /// Inputs to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Runs one input.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 3] = [
    Target { name: "wire", seeds: proofs, run: wire },
    Target { name: "proof", seeds: proofs, run: proof },
    Target { name: "statement", seeds: statements, run: statement },
];

fn generators() -> &'static Generators {
    static GENERATORS: OnceLock<Generators> = OnceLock::new();
    GENERATORS.get_or_init(|| Generators::derive(TOY_2.log_n))
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_default();
    let pairs = text.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// Statements and proofs of the valid vectors.
fn vectors() -> &'static [(Statement, Vec<u8>)] {
    static VECTORS: OnceLock<Vec<(Statement, Vec<u8>)>> = OnceLock::new();
    VECTORS.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proofs/vectors/valid");
        let mut files: Vec<_> =
            fs::read_dir(folder).expect("the vectors").flatten().map(|entry| entry.path()).collect();
        files.sort();
        let read =
            |path: &PathBuf| -> Value { serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON") };
        files.iter().map(read).map(|file| (read_statement(&file["statement"]), unhex(&file["proof"]))).collect()
    })
}

fn read_statement(fields: &Value) -> Statement {
    let numbers = |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_i64).collect::<Vec<_>>();
    let small = |value: &Value| numbers(value).into_iter().map(|x| x as u32).collect::<Vec<_>>();
    let strings = |value: &Value| value.as_array().into_iter().flatten().map(unhex).collect::<Vec<_>>();
    let size = |name: &str| fields["shape"][name].as_u64().expect("a size") as u32;
    let outputs = &fields["outputs"];
    Statement {
        profile: &TOY_2,
        shape: Shape {
            hidden: size("hidden"),
            heads: size("heads"),
            kv_heads: size("kvHeads"),
            head_dim: size("headDim"),
            ffn: size("ffn"),
            layers: small(&fields["shape"]["layers"]),
            tokens: strings(&fields["tokens"]),
        },
        commitment: read_points(&strings(&fields["commitment"]).concat()).expect("points"),
        public: Public {
            z: numbers(&outputs["z"]),
            e: small(&outputs["e"]),
            a: numbers(&outputs["a"]).into_iter().map(|a| a as u64).collect(),
            c: outputs["c"].as_u64().expect("c"),
        },
        challenge: fields.get("challenge").map(|seed| unhex(seed).try_into().expect("32 bytes")),
    }
}

fn proofs() -> Vec<Vec<u8>> {
    vectors().iter().map(|(_, proof)| proof.clone()).collect()
}

/// Points and scalars have one encoding each: whatever is read is written back as it stood.
fn wire(data: &[u8]) {
    if let Ok(points) = read_points(data) {
        let again: Vec<u8> = points.iter().flat_map(curve::encode).collect();
        assert_eq!(again, data);
        assert!(points.iter().all(|point| point.is_on_curve()));
    }
    let mut reader = Reader::new(data);
    while let Ok((scalar, bytes)) = reader.scalar() {
        assert_eq!(curve::scalar_to_bytes(&scalar), *bytes);
    }
    let mut reader = Reader::new(data);
    while let Ok((point, bytes)) = reader.point() {
        assert_eq!(curve::encode(&point), *bytes);
    }
}

/// Nothing but the proof of a statement proves it.
fn proof(data: &[u8]) {
    for (statement, proof) in &vectors()[..3] {
        let verdict = verify(statement, data, generators());
        assert_eq!(verdict.is_ok(), data == proof, "{verdict:?}");
    }
}

/// Statements as bytes for mutation only: a plain encoding of all numbers, then tokens, challenge and rows.
fn statements() -> Vec<Vec<u8>> {
    let words = |values: &[u64]| values.iter().flat_map(|x| x.to_be_bytes()).collect::<Vec<u8>>();
    let write = |(statement, _): &(Statement, Vec<u8>)| {
        let Statement { profile: _, shape, commitment, public, challenge } = statement;
        let Shape { hidden, heads, kv_heads, head_dim, ffn, layers, tokens } = shape;
        let sizes = [hidden, heads, kv_heads, head_dim, ffn].map(|&x| u64::from(x));
        let seed = challenge.unwrap_or_default();
        let lists = [layers.len(), tokens.len(), public.z.len(), public.e.len(), public.a.len()].map(|x| x as u64);
        let counts = [&lists[..], &[u64::from(challenge.is_some())]].concat();
        let layers: Vec<u64> = layers.iter().map(|&x| u64::from(x)).collect();
        let z: Vec<u64> = public.z.iter().map(|&x| x as u64).collect();
        let e: Vec<u64> = public.e.iter().map(|&x| u64::from(x)).collect();
        let tokens = tokens.iter().flat_map(|token| [vec![token.len() as u8], token.clone()].concat());
        let numbers = [&counts[..], &sizes, &layers, &z, &e, &public.a, &[public.c]].concat();
        let rows = commitment.iter().flat_map(curve::encode);
        words(&numbers).into_iter().chain(tokens).chain(seed).chain(rows).collect()
    };
    vectors().iter().map(write).collect()
}

/// Reads what `statements` wrote; `None` where bytes are missing or rows are no points.
fn parse(data: &[u8]) -> Option<Statement> {
    let mut rest = data;
    let mut word = || {
        let (head, tail) = rest.split_first_chunk::<8>()?;
        rest = tail;
        Some(u64::from_be_bytes(*head))
    };
    let counts = [word()?, word()?, word()?, word()?, word()?, word()?];
    if counts.iter().any(|&count| count > 1 << 12) {
        return None;
    }
    let [layers, tokens, z, e, a, challenged] = counts;
    let sizes = [word()?, word()?, word()?, word()?, word()?].map(|x| x as u32);
    let mut list = |count: u64| (0..count).map(|_| word()).collect::<Option<Vec<u64>>>();
    let layers = list(layers)?.into_iter().map(|x| x as u32).collect();
    let z = list(z)?.into_iter().map(|x| x as i64).collect();
    let e = list(e)?.into_iter().map(|x| x as u32).collect();
    let (a, c) = (list(a)?, word()?);
    let mut read = |_| {
        let (&length, tail) = rest.split_first()?;
        let (token, tail) = tail.split_at_checked(usize::from(length))?;
        rest = tail;
        Some(token.to_vec())
    };
    let tokens = (0..tokens).map(&mut read).collect::<Option<Vec<_>>>()?;
    let (seed, rest) = rest.split_first_chunk::<32>()?;
    let challenge = (challenged != 0).then_some(*seed);
    let [hidden, heads, kv_heads, head_dim, ffn] = sizes;
    let shape = Shape { hidden, heads, kv_heads, head_dim, ffn, layers, tokens };
    let commitment = read_points(rest).ok()?;
    let public = Public { z, e, a, c };
    Some(Statement { profile: Profile::named("toy-1")?, shape, commitment, public, challenge })
}

/// A proof proves its statement and no other one.
fn statement(data: &[u8]) {
    let Some(changed) = parse(data) else { return };
    for (original, proof) in &vectors()[..2] {
        let verdict: Result<(), Refusal> = verify(&changed, proof, generators());
        assert_eq!(verdict.is_ok(), changed == *original, "{verdict:?}");
        if verdict.is_ok() {
            assert_eq!(statement_bytes(&changed), statement_bytes(original));
        }
    }
}
