//! Conversions between Python values and those of the core.

use huref_circuits::{
    canonical::{Dtype, RawLayer, RawMatrix, RawModel},
    commit::generators::Generators,
    profile::{Profile, ROBUST_1},
    statement::{Public, Shape},
};
use pyo3::{
    buffer::PyBuffer,
    exceptions::{PyKeyError, PyValueError},
    prelude::*,
    types::{PyBytes, PyDict, PyList},
};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

fn item<'py>(dict: &Bound<'py, PyDict>, key: &str) -> PyResult<Bound<'py, PyAny>> {
    dict.get_item(key)?.ok_or_else(|| PyKeyError::new_err(key.to_owned()))
}

/// The shape of a dictionary.
pub fn shape(dict: &Bound<'_, PyDict>) -> PyResult<Shape> {
    let size = |key| item(dict, key)?.extract();
    Ok(Shape {
        hidden: size("hidden")?,
        heads: size("heads")?,
        kv_heads: size("kv_heads")?,
        head_dim: size("head_dim")?,
        ffn: size("ffn")?,
        layers: item(dict, "layers")?.extract()?,
        tokens: item(dict, "tokens")?.extract()?,
    })
}

/// The dictionary of a shape.
pub fn shape_dict<'py>(py: Python<'py>, shape: &Shape) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let sizes = [
        ("hidden", shape.hidden),
        ("heads", shape.heads),
        ("kv_heads", shape.kv_heads),
        ("head_dim", shape.head_dim),
        ("ffn", shape.ffn),
    ];
    for (key, value) in sizes {
        dict.set_item(key, value)?;
    }
    dict.set_item("layers", &shape.layers)?;
    dict.set_item("tokens", PyList::new(py, shape.tokens.iter().map(|token| PyBytes::new(py, token)))?)?;
    Ok(dict)
}

/// Public outputs of a dictionary.
pub fn public(dict: &Bound<'_, PyDict>) -> PyResult<Public> {
    Ok(Public {
        z: item(dict, "z")?.extract()?,
        e: item(dict, "e")?.extract()?,
        a: item(dict, "a")?.extract()?,
        c: item(dict, "c")?.extract()?,
    })
}

/// The dictionary of public outputs.
pub fn public_dict<'py>(py: Python<'py>, public: &Public) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("z", &public.z)?;
    dict.set_item("e", &public.e)?;
    dict.set_item("a", &public.a)?;
    dict.set_item("c", public.c)?;
    Ok(dict)
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The generators of a profile, derived once in a process.
pub fn generators(profile: &'static Profile) -> &'static Generators {
    static FULL: OnceLock<Generators> = OnceLock::new();
    static TOY: OnceLock<Generators> = OnceLock::new();
    let cell = if profile.log_n == ROBUST_1.log_n { &FULL } else { &TOY };
    cell.get_or_init(|| Generators::derive(profile.log_n))
}
