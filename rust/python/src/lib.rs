//! `huref._native`: converts, releases the interpreter, maps errors; nothing else.

mod batch;
mod commit;
mod model;

use commit::Piece;
use huref_circuits::{
    challenge::{self, Challenge},
    commit::generators::Generators,
    curve::Scalar,
    error::Refusal,
    layout::Layout,
    profile::Profile,
    prover::{
        bit_string,
        convolution::{self, Network},
        failure::Failure,
        fingerprint::{self, Rounded},
        progress::Progress,
        prove,
        secrets::{self, Seed},
        sketch,
    },
    security,
    statement::Statement,
    tokens, verify, wire,
};
use num_bigint::BigInt;
use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::{
    create_exception,
    exceptions::{PyException, PyKeyboardInterrupt, PyMemoryError, PyRuntimeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyDict, PyList},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        mpsc::{RecvTimeoutError, channel},
    },
    time::Duration,
};

create_exception!(huref, Rejected, PyException, "A statement or proof was refused: (check, detail).");

fn rejected(refusal: &Refusal) -> PyErr {
    Rejected::new_err((refusal.check().to_owned(), refusal.to_string()))
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
    fn from_integers(
        name: &str,
        shape: &Bound<'_, PyDict>,
        matrices: Vec<PyReadonlyArray2<'_, i16>>,
    ) -> PyResult<Self> {
        let matrices = matrices
            .iter()
            .map(|m| {
                let columns = m.shape()[1];
                Ok(huref_circuits::prover::weights::Matrix { columns, entries: m.as_array().iter().copied().collect() })
            })
            .collect::<PyResult<_>>()?;
        let inner = huref_circuits::prover::weights::Weights::new(model::shape(shape)?, matrices).map_err(failed)?;
        Ok(Self { profile: profile(name)?, inner })
    }

    /// Weights of all pieces in order; the pieces are empty afterwards.
    #[staticmethod]
    fn from_pieces(name: &str, shape: &Bound<'_, PyDict>, pieces: Vec<PyRefMut<'_, Piece>>) -> PyResult<Self> {
        let matrices = pieces.into_iter().flat_map(|mut piece| piece.take()).collect();
        let inner = huref_circuits::prover::weights::Weights::new(model::shape(shape)?, matrices).map_err(failed)?;
        Ok(Self { profile: profile(name)?, inner })
    }

    /// A copy of the piece of that index, one piece after the other being the embeddings and each layer.
    fn piece(&self, index: usize) -> PyResult<Piece> {
        let (start, stop) = if index == 0 { (0, 1) } else { (6 * index - 5, 6 * index + 1) };
        let matrices = self.inner.matrices.get(start..stop).ok_or_else(|| PyValueError::new_err("no such piece"))?;
        Ok(Piece::copied(self.profile, matrices))
    }

    /// The public shape.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        model::shape_dict(py, &self.inner.shape)
    }

    /// A copy of one matrix, rows x hidden.
    fn matrix<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyArray2<i16>>> {
        let matrix = self.inner.matrices.get(index).ok_or_else(|| PyValueError::new_err("no such matrix"))?;
        numpy::PyArray1::from_slice(py, &matrix.entries).reshape([matrix.rows(), matrix.columns])
    }
}

fn exact(weights: &Weights, challenge: &Challenge, progress: &Progress) -> Result<Vec<Vec<BigInt>>, Failure> {
    sketch::sketches(weights.profile, &weights.inner, challenge, progress)
}

#[pyfunction]
#[pyo3(signature = (weights, progress = None, challenge = None))]
fn sketches(
    py: Python<'_>,
    weights: &Weights,
    progress: Option<&Bound<'_, PyAny>>,
    challenge: Challenge,
) -> PyResult<Vec<Vec<BigInt>>> {
    run(py, progress, |progress| exact(weights, &challenge, progress))
}

fn rounded(profile: &Profile, sketches: &[Vec<BigInt>], challenge: &Challenge) -> Result<Rounded, Failure> {
    fingerprint::round(profile, sketches, challenge)
}

#[pyfunction]
#[pyo3(signature = (name, sketches, challenge = None))]
fn encode<'py>(
    py: Python<'py>,
    name: &str,
    sketches: Vec<Vec<BigInt>>,
    challenge: Challenge,
) -> PyResult<Bound<'py, PyDict>> {
    model::public_dict(py, &rounded(profile(name)?, &sketches, &challenge).map_err(failed)?.public)
}

