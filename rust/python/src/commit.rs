//! Weights piece by piece: canonical form, sums of rows, the digest of all, blinds.

use crate::{
    generators, profile, run, seed,
    tensor::{self, Tensor},
    values::Shape,
};
use huref_circuits::{
    curve::{self, Affine},
    profile::Profile,
    prover::{
        canonical::{self, Source},
        progress::Stage,
        rows,
        secrets::{self, Blinds, WeightsHasher},
        weights::Matrix,
    },
};
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::{exceptions::PyValueError, prelude::*, types::PyBytes};
use std::sync::Mutex;

/// Memory of one layer, for the next. Secret, like what was in it.
#[pyclass(module = "huref._native", frozen)]
pub struct Memory(Mutex<canonical::Memory>);

#[pymethods]
impl Memory {
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }
}

/// The matrices of one piece of a model: X, or the six of a layer. Secret.
#[pyclass(module = "huref._native")]
pub struct Piece {
    profile: &'static Profile,
    matrices: Vec<Matrix>,
}

impl Piece {
    /// Copies matrices of weights that are at hand.
    pub fn copied(profile: &'static Profile, matrices: &[Matrix]) -> Self {
        let copy = |m: &Matrix| Matrix { columns: m.columns, entries: m.entries.clone() };
        Self { profile, matrices: matrices.iter().map(copy).collect() }
    }

    /// Moves the matrices out.
    pub fn take_matrices(&mut self) -> Vec<Matrix> {
        std::mem::take(&mut self.matrices)
    }
}

#[pymethods]
impl Piece {
    /// Number of commitment rows.
    #[getter]
    fn rows(&self) -> usize {
        rows::rows_of(&self.matrices, self.profile).len()
    }

    /// What the integers of each block of `size` rows are recognised by, 32 bytes each.
    fn digests<'py>(&self, py: Python<'py>, size: usize) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let digests = run(py, None, |_| {
            let rows = rows::rows_of(&self.matrices, self.profile);
            Ok(rows.chunks(size.max(1)).map(|block| secrets::rows_digest(block, self.profile)).collect::<Vec<_>>())
        })?;
        Ok(digests.iter().map(|digest| PyBytes::new(py, digest)).collect())
    }

    /// Sums without blinds of the rows from `start` to before `stop`, if there are so many, 33 bytes each. Secret.
    #[pyo3(signature = (start, stop, progress = None))]
    fn sums<'py>(
        &self,
        py: Python<'py>,
        start: usize,
        stop: usize,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let sums = run(py, progress, |progress| {
            let rows = rows::rows_of(&self.matrices, self.profile);
            let rows = rows.get(start..stop.min(rows.len())).unwrap_or_default();
            progress.begin(Stage::Commit, rows.len() as u64);
            rows::sum_rows(rows, generators(self.profile), progress)
        })?;
        Ok(encoded(py, &sums))
    }

    /// The state of the digest after this piece, from that before it. Secret.
    fn absorb<'py>(&self, py: Python<'py>, state: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let mut hasher = resumed(state)?;
        let state = run(py, None, |_| {
            self.matrices.iter().for_each(|matrix| hasher.absorb(matrix));
            Ok(hasher.state())
        })?;
        Ok(PyBytes::new(py, &state))
    }
}

#[pyfunction]
#[pyo3(signature = (name, shape, embedding, layer_norm, unit_rows, progress = None))]
pub fn quantise_embedding(
    py: Python<'_>,
    name: &str,
    shape: Shape,
    embedding: &Bound<'_, PyAny>,
    layer_norm: bool,
    unit_rows: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Piece> {
    let (profile, shape) = (profile(name)?, shape.into());
    let tensor = Tensor::named("input embedding", embedding)?;
    let view = tensor.view();
    let matrices = run(py, progress, |progress| {
        canonical::quantise_embedding(profile, &shape, &view, layer_norm, unit_rows, progress)
    })?;
    Ok(Piece { profile, matrices })
}

/// X before rounding, K x d. For tests.
#[pyfunction]
pub fn inverse_embedding<'py>(
    py: Python<'py>,
    embedding: &Bound<'py, PyAny>,
    layer_norm: bool,
    unit_rows: bool,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let tensor = Tensor::named("input embedding", embedding)?;
    let view = tensor.view();
    let x = run(py, None, |progress| canonical::inverse_embedding(&view, layer_norm, unit_rows, progress))?;
    PyArray1::from_vec(py, x).reshape([view.rows(), view.columns()])
}

