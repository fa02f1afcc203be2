//! The Fiat-Shamir transcript: the one place where challenges are made.
//!
//! The sponge, its initialisation and the session identifier are those of the `spongefish` crate (suite Shake128,
//! draft-irtf-cfrg-fiat-shamir). The instance is the whole statement in canonical bytes; every message is absorbed as the
//! bytes that stand in the proof, and lengths are a function of the statement, so nothing can be read two ways.

use crate::{curve::Scalar, error::Rejected, switches::next_challenge};
use ark_ff::{PrimeField, Zero};
use spongefish::{DuplexSpongeInit, DuplexSpongeInterface, derive_session_id, instantiations::Shake128};

/// Absorbs everything that is sent and draws everything that is random to the prover.
#[derive(Clone)]
pub struct Transcript(Shake128);

impl Transcript {
    /// A transcript of that protocol about a statement, given in canonical bytes.
    #[must_use]
    pub fn new(protocol: &str, statement: &[u8]) -> Self {
        let session = derive_session_id::<Shake128>(protocol.as_bytes());
        let mut sponge = Shake128::init(session.as_bytes());
        sponge.absorb(statement);
        Self(sponge)
    }

    /// Absorbs one message.
    pub fn absorb(&mut self, message: &[u8]) {
        self.0.absorb(message);
    }

    /// 64 squeezed bytes, big-endian, mod p.
    ///
    /// # Errors
    /// The challenge 0 (probability 2^-256) is refused.
    pub fn challenge(&mut self) -> Result<Scalar, Rejected> {
        let mut bytes = [0; 64];
        self.0.squeeze(&mut bytes);
        let challenge = next_challenge(Scalar::from_be_bytes_mod_order(&bytes));
        if challenge.is_zero() { Err(Rejected::Check("zero challenge")) } else { Ok(challenge) }
    }
}