/// Weights, bias, stride and shift of a convolution.
type Convolution<'py> = (PyReadonlyArray1<'py, i8>, PyReadonlyArray1<'py, i32>, usize, u32);

fn network(convolutions: &[Convolution<'_>], side: u32) -> PyResult<Network> {
    let convolutions = convolutions
        .iter()
        .map(|(weights, bias, stride, shift)| {
            let (weights, bias) = (weights.as_slice()?.to_vec(), bias.as_slice()?.to_vec());
            Ok(convolution::Convolution { weights, bias, stride: *stride, shift: *shift })
        })
        .collect::<PyResult<_>>()?;
    Network::new(convolutions, side as usize).map_err(failed)
}

#[pyfunction]
fn encode_by<'py>(
    py: Python<'py>,
    name: &str,
    convolutions: Vec<Convolution<'py>>,
    sketches: Vec<Vec<BigInt>>,
) -> PyResult<Bound<'py, PyDict>> {
    let profile = profile(name)?;
    let network = network(&convolutions, profile.sketch)?;
    if network.outputs() != profile.outputs as usize {
        return Err(PyValueError::new_err("the network does not give the numbers of a vector"));
    }
    model::public_dict(py, &fingerprint::round_by(&network, profile, &sketches).map_err(failed)?.public)
}

/// Outputs of a network for one input, 3 x side x side. For tests.
#[pyfunction]
fn convolve(convolutions: Vec<Convolution<'_>>, side: u32, x: PyReadonlyArray1<'_, i64>) -> PyResult<Vec<i64>> {
    let (network, x) = (network(&convolutions, side)?, x.as_slice()?);
    let fits =
        x.len() == 3 * (side as usize).pow(2) && x.iter().all(|x| x.unsigned_abs() <= 1 << convolution::INPUT_BITS);
    fits.then(|| network.apply(x)).ok_or_else(|| PyValueError::new_err("the input has another size, or is too large"))
}

/// The part of the committed bit string that the weights determine, one byte for each bit. For tests.
#[pyfunction(name = "bit_string")]
fn bit_string_<'py>(
    py: Python<'py>,
    name: &str,
    shape: &Bound<'py, PyDict>,
    sketches: Vec<Vec<BigInt>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let (profile, shape) = (profile(name)?, model::shape(shape)?);
    let bounds = security::Bounds::new(&shape, profile).map_err(|why| rejected(&why))?;
    let rounded = rounded(profile, &sketches, &None).map_err(failed)?;
    let layout = Layout::new(&shape, profile, &bounds, &rounded.public);
    let bits = bit_string::of_weights(profile, &layout, &rounded.public, &sketches, &rounded);
    let bits = bits.ok_or_else(|| PyValueError::new_err("the sketches do not fit their bits"))?;
    let bytes: Vec<u8> = bits.iter().take(layout.z.start).map(|bit| u8::from(*bit != Scalar::default())).collect();
    Ok(PyBytes::new(py, &bytes))
}

fn seed(bytes: &[u8]) -> PyResult<Seed> {
    Ok(Seed(bytes.try_into().map_err(|_| PyValueError::new_err("a seed has 32 bytes"))?))
}

/// The generators of a profile; derived once in a process.
fn generators(profile: &'static Profile) -> &'static Generators {
    model::generators(profile)
}

#[pyfunction(name = "prove")]
#[pyo3(signature = (weights, seed_bytes, commitment, progress = None, challenge = None))]
fn prove_<'py>(
    py: Python<'py>,
    weights: &Weights,
    seed_bytes: &[u8],
    commitment: &[u8],
    progress: Option<&Bound<'py, PyAny>>,
    challenge: Challenge,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyBytes>)> {
    let seed = seed(seed_bytes)?;
    let commitment = wire::read_points(commitment).map_err(|why| rejected(&why))?;
    let (public, proof) = run(py, progress, |progress| {
        let sketches = exact(weights, &challenge, progress)?;
        let rounded = rounded(weights.profile, &sketches, &challenge)?;
        let statement = Statement {
            profile: weights.profile,
            shape: weights.inner.shape.clone(),
            commitment,
            public: rounded.public.clone(),
            challenge,
        };
        let randomness = secrets::fresh()?;
        let generators = generators(weights.profile);
        let proof =
            prove::prove(&weights.inner, &statement, &sketches, &rounded, &seed, &randomness, generators, progress)?;
        Ok((statement.public, proof))
    })?;
    Ok((model::public_dict(py, &public)?, PyBytes::new(py, &proof)))
}

