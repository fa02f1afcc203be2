//! Everything that follows from a statement alone.

use crate::{
    draw::{self, Streams},
    drift,
    error::{Rejected, ensure},
    layout::Layout,
    nearness,
    network::Network,
    poly::log2_ceil,
    profile::Profile,
    public::Public,
    security::Bounds,
    size::size,
    statement::{Shape, TERM_KINDS},
    wire::commitment_id,
};

/// A statement whose shape, draws, context, lengths and ranges are checked, and what follows from it.
pub struct Instance<'a> {
    /// The statement.
    pub public: Public<'a>,
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
    pub fn new(statement: impl Into<Public<'a>>) -> Result<Self, Rejected> {
        let public = statement.into();
        let (profile, shape, commitment, draws) =
            (public.profile(), public.shape(), public.commitment(), public.draws());
        let network = Network::of_draws(profile, draws)?;
        let bounds = Bounds::new(shape, profile, public.models())?;
        match public {
            Public::Fingerprint(statement) => {
                draw::check(draws)?;
                statement.context.check()?;
                statement.check_outputs()?;
            }
            Public::Nearness(nearness) => {
                nearness::check_bounds(shape, profile)?;
                draw::check_challenge(draws)?;
                nearness.context.check()?;
                nearness.check()?;
            }
            Public::Drift(drift) => {
                drift::check_bounds(shape, profile, drift.models(), bounds.z_bits)?;
                drift.context.check()?;
                drift.check()?;
            }
        }
        let rows = shape.commitment_rows(profile).iter().sum::<usize>();
        ensure(commitment.len() == rows.saturating_mul(public.models()), Rejected::Check("commitment rows"))?;
        let id = commitment_id(profile, shape, commitment);
        draw::check_others(draws, &id)?;
        let streams: Vec<Streams> = draws.iter().map(|draw| draw.streams(profile, &id)).collect();
        let network = network.filter(|_| streams.iter().any(|streams| streams.network.is_some()));
        let layout = Layout::new(public, &bounds, network.as_ref());
        Ok(Self { public, streams, network, bounds, layout })
    }

    /// The profile.
    #[must_use]
    pub const fn profile(&self) -> &'static Profile {
        self.public.profile()
    }

    /// The shape.
    #[must_use]
    pub const fn shape(&self) -> &'a Shape {
        self.public.shape()
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
}
