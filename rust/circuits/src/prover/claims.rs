//! The prover's part of [`crate::claims`]: all of them written out over the columns of the commitment rows.

use crate::{
    claims::{Claims, Weights},
    curve::Scalar,
    instance::Instance,
};
use ark_ff::Zero;

/// All claims, combined by powers of gamma and written out: what the prover's sumcheck needs.
pub struct Batch {
    /// Weights of the rows of each matrix.
    pub matrices: Vec<Vec<Scalar>>,
    /// Power of gamma of each matrix's claim (of its last one).
    pub powers: Vec<Scalar>,
    /// Weights of all commitment rows of weights, and of their columns: those with the same columns are one.
    pub all: Vec<(Vec<Scalar>, Vec<Scalar>)>,
    /// Weights of the bit rows, flat.
    pub bits: Vec<Scalar>,
    /// Weights of the Y rows, flat.
    pub y: Vec<Scalar>,
}

impl Batch {
    /// The claims with these powers of gamma.
    #[must_use]
    pub fn new(instance: &Instance<'_>, claims: &Claims, gammas: &[Scalar]) -> Self {
        let (n, matrices) = (instance.profile().n(), instance.shape().matrices());
        let mut batch = Self {
            powers: vec![Scalar::zero(); matrices.len()],
            matrices: matrices.into_iter().map(|rows| vec![Scalar::zero(); rows]).collect(),
            all: Vec::new(),
            bits: vec![Scalar::zero(); instance.layout.rows * n],
            y: vec![Scalar::zero(); instance.profile().y_rows() * n],
        };
        for ((weights, _), &gamma) in claims.list.iter().zip(gammas) {
            match weights {
                Weights::Bits(flat) => flat.add_to(&mut batch.bits, gamma),
                Weights::Y(flat) => flat.add_to(&mut batch.y, gamma),
                Weights::Matrix { matrix, rows } => {
                    batch.powers[*matrix] = gamma;
                    batch.matrices[*matrix].iter_mut().zip(rows).for_each(|(x, &y)| *x += gamma * y);
                }
                Weights::All { rows, columns } => {
                    let rows = rows.iter().map(|&x| x * gamma);
                    match batch.all.iter_mut().find(|(_, others)| others == columns) {
                        Some((sums, _)) => sums.iter_mut().zip(rows).for_each(|(sum, x)| *sum += x),
                        None => batch.all.push((rows.collect(), columns.clone())),
                    }
                }
            }
        }
        batch
    }
}
