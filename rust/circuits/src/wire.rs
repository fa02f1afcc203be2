//! Canonical bytes: the statement as the transcript absorbs it, and the reader of proofs. Nothing else touches bytes.

use crate::{
    context::Context,
    curve::{self, Affine, Scalar},
    draw::{Draw, Id},
    drift::{self, Drift, Limit, MAX_EXPONENT, Partition},
    error::Rejected,
    nearness::{self, Answer, Nearness},
    profile::Profile,
    public::Public,
    statement::{Shape, Statement},
    tokens::token_digest,
};
use sha2::{Digest, Sha256};

/// Version of the statement's encoding.
pub const VERSION: u32 = 2;
/// Bytes of a point.
pub const POINT: usize = 33;
/// Bytes of a scalar.
pub const SCALAR: usize = 32;

fn put_u32(out: &mut Vec<u8>, x: usize) {
    out.extend(u32::try_from(x).unwrap_or(u32::MAX).to_be_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put_u32(out, text.len());
    out.extend(text);
}

fn put_profile(out: &mut Vec<u8>, profile: &Profile) {
    put_text(out, profile.name.as_bytes());
    for (_, number) in profile.numbers() {
        out.extend(number.to_be_bytes());
    }
    put_text(out, b"secp256k1");
    out.extend(profile.generators);
}

/// The sources of the seeds, not the seeds: these follow from what is absorbed.
fn put_draws(out: &mut Vec<u8>, profile: &'static Profile, draws: &[Draw]) {
    out.push(u8::try_from(draws.len()).unwrap_or(u8::MAX));
    for draw in draws {
        out.push(draw.kind());
        put_text(out, draw.labels(profile).sketch.as_bytes());
        put_text(out, &draw.encoder(profile));
        put_text(out, draw.beacon());
        put_text(out, draw.other());
    }
}

fn put_shape(out: &mut Vec<u8>, shape: &Shape) {
    for size in [shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.ffn] {
        out.extend(size.to_be_bytes());
    }
    put_u32(out, shape.layers.len());
    for layer in &shape.layers {
        out.extend(layer.to_be_bytes());
    }
    put_u32(out, shape.tokens.len());
    out.extend(token_digest(&shape.tokens));
}

fn put_commitment(out: &mut Vec<u8>, commitment: &[Affine]) {
    put_u32(out, commitment.len());
    for row in commitment {
        out.extend(curve::encode(row));
    }
}

fn put_vectors(out: &mut Vec<u8>, z: impl Iterator<Item = i64>) {
    out.extend(z.flat_map(|z| i32::try_from(z).unwrap_or(i32::MAX).to_be_bytes()));
}

fn put_context(out: &mut Vec<u8>, context: &Context) {
    let Context { owner, audience, nonce } = context;
    for text in [owner.as_bytes(), audience.as_bytes(), nonce] {
        put_text(out, text);
    }
}

/// Canonical bytes of a statement: the instance of the transcript. Call it on checked statements: every value fits.
#[must_use]
pub fn statement_bytes<'a>(statement: impl Into<Public<'a>>) -> Vec<u8> {
    match statement.into() {
        Public::Fingerprint(statement) => fingerprint_bytes(statement),
        Public::Nearness(nearness) => nearness_bytes(nearness),
        Public::Drift(drift) => drift_bytes(drift),
    }
}

fn fingerprint_bytes(statement: &Statement) -> Vec<u8> {
    let Statement { profile, shape, commitment, draws, outputs: _, context } = statement;
    let mut out = Vec::with_capacity(commitment.len().saturating_mul(POINT).saturating_add(8192));
    out.extend(VERSION.to_be_bytes());
    put_profile(&mut out, profile);
    put_draws(&mut out, profile, draws);
    put_shape(&mut out, shape);
    put_commitment(&mut out, commitment);
    put_vectors(&mut out, statement.z());
    out.extend(statement.e().flat_map(u32::to_be_bytes));
    out.extend(statement.a().flat_map(|a| u32::try_from(a).unwrap_or(u32::MAX).to_be_bytes()));
    out.extend(statement.c().flat_map(u64::to_be_bytes));
    put_context(&mut out, context);
    out
}

