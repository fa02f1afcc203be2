//! Everything that follows from a statement alone.

use crate::{
    curve::Scalar,
    draw::{self, Streams},
    error::{Rejected, ensure},
    layout::Layout,
    network::Network,
    poly::{log2_ceil, signed},
    profile::Profile,
    security::Bounds,
    size::size,
    statement::{Shape, Statement, TERM_KINDS},
    wire::commitment_id,
};

/// A statement whose shape, draws, context, lengths and ranges are checked, and what follows from it.
pub struct Instance<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// What the streams of each of its draws begin with.
    pub streams: Vec<Streams>,
    /// The network that encodes the common draw, if one does.
    pub network: Option<Network>,
    /// Its bounds.
    pub bounds: Bounds,
    /// Its bit string.
    pub layout: Layout,
}

impl<'a> Instance<'a> {
    /// Checks shape, draws, context, lengths and ranges, in this order, before any other work.
    ///
    /// # Errors
    /// [`Rejected`] names what is wrong.
    pub fn new(statement: &'a Statement) -> Result<Self, Rejected> {
        let Statement { profile, shape, commitment, draws, outputs: _, context } = statement;
        let network = Network::of(profile)?;
        let bounds = Bounds::new(shape, profile)?;
        draw::check(draws)?;
        context.check()?;
        statement.check_outputs()?;
        let rows = shape.commitment_rows(profile).iter().sum::<usize>();
        ensure(commitment.len() == rows, Rejected::Check("commitment rows"))?;
        let id = commitment_id(profile, shape, commitment);
        draw::check_others(draws, &id)?;
        let streams: Vec<Streams> = draws.iter().map(|draw| draw.streams(profile, &id)).collect();
        let network = network.filter(|_| streams.iter().any(|streams| streams.network));
        let layout = Layout::new(statement, &bounds, network.as_ref());
        Ok(Self { statement, streams, network, bounds, layout })
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

    /// Terms of each draw.
    #[must_use]
    pub const fn terms(&self) -> usize {
        self.shape().layers.len().saturating_mul(TERM_KINDS.len())
    }

    /// z of all draws.
    #[must_use]
    pub fn z(&self) -> Vec<Scalar> {
        self.statement.z().map(|z| signed(i128::from(z))).collect()
    }
}
