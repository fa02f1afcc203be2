//! A second prover, straight from the statement, whose weights are field elements: no passes, no packing tricks, every
//! commitment row written out. Slow. The prover of the library cannot even hold a weight that is not small.

use super::toy::{Toy, generators};
use ark_ec::CurveGroup;
use ark_ff::{Field, PrimeField, Zero};
use huref_circuits::{
    commit::{
        open::FinalClaim,
        sigma::{combine_triples, combine_zeros},
    },
    curve::{self, Affine, Scalar},
    error::Rejected,
    instance::Instance,
    multiply::msm,
    pads::{Ledger, Sent},
    poly::{dot, eq_table, log2_ceil, power_of_two, signed},
    prover::{
        bit_string::bit_string,
        claims::Batch,
        fingerprint::Rounded,
        ipa::Folding,
        sumcheck::{Sumcheck, Summand},
    },
    relations::{
        self,
        range::{Ternaries, Ternary},
    },
    side::{Question, Side, Sum},
    statement::{Shape, Statement},
    transcript::Transcript,
    wire::statement_bytes,
};
use num_bigint::BigInt;
use shake::{ExtendableOutput, Shake128, Shake128Reader, Update, XofReader};

/// A matrix of field elements, row by row.
pub type Matrix = Vec<Vec<Scalar>>;

/// The toy's matrices as field elements.
pub fn matrices(toy: &Toy) -> Vec<Matrix> {
    let row = |row: &[i16]| row.iter().map(|&w| signed(i128::from(w))).collect();
    toy.weights.matrices.iter().map(|m| m.entries.chunks(m.columns).map(row).collect()).collect()
}

/// A stream of scalars that nobody need guess.
pub struct Secrets(Shake128Reader);

impl Secrets {
    /// The stream of this seed.
    pub fn new(seed: u8) -> Self {
        let mut hasher = Shake128::default();
        hasher.update(&[seed]);
        Self(hasher.finalize_xof())
    }
    fn scalar(&mut self) -> Scalar {
        let mut bytes = [0; 64];
        self.0.read(&mut bytes);
        Scalar::from_be_bytes_mod_order(&bytes)
    }
    /// The next scalars.
    pub fn scalars(&mut self, count: usize) -> Vec<Scalar> {
        (0..count).map(|_| self.scalar()).collect()
    }
}

/// `<values, G> + blind H`.
fn pedersen(values: &[Scalar], blind: Scalar) -> Affine {
    let points = [&generators().g()[..values.len()], &[generators().h()]].concat();
    msm(&points, &[values, &[blind]].concat()).unwrap().into_affine()
}

/// Matrices in commitment rows: `floor(n / d)` matrix rows side by side, the rest zero.
pub struct Committed {
    /// The matrices.
    pub matrices: Vec<Matrix>,
    rows: Vec<Vec<Scalar>>,
    blinds: Vec<Scalar>,
    /// The points.
    pub points: Vec<Affine>,
}

impl Committed {
    /// Commits to matrices of this shape in rows of n. `blinds` gives as many as there are rows.
    pub fn new(matrices: Vec<Matrix>, n: usize, blinds: impl FnOnce(usize) -> Vec<Scalar>) -> Self {
        let pad = |part: &[Vec<Scalar>]| {
            let mut row = part.concat();
            row.resize(n, Scalar::zero());
            row
        };
        let slots = |matrix: &Matrix| n / matrix[0].len();
        let rows: Vec<_> = matrices.iter().flat_map(|m| m.chunks(slots(m)).map(pad).collect::<Vec<_>>()).collect();
        let blinds = blinds(rows.len());
        let points = rows.iter().zip(&blinds).map(|(row, &blind)| pedersen(row, blind)).collect();
        Self { matrices, rows, blinds, points }
    }
}

/// The prover's side.
struct Naive<'a> {
    instance: &'a Instance<'a>,
    matrices: &'a [Matrix],
    rounded: &'a Rounded,
    weight_rows: usize,
    /// All commitment rows: weights, Y, bits.
    rows: Vec<Vec<Scalar>>,
    y: Vec<Scalar>,
    bits: Vec<Scalar>,
    x: Vec<[Vec<Scalar>; 2]>,
    running: Option<Sumcheck>,
    transcript: Transcript,
    proof: Vec<u8>,
    ledger: Ledger,
    pads: Vec<Scalar>,
}