/// `base`: the attention of the same layer of the model that this one's attention is aligned to.
#[pyfunction]
#[pyo3(signature = (name, shape, number, layer, layer_norm, progress = None, memory = None, base = None))]
#[expect(clippy::too_many_arguments, reason = "what a layer is, and what goes with it")]
pub fn quantise_layer(
    py: Python<'_>,
    name: &str,
    shape: Shape,
    number: u32,
    layer: &Bound<'_, PyAny>,
    layer_norm: bool,
    progress: Option<&Bound<'_, PyAny>>,
    memory: Option<&Memory>,
    base: Option<PyRef<'_, Piece>>,
) -> PyResult<Piece> {
    let (profile, shape) = (profile(name)?, shape.into());
    let tensors = tensor::layer(number, layer_norm, layer)?;
    let (views, base) = (tensors.map(Tensor::view), base.as_ref().map(|base| base.matrices.as_slice()));
    let matrices = run(py, progress, |progress| {
        with(memory, |memory| canonical::quantise_layer(profile, &shape, &views, base, memory, progress))
    })?;
    Ok(Piece { profile, matrices })
}

/// The attention of a layer, its first four matrices, as a base for others.
#[pyfunction]
#[pyo3(signature = (name, shape, number, layer, layer_norm, memory = None))]
pub fn quantise_attention(
    py: Python<'_>,
    name: &str,
    shape: Shape,
    number: u32,
    layer: &Bound<'_, PyAny>,
    layer_norm: bool,
    memory: Option<&Memory>,
) -> PyResult<Piece> {
    let (profile, shape) = (profile(name)?, shape.into());
    let tensors = tensor::layer(number, layer_norm, layer)?;
    let views = tensors.map(Tensor::view);
    let matrices = run(py, None, |progress| {
        with(memory, |memory| canonical::quantise_attention(profile, &shape, &views, memory, progress))
    })?;
    Ok(Piece { profile, matrices })
}

/// Works in that memory, or in fresh one if there is none or a layer is just in it.
fn with<T>(memory: Option<&Memory>, work: impl FnOnce(&mut canonical::Memory) -> T) -> T {
    let mut own = canonical::Memory::default();
    let mut shared = memory.and_then(|memory| memory.0.try_lock().ok());
    work(shared.as_deref_mut().unwrap_or(&mut own))
}

/// The state of the digest before the first piece.
#[pyfunction]
pub fn digest_state<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &WeightsHasher::new(profile(name)?).state()))
}

/// The commitment rows: sums of all rows in order, and the blinds that follow from the seed and the digest of the weights,
/// whose state after the last piece is given.
#[pyfunction]
pub fn blind<'py>(
    py: Python<'py>,
    name: &str,
    sums: &[u8],
    state: &[u8],
    seed_bytes: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let (profile, seed, digest) = (profile(name)?, seed(seed_bytes)?, resumed(state)?.finish());
    let points = run(py, None, |_| {
        let blinds = Blinds::new(&seed, &digest);
        let sums = rows::decode_sums(sums);
        Ok(sums.map(|sums| rows::blind_rows(&sums, generators(profile), &|row| blinds.row(row))))
    })?;
    points.map(|points| encoded(py, &points)).ok_or_else(|| PyValueError::new_err("no sums of rows"))
}

fn resumed(state: &[u8]) -> PyResult<WeightsHasher> {
    WeightsHasher::resume(state).ok_or_else(|| PyValueError::new_err("no state of a digest"))
}

fn encoded<'py>(py: Python<'py>, points: &[Affine]) -> Bound<'py, PyBytes> {
    let bytes: Vec<u8> = points.iter().flat_map(curve::encode).collect();
    PyBytes::new(py, &bytes)
}
