//! `huref._native`: converts, releases the interpreter, maps errors, ends the program where memory is missing; nothing
//! else.

mod batch;
mod commit;
mod drift;
mod memory;
mod near;
mod portrait;
mod profile;
mod secret;
mod tensor;
mod values;

use commit::Piece;
use huref_circuits::{
    commit::generators::Generators,
    context::Context,
    curve::Scalar,
    draw::{self, Streams},
    error,
    layout::Layout,
    network,
    profile::{PROFILES, Profile},
    prover::{
        bit_string,
        failure::Failure,
        fingerprint,
        generators::derive,
        progress::Progress,
        prove,
        secrets::{self, Model, Rule, WeightsDigest},
        sketch,
    },
    security,
    statement::Statement,
    tokens, verify, wire,
};
use num_bigint::BigInt;
use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray4, PyUntypedArrayMethods};
use pyo3::{
    create_exception,
    exceptions::{PyException, PyKeyboardInterrupt, PyMemoryError, PyRuntimeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyTuple},
};
use secret::Secret;
use sha2::{Digest, Sha256};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, OnceLock,
        mpsc::{RecvTimeoutError, channel},
    },
    time::Duration,
};
use values::{Numbers, Shape, numbers};

create_exception!(huref, Rejected, PyException, "A statement or proof was refused: (check, detail).");

fn rejected(why: &error::Rejected) -> PyErr {
    Rejected::new_err((why.check().to_owned(), why.to_string()))
}

fn failed(failure: Failure) -> PyErr {
    match failure {
        Failure::Cancelled => PyKeyboardInterrupt::new_err("cancelled"),
        other => PyValueError::new_err(other.to_string()),
    }
}

fn profile(name: &str) -> PyResult<&'static Profile> {
    Profile::named(name).ok_or_else(|| PyValueError::new_err(format!("unknown profile {name:?}")))
}

fn tell(progress: &Progress, report: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let (stage, done, total) = progress.now();
    report.map_or(Ok(()), |report| report.call1((stage.name(), done, total)).map(drop))
}

/// Runs a job on its own thread without the interpreter; meanwhile reports progress and looks for signals.
fn run<T: Send>(
    py: Python<'_>,
    report: Option<&Bound<'_, PyAny>>,
    job: impl FnOnce(&Progress) -> Result<T, Failure> + Send,
) -> PyResult<T> {
    memory::threads()?;
    let progress = Progress::default();
    let (sender, receiver) = channel();
    let receiver = Mutex::new(receiver);
    std::thread::scope(|scope| {
        let shared = &progress;
        let worker = move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| job(shared)));
            // the receiver lives until the answer is in
            let _ = sender.send(outcome);
        };
        std::thread::Builder::new()
            .spawn_scoped(scope, worker)
            .map_err(|why| PyMemoryError::new_err(format!("no thread could be started: {why}")))?;
        let mut stopped = None;
        loop {
            let message = py.detach(|| match receiver.lock() {
                Ok(receiver) => receiver.recv_timeout(Duration::from_millis(50)),
                Err(_) => Err(RecvTimeoutError::Disconnected),
            });
            match message {
                Ok(Ok(outcome)) => {
                    let done = stopped.map_or_else(|| outcome.map_err(failed), Err)?;
                    // once more, so that a job too short for the loop is reported too
                    tell(&progress, report)?;
                    return Ok(done);
                }
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(PyRuntimeError::new_err("the core panicked; this is a bug"));
                }
                Err(RecvTimeoutError::Timeout) if stopped.is_none() => {
                    if let Err(why) = py.check_signals().and_then(|()| tell(&progress, report)) {
                        progress.cancel();
                        stopped = Some(why);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    })
}

/// Quantised weights in canonical form. Secret: holds a model.
#[pyclass(frozen, module = "huref._native")]
struct Weights {
    profile: &'static Profile,
    inner: huref_circuits::prover::weights::Weights,
}