impl Naive<'_> {
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
    fn shape(&self) -> &Shape {
        self.instance.shape()
    }
    /// `z 2^64 + rem - 2^63`, layer by layer, draw by draw.
    fn h(&self) -> Vec<Scalar> {
        let w = self.instance.profile().fraction_bits as usize;
        let (one, half) = (power_of_two(w), power_of_two(w - 1));
        let z = self.rounded.outputs.iter().flat_map(|outputs| &outputs.z).map(|&z| signed(i128::from(z)));
        z.zip(&self.rounded.rem).map(|(z, &rem)| z * one + Scalar::from(rem) - half).collect()
    }
    /// `weights^T M`.
    fn combine(&self, matrix: usize, weights: &[Scalar]) -> Vec<Scalar> {
        let mut out = vec![Scalar::zero(); self.shape().hidden as usize];
        for (&w, row) in weights.iter().zip(&self.matrices[matrix]) {
            out.iter_mut().zip(row).for_each(|(x, &y)| *x += w * y);
        }
        out
    }
    fn tables(&mut self, sum: Sum<'_>) -> Sumcheck {
        let profile = self.instance.profile();
        let pairs = |count: usize| (0..count).map(|i| (Scalar::from(1_u64), 2 * i, 2 * i + 1)).collect();
        let square = |table: Vec<Scalar>| {
            let variables = log2_ceil(table.len());
            Sumcheck::new(vec![table], variables, Summand::Pairs(vec![(Scalar::from(1_u64), 0, 0)]))
        };
        match sum {
            Sum::Chains { rho, tokens } => {
                let embed = |weights: &Vec<Scalar>| self.combine(0, weights);
                self.x = tokens.iter().map(|pair| pair.each_ref().map(embed)).collect();
                let (slots, (rows, columns)) =
                    (self.shape().slots(profile), huref_circuits::security::position_variables(self.shape(), profile));
                let mut tables = Vec::new();
                let terms = self.shape().terms();
                for (term, x) in self.x.iter().flat_map(|x| terms.iter().map(move |term| (term, x))) {
                    for (side, x) in [term.left, term.right].into_iter().zip(x) {
                        let mut table = vec![Scalar::zero(); 1 << (rows + columns)];
                        for i in 0..term.positions {
                            let row = &self.matrices[side.matrix][self.shape().row_of(side.wiring, i)];
                            table[((i / slots) << columns) + i % slots] = dot(row, x);
                        }
                        tables.push(table);
                    }
                }
                let pairs = rho.iter().enumerate().map(|(t, &rho)| (rho, 2 * t, 2 * t + 1)).collect();
                Sumcheck::new(tables, rows + columns, Summand::Pairs(pairs))
            }
            Sum::MatrixVector { beta, mix, sides } => {
                let slots = self.shape().slots(profile);
                let mut tables: Vec<_> =
                    sides.iter().map(|side| self.combine(side.matrix, &side.rows(self.shape(), slots))).collect();
                tables.extend([0, 1].map(|which| {
                    let entry = |l: usize| mix.iter().zip(&self.x).map(|(&f, pair)| f * pair[which][l]).sum();
                    (0..self.shape().hidden as usize).map(entry).collect()
                }));
                let pairs = beta
                    .iter()
                    .take(sides.len())
                    .enumerate()
                    .map(|(m, &beta)| (beta, m, sides.len() + m % 2))
                    .collect();
                Sumcheck::new(tables, log2_ceil(self.shape().hidden as usize), Summand::Pairs(pairs))
            }
            Sum::Booleanity { tau } => {
                Sumcheck::new(vec![eq_table(tau), self.bits.clone()], tau.len(), Summand::Booleanity)
            }
            Sum::Squares { theta } => {
                let (norms, scales) = theta.split_at(self.rounded.norms.len());
                let repeat = |theta: &[Scalar], n: usize| -> Vec<Scalar> {
                    theta.iter().flat_map(|&x| std::iter::repeat_n(x, n)).collect()
                };
                let factor = [repeat(norms, profile.entries()), repeat(scales, profile.outputs as usize)].concat();
                let q: Vec<Scalar> = self.rounded.q.iter().map(|&q| signed(i128::from(q))).collect();
                let y = [q, self.h()].concat();
                let variables = log2_ceil(y.len());
                Sumcheck::new(vec![factor, y], variables, Summand::WeightedSquare)
            }
            Sum::Activations { .. } | Sum::Vectors { .. } | Sum::Rows { .. } | Sum::Columns { .. } => {
                panic!("this prover knows linear fingerprints alone")
            }
            Sum::Projection => square(self.y.clone()),
            Sum::Claims { claims, gammas } => {
                let batch = Batch::new(self.instance, claims, gammas);
                let (slots, n) = (self.shape().slots(profile), profile.n());
                let mut weights: Vec<Vec<Scalar>> = Vec::new();
                let [(all_rows, all_columns)] = batch.all.as_slice() else { panic!("one claim about all rows") };
                for matrix in &batch.matrices {
                    for row in matrix.chunks(slots) {
                        let columns = row.iter().flat_map(|&w| claims.columns.iter().map(move |&c| w * c));
                        let all = all_rows[weights.len()];
                        let padded = columns.chain(std::iter::repeat(Scalar::zero())).zip(all_columns);
                        weights.push(padded.map(|(w, &c)| w + all * c).collect());
                    }
                }
                assert_eq!(weights.len(), self.weight_rows);
                weights.extend(batch.y.chunks(n).chain(batch.bits.chunks(n)).map(<[Scalar]>::to_vec));
                let tables: Vec<_> =
                    weights.into_iter().zip(&self.rows).flat_map(|(w, row)| [w, row.clone()]).collect();
                let count = tables.len() / 2;
                Sumcheck::new(tables, profile.log_n as usize, Summand::Pairs(pairs(count)))
            }
        }
    }
}

