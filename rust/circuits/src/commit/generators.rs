//! Generators by hash to curve: nobody knows a relation between them, and anyone can derive them again.

use crate::curve::{self, Affine};
use sha2::{Digest, Sha256};

/// `G_0 .. G_{n-1}`, H and U, and their digest, which every verification asks for.
pub struct Generators {
    g: Vec<Affine>,
    h: Affine,
    u: Affine,
    digest: [u8; 32],
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

    /// As [`Self::derive`], from the [`Self::table`] of as many generators or more: in a hundredth of the time, because
    /// nothing is derived, only compared with the digest. `None` for any other table.
    #[must_use]
    pub fn read(table: &[u8], log_n: u32, digest: &[u8; 32]) -> Option<Self> {
        let (halves, []) = table.as_chunks::<32>() else { return None };
        let (pairs, []) = halves.as_chunks::<2>() else { return None };
        let [h, u, g @ ..] = pairs else { return None };
        let g = g.get(..1 << log_n)?.iter().map(|&point| curve::from_coordinates(point)).collect::<Option<_>>()?;
        let found = Self::with_digest(g, curve::from_coordinates(*h)?, curve::from_coordinates(*u)?);
        (found.digest == *digest).then_some(found)
    }

    /// The coordinates of H, U, and the generators of the columns.
    #[must_use]
    pub fn table(&self) -> Vec<u8> {
        [&self.h, &self.u].into_iter().chain(&self.g).flat_map(curve::coordinates).flatten().collect()
    }

    /// These generators of the columns, with H and U.
    #[must_use]
    pub fn new(g: Vec<Affine>) -> Self {
        Self::with_digest(g, generator(b"H", 0), generator(b"U", 0))
    }

    fn with_digest(g: Vec<Affine>, h: Affine, u: Affine) -> Self {
        let mut hasher = Sha256::new();
        for point in g.iter().chain([&h, &u]) {
            hasher.update(curve::encode(point));
        }
        Self { g, h, u, digest: hasher.finalize().into() }
    }

    /// For the columns of a row.
    pub fn g(&self) -> &[Affine] {
        &self.g
    }

    /// For blinds.
    pub const fn h(&self) -> Affine {
        self.h
    }

    /// For the inner product.
    pub const fn u(&self) -> Affine {
        self.u
    }

    /// SHA-256 over the 33-byte encodings of `G_0 .. G_{n-1}, H, U`.
    #[must_use]
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::TOY_2;

    #[test]
    fn a_table_is_read_only_if_it_is_that_of_the_digest() {
        let derived = Generators::derive(TOY_2.log_n);
        let table = derived.table();
        let read = |table: &[u8], log_n| Generators::read(table, log_n, &TOY_2.generators).map(|found| found.table());
        assert_eq!(read(&table, TOY_2.log_n), Some(table.clone()));
        assert_eq!(read(&Generators::derive(TOY_2.log_n + 1).table(), TOY_2.log_n), Some(table.clone()), "longer");
        assert_eq!(read(&table, TOY_2.log_n + 1), None, "shorter");
        assert_eq!(read(&table, TOY_2.log_n - 1), None, "another digest");
        assert_eq!(read(table.get(1..).unwrap_or_default(), TOY_2.log_n), None, "no points");
        assert_eq!(read(&[], TOY_2.log_n), None, "empty");
        let swapped = Generators::with_digest(derived.g.clone(), derived.u, derived.h);
        assert_eq!(read(&swapped.table(), TOY_2.log_n), None, "other points");
        let mut changed = table;
        changed.iter_mut().take(1).for_each(|byte| *byte ^= 1);
        assert_eq!(read(&changed, TOY_2.log_n), None, "a point that is none");
    }
}
