//! What holds between the committed values, one relation a folder: `mod.rs` states it and runs it on either side.
//! [`witness`] holds the prover's answers.

pub mod bits;
pub mod encode;
#[cfg(feature = "prover")]
pub mod passes;
pub mod range;
pub mod terms;
#[cfg(feature = "prover")]
pub mod witness;

use crate::{
    commit::open::{Claims, Opening, open},
    error::Refusal,
    layout::Layout,
    poly::log2_ceil,
    profile::Profile,
    security::{Bounds, position_variables},
    side::Side,
    statement::{Shape, Statement},
};

/// Everything that follows from the statement alone.
pub struct Context<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// Its bounds.
    pub bounds: Bounds,
    /// Its bit string.
    pub layout: Layout,
}

impl<'a> Context<'a> {
    /// Checks shape, lengths and ranges before any other work.
    ///
    /// # Errors
    /// [`Refusal`] names what is wrong.
    pub fn new(statement: &'a Statement) -> Result<Self, Refusal> {
        let Statement { profile, shape, commitment, public, challenge: _ } = statement;
        let bounds = Bounds::new(shape, profile)?;
        public.check(shape, profile)?;
        if commitment.len() != shape.commitment_rows(profile).iter().sum::<usize>() {
            return Err(Refusal::Check("commitment rows"));
        }
        let layout = Layout::new(shape, profile, &bounds, public);
        Ok(Self { statement, bounds, layout })
    }

    /// The profile.
    #[must_use]
    pub const fn profile(&self) -> &'static Profile {
        self.statement.profile
    }

    /// The shape.
    #[must_use]
    pub const fn shape(&self) -> &'a Shape {
        &self.statement.shape
    }

    /// Entries of a sketch, `r^2`.
    #[must_use]
    pub const fn entries(&self) -> usize {
        (self.profile().sketch as usize).saturating_mul(self.profile().sketch as usize)
    }
}

/// Runs all relations and leaves one opening (proofs/spec/relations.md).
///
/// # Errors
/// Those of the side.
pub fn run<S: Side>(side: &mut S, context: &Context<'_>, ternary: &range::Ternaries) -> Result<Opening, S::Error> {
    let mut claims = Claims::default();
    terms::check(side, context, &mut claims)?;
    bits::check(side, context, &mut claims)?;
    encode::check(side, context, &mut claims)?;
    range::check(side, context, &mut claims, ternary)?;
    open(side, context, &claims)
}

/// Number of pads and the triples among them, in the order in which [`run`] uses them. The prover needs them before it
/// runs; the verifier compares.
#[must_use]
pub fn pads(context: &Context<'_>) -> (usize, Vec<[usize; 3]>) {
    let profile = context.profile();
    let terms = context.shape().layers.len().saturating_mul(3);
    let (row_variables, slot_variables) = position_variables(context.shape(), profile);
    let bit_variables = log2_ceil(context.layout.rows).saturating_add(profile.log_n as usize);
    let entry_variables = log2_ceil(context.entries().saturating_mul(terms));
    let log = |x: u32| log2_ceil(x as usize);
    let (mut used, mut triples) = (0_usize, Vec::new());
    let mut skip = |count: usize| {
        let first = used;
        used = used.saturating_add(count);
        first
    };
    skip(1_usize.saturating_add(row_variables.saturating_add(slot_variables).saturating_mul(2)));
    for _ in 0..terms {
        let a = skip(3);
        triples.push([a, a.saturating_add(1), a.saturating_add(2)]);
    }
    skip(log(context.shape().hidden).saturating_mul(2));
    let x = skip(2);
    for m in 0..terms.saturating_mul(2) {
        let v = skip(2);
        triples.push([v, x.saturating_add(m % 2), v.saturating_add(1)]);
    }
    let mut square = |before: usize| {
        skip(before);
        let value = skip(2);
        triples.push([value, value, value.saturating_add(1)]);
    };
    square(bit_variables.saturating_mul(3));
    square(terms.saturating_add(entry_variables.saturating_mul(3)));
    square(2_usize.saturating_add(log(profile.outputs).saturating_mul(2)));
    square(3_usize.saturating_add(log(profile.projection).saturating_mul(4)));
    skip((profile.log_n as usize).saturating_mul(2));
    (used, triples)
}
