//! The prover's answers: what the witness says to each question, and the tables of each sumcheck.

use crate::{
    curve::Scalar,
    drift::Drift,
    hidden::{self, OnHidden, by_layer},
    instance::Instance,
    layout::RowWeights,
    network::Network,
    poly::{log2_ceil, signed},
    prover::{
        claims::Batch,
        drift::{Measured, Rows},
        gram::{Bits, Embedding, Gram, Opening},
        known::Known,
        nearness::Compared,
        passes,
        rows::rows_of,
        sumcheck::{Sumcheck, Summand},
        weights::Weights,
    },
    side::{Question, Sum},
    statement::Wiring,
};
use ark_ff::{AdditiveGroup, Field, One, Zero};
use num_bigint::{BigInt, Sign};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Everything secret that the relations speak about.
pub struct Witness<'a> {
    /// Public side.
    pub instance: &'a Instance<'a>,
    /// Committed weights, of one model or two.
    models: Vec<&'a Weights>,
    /// The integers behind the statement.
    pub known: Known<'a>,
    /// The bit string.
    pub bits: Zeroizing<Vec<Scalar>>,
    /// Y, flat.
    pub y: Zeroizing<Vec<i64>>,
    /// The running sumcheck.
    running: Option<Running<'a>>,
    /// `X^T` times the weights of the tokens in each draw.
    x: Vec<[Vec<Scalar>; 2]>,
    /// For each side of each term: its weighted rows.
    pieces: Vec<(usize, Vec<Piece>)>,
}

/// A sumcheck, over tables, over the rows of two models, or of all claims.
enum Running<'a> {
    Tables(Sumcheck),
    Opening(Opening<'a>),
    Rows(Rows<'a>),
}

impl From<Sumcheck> for Running<'_> {
    fn from(tables: Sumcheck) -> Self {
        Self::Tables(tables)
    }
}

impl Running<'_> {
    fn at(&self, x: u64) -> Scalar {
        match self {
            Self::Tables(tables) => tables.at(x),
            Self::Opening(opening) => opening.at(x),
            Self::Rows(rows) => rows.at(x),
        }
    }

    fn bind(&mut self, r: Scalar) {
        match self {
            Self::Tables(tables) => tables.bind(r),
            Self::Opening(opening) => opening.bind(r),
            Self::Rows(rows) => rows.bind(r),
        }
    }

    /// What rows ended in.
    fn rows(&mut self) -> Option<[Vec<Scalar>; 2]> {
        match self {
            Self::Tables(_) | Self::Opening(_) => None,
            Self::Rows(rows) => Some(rows.ends()),
        }
    }

    /// What a table ended in; rows have none, and nobody asks of claims.
    fn end(&self, table: usize) -> Option<Scalar> {
        match self {
            Self::Tables(tables) => Some(tables.end(table)),
            Self::Rows(_) | Self::Opening(_) => None,
        }
    }
}

/// A part of `(row weights)^T M`: commitment rows combined to one, still n wide, and weights of its slots.
struct Piece {
    row: Vec<Scalar>,
    slots: Vec<Scalar>,
}

impl<'a> Witness<'a> {
    /// A witness before the first question.
    #[must_use]
    pub fn new(
        instance: &'a Instance<'a>,
        models: Vec<&'a Weights>,
        known: Known<'a>,
        bits: Vec<Scalar>,
        y: Vec<i64>,
    ) -> Self {
        let (bits, y) = (bits.into(), y.into());
        Self { instance, models, known, bits, y, running: None, x: Vec::new(), pieces: Vec::new() }
    }

