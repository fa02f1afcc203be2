//! The prover, from top to bottom. Read it beside [`crate::verify`]: same order, same names.

use crate::{
    commit::{
        generators::Generators,
        open::FinalClaim,
        sigma::{combine_triples, combine_zeros},
    },
    curve::{self, Affine, Projective, Scalar, normalise},
    instance::Instance,
    multiply::msm,
    pads::{Ledger, Sent},
    poly::dot,
    prover::{
        bit_string::bit_string,
        failure::Failure,
        hooks,
        ipa::Folding,
        known::Known,
        passes,
        progress::{Progress, Stage},
        rows::rows_of,
        secrets::{Blinds, Model, OneTime},
        subsets::{self, scalars::multiples},
        witness::Witness,
    },
    public::Public,
    relations::{
        self,
        range::{Ternaries, Ternary},
    },
    side::{Question, Side, Sum},
    transcript::Transcript,
    wire::statement_bytes,
};
use ark_ec::CurveGroup;
use ark_ff::{One, Zero};
use num_bigint::BigInt;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// The prover's side of the conversation: the witness answers, the answer is masked, sent and absorbed.
struct Prover<'a> {
    transcript: Transcript,
    proof: Vec<u8>,
    ledger: Ledger,
    pads: Zeroizing<Vec<Scalar>>,
    witness: Option<Witness<'a>>,
    progress: &'a Progress,
}

impl Prover<'_> {
    fn point(&mut self, point: Affine) {
        let bytes = curve::encode(&point);
        self.transcript.absorb(&bytes);
        self.proof.extend(bytes);
    }

    fn scalar(&mut self, scalar: Scalar) {
        let bytes = curve::scalar_to_bytes(&scalar);
        self.transcript.absorb(&bytes);
        self.proof.extend(bytes);
    }
}

impl Side for Prover<'_> {
    type Error = Failure;

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn challenge(&mut self) -> Result<Scalar, Failure> {
        let challenge = self.transcript.challenge()?;
        hooks::drawn(challenge);
        Ok(challenge)
    }

    fn secret(&mut self, question: Question<'_>) -> Result<Sent, Failure> {
        let pad = self.ledger.next();
        let witness = self.witness.as_ref().expect("the witness is complete");
        let masked = hooks::answer(question, witness) + self.pads[pad];
        self.scalar(masked);
        self.progress.advance(0)?;
        Ok(Sent { masked, pad })
    }

    fn begin(&mut self, sum: Sum<'_>) -> Result<(), Failure> {
        self.progress.advance(1)?;
        hooks::begin(&sum);
        self.witness.as_mut().expect("the witness is complete").begin(sum);
        Ok(())
    }

    fn bind(&mut self, challenge: Scalar) {
        hooks::bind(challenge);
        self.witness.as_mut().expect("the witness is complete").bind(challenge);
    }
}

/// `<values, G> + blind H`.
fn pedersen(generators: &Generators, values: &[Scalar], blind: Scalar) -> Affine {
    (multiples(&generators.g()[..values.len()], values) + generators.h() * blind).into_affine()
}

/// Commitments to a flat vector of small values, cut into rows of n. Blinds are apart, so that what is summed stays small.
fn pedersen_rows(generators: &Generators, flat: &[Scalar], blinds: &[Scalar]) -> Vec<Affine> {
    let g = generators.g();
    let bit = |x: &Scalar| if x.is_zero() { Some(0) } else { x.is_one().then_some(1) };
    let sums: Vec<Projective> = match flat.par_iter().map(bit).collect::<Option<Vec<i16>>>().map(Zeroizing::new) {
        Some(bits) => {
            let rows: Vec<&[i16]> = bits.chunks(g.len()).collect();
            subsets::sums(&rows, g, &Progress::default()).expect("nobody cancels it")
        }
        None => flat.par_chunks(g.len()).map(|row| msm(&g[..row.len()], row).expect("equal lengths")).collect(),
    };
    normalise(&sums.into_par_iter().zip(blinds).map(|(sum, &blind)| sum + generators.h() * blind).collect::<Vec<_>>())
}

/// Steps of the proof, for progress.
const STEPS: u64 = 16;

/// An honest projection fits its bits but with probability 2^-128, with extreme weights 2^-25: then pads are renewed.
const ATTEMPTS: u64 = 8;