impl Side for Naive<'_> {
    type Error = Rejected;
    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
    fn challenge(&mut self) -> Result<Scalar, Rejected> {
        self.transcript.challenge()
    }
    fn secret(&mut self, question: Question<'_>) -> Result<Sent, Rejected> {
        let running = || self.running.as_ref().unwrap();
        let value = match question {
            Question::Bits(weights, constant) => weights.dot(self.bits.len(), |i| self.bits[i]) - constant,
            Question::Y(weights) => weights.dot(self.y.len(), |i| self.y[i]),
            Question::Round(x) => running().at(x),
            Question::End(table) => running().end(table),
            Question::Norm(t) => Scalar::from(self.rounded.norms[t]),
            Question::Scale(g) => {
                let m = self.instance.profile().outputs as usize;
                self.h()[g * m..][..m].iter().map(Field::square).sum()
            }
            Question::Activations(_)
            | Question::TermScale(_)
            | Question::ScaledNorm(_)
            | Question::VectorSquares(_)
            | Question::Inner(..)
            | Question::Excess(_) => panic!("this prover knows linear fingerprints alone"),
            Question::ProjectionSquares => self.y.iter().map(Field::square).sum(),
        };
        let pad = self.ledger.next();
        let masked = value + self.pads[pad];
        self.scalar(masked);
        Ok(Sent { masked, pad })
    }
    fn begin(&mut self, sum: Sum<'_>) -> Result<(), Rejected> {
        self.running = Some(self.tables(sum));
        Ok(())
    }
    fn bind(&mut self, challenge: Scalar) {
        self.running.as_mut().unwrap().bind(challenge);
    }
}

/// Y as integers, if it is small.
fn small(y: &[Scalar]) -> Option<Vec<i64>> {
    let one = |x: Scalar| i64::try_from(u64::try_from(num_bigint::BigUint::from(x)).ok()?).ok();
    y.iter().map(|&x| one(x).or_else(|| one(-x).map(|x| -x))).collect()
}

