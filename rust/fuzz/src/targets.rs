//! The targets. Each panics when the library does something it must not do.

use huref_circuits::{
    commit::generators::Generators,
    context::Context,
    curve,
    draw::Draw,
    error::Rejected,
    profile::TOY_2,
    statement::{Outputs, Shape, Statement},
    verify::verify,
    wire::{Reader, read_points, statement_bytes},
};
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
    let bytes = |value: &Value, name: &str| value.get(name).map(unhex).unwrap_or_default();
    let draw = |draw: &Value| match draw["kind"].as_str() {
        Some("common") => Draw::Common,
        Some("own") => Draw::Own { beacon: bytes(draw, "beacon") },
        _ => {
            Draw::Challenge { other: bytes(draw, "other").try_into().expect("32 bytes"), beacon: bytes(draw, "beacon") }
        }
    };
    let unsigned = |value: &Value| numbers(value).into_iter().map(|x| x as u64).collect();
    let outputs = |draw: &Value| Outputs {
        z: draw["vectors"].as_array().into_iter().flatten().flat_map(numbers).collect(),
        e: small(&draw["shifts"]),
        a: unsigned(&draw["scales"]),
        c: unsigned(&draw["vectorScales"]),
    };
    let draws = fields["draws"].as_array().expect("draws");
    let text = |name: &str| fields["context"][name].as_str().unwrap_or_default().to_owned();
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
        draws: draws.iter().map(draw).collect(),
        outputs: draws.iter().map(outputs).collect(),
        context: Context {
            owner: text("owner"),
            audience: text("audience"),
            nonce: bytes(&fields["context"], "nonce"),
        },
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

/// Statements as bytes for mutation only.
fn statements() -> Vec<Vec<u8>> {
    vectors().iter().map(|(statement, _)| write(statement)).collect()
}

/// A plain encoding: all lengths, then all numbers, then all strings, then the rows.
fn write(statement: &Statement) -> Vec<u8> {
    let Statement { profile: _, shape, commitment, draws, outputs, context } = statement;
    let Shape { hidden, heads, kv_heads, head_dim, ffn, layers, tokens } = shape;
    let Context { owner, audience, nonce } = context;
    let mut out = Vec::new();
    let mut words = |values: &[u64]| out.extend(values.iter().flat_map(|x| x.to_be_bytes()));
    words(&[hidden, heads, kv_heads, head_dim, ffn].map(|&x| u64::from(x)));
    words(&[layers.len(), tokens.len(), draws.len(), outputs.len()].map(|x| x as u64));
    words(&layers.iter().map(|&x| u64::from(x)).collect::<Vec<_>>());
    for Outputs { z, e, a, c } in outputs {
        words(&[z.len(), e.len(), a.len(), c.len()].map(|x| x as u64));
        words(&z.iter().map(|&x| x as u64).collect::<Vec<_>>());
        words(&e.iter().map(|&x| u64::from(x)).collect::<Vec<_>>());
        words(a);
        words(c);
    }
    let mut string = |bytes: &[u8]| {
        out.push(bytes.len() as u8);
        out.extend(bytes);
    };
    for draw in draws {
        [&[draw.kind()], draw.beacon(), draw.other()].into_iter().for_each(&mut string);
    }
    tokens.iter().for_each(|token| string(token));
    [owner.as_bytes(), audience.as_bytes(), nonce].into_iter().for_each(&mut string);
    out.extend(commitment.iter().flat_map(curve::encode));
    out
}

/// Reads what [`write`] wrote.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn word(&mut self) -> Option<u64> {
        let (head, tail) = self.0.split_first_chunk()?;
        self.0 = tail;
        Some(u64::from_be_bytes(*head))
    }

    fn words(&mut self, count: u64) -> Option<Vec<u64>> {
        (count <= 1 << 12).then(|| (0..count).map(|_| self.word()).collect())?
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let (&length, tail) = self.0.split_first()?;
        let (string, tail) = tail.split_at_checked(usize::from(length))?;
        self.0 = tail;
        Some(string)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.string()?.to_vec()).ok()
    }

    fn outputs(&mut self) -> Option<Outputs> {
        let lengths = self.words(4)?;
        let mut list = |i: usize| self.words(lengths[i]);
        Some(Outputs {
            z: list(0)?.into_iter().map(|x| x as i64).collect(),
            e: list(1)?.into_iter().map(|x| x as u32).collect(),
            a: list(2)?,
            c: list(3)?,
        })
    }

    fn draw(&mut self) -> Option<Draw> {
        let (kind, beacon, other) = (self.string()?, self.string()?.to_vec(), self.string()?);
        match (kind, other) {
            ([0], []) if beacon.is_empty() => Some(Draw::Common),
            ([1], []) => Some(Draw::Own { beacon }),
            ([2], other) => Some(Draw::Challenge { other: other.try_into().ok()?, beacon }),
            _ => None,
        }
    }
}

/// Reads what [`write`] wrote; `None` where bytes are missing or rows are no points.
fn parse(data: &[u8]) -> Option<Statement> {
    let mut fields = Fields(data);
    let sizes: Vec<u32> = fields.words(5)?.into_iter().map(|x| x as u32).collect();
    let [hidden, heads, kv_heads, head_dim, ffn] = sizes.try_into().ok()?;
    let [layers, tokens, draws, outputs] = fields.words(4)?.try_into().ok()?;
    if [layers, tokens, draws, outputs].into_iter().any(|count| count > 1 << 12) {
        return None;
    }
    let layers = fields.words(layers)?.into_iter().map(|x| x as u32).collect();
    let outputs = (0..outputs).map(|_| fields.outputs()).collect::<Option<_>>()?;
    let draws = (0..draws).map(|_| fields.draw()).collect::<Option<_>>()?;
    let tokens = (0..tokens).map(|_| fields.string().map(<[u8]>::to_vec)).collect::<Option<_>>()?;
    let context = Context { owner: fields.text()?, audience: fields.text()?, nonce: fields.string()?.to_vec() };
    let shape = Shape { hidden, heads, kv_heads, head_dim, ffn, layers, tokens };
    Some(Statement { profile: &TOY_2, shape, commitment: read_points(fields.0).ok()?, draws, outputs, context })
}

/// A proof proves its statement and no other one.
fn statement(data: &[u8]) {
    let Some(changed) = parse(data) else { return };
    for (original, proof) in &vectors()[..2] {
        let verdict: Result<(), Rejected> = verify(&changed, proof, generators());
        assert_eq!(verdict.is_ok(), changed == *original, "{verdict:?}");
        if verdict.is_ok() {
            assert_eq!(statement_bytes(&changed), statement_bytes(original));
        }
    }
}
