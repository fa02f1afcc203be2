//! Everything that follows from a statement alone.

use crate::{
    error::{Refusal, ensure},
    layout::Layout,
    poly::log2_ceil,
    profile::Profile,
    security::Bounds,
    size::size,
    statement::{Shape, Statement},
};

/// A statement whose shape, lengths and ranges are checked, and what follows from it.
pub struct Instance<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// Its bounds.
    pub bounds: Bounds,
    /// Its bit string.
    pub layout: Layout,
}

impl<'a> Instance<'a> {
    /// Checks shape, lengths and ranges before any other work.
    ///
    /// # Errors
    /// [`Refusal`] names what is wrong.
    pub fn new(statement: &'a Statement) -> Result<Self, Refusal> {
        let Statement { profile, shape, commitment, public, challenge: _ } = statement;
        ensure(profile.provable(), Refusal::Check("profile"))?;
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

    /// Variables of the bit string.
    #[must_use]
    pub const fn bit_variables(&self) -> usize {
        log2_ceil(self.layout.rows).saturating_add(size(self.profile().log_n))
    }
}