#[pymethods]
impl Weights {
    /// Weights from integers, for tests.
    #[staticmethod]
    fn from_integers(name: &str, shape: Shape, matrices: Vec<PyReadonlyArray2<'_, i16>>) -> PyResult<Self> {
        let matrices = matrices
            .iter()
            .map(|m| {
                let columns = m.shape()[1];
                Ok(huref_circuits::prover::weights::Matrix { columns, entries: m.as_array().iter().copied().collect() })
            })
            .collect::<PyResult<_>>()?;
        let inner = huref_circuits::prover::weights::Weights::new(shape.into(), matrices).map_err(failed)?;
        Ok(Self { profile: profile(name)?, inner })
    }

    /// Weights of all pieces in order; the pieces are empty afterwards.
    #[staticmethod]
    fn from_pieces(name: &str, shape: Shape, pieces: Vec<PyRefMut<'_, Piece>>) -> PyResult<Self> {
        let matrices = pieces.into_iter().flat_map(|mut piece| piece.take_matrices()).collect();
        let inner = huref_circuits::prover::weights::Weights::new(shape.into(), matrices).map_err(failed)?;
        Ok(Self { profile: profile(name)?, inner })
    }

    /// The digest by the first rule. Secret.
    fn stream_digest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let digest = run(py, None, |_| Ok(WeightsDigest::new(Rule::Stream, &self.inner, self.profile)))?;
        Ok(PyBytes::new(py, &*digest.reveal()))
    }

    /// A copy of the piece of that index, one piece after the other being the embeddings and each layer.
    fn piece(&self, index: usize) -> PyResult<Piece> {
        let (start, stop) = if index == 0 { (0, 1) } else { (6 * index - 5, 6 * index + 1) };
        let matrices = self.inner.matrices.get(start..stop).ok_or_else(|| PyValueError::new_err("no such piece"))?;
        Ok(Piece::copied(self.profile, matrices))
    }

    /// A copy of one matrix, rows x hidden.
    fn matrix<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyArray2<i16>>> {
        let matrix = self.inner.matrices.get(index).ok_or_else(|| PyValueError::new_err("no such matrix"))?;
        numpy::PyArray1::from_slice(py, &matrix.entries).reshape([matrix.rows(), matrix.columns])
    }
}

/// The seeds of draws: None is the common one.
type Seeds = Vec<Option<[u8; 32]>>;

fn streams(profile: &Profile, seeds: Option<Seeds>) -> Vec<Streams> {
    let seeds = seeds.unwrap_or_else(|| vec![None]);
    seeds.iter().map(|seed| Streams::new(profile, seed.as_ref())).collect()
}

/// Sketches of all terms under each of these draws in turn; the common one if none is given.
#[pyfunction]
#[pyo3(signature = (weights, progress = None, seeds = None))]
fn sketches(
    py: Python<'_>,
    weights: &Weights,
    progress: Option<&Bound<'_, PyAny>>,
    seeds: Option<Seeds>,
) -> PyResult<Vec<Vec<BigInt>>> {
    let streams = streams(weights.profile, seeds);
    run(py, progress, |progress| sketch::sketches(weights.profile, &weights.inner, &streams, progress))
}

/// Public outputs of sketches under each of these draws in turn; the common one if none is given, or the custom one of a
/// network.
#[pyfunction]
#[pyo3(signature = (name, sketches, seeds = None, network = None))]
fn encode(
    name: &str,
    sketches: Vec<Vec<BigInt>>,
    seeds: Option<Seeds>,
    network: Option<&[u8]>,
) -> PyResult<Vec<Numbers>> {
    let profile = profile(name)?;
    let custom = network.map(|network| vec![Streams::custom(profile, network)]);
    let streams = custom.unwrap_or_else(|| streams(profile, seeds));
    let rounded = fingerprint::round(profile, &sketches, &streams).map_err(failed)?;
    Ok(numbers(&rounded.outputs))
}

/// The vector of a portrait from the vectors of all layers under the common draw; None where the layers cancel.
#[pyfunction]
fn portrait_vector(name: &str, z: Vec<i64>) -> PyResult<Option<Vec<i64>>> {
    Ok(fingerprint::portrait(profile(name)?, &z))
}

/// `huref.cnn.network.Convolution`.
#[derive(FromPyObject)]
struct Convolution<'py> {
    weights: PyReadonlyArray4<'py, i8>,
    bias: PyReadonlyArray1<'py, i32>,
    stride: usize,
    shift: u32,
}

