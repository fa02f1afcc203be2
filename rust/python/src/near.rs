//! Nearness: the second kind of statement.

use crate::{
    Weights, generators, profile, rejected, run,
    secret::Secret,
    values::{self, Answered},
};
use huref_circuits::{
    nearness::{Answer, Nearness},
    prover::{
        failure::Failure,
        nearness::{Reveal, compare},
        prove,
        secrets::{self, Model, WeightsDigest},
        sketch,
    },
    security, verify, wire,
};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};
use sha2::{Digest, Sha256};

fn reveal(kind: &str, cosine: u32) -> PyResult<Reveal> {
    match kind {
        "rounded" => Ok(Reveal::Rounded),
        "below" => Ok(Reveal::Below(cosine)),
        "at-least" => Ok(Reveal::AtLeast(cosine)),
        _ => Err(PyValueError::new_err("an answer is rounded, below or at-least")),
    }
}

/// The answer of that kind about these vectors, and its proof.
#[pyfunction(name = "near")]
#[pyo3(signature = (weights, seed, commitment, draw, theirs, asked, context, progress = None))]
#[expect(clippy::too_many_arguments, reason = "everything that a proof is made of, each of its own type")]
pub fn near_<'py>(
    py: Python<'py>,
    weights: &Weights,
    seed: Secret,
    commitment: &[u8],
    draw: values::Draw,
    theirs: Vec<i64>,
    asked: (String, u32),
    context: values::Context,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Answered, Bound<'py, PyBytes>)> {
    let reveal = reveal(&asked.0, asked.1)?;
    let commitment = wire::read_points(commitment).map_err(|why| rejected(&why))?;
    let draw = (&draw).try_into().map_err(|why| rejected(&why))?;
    let (answer, proof) = run(py, progress, |progress| {
        let (profile, shape) = (weights.profile, weights.inner.shape.clone());
        let answer = Answer::Below(1); // of a statement that is only looked at
        let mut statement = Nearness { profile, shape, commitment, draw, theirs, answer, context: context.into() };
        statement.check()?;
        let id = wire::commitment_id(profile, &statement.shape, &statement.commitment);
        let streams = statement.draw.streams(profile, &id);
        let digest = WeightsDigest::new(seed.rule, &weights.inner, profile);
        let sketches = sketch::sketches(profile, &weights.inner, std::slice::from_ref(&streams), progress)?;
        let compared = compare(profile, &statement.shape, &sketches, &streams, &statement.theirs)?;
        statement.answer = compared.answer(profile, &statement.theirs, reveal)?;
        let (randomness, generators) = (secrets::fresh()?, generators(profile));
        let model = Model { weights: &weights.inner, digest: &digest, seed: &seed.seed };
        let proof = prove::prove(&[model], &statement, &sketches, &compared, &randomness, generators, progress)?;
        Ok::<_, Failure>((statement.answer, proof))
    })?;
    Ok((values::answered(&answer), PyBytes::new(py, &proof)))
}

#[pyfunction]
pub fn verify_near(py: Python<'_>, statement: values::Nearness, proof: &[u8]) -> PyResult<()> {
    let profile = profile(&statement.profile)?;
    let verdict = run(py, None, |_| {
        Ok(statement.decode(profile).and_then(|statement| verify::verify(&statement, proof, generators(profile))))
    })?;
    verdict.map_err(|why| rejected(&why))
}

/// Every term of the soundness error of a statement.
#[pyfunction]
pub fn near_security(statement: values::Nearness) -> PyResult<Vec<(&'static str, f64)>> {
    let profile = profile(&statement.profile)?;
    let terms = statement.decode(profile).and_then(|statement| security::security_of_nearness(&statement));
    Ok(terms.map_err(|why| rejected(&why))?.into_iter().map(|term| (term.name, term.bits)).collect())
}

/// SHA-256 of the bytes that the transcript absorbs.
#[pyfunction]
pub fn near_digest(py: Python<'_>, statement: values::Nearness) -> PyResult<Bound<'_, PyBytes>> {
    let profile = profile(&statement.profile)?;
    let bytes = wire::statement_bytes(&statement.decode(profile).map_err(|why| rejected(&why))?);
    Ok(PyBytes::new(py, &Sha256::digest(&bytes)))
}
