//! The verifier, from top to bottom. Read it beside [`crate::prover::prove`]: same order, same names.
//!
//! A pure function of statement, proof and generators: no I/O, no clock, no randomness, no threads, no panic. It checks
//! shape and ranges before it computes, and its memory and time follow from the statement alone.
//!
//! It has two steps: [`reduce`] reads the proof and checks everything but three equations between points; then these are
//! decided, here one by one, in [`crate::batch`] those of many proofs together.

use crate::{
    commit::{
        generators::Generators,
        ipa::coefficients,
        open::FinalClaim,
        sigma::{combine_triples, combine_zeros},
    },
    curve::{Affine, Scalar},
    equation::Equation,
    error::{Rejected, ensure},
    instance::Instance,
    pads::{Ledger, Sent},
    poly::dot,
    public::Public,
    relations::{
        self,
        range::{Ternaries, Ternary},
    },
    side::{Question, Side, Sum},
    size::size,
    transcript::Transcript,
    wire::{POINT, Reader, SCALAR, statement_bytes},
};
use ark_ff::{Field, Zero};

/// The verifier's side of the conversation: what is asked for is read from the proof and absorbed.
struct Verifier<'a> {
    transcript: Transcript,
    proof: Reader<'a>,
    ledger: Ledger,
}

impl Verifier<'_> {
    fn point(&mut self) -> Result<Affine, Rejected> {
        let (point, bytes) = self.proof.point()?;
        self.transcript.absorb(bytes);
        Ok(point)
    }

    fn points(&mut self, count: usize) -> Result<Vec<Affine>, Rejected> {
        (0..count).map(|_| self.point()).collect()
    }

    fn scalar(&mut self) -> Result<Scalar, Rejected> {
        let (scalar, bytes) = self.proof.scalar()?;
        self.transcript.absorb(bytes);
        Ok(scalar)
    }
}

impl Side for Verifier<'_> {
    type Error = Rejected;

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn challenge(&mut self) -> Result<Scalar, Rejected> {
        self.transcript.challenge()
    }

    fn secret(&mut self, _: Question<'_>) -> Result<Sent, Rejected> {
        Ok(Sent { masked: self.scalar()?, pad: self.ledger.next() })
    }

    fn begin(&mut self, _: Sum<'_>) -> Result<(), Rejected> {
        Ok(())
    }

    fn bind(&mut self, _: Scalar) {}
}

/// Bytes of a proof: a function of the statement, so that nothing in a proof says how long anything is.
fn proof_length(instance: &Instance<'_>, pads: &Ledger) -> usize {
    let profile = instance.profile();
    let points =
        profile.y_rows().saturating_add(instance.layout.rows).saturating_add(size(profile.log_n).saturating_mul(2));
    let scalars = pads.used.saturating_mul(2).saturating_sub(pads.triples.len());
    points.saturating_add(5).saturating_mul(POINT).saturating_add(scalars.saturating_add(6).saturating_mul(SCALAR))
}

