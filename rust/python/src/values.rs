//! Values that Python and the core share. Python's are read by their attributes (`huref.artefacts`).

use huref_circuits::statement;
use pyo3::{prelude::*, pybacked::PyBackedBytes};

/// `huref.artefacts.shape.Shape`.
#[derive(FromPyObject)]
pub struct Shape {
    hidden: u32,
    heads: u32,
    kv_heads: u32,
    head_dim: u32,
    ffn: u32,
    layers: Vec<u32>,
    tokens: Vec<PyBackedBytes>,
}

impl From<Shape> for statement::Shape {
    fn from(shape: Shape) -> Self {
        let Shape { hidden, heads, kv_heads, head_dim, ffn, layers, tokens } = shape;
        let tokens = tokens.iter().map(|token| token.to_vec()).collect();
        Self { hidden, heads, kv_heads, head_dim, ffn, layers, tokens }
    }
}

/// `huref.artefacts.outputs.Outputs`.
#[derive(FromPyObject)]
pub struct Public {
    z: Vec<i64>,
    e: Vec<u32>,
    a: Vec<u64>,
    c: u64,
}

impl From<Public> for statement::Public {
    fn from(Public { z, e, a, c }: Public) -> Self {
        Self { z, e, a, c }
    }
}

/// The arguments of `huref.artefacts.outputs.Outputs`, in their order.
pub type Outputs = (Vec<i64>, Vec<u32>, Vec<u64>, u64);

/// What Python makes its public outputs of.
pub fn outputs(public: &statement::Public) -> Outputs {
    (public.z.clone(), public.e.clone(), public.a.clone(), public.c)
}