    /// The answer to a question.
    #[must_use]
    pub fn answer(&self, question: Question<'_>) -> Scalar {
        let running = || self.running.as_ref().expect("a sumcheck is running");
        match question {
            Question::Bits(weights, constant) => weights.dot(self.bits.len(), |i| self.bits[i]) - constant,
            Question::Y(weights) => weights.dot(self.y.len(), |i| signed(i128::from(self.y[i]))),
            Question::Round(x) => running().at(x),
            Question::End(table) => running().end(table).expect("it has tables"),
            Question::Norm(t) => match self.known.rounded() {
                Some(rounded) => Scalar::from(rounded.norms[t]),
                None => Scalar::from(self.compared().norms[t]),
            },
            Question::Scale(g) => {
                let m = self.instance.profile().outputs as usize;
                self.multiples().skip(g * m).take(m).map(|h| h.square()).sum()
            }
            Question::TermScale(t) => Scalar::from(self.compared().scales[t]),
            Question::ScaledNorm(t) => integer(&self.compared().products[t]),
            Question::VectorSquares(l) => integer(&self.compared().squares[l]),
            Question::Inner(v, l) => integer(&self.compared().inner[v][l]),
            Question::Activations(mu) => {
                let [t, u] = self.activations();
                self.on_hidden(mu).zip(t.iter().zip(&u)).map(|(mu, (&t, &u))| mu * t * u).sum()
            }
            Question::Excess(weights) => {
                let (drift, measured) = self.drift();
                measured.excess(drift).into_iter().zip(weights).map(|(excess, weight)| signed(excess) * weight).sum()
            }
            Question::ProjectionSquares => self.y.iter().map(|&y| signed(i128::from(y)).square()).sum(),
        }
    }

    /// `h` of all layers; none where no vector is published.
    fn multiples(&self) -> impl Iterator<Item = Scalar> {
        let profile = self.instance.profile();
        self.known.rounded().into_iter().flat_map(|rounded| rounded.multiples(profile)).map(signed)
    }

