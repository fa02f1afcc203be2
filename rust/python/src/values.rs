//! Values that Python and the core share. Python's are read by their attributes (`huref.artefacts`).

use huref_circuits::{context, draw, drift, error::Rejected, nearness, profile::Profile, statement, wire};
use pyo3::{prelude::*, pybacked::PyBackedBytes};

/// `huref.artefacts.shape.Shape`.
#[derive(FromPyObject)]
pub struct Shape {
    hidden: u32,
    heads: u32,
    kv_heads: u32,
    head_dim: u32,
    ffn: u32,
    layers: Vec<u32>,
    tokens: Vec<PyBackedBytes>,
}

impl From<Shape> for statement::Shape {
    fn from(shape: Shape) -> Self {
        let Shape { hidden, heads, kv_heads, head_dim, ffn, layers, tokens } = shape;
        let tokens = tokens.iter().map(|token| token.to_vec()).collect();
        Self { hidden, heads, kv_heads, head_dim, ffn, layers, tokens }
    }
}

/// `huref.artefacts.statement.Draw`.
#[derive(FromPyObject)]
pub struct Draw {
    kind: String,
    beacon: PyBackedBytes,
    other: PyBackedBytes,
    /// Canonical bytes of the network of a custom draw; empty for all others.
    network: PyBackedBytes,
}

impl TryFrom<&Draw> for draw::Draw {
    type Error = Rejected;

    fn try_from(Draw { kind, beacon, other, network }: &Draw) -> Result<Self, Rejected> {
        if kind == "custom" && beacon.is_empty() && other.is_empty() {
            return Ok(Self::Custom { network: network.to_vec() });
        }
        if !network.is_empty() {
            return Err(Rejected::Public("draws"));
        }
        let (beacon, other) = (beacon.to_vec(), other.to_vec());
        match (kind.as_str(), other.len()) {
            ("common", 0) if beacon.is_empty() => Ok(Self::Common),
            ("own", 0) => Ok(Self::Own { beacon }),
            ("challenge", _) => {
                other.try_into().map(|other| Self::Challenge { other, beacon }).map_err(|_| Rejected::Public("draws"))
            }
            _ => Err(Rejected::Public("draws")),
        }
    }
}

/// Draws of the core.
pub fn draws(draws: &[Draw]) -> Result<Vec<draw::Draw>, Rejected> {
    draws.iter().map(TryInto::try_into).collect()
}

/// `huref.artefacts.statement.Context`.
#[derive(FromPyObject)]
pub struct Context {
    owner: String,
    audience: String,
    nonce: Vec<u8>,
}

impl From<Context> for context::Context {
    fn from(Context { owner, audience, nonce }: Context) -> Self {
        Self { owner, audience, nonce }
    }
}

/// `huref.artefacts.statement.Outputs`.
#[derive(FromPyObject)]
struct Outputs {
    z: Vec<i64>,
    e: Vec<u32>,
    a: Vec<u64>,
    c: Vec<u64>,
}

impl From<Outputs> for statement::Outputs {
    fn from(Outputs { z, e, a, c }: Outputs) -> Self {
        Self { z, e, a, c }
    }
}

/// The arguments of `huref.artefacts.statement.Outputs`, in their order.
pub type Numbers = (Vec<i64>, Vec<u32>, Vec<u64>, Vec<u64>);

/// What Python makes its public outputs of, one for each draw.
pub fn numbers(outputs: &[statement::Outputs]) -> Vec<Numbers> {
    let one = |o: &statement::Outputs| (o.z.clone(), o.e.clone(), o.a.clone(), o.c.clone());
    outputs.iter().map(one).collect()
}

/// `huref.artefacts.statement.Statement`, of which the points are not decoded yet: that takes time, and no interpreter.
#[derive(FromPyObject)]
pub struct Statement {
    /// Name of the profile.
    pub profile: String,
    shape: Shape,
    commitment: PyBackedBytes,
    draws: Vec<Draw>,
    outputs: Vec<Outputs>,
    context: Context,
}

impl Statement {
    /// The statement of the core, under its profile.
    pub fn decode(self, profile: &'static Profile) -> Result<statement::Statement, Rejected> {
        let Self { profile: _, shape, commitment, draws: drawn, outputs, context } = self;
        Ok(statement::Statement {
            profile,
            shape: shape.into(),
            commitment: wire::read_points(&commitment)?,
            draws: draws(&drawn)?,
            outputs: outputs.into_iter().map(Into::into).collect(),
            context: context.into(),
        })
    }
}

