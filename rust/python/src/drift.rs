//! Drift: the third kind of statement.

use crate::{Weights, generators, profile, rejected, run, secret::Secret, values};
use huref_circuits::{
    context,
    drift::{Drift, Limit, PublicModel},
    prover::{
        drift::Measured,
        failure::Failure,
        prove,
        rows::rows_of,
        secrets::{self, Model, WeightsDigest},
        weights,
    },
    security, verify, wire,
};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};
use sha2::{Digest, Sha256};

fn measured(models: [&Weights; 2]) -> Result<Measured, Failure> {
    let [first, second] = models.map(|model| &model.inner);
    if first.shape != second.shape || models[0].profile.name != models[1].profile.name {
        return Err(Failure::Weights("the two models differ in profile, shape, layers or tokens".into()));
    }
    let rows: Vec<&[i16]> = [first, second].iter().flat_map(|m| rows_of(&m.matrices, models[0].profile)).collect();
    Ok(Measured::new(&rows))
}

/// For each matrix the exponent of two with which the first model comes nearest to the second, and there the squared norms
/// of their difference and of the first.
#[pyfunction]
pub fn drift_sizes(py: Python<'_>, first: &Weights, second: &Weights) -> PyResult<Vec<(i8, u128, u128)>> {
    run(py, None, |_| {
        let (measured, profile) = (measured([first, second])?, first.profile);
        Ok::<_, Failure>(measured.matrices(profile, &first.inner.shape))
    })
}

/// A statement and its proof: the second model is public if no seed belongs to it. Without a value a relative bound is the
/// least that holds.
#[pyfunction(name = "drift")]
#[pyo3(signature = (first, second, seeds, commitment, exponents, partition, limit, context, progress = None))]
#[expect(clippy::too_many_arguments, reason = "everything that a proof is made of, each of its own type")]
pub fn drift_<'py>(
    py: Python<'py>,
    first: &Weights,
    second: &Weights,
    seeds: Vec<Secret>,
    commitment: &[u8],
    exponents: Vec<Option<i8>>,
    partition: &str,
    limit: (String, Vec<u128>),
    context: values::Context,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Vec<u128>, Bound<'py, PyBytes>)> {
    let commitment = wire::read_points(commitment).map_err(|why| rejected(&why))?;
    let partition = values::partition(partition).map_err(|why| rejected(&why))?;
    let (asked, limit) = match (limit.0.as_str(), limit.1.as_slice()) {
        ("relative", &[]) => (None, Limit::Relative(1)),
        ("relative", &[b]) => (Some(b), Limit::Relative(u32::try_from(b).unwrap_or(u32::MAX))),
        ("absolute", _) => (None, Limit::Absolute(limit.1)),
        _ => return Err(PyValueError::new_err("a bound is relative or absolute")),
    };
    let context: context::Context = context.into();
    let (limit, proof) = run(py, progress, |progress| {
        let (profile, shape) = (first.profile, first.inner.shape.clone());
        let measured = measured([first, second])?;
        let entries = |weights: &weights::Weights| weights.matrices.iter().map(|m| m.entries.clone()).collect();
        let public = (seeds.len() < 2).then(|| PublicModel::new(entries(&second.inner)));
        let mut statement = Drift { profile, shape, commitment, public, exponents, partition, limit, context };
        statement.check()?;
        if matches!(statement.limit, Limit::Relative(_)) && asked.is_none() {
            statement.limit = Limit::Relative(measured.least(&statement)?);
        }
        measured.check(&statement)?;
        let committed = [&first.inner, &second.inner].into_iter().zip(&seeds);
        let digests: Vec<WeightsDigest> =
            committed.clone().map(|(weights, secret)| WeightsDigest::new(secret.rule, weights, profile)).collect();
        let models: Vec<Model<'_>> = committed
            .zip(&digests)
            .map(|((weights, Secret { seed, .. }), digest)| Model { weights, digest, seed })
            .collect();
        let (randomness, generators) = (secrets::fresh()?, generators(profile));
        let proof = prove::prove(&models, &statement, &[], &measured, &randomness, generators, progress)?;
        Ok::<_, Failure>((statement.limit, proof))
    })?;
    let values = match limit {
        Limit::Relative(b) => vec![b.into()],
        Limit::Absolute(limits) => limits,
    };
    Ok((values, PyBytes::new(py, &proof)))
}

/// The integers of a public model, from those of its canonical form.
fn entries(public: Option<&Weights>) -> Option<Vec<Vec<i16>>> {
    public.map(|model| model.inner.matrices.iter().map(|matrix| matrix.entries.clone()).collect())
}

#[pyfunction]
#[pyo3(signature = (statement, proof, public = None))]
pub fn verify_drift(py: Python<'_>, statement: values::Drift, proof: &[u8], public: Option<&Weights>) -> PyResult<()> {
    let profile = profile(&statement.profile)?;
    let verdict = run(py, None, |_| {
        let statement = statement.decode(profile, entries(public));
        Ok(statement.and_then(|statement| verify::verify(&statement, proof, generators(profile))))
    })?;
    verdict.map_err(|why| rejected(&why))
}

/// SHA-256 of the integers of a public model, as a statement has it.
#[pyfunction]
pub fn public_digest<'py>(py: Python<'py>, public: &Weights) -> PyResult<Bound<'py, PyBytes>> {
    let digest = run(py, None, |_| {
        let model = PublicModel::new(entries(Some(public)).unwrap_or_default());
        Ok::<_, Failure>(*model.digest())
    })?;
    Ok(PyBytes::new(py, &digest))
}

/// Every term of the soundness error of a statement.
#[pyfunction]
#[pyo3(signature = (statement, public = None))]
pub fn drift_security(statement: values::Drift, public: Option<&Weights>) -> PyResult<Vec<(&'static str, f64)>> {
    let profile = profile(&statement.profile)?;
    // that there is a public model counts, not its integers: they are neither copied nor hashed
    let statement = statement.decode(profile, public.map(|_| Vec::new()));
    let terms = statement.and_then(|statement| security::security_of_drift(&statement));
    Ok(terms.map_err(|why| rejected(&why))?.into_iter().map(|term| (term.name, term.bits)).collect())
}

/// SHA-256 of the bytes that the transcript absorbs.
#[pyfunction]
#[pyo3(signature = (statement, public = None))]
pub fn drift_digest<'py>(
    py: Python<'py>,
    statement: values::Drift,
    public: Option<&Weights>,
) -> PyResult<Bound<'py, PyBytes>> {
    let profile = profile(&statement.profile)?;
    let statement = statement.decode(profile, entries(public)).map_err(|why| rejected(&why))?;
    Ok(PyBytes::new(py, &Sha256::digest(wire::statement_bytes(&statement))))
}
