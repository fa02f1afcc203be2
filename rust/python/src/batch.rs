//! Many proofs at once, on all cores.

use crate::{generators, memory, profile, rejected, run, values};
use huref_circuits::{
    batch::Batch,
    challenge::Challenge,
    commit::generators::Generators,
    error::Refusal,
    profile::Profile,
    prover::{failure::Failure, progress::Progress, secrets},
    statement::{Public, Shape, Statement},
    wire,
};
use pyo3::{prelude::*, pybacked::PyBackedBytes};
use rayon::prelude::*;

/// Proofs that are decided together. More would share the generators no better, and take more memory: 4 MB each for
/// commitments of 10,000 rows.
const TOGETHER: usize = 16;

/// For a proof without a verdict, which does not happen: it is never an accepted one.
const MISSING: Refusal = Refusal::Check("batch");

/// Shape, commitment, public outputs, challenge, proof.
type Given<'py> = (Bound<'py, PyAny>, PyBackedBytes, Bound<'py, PyAny>, Challenge, PyBackedBytes);

/// A proof and its statement, of which the points are not decoded yet: that takes time, and no interpreter.
struct Claim {
    profile: &'static Profile,
    shape: Shape,
    public: Public,
    challenge: Challenge,
    commitment: PyBackedBytes,
    proof: PyBackedBytes,
}

impl Claim {
    fn new(profile: &'static Profile, (shape, commitment, public, challenge, proof): Given<'_>) -> PyResult<Self> {
        let shape = shape.extract::<values::Shape>()?.into();
        let public = public.extract::<values::Public>()?.into();
        Ok(Self { profile, shape, public, challenge, commitment, proof })
    }

    fn statement(&self) -> Result<Statement, Refusal> {
        Ok(Statement {
            profile: self.profile,
            shape: self.shape.clone(),
            public: self.public.clone(),
            challenge: self.challenge,
            commitment: wire::read_points(&self.commitment)?,
        })
    }
}

/// The verdict on each of many proofs under one profile: None, or the exception that `verify` would raise.
#[pyfunction]
pub fn verify_all(py: Python<'_>, name: &str, given: Vec<Given<'_>>) -> PyResult<Vec<Option<PyErr>>> {
    let profile = profile(name)?;
    let claims: Vec<PyResult<Claim>> = given.into_iter().map(|given| Claim::new(profile, given)).collect();
    let read: Vec<&Claim> = claims.iter().flatten().collect();
    memory::threads()?;
    let block = read.len().div_ceil(rayon::current_num_threads()).clamp(1, TOGETHER);
    let verdicts = run(py, None, |progress| {
        let blocks = read.par_chunks(block).map(|claims| together(claims, generators(profile), progress));
        blocks.collect::<Result<Vec<_>, Failure>>()
    })?;
    let mut verdicts = verdicts.into_iter().flatten();
    let mut next = || verdicts.next().unwrap_or(Err(MISSING)).map_err(|why| rejected(&why));
    Ok(claims.into_iter().map(|claim| claim.and_then(|_| next()).err()).collect())
}

/// Those whose points cannot be decoded are refused; the others are decided together, with weights that are drawn now.
fn together(
    claims: &[&Claim],
    generators: &Generators,
    progress: &Progress,
) -> Result<Vec<Result<(), Refusal>>, Failure> {
    let statements: Vec<Result<Statement, Refusal>> =
        claims.iter().map(|claim| progress.advance(0).map(|()| claim.statement())).collect::<Result<_, _>>()?;
    let mut batch = Batch::new(generators, &secrets::fresh()?);
    for (statement, claim) in statements.iter().zip(claims) {
        progress.advance(0)?;
        if let Ok(statement) = statement {
            batch.add(statement, &claim.proof);
        }
    }
    let mut verdicts = batch.verdicts();
    let mut next = || verdicts.next().unwrap_or(Err(MISSING));
    let verdict = |statement: &Result<_, Refusal>| {
        progress.advance(0)?;
        Ok(statement.as_ref().map_err(Clone::clone).and_then(|_| next()))
    };
    statements.iter().map(verdict).collect()
}
