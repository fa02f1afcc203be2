//! Tensors of a model, borrowed from numpy.

use half::{
    f16,
    slice::{HalfBitsSliceExt, HalfFloatSliceExt},
};
use huref_circuits::prover::canonical::{RawAttention, RawNeurons, Source};
use numpy::{
    PyReadonlyArray2,
    ndarray::{ArrayView1, ArrayView2, s},
};
use pyo3::{Borrowed, exceptions::PyValueError, prelude::*};

/// A tensor of two dimensions and any strides, with the name that messages give it (`huref.model.layer.Matrix`).
#[derive(FromPyObject)]
pub struct Tensor<'py> {
    values: Array<'py>,
    name: String,
}

impl<'py> Tensor<'py> {
    /// An array under a name of its own.
    pub fn named(name: &str, values: &Bound<'py, PyAny>) -> PyResult<Self> {
        Ok(Self { values: values.extract()?, name: name.to_owned() })
    }

    /// What can be read without the interpreter.
    pub fn view(&self) -> View<'_> {
        let numbers = match &self.values {
            Array::F16(array) => Numbers::F16(array.as_array()),
            Array::Bf16(array) => Numbers::Bf16(array.as_array()),
            Array::F32(array) => Numbers::F32(array.as_array()),
            Array::F64(array) => Numbers::F64(array.as_array()),
        };
        View { numbers, name: &self.name }
    }
}

/// The attention of a layer of that number, an object with the attributes of `huref.model.layer.Layer`: read now.
pub fn attention<'py>(number: u32, layer_norm: bool, layer: &Bound<'py, PyAny>) -> PyResult<RawAttention<Tensor<'py>>> {
    let matrix = |name| layer.getattr(name)?.extract();
    let norm = |name| layer.getattr(name)?.extract();
    let [q, k, v, o] = [matrix("q")?, matrix("k")?, matrix("v")?, matrix("o")?];
    let [q_norm, k_norm] = [norm("q_norm")?, norm("k_norm")?];
    let [norm, out_norm] = [norm("attention_norm")?, norm("attention_out_norm")?];
    Ok(RawAttention { number, layer_norm, q, k, v, o, norm, out_norm, q_norm, k_norm })
}

/// Its neurons: read now.
pub fn neurons<'py>(number: u32, layer_norm: bool, layer: &Bound<'py, PyAny>) -> PyResult<RawNeurons<Tensor<'py>>> {
    let experts = |name| layer.getattr(name)?.extract();
    let norm = |name| layer.getattr(name)?.extract();
    let [up, down] = [experts("up")?, experts("down")?];
    let [norm, out_norm] = [norm("ffn_norm")?, norm("ffn_out_norm")?];
    Ok(RawNeurons { number, layer_norm, up, down, norm, out_norm })
}

enum Array<'py> {
    F16(PyReadonlyArray2<'py, u16>),
    Bf16(PyReadonlyArray2<'py, u16>),
    F32(PyReadonlyArray2<'py, f32>),
    F64(PyReadonlyArray2<'py, f64>),
}

impl<'py> FromPyObject<'_, 'py> for Array<'py> {
    type Error = PyErr;

    fn extract(array: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
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
}

/// A tensor that the core reads row by row.
pub struct View<'a> {
    numbers: Numbers<'a>,
    name: &'a str,
}

enum Numbers<'a> {
    F16(ArrayView2<'a, u16>),
    Bf16(ArrayView2<'a, u16>),
    F32(ArrayView2<'a, f32>),
    F64(ArrayView2<'a, f64>),
}

impl Source for View<'_> {
    fn rows(&self) -> usize {
        match &self.numbers {
            Numbers::F16(v) | Numbers::Bf16(v) => v.nrows(),
            Numbers::F32(v) => v.nrows(),
            Numbers::F64(v) => v.nrows(),
        }
    }

    fn columns(&self) -> usize {
        match &self.numbers {
            Numbers::F16(v) | Numbers::Bf16(v) => v.ncols(),
            Numbers::F32(v) => v.ncols(),
            Numbers::F64(v) => v.ncols(),
        }
    }

    fn read(&self, row: usize, first: usize, out: &mut [f64]) {
        let columns = s![row, first..first + out.len()];
        match &self.numbers {
            Numbers::F16(v) => {
                let part = v.slice(columns);
                match part.to_slice() {
                    Some(bits) => bits.reinterpret_cast::<f16>().convert_to_f64_slice(out),
                    None => fill(part, out, |w| f16::from_bits(w).to_f64()),
                }
            }
            // the upper half of a float32
            Numbers::Bf16(v) => fill(v.slice(columns), out, |w| f64::from(f32::from_bits(u32::from(w) << 16))),
            Numbers::F32(v) => fill(v.slice(columns), out, f64::from),
            Numbers::F64(v) => fill(v.slice(columns), out, |w| w),
        }
    }

    fn name(&self) -> String {
        self.name.to_owned()
    }
}

/// Converts one by one. Where the numbers lie side by side, which the compiler has to know, in vectors.
fn fill<T: Copy>(part: ArrayView1<'_, T>, out: &mut [f64], f: impl Fn(T) -> f64) {
    match part.to_slice() {
        Some(part) => out.iter_mut().zip(part).for_each(|(x, &w)| *x = f(w)),
        None => out.iter_mut().zip(part).for_each(|(x, &w)| *x = f(w)),
    }
}
