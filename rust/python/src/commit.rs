//! Weights piece by piece: canonical form, sums of rows, the digest of all, blinds.

use crate::{
    generators, profile, run,
    secret::Secret,
    tensor::{self, Tensor},
    values::Shape,
};
use huref_circuits::{
    curve::{self, Affine},
    profile::Profile,
    prover::{
        canonical::{self, RawAttention, Source},
        progress::Stage,
        rows,
        secrets::{self, Blinds, WeightsDigest},
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

    /// What the integers of `size` rows each are recognised by, 32 bytes. Secret.
    #[pyo3(signature = (size = secrets::LEAF))]
    fn digests<'py>(&self, py: Python<'py>, size: usize) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let digests =
            run(py, None, |_| Ok(secrets::leaves(&rows::rows_of(&self.matrices, self.profile), size, self.profile)))?;
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
    let (profile, shape) = (profile(name)?, huref_circuits::statement::Shape::from(shape));
    let base = base.as_ref().map(|base| base.matrices.as_slice());
    let mut matrices =
        attention(py, profile, &shape, tensor::attention(number, layer_norm, layer)?, base, memory, progress)?;
    // only now are the neurons read: tensors of both at once would take the memory of the layer's integers
    let tensors = tensor::neurons(number, layer_norm, layer)?;
    let views = tensors.map(Tensor::view);
    matrices.extend(run(py, progress, |progress| canonical::quantise_neurons(profile, &shape, &views, progress))?);
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
    let tensors = tensor::attention(number, layer_norm, layer)?;
    Ok(Piece { profile, matrices: attention(py, profile, &shape, tensors, None, memory, None)? })
}

fn attention(
    py: Python<'_>,
    profile: &Profile,
    shape: &huref_circuits::statement::Shape,
    tensors: RawAttention<Tensor<'_>>,
    base: Option<&[Matrix]>,
    memory: Option<&Memory>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<Matrix>> {
    let views = tensors.map(Tensor::view);
    run(py, progress, |progress| {
        with(memory, |memory| canonical::quantise_attention(profile, shape, &views, base, memory, progress))
    })
}

/// Works in that memory, or in fresh one if there is none or a layer is just in it.
fn with<T>(memory: Option<&Memory>, work: impl FnOnce(&mut canonical::Memory) -> T) -> T {
    let mut own = canonical::Memory::default();
    let mut shared = memory.and_then(|memory| memory.0.try_lock().ok());
    work(shared.as_deref_mut().unwrap_or(&mut own))
}

/// The digest of weights of which these are the leaves, those of all pieces in order. Secret.
#[pyfunction]
pub fn digest_of_leaves<'py>(py: Python<'py>, name: &str, leaves: Vec<[u8; 32]>) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &*WeightsDigest::of_leaves(&leaves, profile(name)?).reveal()))
}

/// The commitment rows: sums of all rows in order, and the blinds that follow from the seed and the digest of the weights.
#[pyfunction]
pub fn blind<'py>(
    py: Python<'py>,
    name: &str,
    sums: &[u8],
    digest: [u8; 32],
    seed: Secret,
) -> PyResult<Bound<'py, PyBytes>> {
    let (profile, digest) = (profile(name)?, WeightsDigest::revealed(digest));
    let points = run(py, None, |_| {
        let blinds = Blinds::new(&seed.seed, &digest);
        let sums = rows::decode_sums(sums);
        Ok(sums.map(|sums| rows::blind_rows(&sums, generators(profile), &|row| blinds.row(row))))
    })?;
    points.map(|points| encoded(py, &points)).ok_or_else(|| PyValueError::new_err("no sums of rows"))
}

fn encoded<'py>(py: Python<'py>, points: &[Affine]) -> Bound<'py, PyBytes> {
    let bytes: Vec<u8> = points.iter().flat_map(curve::encode).collect();
    PyBytes::new(py, &bytes)
}
