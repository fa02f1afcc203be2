//! What a consistent liar keeps in mind: the challenges so far, the values sent, the running sumcheck and the value that it
//! must end in. With these a [`Lie`] can choose the one answer that moves its lie to the next check.

use ark_ff::{Field, Zero};
use huref_circuits::{
    curve::Scalar,
    hidden::OnHidden,
    instance::Instance,
    pads::Form,
    poly::lagrange,
    prover::{liar::Liar, witness::Witness},
    side::{Question, Sum},
};
use std::cell::Cell;

thread_local! {
    /// A square root did not exist: the trial is repeated with other randomness.
    pub static RETRY: Cell<bool> = const { Cell::new(false) };
}

/// A square root, if there is one; otherwise the trial is repeated.
pub fn root(x: Scalar) -> Scalar {
    x.sqrt().unwrap_or_else(|| {
        RETRY.set(true);
        Scalar::zero()
    })
}

/// What a sumcheck sums, owned.
#[derive(Clone, Debug)]
pub enum Summand {
    /// `sum_i rho^i A_i B_i`.
    Chains(Vec<Scalar>),
    /// `sum_m beta^m V_m x_(m mod 2)`: powers of beta of the sides.
    MatrixVector(Vec<Scalar>),
    /// `eq b (b - 1)`.
    Booleanity,
    /// `factor y^2`.
    Squares,
    /// `mu t U`: mu, of which the variables are bound so far.
    Activations(Vec<Scalar>),
    /// `sum_l delta^l f'_l^2`.
    Vectors,
    /// `Y^2`.
    Projection,
    /// `F_m sum_j (den Delta_m^2 - num (alpha W_m)^2)` over rows: F, of which the variables are bound so far.
    Rows(Vec<Scalar>),
    /// ... and over columns, with this F.
    Columns(Scalar),
    /// The batched claims.
    Claims,
}

/// A value that is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The sketches at a random point.
    Sketches,
    /// The running sumcheck's polynomial at a point.
    Round(u64),
    /// Table i of the running sumcheck at its end.
    End(usize),
    /// `N_i`.
    Norm(usize),
    /// `V_g`.
    Scale(usize),
    /// `a_t`.
    TermScale(usize),
    /// `a_t N_t`.
    ScaledNorm(usize),
    /// What term t encodes to, `H_t`.
    Encoded(usize),
    /// `D_l`.
    VectorSquares(usize),
    /// `G_(v,l)`.
    Inner(usize, usize),
    /// `Y` at a random point.
    Projected,
    /// `Z` at a random point.
    Combined,
    /// A weighted sum of activations; the sum of the weights.
    Activations(Scalar),
    /// `sum Y^2`.
    ProjectionSquares,
    /// `d`; the weight of block 0.
    Excess(Scalar),
}

/// The notes of a liar.
#[derive(Default)]
pub struct Book {
    /// All challenges.
    pub drawn: Vec<Scalar>,
    /// All values sent, as they were sent.
    pub sent: Vec<(Message, Scalar)>,
    /// The running sumcheck.
    pub sum: Option<Summand>,
    /// What its polynomial must sum up to now.
    pub claim: Scalar,
    /// Rounds of it that are over.
    pub rounds: usize,
    round: Vec<Scalar>,
}

impl Book {
    /// The last n challenges.
    pub fn last(&self, n: usize) -> &[Scalar] {
        &self.drawn[self.drawn.len() - n..]
    }

    fn start(&self, sum: &Sum<'_>) -> (Summand, Scalar) {
        let last = self.sent.last().map_or(Scalar::zero(), |&(_, value)| value);
        let of = |kind: fn(&Message) -> bool| self.sent.iter().filter(move |(m, _)| kind(m)).map(|&(_, value)| value);
        let weighted = |weights: &[Scalar], kind| weights.iter().zip(of(kind)).map(|(&w, x)| w * x).sum();
        match sum {
            Sum::Chains { rho, .. } => (Summand::Chains(rho.to_vec()), last),
            // the ends of the chains are the only ones so far
            Sum::MatrixVector { beta, sides, .. } => {
                (Summand::MatrixVector(beta[..sides.len()].to_vec()), weighted(beta, |m| matches!(m, Message::End(_))))
            }
            Sum::Booleanity { .. } => (Summand::Booleanity, Scalar::zero()),
            Sum::Squares { theta } => {
                (Summand::Squares, weighted(theta, |m| matches!(m, Message::Norm(_) | Message::Scale(_))))
            }
            Sum::Activations { mu } => {
                // s1, and lambda s2: its last challenge
                let sent: Vec<Scalar> = of(|m| matches!(m, Message::Activations(_))).collect();
                (Summand::Activations(places(mu)), sent[0] + self.drawn[self.drawn.len() - 1] * sent[1])
            }
            Sum::Vectors { delta } => (Summand::Vectors, weighted(delta, |m| matches!(m, Message::VectorSquares(_)))),
            Sum::Projection => (Summand::Projection, last),
            Sum::Rows { factors } => {
                let mut table = factors.to_vec();
                table.resize(factors.len().next_power_of_two(), Scalar::zero());
                (Summand::Rows(table), last)
            }
            Sum::Columns { factor } => (Summand::Columns(*factor), self.claim),
            Sum::Claims { .. } => (Summand::Claims, Scalar::zero()),
        }
    }
}