fn nearness_bytes(nearness: &Nearness) -> Vec<u8> {
    let Nearness { profile, shape, commitment, draw, theirs, answer, context } = nearness;
    let mut out = Vec::with_capacity(commitment.len().saturating_mul(POINT).saturating_add(8192));
    out.extend(nearness::VERSION.to_be_bytes());
    put_profile(&mut out, profile);
    out.extend(nearness::NUMBERS.into_iter().flat_map(|number| u64::from(number).to_be_bytes()));
    put_draws(&mut out, profile, std::slice::from_ref(draw));
    put_shape(&mut out, shape);
    put_commitment(&mut out, commitment);
    put_u32(&mut out, nearness.vectors().len());
    put_vectors(&mut out, theirs.iter().copied());
    match answer {
        Answer::Rounded(cosines) => {
            out.push(0);
            out.extend(cosines.iter().flat_map(|k| k.to_be_bytes()));
        }
        Answer::Below(t) => {
            out.push(1);
            out.extend(t.to_be_bytes());
        }
        Answer::AtLeast { cosine, theirs, own } => {
            out.push(2);
            out.extend([cosine, theirs, own].into_iter().flat_map(|x| x.to_be_bytes()));
        }
    }
    put_context(&mut out, context);
    out
}

fn drift_bytes(drift: &Drift) -> Vec<u8> {
    let Drift { profile, shape, commitment, public, exponents, partition, limit, context } = drift;
    let mut out = Vec::with_capacity(commitment.len().saturating_mul(POINT).saturating_add(8192));
    out.extend(drift::VERSION.to_be_bytes());
    put_profile(&mut out, profile);
    put_shape(&mut out, shape);
    put_commitment(&mut out, commitment);
    out.push(public.is_some().into());
    out.extend(public.iter().flat_map(drift::PublicModel::digest));
    put_u32(&mut out, exponents.len());
    let raised = |x: i8| u8::try_from(x.saturating_add(MAX_EXPONENT)).unwrap_or(u8::MAX);
    out.extend(exponents.iter().map(|exponent| exponent.map_or(u8::MAX, raised)));
    out.push(match partition {
        Partition::Rows => 0,
        Partition::Matrices => 1,
        Partition::Whole => 2,
    });
    match limit {
        Limit::Relative(b) => {
            out.push(0);
            out.extend(b.to_be_bytes());
        }
        Limit::Absolute(limits) => {
            out.push(1);
            put_u32(&mut out, limits.len());
            out.extend(limits.iter().flat_map(|limit| limit.to_be_bytes()));
        }
    }
    put_context(&mut out, context);
    out
}

/// What a commitment is called by: SHA-256 of what was committed to before anything was computed from the weights. It has no
/// outputs, no draws and no context.
#[must_use]
pub fn commitment_id(profile: &Profile, shape: &Shape, commitment: &[Affine]) -> Id {
    let mut head = b"huref/commitment/v1".to_vec();
    put_text(&mut head, profile.name.as_bytes());
    put_shape(&mut head, shape);
    let mut hasher = Sha256::new_with_prefix(head);
    commitment.iter().for_each(|row| hasher.update(curve::encode(row)));
    hasher.finalize().into()
}

/// Points of a commitment from their concatenated encodings.
///
/// # Errors
/// [`Rejected::Malformed`] for a length that is no multiple of 33, [`Rejected::Check`] "point" for a row that is not the
/// canonical encoding of a point of the curve other than the identity.
pub fn read_points(bytes: &[u8]) -> Result<Vec<Affine>, Rejected> {
    let (points, rest) = bytes.as_chunks::<POINT>();
    if !rest.is_empty() {
        let expected = "a multiple of 33 bytes".to_owned();
        return Err(Rejected::Malformed { what: "commitment rows", expected, got: format!("{} bytes", bytes.len()) });
    }
    points.iter().map(|p| curve::decode(p).ok_or(Rejected::Check("point"))).collect()
}

/// Reads a proof from its first byte to its last.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn next_bytes<const N: usize>(&mut self) -> Result<&'a [u8; N], Rejected> {
        let (head, tail) = self.0.split_first_chunk().ok_or(Rejected::Check("proof length"))?;
        self.0 = tail;
        Ok(head)
    }

    /// The next point and its bytes.
    ///
    /// # Errors
    /// "proof length" at the end, "point" for any other encoding than the one of a point.
    pub fn point(&mut self) -> Result<(Affine, &'a [u8; POINT]), Rejected> {
        let bytes = self.next_bytes::<POINT>()?;
        Ok((curve::decode(bytes).ok_or(Rejected::Check("point"))?, bytes))
    }

    /// The next scalar and its bytes.
    ///
    /// # Errors
    /// "proof length" at the end, "scalar" for a value that is not below p.
    pub fn scalar(&mut self) -> Result<(Scalar, &'a [u8; SCALAR]), Rejected> {
        let bytes = self.next_bytes::<SCALAR>()?;
        Ok((curve::scalar_from_bytes(bytes).ok_or(Rejected::Check("scalar"))?, bytes))
    }

    /// Nothing may follow.
    ///
    /// # Errors
    /// "proof length" if something does.
    pub const fn end(&self) -> Result<(), Rejected> {
        if self.0.is_empty() { Ok(()) } else { Err(Rejected::Check("proof length")) }
    }
}