fn network_of(profile: &Profile, bytes: &[u8]) -> PyResult<network::Network> {
    network::Network::custom(profile, bytes).map_err(PyValueError::new_err)
}

/// `ValueError`, which says why, unless these are canonical bytes of a network for sketches and vectors of a profile.
#[pyfunction]
fn check_network(name: &str, data: &[u8]) -> PyResult<()> {
    network_of(profile(name)?, data).map(drop)
}

/// Outputs of a network for one input, 3 x side x side. For tests.
#[pyfunction]
fn convolve(convolutions: Vec<Convolution<'_>>, side: u32, x: PyReadonlyArray1<'_, i64>) -> PyResult<Vec<i64>> {
    let convolution = |Convolution { weights, bias, stride, shift }: &Convolution<'_>| network::Convolution {
        weights: weights.as_array().iter().copied().collect(),
        bias: bias.as_array().to_vec(),
        stride: *stride,
        shift: *shift,
    };
    let convolutions = convolutions.iter().map(convolution).collect();
    let network = network::Network::new(convolutions, side as usize).map_err(PyValueError::new_err)?;
    let x = x.as_slice()?;
    let fits = x.len() == 3 * (side as usize).pow(2) && x.iter().all(|x| x.unsigned_abs() <= 1 << network::INPUT_BITS);
    fits.then(|| network.apply(x).outputs().to_vec())
        .ok_or_else(|| PyValueError::new_err("the input has another size, or is too large"))
}

/// The part of the committed bit string that the weights determine, under the common draw, one byte for each bit. For tests.
#[pyfunction(name = "bit_string")]
fn bit_string_<'py>(
    py: Python<'py>,
    name: &str,
    shape: Shape,
    sketches: Vec<Vec<BigInt>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (profile, shape) = (profile(name)?, shape.into());
    let bounds = security::Bounds::new(&shape, profile, 1).map_err(|why| rejected(&why))?;
    let rounded = fingerprint::round(profile, &sketches, &streams(profile, None)).map_err(failed)?;
    let (draws, outputs) = (vec![draw::Draw::Common], rounded.outputs.clone());
    let statement = Statement { profile, shape, commitment: vec![], draws, outputs, context: Context::default() };
    let layout = Layout::new(&statement, &bounds, None);
    let bits = bit_string::of_weights(&statement, &layout, None, &sketches, &rounded);
    let bits = bits.ok_or_else(|| PyValueError::new_err("the sketches do not fit their bits"))?;
    let bytes: Vec<u8> = bits.iter().take(layout.z.start).map(|bit| u8::from(*bit != Scalar::default())).collect();
    Ok(PyBytes::new(py, &bytes))
}

/// The generators of a profile, from the table of `build.rs` if that holds them, for once in a process for each number of
/// them.
fn generators(profile: &'static Profile) -> &'static Generators {
    static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/generators"));
    static CELLS: [OnceLock<Generators>; 32] = [const { OnceLock::new() }; 32];
    let read = || Generators::read(TABLE, profile.log_n, &profile.generators);
    CELLS[profile.log_n as usize].get_or_init(|| read().unwrap_or_else(|| derive(profile.log_n)))
}

/// Public outputs under each of these draws, and the proof.
#[pyfunction(name = "prove")]
#[pyo3(signature = (weights, seed, commitment, draws, context, progress = None))]
fn prove_<'py>(
    py: Python<'py>,
    weights: &Weights,
    seed: Secret,
    commitment: &[u8],
    draws: Vec<values::Draw>,
    context: values::Context,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Vec<Numbers>, Bound<'py, PyBytes>)> {
    let commitment = wire::read_points(commitment).map_err(|why| rejected(&why))?;
    let draws = values::draws(&draws).map_err(|why| rejected(&why))?;
    let profile = weights.profile;
    let work = |generators: &Generators, progress: &Progress| {
        let shape = weights.inner.shape.clone();
        let id = wire::commitment_id(profile, &shape, &commitment);
        let streams: Vec<Streams> = draws.iter().map(|draw| draw.streams(profile, &id)).collect();
        let digest = WeightsDigest::new(seed.rule, &weights.inner, profile);
        let sketches = sketch::sketches(profile, &weights.inner, &streams, progress)?;
        let rounded = fingerprint::round(profile, &sketches, &streams)?;
        let (outputs, context) = (rounded.outputs.clone(), context.into());
        let statement = Statement { profile, shape, commitment, draws, outputs, context };
        let randomness = secrets::fresh()?;
        let model = Model { weights: &weights.inner, digest: &digest, seed: &seed.seed };
        let proof = prove::prove(&[model], &statement, &sketches, &rounded, &randomness, generators, progress)?;
        Ok((statement.outputs, proof))
    };
    let (outputs, proof) = run(py, progress, |progress| {
        // made outside the pool: a thread of it that waits for them could be given a job that waits for it
        let generators = generators(profile);
        // inside, so that not each of hundreds of steps has to wake the pool
        rayon::scope(|_| work(generators, progress))
    })?;
    Ok((numbers(&outputs), PyBytes::new(py, &proof)))
}