/// What a proof comes down to: three equations between points with the names of their checks, in the order of the checks.
pub type Equations = [(&'static str, Equation); 3];

/// Checks a proof of a statement.
///
/// # Errors
/// [`Rejected`] names the check that failed.
pub fn verify<'a>(statement: impl Into<Public<'a>>, proof: &[u8], generators: &Generators) -> Result<(), Rejected> {
    let equations = reduce(statement, proof, generators)?;
    equations.iter().try_for_each(|(name, equation)| ensure(equation.holds(generators), Rejected::Check(name)))
}

/// Reads a proof and checks all of it but the equations that it leaves.
///
/// # Errors
/// [`Rejected`] names the check that failed.
pub fn reduce<'a>(
    statement: impl Into<Public<'a>>,
    proof: &[u8],
    generators: &Generators,
) -> Result<Equations, Rejected> {
    let ensure = |ok: bool, what| ensure(ok, Rejected::Check(what));
    let statement = statement.into();
    let (instance, commitment) = (Instance::new(statement)?, statement.commitment());
    let profile = statement.profile();
    let n = profile.n();
    ensure(generators.g().len() == n && generators.digest() == profile.generators, "generators")?;
    let pads = relations::pads(&instance)?;
    ensure(proof.len() == proof_length(&instance, &pads), "proof length")?;
    let bytes = statement_bytes(statement);
    let transcript = Transcript::new(statement.protocol(), &bytes);
    let mut side = Verifier { transcript, proof: Reader::new(proof), ledger: Ledger::default() };

    // phase 1: the one-time pads, before any challenge
    let pad_point = side.point()?;

    // phase 2: the projection Y
    let projection = size(profile.projection);
    let seed = side.challenge()?;
    let a = Ternary::new(seed, b"A", projection, commitment.len());
    let c = Ternary::new(seed, b"C", projection, n);
    let y_points = side.points(profile.y_rows())?;

    // phase 3: the bit string
    let seed = side.challenge()?;
    let d = Ternary::new(seed, b"D", size(profile.projection_z), projection.saturating_mul(projection));
    let bit_points = side.points(instance.layout.rows)?;

    // the relations leave linear constraints, products and one final claim
    let FinalClaim { eq, rows, value } = relations::run(&mut side, &instance, Ternaries { a, c, d })?;
    ensure((side.ledger.used, &side.ledger.triples) == (pads.used, &pads.triples), "ledger")?;

    // one Sigma-protocol for all of them
    let (mu, nu) = (side.challenge()?, side.challenge()?);
    let lambda = combine_zeros(&side.ledger, mu);
    let (x_s, x_v, t_1, t_0) = (side.point()?, side.point()?, side.point()?, side.point()?);
    let (u_lin, u_open) = (side.scalar()?, side.scalar()?);
    let e = side.challenge()?;
    let zs = (0..pads.used).map(|_| side.scalar()).collect::<Result<Vec<_>, _>>()?;
    let (blind_s, blind_v, blind_t) = (side.scalar()?, side.scalar()?, side.scalar()?);

    // the masked row, by the inner-product argument
    let u_challenge = side.challenge()?;
    let mut folds = Vec::new();
    let mut challenges = Vec::new();
    for _ in 0..profile.log_n {
        let (left, right) = (side.point()?, side.point()?);
        let x = side.challenge()?;
        let inverse = x.inverse().ok_or(Rejected::Check("zero challenge"))?;
        folds.push((x.square(), left));
        folds.push((inverse.square(), right));
        challenges.push((x, inverse));
    }
    let (last, _) = side.proof.scalar()?;
    side.proof.end()?;

    // linear constraints
    ensure(lambda.linear(&zs) + e * lambda.constant == u_lin, "linear constraints")?;

    // pads: Com(zs; blind_s) = e P_s + X_s
    let (zero, one) = (Scalar::zero(), Scalar::from(1_u64));
    let pads = Equation { g: zs.clone(), h: blind_s, u: zero, terms: vec![(-e, pad_point), (-one, x_s)] };

    // products: Com(sum nu^k (z_i z_j - e z_k); blind_t) = e T_1 + T_0
    let z = |i: usize| zs.get(i).copied().unwrap_or_default();
    let product = combine_triples(&side.ledger, nu, |[i, j, k]| z(i) * z(j) - e * z(k));
    let products = Equation { g: vec![product], h: blind_t, u: zero, terms: vec![(-e, t_1), (-one, t_0)] };

    // opening: e V + X_v - blind_v H + value U + sum (x^2 L + x^-2 R) = last (<s, G> + <s, eq> U)
    let g = coefficients(-last, &challenges);
    let expected = e * value.constant + u_open + value.linear(&zs);
    let committed: Vec<Affine> = commitment.iter().chain(&y_points).chain(&bit_points).copied().collect();
    ensure(committed.len() == rows.len(), "opening")?;
    let opening = Equation {
        u: u_challenge * (expected + dot(&g, &eq)),
        g,
        h: -blind_v,
        terms: rows.iter().map(|&w| e * w).zip(committed).chain([(one, x_v)]).chain(folds).collect(),
    };
    Ok([("pads", pads), ("products", products), ("opening", opening)])
}
