//! One file.

use crate::toy;
use huref_circuits::{
    context::Context,
    curve::{self, Affine},
    draw::Draw,
    drift::{Drift, Limit, Partition},
    error::Rejected,
    nearness::{Answer, Nearness},
    profile::Profile,
    public::Public,
    statement::{Outputs, Shape, Statement},
    verify::verify,
    wire::read_points,
};
use serde_json::{Value, json};
use std::path::Path;

/// A statement of any kind.
pub trait Spelled: Clone {
    /// Its parts.
    fn public(&self) -> Public<'_>;
    /// The same about another commitment.
    fn about(self, commitment: Vec<Affine>) -> Self;
    /// The fields that its kind alone has.
    fn fields(&self) -> Value;
}

impl Spelled for Statement {
    fn public(&self) -> Public<'_> {
        self.into()
    }
    fn about(self, commitment: Vec<Affine>) -> Self {
        Self { commitment, ..self }
    }
    fn fields(&self) -> Value {
        let draws = self.draws.iter().zip(&self.outputs).map(|(draw, outputs)| {
            let Outputs { z, e, a, c } = outputs;
            let mut fields = draw_json(draw);
            let vectors: Vec<&[i64]> = z.chunks(self.profile.outputs as usize).collect();
            for (key, value) in
                [("vectors", json!(vectors)), ("shifts", json!(e)), ("scales", json!(a)), ("vectorScales", json!(c))]
            {
                fields[key] = value;
            }
            fields
        });
        json!({"draws": draws.collect::<Vec<_>>()})
    }
}

impl Spelled for Nearness {
    fn public(&self) -> Public<'_> {
        self.into()
    }
    fn about(self, commitment: Vec<Affine>) -> Self {
        Self { commitment, ..self }
    }
    fn fields(&self) -> Value {
        let answer = match &self.answer {
            Answer::Rounded(cosines) => json!({"kind": "rounded", "cosines": cosines}),
            Answer::Below(cosine) => json!({"kind": "below", "cosines": [cosine]}),
            Answer::AtLeast { cosine, theirs, own } => {
                json!({"kind": "at-least", "cosines": [cosine], "pair": [theirs, own]})
            }
        };
        let theirs: Vec<&[i64]> = self.vectors().collect();
        json!({"draws": [draw_json(&self.draw)], "theirs": theirs, "answer": answer})
    }
}

impl Spelled for Drift {
    fn public(&self) -> Public<'_> {
        self.into()
    }
    fn about(self, commitment: Vec<Affine>) -> Self {
        Self { commitment, ..self }
    }
    fn fields(&self) -> Value {
        let partition = match self.partition {
            Partition::Rows => "rows",
            Partition::Matrices => "matrices",
            Partition::Whole => "whole",
        };
        // decimal digits: some readers have no integers as wide as these
        let limit = match &self.limit {
            Limit::Relative(b) => json!({"kind": "relative", "values": [b.to_string()]}),
            Limit::Absolute(limits) => {
                json!({"kind": "absolute", "values": limits.iter().map(u128::to_string).collect::<Vec<_>>()})
            }
        };
        let bytes = |matrix: &Vec<i16>| hex(&matrix.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
        let public = self.public.as_ref().map(|model| model.matrices.iter().map(bytes).collect::<Vec<_>>());
        json!({"exponents": self.exponents, "partition": partition, "limit": limit, "public": public})
    }
}

/// A statement as the files spell it, before anything is checked.
#[derive(Clone)]
pub struct Stated<S = Statement> {
    /// Everything but the commitment.
    pub statement: S,
    /// The rows' encodings.
    pub rows: Vec<Vec<u8>>,
}

impl<S: Spelled> Stated<S> {
    /// A statement in canonical encoding.
    pub fn new(statement: &S) -> Self {
        let rows = statement.public().commitment().iter().map(|row| curve::encode(row).to_vec()).collect();
        Self { statement: statement.clone(), rows }
    }