/// Proves a statement about committed models, one or two, from what is known about them. `sketches` are the exact ones, term by
/// term and draw by draw, if the statement speaks of any.
///
/// # Errors
/// [`Failure::Cancelled`]; [`Failure::Rejected`] for a shape that cannot be proved; [`Failure::Weights`] for numbers that do not
/// fit: weights wider than the profile declares, or sketches that are not those of the statement.
pub fn prove<'a>(
    models: &[Model<'_>],
    statement: impl Into<Public<'a>>,
    sketches: &[Vec<BigInt>],
    known: impl Into<Known<'a>>,
    randomness: &[u8; 32],
    generators: &Generators,
    progress: &Progress,
) -> Result<Vec<u8>, Failure> {
    let (statement, known) = (statement.into(), known.into());
    progress.begin(Stage::Prove, STEPS);
    for attempt in 0..ATTEMPTS {
        let bytes = statement_bytes(statement);
        let secrets = OneTime::new(randomness, models, &bytes, attempt);
        if let Some(proof) = attempt_proof(models, statement, &bytes, sketches, known, secrets, generators, progress)? {
            return Ok(proof);
        }
    }
    let bits = statement.profile().weight_bits;
    Err(Failure::Weights(format!(
        "weights, sketches or norms do not fit: more than {bits} bits a weight, or those of another model"
    )))
}

