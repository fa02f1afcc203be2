//! The prover's part of [`crate::commit::generators`]: the same generators on all cores.

use crate::commit::generators::{Generators, column};
use rayon::prelude::*;

/// As [`Generators::derive`].
#[must_use]
pub fn derive(log_n: u32) -> Generators {
    Generators::new((0..1 << log_n).into_par_iter().map(column).collect())
}