/// Whether a message is a weighted sum of bits.
fn of_bits(message: &Message) -> bool {
    matches!(message, Message::Sketches | Message::Encoded(_))
}

/// The sum of weights over the places of hidden sums.
fn places(mu: &[OnHidden; 2]) -> Vec<Scalar> {
    let inside = mu[0].inside.len().max(mu[1].inside.len()).next_power_of_two();
    let mut table = vec![Scalar::zero(); mu[0].layers.len().next_power_of_two() * inside];
    for OnHidden { layers, inside: weights } in mu {
        for (layer, places) in layers.iter().zip(table.chunks_mut(inside)) {
            places.iter_mut().zip(weights).for_each(|(place, weight)| *place += layer * weight);
        }
    }
    table
}

/// One lie. Honest until a method is overridden.
pub trait Lie {
    /// What is sent in place of the honest value. `end(i)` is what table i of the running sumcheck ended in.
    fn message(&mut self, _: Message, honest: Scalar, _: &Book, _: &dyn Fn(usize) -> Scalar) -> Scalar {
        honest
    }
    /// See [`Liar::pads`].
    fn pads(&mut self, _: &mut [Scalar], _: &[[usize; 3]]) {}
    /// See [`Liar::projection`].
    fn projection(&mut self, _: &mut [i64]) {}
    /// See [`Liar::bits`].
    fn bits(&mut self, _: &mut [Scalar], _: &Instance<'_>) {}
    /// See [`Liar::opening`].
    fn opening(&mut self, _: &mut [Scalar], _: &Form, _: Scalar) {}
}

/// A liar with a book.
pub struct Consistent {
    book: Book,
    lie: Box<dyn Lie>,
}

impl Consistent {
    /// Tells this lie.
    pub fn new(lie: Box<dyn Lie>) -> Self {
        Self { book: Book::default(), lie }
    }

    fn name(&self, question: Question<'_>) -> Message {
        match question {
            // the first of these is the sketches at a random point
            Question::Bits(..) => match self.book.sent.iter().filter(|(m, _)| of_bits(m)).count() {
                0 => Message::Sketches,
                before => Message::Encoded(before - 1),
            },
            Question::Round(x) => Message::Round(x),
            Question::End(i) => Message::End(i),
            Question::Norm(t) => Message::Norm(t),
            Question::Scale(g) => Message::Scale(g),
            Question::TermScale(t) => Message::TermScale(t),
            Question::ScaledNorm(t) => Message::ScaledNorm(t),
            Question::VectorSquares(l) => Message::VectorSquares(l),
            Question::Inner(v, l) => Message::Inner(v, l),
            Question::ProjectionSquares => Message::ProjectionSquares,
            Question::Excess(weights) => Message::Excess(weights.first().copied().unwrap_or_default()),
            Question::Activations(mu) => {
                Message::Activations(mu.layers.iter().sum::<Scalar>() * mu.inside.iter().sum::<Scalar>())
            }
            Question::Y(_) if self.book.sent.iter().any(|(m, _)| *m == Message::Projected) => Message::Combined,
            Question::Y(_) => Message::Projected,
        }
    }
}

impl Liar for Consistent {
    fn pads(&mut self, pads: &mut [Scalar], triples: &[[usize; 3]]) {
        self.lie.pads(pads, triples);
    }

    fn projection(&mut self, y: &mut [i64]) {
        self.lie.projection(y);
    }

    fn bits(&mut self, bits: &mut [Scalar], instance: &Instance<'_>) {
        self.lie.bits(bits, instance);
    }

    fn challenge(&mut self, challenge: Scalar) {
        self.book.drawn.push(challenge);
    }

    fn begin(&mut self, sum: &Sum<'_>) {
        let (summand, claim) = self.book.start(sum);
        self.book.sum = Some(summand);
        (self.book.claim, self.book.rounds) = (claim, 0);
    }

    fn answer(&mut self, question: Question<'_>, witness: &Witness<'_>) -> Scalar {
        let end = |i| witness.answer(Question::End(i));
        let name = self.name(question);
        let value = self.lie.message(name, witness.answer(question), &self.book, &end);
        self.book.sent.push((name, value));
        if let Question::Round(_) = question {
            self.book.round.push(value);
        }
        value
    }

    fn bind(&mut self, challenge: Scalar) {
        let mut values = std::mem::take(&mut self.book.round);
        values.insert(1, self.book.claim - values[0]);
        let weights = lagrange(values.len() - 1, challenge);
        self.book.claim = weights.iter().zip(&values).map(|(&w, &v)| w * v).sum();
        self.book.rounds += 1;
        if let Some(Summand::Activations(table) | Summand::Rows(table)) = &mut self.book.sum {
            let high = table.split_off(table.len() / 2);
            table.iter_mut().zip(high).for_each(|(low, high)| *low += challenge * (high - *low));
        }
    }

    fn opening(&mut self, pads: &mut [Scalar], value: &Form, opened: Scalar) {
        self.lie.opening(pads, value, opened);
    }
}