#[expect(clippy::too_many_arguments, reason = "everything that a proof is made of, each of its own type")]
fn attempt_proof(
    models: &[Model<'_>],
    statement: Public<'_>,
    bytes: &[u8],
    sketches: &[Vec<BigInt>],
    known: Known<'_>,
    mut secrets: OneTime,
    generators: &Generators,
    progress: &Progress,
) -> Result<Option<Vec<u8>>, Failure> {
    let instance = Instance::new(statement)?;
    let profile = statement.profile();
    let n = profile.n();
    let Ledger { used: count, triples, .. } = relations::pads(&instance)?;
    let mut pads = secrets.scalars(count);
    for &[i, j, k] in &triples {
        pads[k] = pads[i] * pads[j];
    }
    hooks::pads(&mut pads, &triples);
    let mut side = Prover {
        transcript: Transcript::new(statement.protocol(), bytes),
        proof: Vec::new(),
        ledger: Ledger::default(),
        pads,
        witness: None,
        progress,
    };

    // phase 1: the one-time pads, before any challenge
    let pad_blind = secrets.scalar();
    side.point(pedersen(generators, &side.pads, pad_blind));
    progress.advance(1)?;

    // phase 2: the projection Y
    let projection = profile.projection as usize;
    let seed = side.challenge()?;
    let a = Ternary::new(seed, b"A", projection, statement.commitment().len());
    let c = Ternary::new(seed, b"C", projection, n);
    let rows: Vec<&[i16]> = models.iter().flat_map(|model| rows_of(&model.weights.matrices, profile)).collect();
    let mut y = passes::project(&rows, &a, &c, projection);
    hooks::projection(&mut y);
    progress.advance(1)?;
    let y_scalars = Zeroizing::new(y.iter().map(|&y| crate::poly::signed(i128::from(y))).collect::<Vec<_>>());
    let y_blinds = secrets.scalars(y.len().div_ceil(n));
    for point in pedersen_rows(generators, &y_scalars, &y_blinds) {
        side.point(point);
    }

    // phase 3: the bit string
    let seed = side.challenge()?;
    let d = Ternary::new(seed, b"D", profile.projection_z as usize, y.len());
    let Some(mut bits) = bit_string(&instance, sketches, known, &y, &d) else { return Ok(None) };
    bits.resize(instance.layout.rows * n, Scalar::zero());
    hooks::bits(&mut bits, &instance);
    let bit_blinds = secrets.scalars(instance.layout.rows);
    for point in pedersen_rows(generators, &bits, &bit_blinds) {
        side.point(point);
    }
    progress.advance(1)?;

    // the relations leave linear constraints, products and one final claim
    side.witness = Some(Witness::new(&instance, models.iter().map(|model| model.weights).collect(), known, bits, y));
    let FinalClaim { eq, rows, value } = relations::run(&mut side, &instance, Ternaries { a, c, d })?;
    debug_assert_eq!((side.ledger.used, &side.ledger.triples), (count, &triples));

    let blinds: Vec<Blinds> = models.iter().map(|model| Blinds::new(model.seed, model.digest)).collect();
    let (row, row_blind) =
        opened_row(side.witness.as_ref().expect("set above"), &rows, &blinds, &y_blinds, &bit_blinds);
    progress.advance(1)?;
    hooks::opening(&mut side.pads, &value, &row, &eq);
    let pads = std::mem::take(&mut side.pads);

    // one Sigma-protocol for all of them
    let (mu, nu) = (side.challenge()?, side.challenge()?);
    let lambda = combine_zeros(&side.ledger, mu);
    let (mask_s, mask_v) = (secrets.scalars(count), secrets.scalars(n));
    let [blind_s, blind_v, blind_1, blind_0] = std::array::from_fn(|_| secrets.scalar());
    let t_1 = combine_triples(&side.ledger, nu, |[i, j, k]| pads[i] * mask_s[j] + pads[j] * mask_s[i] - mask_s[k]);
    let t_0 = combine_triples(&side.ledger, nu, |[i, j, _]| mask_s[i] * mask_s[j]);
    // the witness, which has told everything, is wiped meanwhile
    let ([x_s, x_v], ()) = rayon::join(
        || [pedersen(generators, &mask_s, blind_s), pedersen(generators, &mask_v, blind_v)],
        || drop(side.witness.take()),
    );
    let [t_1, t_0] = [pedersen(generators, &[t_1], blind_1), pedersen(generators, &[t_0], blind_0)];
    hooks::masks([x_s, x_v, t_1, t_0]).into_iter().for_each(|point| side.point(point));
    side.scalar(lambda.linear(&mask_s));
    side.scalar(dot(&eq, &mask_v) - value.linear(&mask_s));
    let e = side.challenge()?;
    for (&pad, &mask) in pads.iter().zip(mask_s.iter()) {
        side.scalar(e * pad + mask);
    }
    side.scalar(e * pad_blind + blind_s);
    side.scalar(e * row_blind + blind_v);
    side.scalar(e * blind_1 + blind_0);
    progress.advance(1)?;

    // the masked row, by the inner-product argument
    let u_challenge = side.challenge()?;
    let masked = row.iter().zip(mask_v.iter()).map(|(&v, &x)| e * v + x).collect();
    let mut folding = Folding::new(generators, u_challenge, masked, eq);
    for _ in 0..profile.log_n {
        let (left, right) = folding.cross();
        side.point(left);
        side.point(right);
        folding.fold(side.challenge()?);
        progress.advance(0)?;
    }
    side.scalar(folding.last());
    progress.advance(1)?;
    Ok(Some(side.proof))
}

/// The row that the opening speaks about, and its blind.
fn opened_row(
    witness: &Witness<'_>,
    rows: &[Scalar],
    blinds: &[Blinds],
    y_blinds: &[Scalar],
    bit_blinds: &[Scalar],
) -> (Vec<Scalar>, Scalar) {
    let n = witness.instance.profile().n();
    let (weights, rest) = rows.split_at(rows.len() - y_blinds.len() - bit_blinds.len());
    let (y, bits) = rest.split_at(y_blinds.len());
    let mut row = witness.combine_all(weights);
    row.par_iter_mut().enumerate().with_min_len(1 << 10).for_each(|(j, x)| {
        for (&weight, &y) in y.iter().zip(witness.y.iter().skip(j).step_by(n)) {
            *x += weight * crate::poly::signed(i128::from(y));
        }
        for (&weight, &bit) in bits.iter().zip(witness.bits.iter().skip(j).step_by(n)) {
            match bit {
                bit if bit.is_zero() => {}
                bit if bit.is_one() => *x += weight,
                other => *x += weight * other,
            }
        }
    });
    let of_model = |(weights, blinds): (&[Scalar], &Blinds)| -> Scalar {
        weights.iter().enumerate().map(|(m, &w)| w * blinds.row(m)).sum()
    };
    let blind = weights.chunks(weights.len() / blinds.len()).zip(blinds).map(of_model).sum::<Scalar>()
        + dot(y, y_blinds)
        + dot(bits, bit_blinds);
    (row, blind)
}
