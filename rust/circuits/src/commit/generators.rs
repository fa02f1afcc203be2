//! Generators by hash to curve: nobody knows a relation between them, and anyone can derive them again.

use crate::curve::{self, Affine};
use sha2::{Digest, Sha256};

/// `G_0 .. G_{n-1}`, H and U.
pub struct Generators {
    /// For the columns of a row.
    pub g: Vec<Affine>,
    /// For blinds.
    pub h: Affine,
    /// For the inner product.
    pub u: Affine,
}

/// Try and increment: x = SHA-256("huref/generators/v1/" || label || index || counter) big-endian, the first counter that
/// gives an x below q on the curve; y even.
fn generator(label: &[u8], index: u32) -> Affine {
    for counter in 0_u32..u32::MAX {
        let mut hasher = Sha256::new();
        hasher.update(b"huref/generators/v1/");
        hasher.update(label);
        hasher.update(index.to_be_bytes());
        hasher.update(counter.to_be_bytes());
        let mut bytes = [2; 33];
        let [_, tail @ ..] = &mut bytes;
        tail.copy_from_slice(&hasher.finalize());
        if let Some(point) = curve::decode(&bytes) {
            return point;
        }
    }
    Affine::identity()
}

/// The generator of a column.
pub fn column(index: u32) -> Affine {
    generator(b"G", index)
}

impl Generators {
    /// Derives `2^log_n + 2` generators.
    #[must_use]
    pub fn derive(log_n: u32) -> Self {
        Self::new((0..1 << log_n).map(column).collect())
    }

    /// These generators of the columns, with H and U.
    #[must_use]
    pub fn new(g: Vec<Affine>) -> Self {
        Self { g, h: generator(b"H", 0), u: generator(b"U", 0) }
    }

    /// SHA-256 over the 33-byte encodings of `G_0 .. G_{n-1}, H, U`.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for point in self.g.iter().chain([&self.h, &self.u]) {
            hasher.update(curve::encode(point));
        }
        hasher.finalize().into()
    }
}