    /// The verdict on a proof of it.
    pub fn verdict(&self, proof: &[u8]) -> Result<(), &'static str> {
        let commitment = read_points(&self.rows.concat()).map_err(|refusal| refusal.check())?;
        let statement = self.statement.clone().about(commitment);
        verify(statement.public(), proof, toy::generators()).map_err(|refusal: Rejected| refusal.check())
    }

    /// The fields in which this statement differs from another.
    fn json(&self, base: Option<&Self>) -> Value {
        let public = self.statement.public();
        let (profile, shape, context): (&Profile, _, _) = (public.profile(), public.shape(), public.context());
        let Shape { hidden, heads, kv_heads, head_dim, ffn, layers, tokens } = shape;
        let rows: Vec<String> = self.rows.iter().map(|row| hex(row)).collect();
        let tokens: Vec<String> = tokens.iter().map(|token| hex(token)).collect();
        let mut all = json!({
            "profile": profile.name,
            "shape": {
                "hidden": hidden, "heads": heads, "kvHeads": kv_heads, "headDim": head_dim, "ffn": ffn, "layers": layers,
            },
            "tokens": tokens,
            "commitment": rows,
        });
        if let (Some(all), Value::Object(fields)) = (all.as_object_mut(), self.statement.fields()) {
            all.extend(fields);
        }
        // a statement without a context has no such field, unless its base has one
        if *context != Context::default() {
            all["context"] = context_json(context);
        } else if base.is_some_and(|base| base.statement.public().context() != context) {
            all["context"] = Value::Null;
        }
        if let (Some(base), Some(all)) = (base, all.as_object_mut()) {
            let base = base.json(None);
            all.retain(|key, value| base.get(key) != Some(&*value));
        }
        all
    }
}

/// A draw. What is empty has no field.
fn draw_json(draw: &Draw) -> Value {
    let kind = ["common", "own", "challenge", "custom"][usize::from(draw.kind())];
    let mut fields = json!({"kind": kind});
    let network = draw.network().unwrap_or_default();
    for (key, bytes) in [("beacon", draw.beacon()), ("other", draw.other()), ("network", network)] {
        if !bytes.is_empty() {
            fields[key] = json!(hex(bytes));
        }
    }
    fields
}

fn context_json(context: &Context) -> Value {
    let Context { owner, audience, nonce } = context;
    let nonce = hex(nonce);
    let fields = [("owner", owner), ("audience", audience), ("nonce", &nonce)];
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.to_owned(), json!(value)))
        .collect()
}

/// What is done to the proof of a base vector: `remove` bytes at `at` are replaced.
#[derive(Clone, Debug)]
pub struct Splice {
    /// First byte.
    pub at: usize,
    /// How many bytes go.
    pub remove: usize,
    /// What comes in their place.
    pub insert: Vec<u8>,
}

impl Splice {
    /// The proof after it.
    pub fn apply(&self, proof: &[u8]) -> Vec<u8> {
        [&proof[..self.at], &self.insert, &proof[self.at + self.remove..]].concat()
    }
}

/// A vector in a file of its own, or as a change of a valid one.
#[derive(Clone)]
pub struct Vector {
    /// Name of the file.
    pub name: String,
    about: String,
    body: Value,
    check: Option<&'static str>,
}

impl Vector {
    /// A complete vector. `check` refuses it; `None` if nothing does.
    pub fn whole<S: Spelled>(
        name: &str,
        about: &str,
        check: Option<&'static str>,
        stated: &Stated<S>,
        proof: &[u8],
    ) -> Self {
        assert_eq!(stated.verdict(proof).err(), check, "{name}");
        let body = json!({"statement": stated.json(None), "proof": hex(proof)});
        Self { name: slug(name), about: about.to_owned(), body, check }
    }

    /// A change of a valid vector that `check` must refuse.
    pub fn change<S: Spelled>(
        name: &str,
        about: &str,
        check: &'static str,
        base: (&str, &Stated<S>, &[u8]),
        stated: &Stated<S>,
        splices: &[Splice],
    ) -> Self {
        let (base_name, base_stated, base_proof) = base;
        let proof = splices.iter().fold(base_proof.to_vec(), |proof, splice| splice.apply(&proof));
        assert_eq!(stated.verdict(&proof), Err(check), "{name}");
        let splices: Vec<Value> = splices.iter().map(|s| json!([s.at, s.remove, hex(&s.insert)])).collect();
        let body = json!({"base": base_name, "statement": stated.json(Some(base_stated)), "proof": splices});
        Self { name: slug(name), about: about.to_owned(), body, check: Some(check) }
    }

    /// Writes the file.
    pub fn write(&self, folder: &Path) {
        let mut file = self.body.clone();
        file["about"] = json!(self.about);
        if let Some(check) = self.check {
            file["check"] = json!(check);
        }
        let path = folder.join(format!("{}.json", self.name));
        std::fs::write(path, format!("{file:#}\n")).expect("the folder exists and can be written");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