fn statement(
    name: &str,
    shape: &Bound<'_, PyDict>,
    commitment: &[u8],
    public: &Bound<'_, PyDict>,
    challenge: Challenge,
) -> PyResult<Statement> {
    Ok(Statement {
        profile: profile(name)?,
        shape: model::shape(shape)?,
        public: model::public(public)?,
        challenge,
        commitment: wire::read_points(commitment).map_err(|why| rejected(&why))?,
    })
}

#[pyfunction(name = "verify")]
#[pyo3(signature = (name, shape, commitment, public, proof, challenge = None))]
fn verify_(
    py: Python<'_>,
    name: &str,
    shape: &Bound<'_, PyDict>,
    commitment: &[u8],
    public: &Bound<'_, PyDict>,
    proof: &[u8],
    challenge: Challenge,
) -> PyResult<()> {
    let statement = statement(name, shape, commitment, public, challenge)?;
    let verdict = run(py, None, |_| Ok(verify::verify(&statement, proof, generators(statement.profile))))?;
    verdict.map_err(|why| rejected(&why))
}

#[pyfunction]
#[pyo3(signature = (name, shape, commitment, public, challenge = None))]
fn statement_digest<'py>(
    py: Python<'py>,
    name: &str,
    shape: &Bound<'_, PyDict>,
    commitment: &[u8],
    public: &Bound<'_, PyDict>,
    challenge: Challenge,
) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = wire::statement_bytes(&statement(name, shape, commitment, public, challenge)?);
    Ok(PyBytes::new(py, &model::sha256(&bytes)))
}

#[pyfunction(name = "security")]
fn security_(name: &str, shape: &Bound<'_, PyDict>) -> PyResult<Vec<(&'static str, f64)>> {
    let terms = security::security(&model::shape(shape)?, profile(name)?).map_err(|why| rejected(&why))?;
    Ok(terms.into_iter().map(|term| (term.name, term.bits)).collect())
}

#[pyfunction]
fn generators_digest(name: &str) -> PyResult<String> {
    Ok(profile(name)?.generators.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[pyfunction]
fn parameters<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyDict>> {
    let names = [
        "log_n",
        "weight_bits",
        "tokens",
        "sketch",
        "outputs",
        "q_bits",
        "log_norm",
        "log_scale",
        "fraction_bits",
        "z_fraction_bits",
        "slack_bits",
        "max_log_a",
        "min_log_c",
        "max_log_c",
        "projection",
        "projection_z",
        "projection_loss",
    ];
    let dict = PyDict::new(py);
    for (name, number) in names.into_iter().zip(profile(name)?.numbers()) {
        dict.set_item(name, number)?;
    }
    Ok(dict)
}

#[pyfunction]
fn token_digest<'py>(py: Python<'py>, tokens: &Bound<'py, PyList>) -> PyResult<Bound<'py, PyBytes>> {
    let tokens: Vec<Vec<u8>> = tokens.extract()?;
    Ok(PyBytes::new(py, &tokens::token_digest(&tokens)))
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("Rejected", module.py().get_type::<Rejected>())?;
    module.add("PROTOCOLS", (challenge::FINGERPRINT.protocol, challenge::CHALLENGE.protocol))?;
    module.add("VERSION", wire::VERSION)?;
    module.add_class::<Weights>()?;
    module.add_class::<Piece>()?;
    module.add_function(wrap_pyfunction!(commit::quantise_embedding, module)?)?;
    module.add_function(wrap_pyfunction!(commit::quantise_layer, module)?)?;
    module.add_function(wrap_pyfunction!(commit::digest_state, module)?)?;
    module.add_function(wrap_pyfunction!(commit::blind, module)?)?;
    module.add_function(wrap_pyfunction!(sketches, module)?)?;
    module.add_function(wrap_pyfunction!(encode, module)?)?;
    module.add_function(wrap_pyfunction!(encode_by, module)?)?;
    module.add_function(wrap_pyfunction!(convolve, module)?)?;
    module.add_function(wrap_pyfunction!(bit_string_, module)?)?;
    module.add_function(wrap_pyfunction!(prove_, module)?)?;
    module.add_function(wrap_pyfunction!(verify_, module)?)?;
    module.add_function(wrap_pyfunction!(batch::verify_all, module)?)?;
    module.add_function(wrap_pyfunction!(statement_digest, module)?)?;
    module.add_function(wrap_pyfunction!(security_, module)?)?;
    module.add_function(wrap_pyfunction!(generators_digest, module)?)?;
    module.add_function(wrap_pyfunction!(parameters, module)?)?;
    module.add_function(wrap_pyfunction!(token_digest, module)?)
}