    fn weights(&self) -> &'a Weights {
        self.models[0]
    }

    fn compared(&self) -> &Compared {
        self.known.compared().expect("asked of nearness alone")
    }

    fn drift(&self) -> (&'a Drift, &'a Measured) {
        self.instance.public.drift().zip(self.known.measured()).expect("asked of drift alone")
    }

    /// The commitment rows of two models, the second of which may be public.
    fn both(&self, drift: &'a Drift) -> Vec<&'a [i16]> {
        let width = drift.shape.slots(drift.profile) * drift.shape.hidden as usize;
        let own = self.models.iter().flat_map(|model| &model.matrices).map(|matrix| matrix.entries.as_slice());
        let public = drift.public.iter().flat_map(|model| model.matrices.iter()).map(Vec::as_slice);
        own.chain(public).flat_map(|entries| entries.chunks(width)).collect()
    }

    /// Prepares a sumcheck.
    pub fn begin(&mut self, sum: Sum<'_>) {
        self.running = Some(match sum {
            Sum::Chains { rho, tokens } => self.chains(rho, tokens).into(),
            Sum::MatrixVector { beta, mix, sides } => self.matrix_vector(beta, mix, sides).into(),
            Sum::Booleanity { tau } => Sumcheck::booleanity(tau, &self.bits).into(),
            Sum::Squares { theta } => {
                let profile = self.instance.profile();
                let q = self.known.q();
                let norms = q.len() / profile.entries();
                let y: Vec<Scalar> = q.iter().map(|&q| signed(i128::from(q))).chain(self.multiples()).collect();
                let counts = [(norms, profile.entries()), (theta.len(), profile.outputs as usize)];
                let [of_q, of_h] = counts.map(|(sums, entries)| std::iter::repeat_n(entries, sums));
                let parts = of_q.chain(of_h).zip(theta);
                let factor = parts.flat_map(|(entries, &x)| std::iter::repeat_n(x, entries)).collect();
                let variables = log2_ceil(y.len());
                Sumcheck::new(vec![factor, y], variables, Summand::WeightedSquare).into()
            }
            Sum::Activations { mu: [one, two] } => {
                let mu: Vec<Scalar> = self.on_hidden(one).zip(self.on_hidden(two)).map(|(x, y)| x + y).collect();
                let (variables, [t, u]) = (log2_ceil(mu.len()), self.activations());
                Sumcheck::new(vec![mu, t, u], variables, Summand::Product).into()
            }
            Sum::Vectors { delta } => {
                let m = self.instance.profile().outputs as usize;
                let tables = self.compared().vectors.chunks(m).map(|f| f.iter().map(integer).collect()).collect();
                let pairs = delta.iter().enumerate().map(|(l, &delta)| (delta, l, l)).collect();
                Sumcheck::new(tables, log2_ceil(m), Summand::Pairs(pairs)).into()
            }
            Sum::Projection => square(self.y.iter().map(|&y| signed(i128::from(y))).collect()).into(),
            Sum::Rows { factors } => {
                let (drift, _) = self.drift();
                Running::Rows(Rows::new(drift, self.both(drift), factors))
            }
            Sum::Columns { factor } => {
                let (den, num) = self.drift().0.weights();
                let pairs = vec![(factor * Scalar::from(den), 0, 0), (-factor * Scalar::from(num), 1, 1)];
                let ends = self.running.as_mut().and_then(Running::rows).expect("it follows the rows");
                Sumcheck::new(ends.into(), self.instance.profile().log_n as usize, Summand::Pairs(pairs)).into()
            }
            Sum::Claims { claims, gammas } => {
                Running::Opening(self.opening(&claims.columns, Batch::new(self.instance, claims, gammas)))
            }
        });
    }

    /// Binds a variable of the running sumcheck.
    pub fn bind(&mut self, r: Scalar) {
        self.running.as_mut().expect("a sumcheck is running").bind(r);
    }

    fn network(&self) -> (&Network, usize) {
        let network = self.instance.network.as_ref().expect("it asks about one");
        (network, 1 << hidden::variables(network, 1).1)
    }

    /// Weights over the places of the hidden sums.
    fn on_hidden<'b>(&'b self, mu: &'b OnHidden) -> impl Iterator<Item = Scalar> + 'b {
        let (_, places) = self.network();
        let inside = move || mu.inside.iter().copied().chain(std::iter::repeat(Scalar::zero())).take(places);
        mu.layers.iter().flat_map(move |&layer| inside().map(move |x| layer * x))
    }

    /// Of each hidden sum, its top bit and its rounded value, if it is positive, read off the bits.
    fn activations(&self) -> [Vec<Scalar>; 2] {
        let (network, places) = self.network();
        let (mut tops, mut values) = (Vec::new(), Vec::new());
        for groups in by_layer(network, &self.instance.layout.sums) {
            for (group, placed) in groups.iter().zip(network.hidden()) {
                for run in self.bits[group.start..].chunks(group.width).take(group.count) {
                    let (top, rest) = run.split_last().expect("it has a width");
                    let bits = rest[placed.inner.shift as usize..].iter().rev();
                    tops.push(*top);
                    values.push(bits.fold(Scalar::zero(), |value, bit| value.double() + bit));
                }
            }
            let end = tops.len().next_multiple_of(places);
            tops.resize(end, Scalar::zero());
            values.resize(end, Scalar::zero());
        }
        [tops, values]
    }

    fn chains(&mut self, rho: &[Scalar], tokens: &[[Vec<Scalar>; 2]]) -> Sumcheck {
        let (shape, d) = (self.instance.shape(), self.weights().matrices[0].columns);
        let rows: Vec<&[i16]> = self.weights().matrices[0].entries.chunks(d).collect();
        // few columns are one task
        let embed = |weights: &[Scalar]| passes::combine(&rows, d, weights);
        let pair = |[left, right]: &[Vec<Scalar>; 2]| rayon::join(|| embed(left), || embed(right)).into();
        self.x = tokens.par_iter().map(pair).collect();
        let slots = shape.slots(self.instance.profile());
        let (row_variables, slot_variables) = crate::security::position_variables(shape, self.instance.profile());
        // a matrix is read once, for all draws
        let mut tables = vec![Vec::new(); tokens.len()];
        for term in shape.terms() {
            for (side, which) in [term.left, term.right].into_iter().zip(0..) {
                let x: Vec<&[Scalar]> = self.x.iter().map(|pair| pair[which].as_slice()).collect();
                let rows: Vec<&[i16]> = self.weights().matrices[side.matrix].entries.chunks(d).collect();
                let products = passes::apply(&rows, &x);
                for (tables, draw) in tables.iter_mut().zip(0..) {
                    let mut table = vec![Scalar::zero(); 1 << (row_variables + slot_variables)];
                    for i in 0..term.positions {
                        let row = shape.row_of(side.wiring, i);
                        table[((i / slots) << slot_variables) + i % slots] = products[row * x.len() + draw];
                    }
                    tables.push(table);
                }
            }
        }
        let pairs = rho.iter().enumerate().map(|(i, &rho)| (rho, 2 * i, 2 * i + 1)).collect();
        Sumcheck::new(tables.concat(), row_variables + slot_variables, Summand::Pairs(pairs))
    }

    fn matrix_vector(&mut self, beta: &[Scalar], mix: &[Scalar], sides: &[RowWeights]) -> Sumcheck {
        let (shape, n) = (self.instance.shape(), self.instance.profile().n());
        let (slots, d) = (shape.slots(self.instance.profile()), shape.hidden as usize);
        let pieces = |side: &RowWeights| {
            let entries = &self.weights().matrices[side.matrix].entries;
            match tensor(side, self.instance, slots) {
                Some(high) => {
                    let rows = side.rows(shape, slots);
                    let full = rows.len() / slots;
                    let (whole, rest) = entries.split_at(full * slots * d);
                    let row = combined(whole, slots * d, &high[..full], n);
                    let mut pieces = vec![Piece { row, slots: side.low[..slots].to_vec() }];
                    // a short row has weights of its own: they end where it ends
                    if !rest.is_empty() {
                        pieces.push(Piece { row: small(rest, n), slots: rows[full * slots..].to_vec() });
                    }
                    pieces
                }
                None => low_rank(entries, d, slots, &side.rows(shape, slots), n),
            }
        };
        self.pieces = sides.par_iter().map(|side| (side.matrix, pieces(side))).collect();
        let product = |(_, pieces): &(usize, Vec<Piece>)| {
            let mut v = vec![Scalar::zero(); d];
            for piece in pieces {
                for (row, &weight) in piece.row.chunks(d).zip(&piece.slots) {
                    v.iter_mut().zip(row).for_each(|(v, &x)| *v += weight * x);
                }
            }
            v
        };
        let mut tables: Vec<Vec<Scalar>> = self.pieces.par_iter().map(product).collect();
        let count = tables.len();
        tables.extend([0, 1].map(|which| {
            let mut x = vec![Scalar::zero(); d];
            for (&factor, pair) in mix.iter().zip(&self.x) {
                x.iter_mut().zip(&pair[which]).for_each(|(x, &y)| *x += factor * y);
            }
            x
        }));
        let pairs = beta.iter().take(count).enumerate().map(|(m, &beta)| (beta, m, count + m % 2)).collect();
        Sumcheck::new(tables, log2_ceil(d), Summand::Pairs(pairs))
    }

    fn opening(&mut self, hidden: &[Scalar], batch: Batch) -> Opening<'a> {
        let (shape, profile) = (self.instance.shape(), self.instance.profile());
        let (slots, d, n) = (shape.slots(profile), shape.hidden as usize, profile.n());
        // pieces with the same weights of slots are one
        let mut pieces: Vec<Piece> = Vec::new();
        for (matrix, piece) in
            self.pieces.drain(..).flat_map(|(matrix, pieces)| pieces.into_iter().map(move |piece| (matrix, piece)))
        {
            let row = piece.row.into_par_iter().map(|x| batch.powers[matrix] * x);
            match pieces.iter_mut().find(|other| other.slots == piece.slots) {
                Some(other) => other.row.par_iter_mut().zip(row).for_each(|(sum, x)| *sum += x),
                None => pieces.push(Piece { row: row.collect(), slots: piece.slots }),
            }
        }
        let columns = |weights: &[Scalar]| {
            let mut out: Vec<Scalar> = weights.iter().flat_map(|&w| hidden.iter().map(move |&c| w * c)).collect();
            out.resize(n, Scalar::zero());
            out
        };
        let (bits, other) = match Bits::new(batch.bits, &self.bits, n) {
            Ok(bits) => (Some(bits), Vec::new()),
            Err(weights) => (None, weights),
        };
        let (x, of_x) = (&self.models[0].matrices[0].entries, &batch.matrices[0]);
        let mut embedding = None;
        if of_x.iter().any(|weight| !weight.is_zero()) {
            if bits.is_some() && by_rows(of_x, slots) {
                embedding = Some(Embedding::new(x, of_x, slots, hidden.to_vec(), n));
            } else {
                pieces.extend(low_rank(x, d, slots, of_x, n));
            }
        }
        let mut tables: Vec<Vec<Scalar>> =
            pieces.into_par_iter().flat_map_iter(|piece| [columns(&piece.slots), piece.row]).collect();
        for (rows, columns) in batch.all {
            tables.push(columns);
            tables.push(self.combine_all(&rows));
        }
        let mut y: Vec<Scalar> = self.y.iter().map(|&y| signed(i128::from(y))).collect();
        y.resize(batch.y.len(), Scalar::zero());
        for (weights, values) in [(&batch.y, y.as_slice()), (&other, &self.bits)] {
            let pairs = weights.par_chunks(n).zip(values.par_chunks(n));
            tables.par_extend(pairs.flat_map_iter(|pair| [pair.0, pair.1].map(<[Scalar]>::to_vec)));
        }
        let pairs = (0..tables.len() / 2).map(|i| (Scalar::one(), 2 * i, 2 * i + 1)).collect();
        let tables = Sumcheck::new(tables, profile.log_n as usize, Summand::Pairs(pairs));
        Opening::new(tables, bits.map(|bits| Gram::new(bits, embedding)))
    }

    /// `sum_m weights[m] row_m` over the commitment rows of all weights.
    #[must_use]
    pub fn combine_all(&self, weights: &[Scalar]) -> Vec<Scalar> {
        let rows: Vec<&[i16]> =
            self.models.iter().flat_map(|model| rows_of(&model.matrices, self.instance.profile())).collect();
        passes::combine(&rows, self.instance.profile().n(), weights)
    }
}

