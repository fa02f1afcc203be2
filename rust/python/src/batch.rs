//! Many proofs at once, on all cores.

use crate::{generators, memory, profile, rejected, run, values};
use huref_circuits::{
    batch::Batch,
    error::Rejected,
    profile::Profile,
    prover::{failure::Failure, progress::Progress, secrets},
    statement::Statement,
};
use pyo3::{prelude::*, pybacked::PyBackedBytes};
use rayon::prelude::*;

/// Proofs that are decided together. More would share the generators no better, and take more memory: 4 MB each for
/// commitments of 10,000 rows.
const TOGETHER: usize = 16;

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
    let block = claims.len().div_ceil(rayon::current_num_threads()).clamp(1, TOGETHER);
    let decided = run(py, None, |progress| {
        let mut claims = claims.into_iter();
        let blocks: Vec<Vec<Claim>> = std::iter::from_fn(|| Some(claims.by_ref().take(block).collect()))
            .take_while(|b: &Vec<_>| !b.is_empty())
            .collect();
        let blocks = blocks.into_par_iter().map(|claims| together(claims, profile, progress));
        blocks.collect::<Result<Vec<_>, Failure>>()
    })?;
    let mut decided = decided.into_iter().flatten();
    let mut next = || decided.next().unwrap_or(Err(MISSING)).map_err(|why| rejected(&why));
    Ok(verdicts.into_iter().map(|verdict| verdict.and_then(|()| next()).err()).collect())
}

/// A statement and its proof.
struct Claim {
    statement: values::Statement,
    proof: PyBackedBytes,
}

/// Those that cannot be decoded are refused; the others are decided together, with weights that are drawn now.
fn together(
    claims: Vec<Claim>,
    profile: &'static Profile,
    progress: &Progress,
) -> Result<Vec<Result<(), Rejected>>, Failure> {
    let decode = |Claim { statement, proof }: Claim| {
        progress.advance(0)?;
        Ok(statement.decode(profile).map(|statement| (statement, proof)))
    };
    let decoded: Vec<Result<(Statement, PyBackedBytes), Rejected>> =
        claims.into_iter().map(decode).collect::<Result<_, Failure>>()?;
    let mut batch = Batch::new(generators(profile), &secrets::fresh()?);
    for (statement, proof) in decoded.iter().flatten() {
        progress.advance(0)?;
        batch.add(statement, proof);
    }
    let mut verdicts = batch.verdicts();
    let mut next = || verdicts.next().unwrap_or(Err(MISSING));
    let verdict = |decoded: &Result<_, Rejected>| {
        progress.advance(0)?;
        decoded.as_ref().map_err(Clone::clone).map_or_else(|why| Ok(Err(why)), |_| Ok(next()))
    };
    decoded.iter().map(verdict).collect()
}