/// Proves the statement about these matrices. Where Y is not small its bits are those of 0: the lie that is left.
pub fn prove(
    committed: &Committed,
    statement: &Statement,
    sketches: &[Vec<BigInt>],
    rounded: &Rounded,
    secrets: &mut Secrets,
) -> Vec<u8> {
    let instance = Instance::new(statement).unwrap();
    let profile = statement.profile;
    let (n, projection) = (profile.n(), profile.projection as usize);
    let Ledger { used: count, triples, .. } = relations::pads(&instance).unwrap();
    let mut pads = secrets.scalars(count);
    triples.iter().for_each(|&[i, j, k]| pads[k] = pads[i] * pads[j]);
    let pad_blind = secrets.scalar();
    let mut side = Naive {
        instance: &instance,
        matrices: &committed.matrices,
        rounded,
        weight_rows: committed.rows.len(),
        rows: committed.rows.clone(),
        y: Vec::new(),
        bits: Vec::new(),
        x: Vec::new(),
        running: None,
        transcript: Transcript::new(statement.profile.protocol, &statement_bytes(statement)),
        proof: Vec::new(),
        ledger: Ledger::default(),
        pads,
    };
    let mut blinds = committed.blinds.clone();
    let mut commit = |side: &mut Naive<'_>, flat: &[Scalar], secrets: &mut Secrets| {
        for part in flat.chunks(n) {
            let mut row = part.to_vec();
            row.resize(n, Scalar::zero());
            blinds.push(secrets.scalar());
            side.point(pedersen(&row, blinds[blinds.len() - 1]));
            side.rows.push(row);
        }
    };
    side.point(pedersen(&side.pads, pad_blind));

    // Y = A W C^T
    let seed = side.challenge().unwrap();
    let a = Ternary::new(seed, b"A", projection, committed.rows.len());
    let c = Ternary::new(seed, b"C", projection, n);
    let c_rows: Vec<Vec<i8>> = {
        let all: Vec<i8> = c.entries().collect();
        all.chunks(n).map(<[i8]>::to_vec).collect()
    };
    let times = |c: i8, x: Scalar| match c {
        1 => x,
        -1 => -x,
        _ => Scalar::zero(),
    };
    let wc: Vec<Vec<Scalar>> = committed
        .rows
        .iter()
        .map(|row| c_rows.iter().map(|c| c.iter().zip(row).map(|(&c, &x)| times(c, x)).sum()).collect())
        .collect();
    let a_entries: Vec<i8> = a.entries().collect();
    for a in a_entries.chunks(committed.rows.len()) {
        for j in 0..projection {
            side.y.push(a.iter().zip(&wc).map(|(&a, row)| times(a, row[j])).sum());
        }
    }
    let y = side.y.clone();
    commit(&mut side, &y, secrets);
    let seed = side.challenge().unwrap();
    let d = Ternary::new(seed, b"D", profile.projection_z as usize, projection.pow(2));
    let integers = small(&y).unwrap_or_else(|| vec![0; y.len()]);
    let mut bits = bit_string(&instance, sketches, rounded.into(), &integers, &d).unwrap();
    bits.resize(instance.layout.rows * n, Scalar::zero());
    commit(&mut side, &bits, secrets);
    side.bits = bits;

    let FinalClaim { eq, rows, value } = relations::run(&mut side, &instance, Ternaries { a, c, d }).unwrap();
    let mut row = vec![Scalar::zero(); n];
    for (&w, values) in rows.iter().zip(&side.rows) {
        row.iter_mut().zip(values).for_each(|(x, &v)| *x += w * v);
    }
    let row_blind = dot(&rows, &blinds);

    let (mu, nu) = (side.challenge().unwrap(), side.challenge().unwrap());
    let lambda = combine_zeros(&side.ledger, mu);
    let (x_s, x_v, b) = (secrets.scalars(count), secrets.scalars(n), secrets.scalars(4));
    let pads = side.pads.clone();
    let t_1 = combine_triples(&side.ledger, nu, |[i, j, k]| pads[i] * x_s[j] + pads[j] * x_s[i] - x_s[k]);
    let t_0 = combine_triples(&side.ledger, nu, |[i, j, _]| x_s[i] * x_s[j]);
    [pedersen(&x_s, b[0]), pedersen(&x_v, b[1]), pedersen(&[t_1], b[2]), pedersen(&[t_0], b[3])]
        .into_iter()
        .for_each(|point| side.point(point));
    side.scalar(lambda.linear(&x_s));
    side.scalar(dot(&eq, &x_v) - value.linear(&x_s));
    let e = side.challenge().unwrap();
    pads.iter().zip(&x_s).for_each(|(&s, &x)| side.scalar(e * s + x));
    [e * pad_blind + b[0], e * row_blind + b[1], e * b[2] + b[3]].into_iter().for_each(|x| side.scalar(x));
    let u = side.challenge().unwrap();
    let masked = row.iter().zip(&x_v).map(|(&v, &x)| e * v + x).collect();
    let mut folding = Folding::new(generators(), u, masked, eq);
    for _ in 0..profile.log_n {
        let (left, right) = folding.cross();
        side.point(left);
        side.point(right);
        let x = side.challenge().unwrap();
        folding.fold(x);
    }
    side.scalar(folding.last());
    side.proof
}
