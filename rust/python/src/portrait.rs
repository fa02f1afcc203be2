//! Portraits.

use huref_portrait::{LENGTH, NAMES, SIZE, pattern, render};
use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods, PyReadonlyArray1};
use pyo3::{exceptions::PyValueError, prelude::*};

/// The pixels of a vector's portrait.
#[pyfunction]
pub fn portrait<'py>(py: Python<'py>, vector: PyReadonlyArray1<'py, i32>) -> PyResult<Bound<'py, PyArray3<u8>>> {
    let vector: [i32; LENGTH] = vector.as_slice()?.try_into().map_err(|_| PyValueError::new_err("512 entries"))?;
    PyArray1::from_vec(py, py.detach(|| render(&vector))).reshape([SIZE, SIZE, 3])
}

/// For each trait of a portrait, by name in order, whether it counts an entry with the opposite sign.
#[pyfunction]
pub fn portrait_patterns(py: Python<'_>) -> PyResult<Bound<'_, PyArray2<bool>>> {
    let patterns = NAMES.iter().flat_map(|name| pattern(name)).collect();
    PyArray1::from_vec(py, patterns).reshape([NAMES.len(), LENGTH])
}
