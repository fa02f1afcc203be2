//! Conversions between Python values and those of the core.

use half::{bf16, f16};
use huref_circuits::{
    commit::generators::Generators,
    profile::{Profile, ROBUST_1},
    prover::{
        canonical::{RawLayer, Source},
        generators::derive,
    },
    statement::{Public, Shape},
};
use numpy::{PyReadonlyArray2, ndarray::ArrayView2};
use pyo3::{
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
    cell.get_or_init(|| derive(profile.log_n))
}

/// A two-dimensional tensor of any strides, borrowed from numpy.
pub enum Array<'py> {
    F16(PyReadonlyArray2<'py, u16>),
    Bf16(PyReadonlyArray2<'py, u16>),
    F32(PyReadonlyArray2<'py, f32>),
    F64(PyReadonlyArray2<'py, f64>),
}

impl<'py> Array<'py> {
    /// Borrows an array of a type that can be read.
    pub fn new(array: &Bound<'py, PyAny>) -> PyResult<Self> {
        let dtype: String = array.getattr("dtype")?.getattr("name")?.extract()?;
        let bits = || array.call_method1("view", ("u2",))?.extract();
        match dtype.as_str() {
            "float16" => Ok(Self::F16(bits()?)),
            "bfloat16" => Ok(Self::Bf16(bits()?)),
            "float32" => Ok(Self::F32(array.extract()?)),
            "float64" => Ok(Self::F64(array.extract()?)),
            other => Err(PyValueError::new_err(format!(
                "tensors of type {other} cannot be read; float32, float16 and bfloat16 can"
            ))),
        }
    }

    /// A view that needs no interpreter.
    pub fn view<'a>(&'a self, name: &'a str) -> Tensor<'a> {
        let view = match self {
            Self::F16(array) => View::F16(array.as_array()),
            Self::Bf16(array) => View::Bf16(array.as_array()),
            Self::F32(array) => View::F32(array.as_array()),
            Self::F64(array) => View::F64(array.as_array()),
        };
        Tensor { view, name }
    }
}

enum View<'a> {
    F16(ArrayView2<'a, u16>),
    Bf16(ArrayView2<'a, u16>),
    F32(ArrayView2<'a, f32>),
    F64(ArrayView2<'a, f64>),
}

/// A tensor that the core reads row by row.
pub struct Tensor<'a> {
    view: View<'a>,
    name: &'a str,
}

impl Source for Tensor<'_> {
    fn rows(&self) -> usize {
        match &self.view {
            View::F16(v) | View::Bf16(v) => v.nrows(),
            View::F32(v) => v.nrows(),
            View::F64(v) => v.nrows(),
        }
    }

    fn columns(&self) -> usize {
        match &self.view {
            View::F16(v) | View::Bf16(v) => v.ncols(),
            View::F32(v) => v.ncols(),
            View::F64(v) => v.ncols(),
        }
    }

    fn read(&self, row: usize, out: &mut [f64]) {
        fn fill<T: Copy>(view: &ArrayView2<'_, T>, row: usize, out: &mut [f64], f: impl Fn(T) -> f64) {
            out.iter_mut().zip(view.row(row)).for_each(|(x, &w)| *x = f(w));
        }
        match &self.view {
            View::F16(v) => fill(v, row, out, |w| f16::from_bits(w).to_f64()),
            View::Bf16(v) => fill(v, row, out, |w| bf16::from_bits(w).to_f64()),
            View::F32(v) => fill(v, row, out, f64::from),
            View::F64(v) => fill(v, row, out, |w| w),
        }
    }

    fn name(&self) -> String {
        self.name.to_owned()
    }
}

/// Arrays of one layer, borrowed from Python.
pub struct LayerArrays<'py> {
    single: [(Array<'py>, String); 4],
    up: Vec<(Array<'py>, String)>,
    down: Vec<(Array<'py>, String)>,
    norms: [Option<Vec<f64>>; 6],
}

/// The tensors of one layer, as the core reads them: single ones, up, down; its norms.
pub struct LayerTensors<'a> {
    single: [Tensor<'a>; 4],
    up: Vec<Tensor<'a>>,
    down: Vec<Tensor<'a>>,
    norms: &'a [Option<Vec<f64>>; 6],
}

const SINGLE: [&str; 4] = ["q", "k", "v", "o"];
const NORMS: [&str; 6] = ["attention_norm", "ffn_norm", "attention_out_norm", "ffn_out_norm", "q_norm", "k_norm"];

impl<'py> LayerArrays<'py> {
    /// Borrows the arrays of a dictionary.
    pub fn new(layer: &Bound<'py, PyDict>) -> PyResult<Self> {
        let names = layer.get_item("names")?.map(|names| names.cast_into::<PyDict>()).transpose()?;
        let name = |key: &str| -> PyResult<String> {
            let known = names.as_ref().map(|names| names.get_item(key)).transpose()?.flatten();
            known.map_or_else(|| Ok(key.to_owned()), |name| name.str().map(|name| name.to_string()))
        };
        let one = |key: &str| -> PyResult<(Array<'py>, String)> { Ok((Array::new(&item(layer, key)?)?, name(key)?)) };
        let many = |key: &str| -> PyResult<Vec<(Array<'py>, String)>> {
            item(layer, key)?.try_iter()?.map(|array| Ok((Array::new(&array?)?, name(key)?))).collect()
        };
        let norm = |key: &str| -> PyResult<Option<Vec<f64>>> {
            layer.get_item(key)?.filter(|norm| !norm.is_none()).map(|norm| norm.extract()).transpose()
        };
        let [q, k, v, o] = SINGLE.map(one);
        let [a, b, c, d, e, f] = NORMS.map(norm);
        Ok(Self { single: [q?, k?, v?, o?], up: many("up")?, down: many("down")?, norms: [a?, b?, c?, d?, e?, f?] })
    }

    /// Views that need no interpreter.
    pub fn tensors(&self) -> LayerTensors<'_> {
        fn views<'a>(arrays: &'a [(Array<'_>, String)]) -> Vec<Tensor<'a>> {
            arrays.iter().map(|(array, name)| array.view(name)).collect()
        }
        let single = self.single.each_ref().map(|(array, name)| array.view(name));
        LayerTensors { single, up: views(&self.up), down: views(&self.down), norms: &self.norms }
    }
}

impl<'a> LayerTensors<'a> {
    /// The layer as the core wants it.
    pub fn raw(&'a self) -> RawLayer<'a> {
        fn sources<'b>(tensors: &'b [Tensor<'b>]) -> Vec<&'b dyn Source> {
            tensors.iter().map(|tensor| tensor as &dyn Source).collect()
        }
        let [q, k, v, o] = &self.single;
        let [attention_norm, ffn_norm, attention_out_norm, ffn_out_norm, q_norm, k_norm] = self.norms.clone();
        RawLayer {
            q,
            k,
            v,
            o,
            up: sources(&self.up),
            down: sources(&self.down),
            attention_norm,
            ffn_norm,
            attention_out_norm,
            ffn_out_norm,
            q_norm,
            k_norm,
        }
    }
}
