//! The seed of a commitment.

use huref_circuits::prover::secrets::{Rule, Seed};
use pyo3::{Borrowed, exceptions::PyValueError, prelude::*};

/// `huref.artefacts.opening.Seed`, or 32 bytes under today's rule.
pub struct Secret {
    /// The secret bytes.
    pub seed: Seed,
    /// The rule by which the digest follows from the weights.
    pub rule: Rule,
}

impl FromPyObject<'_, '_> for Secret {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = given.extract::<&[u8]>() {
            return Ok(Self { seed: seed(bytes)?, rule: Rule::Tree });
        }
        let rule = match given.getattr("rule")?.extract()? {
            1 => Rule::Stream,
            2 => Rule::Tree,
            other => return Err(PyValueError::new_err(format!("no rule {other} for blinds"))),
        };
        Ok(Self { seed: seed(given.call_method0("reveal")?.extract()?)?, rule })
    }
}

fn seed(bytes: &[u8]) -> PyResult<Seed> {
    Ok(Seed(bytes.try_into().map_err(|_| PyValueError::new_err("a seed has 32 bytes"))?))
}
