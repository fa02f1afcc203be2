//! Many proofs at once, on all cores.

use crate::{generators, memory, profile, rejected, run, values};
use huref_circuits::{
    batch::{Batch, Undecided},
    commit::generators::Generators,
    error::Rejected,
    profile::Profile,
    prover::{failure::Failure, progress::Progress, secrets},
    statement::Statement,
};
use pyo3::{prelude::*, pybacked::PyBackedBytes};
use rayon::prelude::*;

/// For a proof without a verdict, which does not happen: it is never an accepted one.
const MISSING: Rejected = Rejected::Check("batch");

/// The verdict on each of many statements under one profile and their proofs: None, or the exception that `verify` would
/// raise.
#[pyfunction]
pub fn verify_all(
    py: Python<'_>,
    name: &str,
    given: Vec<(Bound<'_, PyAny>, PyBackedBytes)>,
) -> PyResult<Vec<Option<PyErr>>> {
    let profile = profile(name)?;
    let read = |(statement, proof): (Bound<'_, PyAny>, PyBackedBytes)| -> PyResult<Claim> {
        Ok(Claim { statement: statement.extract()?, proof })
    };
    let (mut claims, mut verdicts) = (Vec::new(), Vec::new());
    for claim in given.into_iter().map(read) {
        verdicts.push(claim.map(|claim| claims.push(claim)));
    }
    memory::threads()?;
    let mut decided = run(py, None, |progress| together(claims, profile, progress))?.into_iter();
    let mut next = || decided.next().unwrap_or(Err(MISSING)).map_err(|why| rejected(&why));
    Ok(verdicts.into_iter().map(|verdict| verdict.and_then(|()| next()).err()).collect())
}

/// A statement and its proof.
struct Claim {
    statement: values::Statement,
    proof: PyBackedBytes,
}

/// Those that cannot be decoded are refused; the others are decided together, with weights that are drawn now. Each proof is
/// reduced on one core, their sum is shared between all.
fn together(
    claims: Vec<Claim>,
    profile: &'static Profile,
    progress: &Progress,
) -> Result<Vec<Result<(), Rejected>>, Failure> {
    // made outside the pool, as for a proof
    let (generators, cores) = (generators(profile), rayon::current_num_threads());
    let decode = |Claim { statement, proof }: Claim| {
        progress.advance(0)?;
        Ok(statement.decode(profile).map(|statement| (statement, proof)))
    };
    let decoded: Vec<Result<(Statement, PyBackedBytes), Rejected>> =
        claims.into_par_iter().map(decode).collect::<Result<_, Failure>>()?;
    // one by one: a core that other programs use too gets fewer
    let batches = decoded.par_iter().with_max_len(1).filter_map(|one| one.as_ref().ok());
    let batch = batches.map(|one| alone(one, generators, progress)).try_reduce_with(|a, b| Ok(a.and(b)));
    let undecided =
        batch.transpose()?.map(|batch| batch.decide(cores, |share| (0..cores).into_par_iter().map(share).collect()));
    let verdict = |one: Undecided<'_>| {
        progress.advance(0)?;
        Ok(one.verdict())
    };
    let verdicts: Vec<_> =
        undecided.unwrap_or_default().into_par_iter().map(verdict).collect::<Result<_, Failure>>()?;
    let mut verdicts = verdicts.into_iter();
    let verdict = |decoded: &Result<_, Rejected>| match decoded {
        Ok(_) => verdicts.next().unwrap_or(Err(MISSING)),
        Err(why) => Err(why.clone()),
    };
    Ok(decoded.iter().map(verdict).collect())
}

/// A batch of one proof.
fn alone<'a>(
    (statement, proof): &'a (Statement, PyBackedBytes),
    generators: &'a Generators,
    progress: &Progress,
) -> Result<Batch<'a>, Failure> {
    progress.advance(0)?;
    let mut batch = Batch::new(generators, &secrets::fresh()?);
    batch.add(statement, proof);
    Ok(batch)
}