/// `huref.artefacts.nearness.Answer`.
#[derive(FromPyObject)]
struct Answer {
    kind: String,
    cosines: Vec<i64>,
    pair: Option<(u32, u32)>,
}

impl TryFrom<Answer> for nearness::Answer {
    type Error = Rejected;

    fn try_from(Answer { kind, cosines, pair }: Answer) -> Result<Self, Rejected> {
        let wrong = Rejected::Public("interval");
        let one = || match cosines.as_slice() {
            &[cosine] => u32::try_from(cosine).ok(),
            _ => None,
        };
        let answer = match (kind.as_str(), pair) {
            ("rounded", None) => {
                cosines.iter().map(|&k| i32::try_from(k).ok()).collect::<Option<_>>().map(Self::Rounded)
            }
            ("below", None) => one().map(Self::Below),
            ("at-least", Some((theirs, own))) => one().map(|cosine| Self::AtLeast { cosine, theirs, own }),
            _ => None,
        };
        answer.ok_or(wrong)
    }
}

/// The arguments of `huref.artefacts.nearness.Answer`, in their order.
pub type Answered = (&'static str, Vec<i64>, Option<(u32, u32)>);

/// What Python makes its answer of.
pub fn answered(answer: &nearness::Answer) -> Answered {
    match answer {
        nearness::Answer::Rounded(cosines) => ("rounded", cosines.iter().map(|&k| k.into()).collect(), None),
        &nearness::Answer::Below(cosine) => ("below", vec![cosine.into()], None),
        &nearness::Answer::AtLeast { cosine, theirs, own } => ("at-least", vec![cosine.into()], Some((theirs, own))),
    }
}

/// `huref.artefacts.nearness.Nearness`, of which the points are not decoded yet.
#[derive(FromPyObject)]
pub struct Nearness {
    /// Name of the profile.
    pub profile: String,
    shape: Shape,
    commitment: PyBackedBytes,
    draw: Draw,
    theirs: Vec<i64>,
    answer: Answer,
    context: Context,
}

impl Nearness {
    /// The statement of the core, under its profile.
    pub fn decode(self, profile: &'static Profile) -> Result<nearness::Nearness, Rejected> {
        let Self { profile: _, shape, commitment, draw, theirs, answer, context } = self;
        Ok(nearness::Nearness {
            profile,
            shape: shape.into(),
            commitment: wire::read_points(&commitment)?,
            draw: (&draw).try_into()?,
            theirs,
            answer: answer.try_into()?,
            context: context.into(),
        })
    }
}

/// `huref.artefacts.drift.Limit`.
#[derive(FromPyObject)]
struct Limit {
    kind: String,
    values: Vec<u128>,
}

impl TryFrom<Limit> for drift::Limit {
    type Error = Rejected;

    fn try_from(Limit { kind, values }: Limit) -> Result<Self, Rejected> {
        let limit = match (kind.as_str(), values.as_slice()) {
            ("relative", &[b]) => u32::try_from(b).ok().map(Self::Relative),
            ("absolute", _) => Some(Self::Absolute(values)),
            _ => None,
        };
        limit.ok_or(Rejected::Public("bound"))
    }
}

/// `huref.artefacts.drift.Drift`, of which the points are not decoded yet.
#[derive(FromPyObject)]
pub struct Drift {
    /// Name of the profile.
    pub profile: String,
    shape: Shape,
    commitment: PyBackedBytes,
    exponents: Vec<Option<i64>>,
    partition: String,
    limit: Limit,
    context: Context,
}

impl Drift {
    /// The statement of the core, under its profile; `public` are the integers of each matrix of a public model.
    pub fn decode(self, profile: &'static Profile, public: Option<Vec<Vec<i16>>>) -> Result<drift::Drift, Rejected> {
        let Self { profile: _, shape, commitment, exponents, partition, limit, context } = self;
        let exponent = |x: Option<i64>| x.map(|x| i8::try_from(x).unwrap_or(i8::MAX));
        Ok(drift::Drift {
            profile,
            shape: shape.into(),
            commitment: wire::read_points(&commitment)?,
            public: public.map(drift::PublicModel::new),
            exponents: exponents.into_iter().map(exponent).collect(),
            partition: self::partition(&partition)?,
            limit: limit.try_into()?,
            context: context.into(),
        })
    }
}

/// What a block is.
pub fn partition(name: &str) -> Result<drift::Partition, Rejected> {
    match name {
        "rows" => Ok(drift::Partition::Rows),
        "matrices" => Ok(drift::Partition::Matrices),
        "whole" => Ok(drift::Partition::Whole),
        _ => Err(Rejected::Public("bound")),
    }
}