#[pyfunction(name = "verify")]
fn verify_(py: Python<'_>, statement: values::Statement, proof: &[u8]) -> PyResult<()> {
    let profile = profile(&statement.profile)?;
    let verdict = run(py, None, |_| {
        Ok(statement.decode(profile).and_then(|statement| verify::verify(&statement, proof, generators(profile))))
    })?;
    verdict.map_err(|why| rejected(&why))
}

/// SHA-256 of the bytes that the transcript absorbs.
#[pyfunction]
fn statement_digest(py: Python<'_>, statement: values::Statement) -> PyResult<Bound<'_, PyBytes>> {
    let profile = profile(&statement.profile)?;
    let bytes = wire::statement_bytes(&statement.decode(profile).map_err(|why| rejected(&why))?);
    Ok(PyBytes::new(py, &Sha256::digest(&bytes)))
}

/// Of proofs about a shape under so many draws, one of them custom with this network; two are the most that a statement has.
#[pyfunction(name = "security")]
#[pyo3(signature = (name, shape, draws = 2, network = None))]
fn security_(name: &str, shape: Shape, draws: usize, network: Option<&[u8]>) -> PyResult<Vec<(&'static str, f64)>> {
    let profile = profile(name)?;
    let network = network.map(|bytes| network_of(profile, bytes)).transpose()?;
    let terms = security::security(&shape.into(), profile, draws, network.as_ref()).map_err(|why| rejected(&why))?;
    Ok(terms.into_iter().map(|term| (term.name, term.bits)).collect())
}

#[pyfunction]
fn token_digest<'py>(py: Python<'py>, tokens: Vec<Vec<u8>>) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &tokens::token_digest(&tokens))
}

/// How many tokens P has, and how many Q, under the draw whose sketch streams begin like this.
#[pyfunction(name = "sides")]
fn sides_(py: Python<'_>, beginning: &[u8], tokens: Vec<Vec<u8>>) -> (usize, usize) {
    py.detach(|| tokens::sides(beginning, &tokens))
}

#[pymodule]
mod _native {
    use super::{Bound, PROFILES, PyModule, PyModuleMethods, PyResult, PyTuple};
    #[pymodule_export]
    use super::{
        Rejected, Weights,
        batch::verify_all,
        bit_string_, check_network,
        commit::{
            Memory, Piece, blind, digest_of_leaves, inverse_embedding, quantise_attention, quantise_embedding,
            quantise_layer,
        },
        convolve,
        drift::{drift_, drift_digest, drift_security, drift_sizes, public_digest, verify_drift},
        encode,
        memory::last_words,
        near::{near_, near_digest, near_security, verify_near},
        portrait::{portrait, portrait_patterns},
        portrait_vector,
        profile::Profile,
        prove_, security_, sides_, sketches, statement_digest, token_digest, verify_,
    };

    /// Version of the statement's encoding.
    #[pymodule_export]
    const VERSION: u32 = super::wire::VERSION;

    /// Version of the release.
    #[pymodule_export]
    const RELEASE: &str = env!("CARGO_PKG_VERSION");

    /// The table of profiles, the default first.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("PROFILES", PyTuple::new(module.py(), PROFILES.map(Profile::new))?)
    }
}