/// An integer below P/2 as a field element.
fn integer(x: &BigInt) -> Scalar {
    let size = Scalar::from(x.magnitude().clone());
    if x.sign() == Sign::Minus { -size } else { size }
}

fn square(table: Vec<Scalar>) -> Sumcheck {
    let variables = log2_ceil(table.len());
    Sumcheck::new(vec![table], variables, Summand::Pairs(vec![(Scalar::one(), 0, 0)]))
}

fn combined(entries: &[i16], width: usize, weights: &[Scalar], n: usize) -> Vec<Scalar> {
    passes::combine(&entries.chunks(width).collect::<Vec<_>>(), n, weights)
}

/// A commitment row as it is.
fn small(entries: &[i16], n: usize) -> Vec<Scalar> {
    let mut row: Vec<Scalar> = entries.iter().map(|&w| Scalar::from(w)).collect();
    row.resize(n, Scalar::zero());
    row
}

/// The row part of the weights, where they are a product of a row part and a slot part: always without grouping, and with
/// it when a head is a whole number of commitment rows.
fn tensor(side: &RowWeights, instance: &Instance<'_>, slots: usize) -> Option<Vec<Scalar>> {
    let shape = instance.shape();
    match side.wiring {
        Wiring::Same => Some(side.high.to_vec()),
        Wiring::Grouped if shape.heads == shape.kv_heads => Some(side.high.to_vec()),
        Wiring::Grouped if (shape.head_dim as usize).is_multiple_of(slots) => {
            let mut high = vec![Scalar::zero(); shape.kv_rows() / slots];
            for (m, &weight) in side.high.iter().enumerate().take(side.positions / slots) {
                high[shape.row_of(Wiring::Grouped, m * slots) / slots] += weight;
            }
            Some(high)
        }
        Wiring::Grouped => None,
    }
}

/// Has a matrix with so many rows fewer commitment rows than these have slots?
const fn by_rows(weights: &[Scalar], slots: usize) -> bool {
    weights.len().div_ceil(slots) <= slots
}

/// Any row weights: one piece for each commitment row, or one for each slot, whichever are fewer.
fn low_rank(entries: &[i16], d: usize, slots: usize, weights: &[Scalar], n: usize) -> Vec<Piece> {
    let width = slots * d;
    if by_rows(weights, slots) {
        let rows = entries.par_chunks(width).zip(weights.par_chunks(slots));
        return rows.map(|(row, slots)| Piece { row: small(row, n), slots: slots.to_vec() }).collect();
    }
    (0..slots)
        .map(|slot| {
            let these: Vec<Scalar> = weights.chunks(slots).map(|w| w.get(slot).copied().unwrap_or_default()).collect();
            let mut one = vec![Scalar::zero(); slots];
            one[slot] = Scalar::one();
            Piece { row: combined(entries, width, &these, n), slots: one }
        })
        .collect()
}
