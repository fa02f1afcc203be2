//! How far: the integers behind a statement of drift, and its sum of squares over rows (proofs/spec/drift.md).

use crate::{
    curve::Scalar,
    drift::{Drift, Limit, MAX_EXPONENT, Partition, RESOLUTION, factors},
    poly::{log2_ceil, signed},
    profile::Profile,
    prover::{exact, failure::Failure, passes},
    statement::Shape,
};
use ark_ff::{AdditiveGroup, Field, Zero};
use rayon::prelude::*;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Inner products of a commitment row of W with itself, with that of W', and of the latter with itself.
type Products = [i64; 3];

/// Sums of squares behind a statement, of each commitment row of one model. Not `Clone` and not `Debug`; it is wiped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Measured {
    products: Vec<Products>,
}

impl Measured {
    /// From the commitment rows of both models, those of W first.
    #[must_use]
    pub fn new(rows: &[&[i16]]) -> Self {
        let (first, second) = rows.split_at(rows.len() / 2);
        let product = |x: &[i16], y: &[i16]| x.iter().zip(y).map(|(&x, &y)| i64::from(x) * i64::from(y)).sum();
        let products =
            first.par_iter().zip(second).map(|(x, y)| [product(x, x), product(x, y), product(y, y)]).collect();
        Self { products }
    }

    /// For each matrix the exponent with which W comes nearest to W', and there `|Delta|^2` and `|alpha W|^2`.
    #[must_use]
    pub fn matrices(&self, profile: &Profile, shape: &Shape) -> Vec<(i8, u128, u128)> {
        let mut rest = self.products.iter();
        let mut best = |rows: usize| {
            let sums = rest.by_ref().take(rows).fold([0_i64; 3], |sums, row| std::array::from_fn(|i| sums[i] + row[i]));
            // the drift relative to alpha W decides; a matrix of zeros is as near as can be
            let drift = |x: i8| squares(x, sums)[0] as f64 / squares(x, sums)[1].max(1) as f64;
            let nearest = |x: &i8, y: &i8| drift(*x).total_cmp(&drift(*y)).then(x.abs().cmp(&y.abs()));
            let exponent = (-MAX_EXPONENT..=MAX_EXPONENT).min_by(nearest).unwrap_or(0);
            let [difference, base] = squares(exponent, sums);
            (exponent, difference as u128, base as u128)
        };
        shape.commitment_rows(profile).into_iter().map(&mut best).collect()
    }

    /// `|Delta|^2` and `|alpha W|^2` of each block, where W is multiplied by `2^x`.
    fn blocks(&self, drift: &Drift) -> Vec<[i128; 2]> {
        let mut blocks = vec![[0; 2]; drift.blocks()];
        for (&products, row) in self.products.iter().zip(drift.rows()) {
            let Some((exponent, block)) = row else { continue };
            let [difference, base] = squares(exponent, products);
            blocks[block][0] += difference;
            blocks[block][1] += base;
        }
        blocks
    }

    /// The least b for which the relative statement holds.
    ///
    /// # Errors
    /// [`Failure::Weights`] if there is none: a block differs by more than its own norm.
    pub fn least(&self, drift: &Drift) -> Result<u32, Failure> {
        let least = |[difference, base]: [i128; 2]| {
            let square = (difference << (2 * RESOLUTION)) as u128;
            let base = base as u128;
            let root = square.checked_div(base).map_or(if square == 0 { 0 } else { u128::MAX }, u128::isqrt);
            // rounded up
            if root == u128::MAX || root * root * base >= square { root } else { root + 1 }
        };
        let widest = self.blocks(drift).into_iter().enumerate().map(|(block, sums)| (least(sums).max(1), block)).max();
        match widest {
            Some((b, _)) if b <= 1 << RESOLUTION => Ok(b as u32),
            Some((_, block)) => Err(Failure::Weights(format!(
                "{} differs by more than its own size: nothing can be said of it: leave it out",
                named(drift, block)
            ))),
            None => Err(Failure::Weights("no matrix is spoken of".into())),
        }
    }

    /// `|Delta|^2` of each block.
    #[must_use]
    pub fn differences(&self, drift: &Drift) -> Vec<u128> {
        self.blocks(drift).into_iter().map(|[difference, _]| difference as u128).collect()
    }

    /// Whether the statement is true.
    ///
    /// # Errors
    /// [`Failure::Weights`] names the first block that is beyond its bound.
    pub fn check(&self, drift: &Drift) -> Result<(), Failure> {
        let limit = |block: usize| match &drift.limit {
            Limit::Relative(_) => 0,
            Limit::Absolute(limits) => limits[block] as i128,
        };
        match self.excess(drift).into_iter().enumerate().find(|&(block, excess)| excess > limit(block)) {
            Some((block, _)) => {
                Err(Failure::Weights(format!("{} differs by more than the bound", named(drift, block))))
            }
            None => Ok(()),
        }
    }

    /// `den |Delta|^2 - num |alpha W|^2` of each block.
    #[must_use]
    pub fn excess(&self, drift: &Drift) -> Vec<i128> {
        let (den, num) = drift.weights();
        let excess = |[difference, base]: [i128; 2]| i128::from(den) * difference - i128::from(num) * base;
        self.blocks(drift).into_iter().map(excess).collect()
    }
}

/// `|alpha x - beta y|^2` and `|alpha x|^2` from the inner products.
fn squares(exponent: i8, [xx, xy, yy]: Products) -> [i128; 2] {
    let (alpha, beta) = factors(exponent);
    let (alpha, beta) = (i128::from(alpha), i128::from(beta));
    let [xx, xy, yy] = [xx, xy, yy].map(i128::from);
    [alpha * alpha * xx - 2 * alpha * beta * xy + beta * beta * yy, alpha * alpha * xx]
}

/// What a block is called in a message.
fn named(drift: &Drift, block: usize) -> String {
    let rows = drift.shape.commitment_rows(drift.profile);
    let mut matrices = rows.into_iter().enumerate().flat_map(|(matrix, rows)| std::iter::repeat_n(matrix, rows));
    let place = drift.rows().iter().position(|row| row.is_some_and(|(_, its)| its == block)).unwrap_or(0);
    let matrix = drift.shape.matrix_name(matrices.nth(place).unwrap_or(0));
    match drift.partition {
        Partition::Rows => format!("a commitment row of {matrix}"),
        Partition::Matrices => matrix,
        Partition::Whole => "the model".into(),
    }
}

/// Variables that Gram matrices of integers bind.
const GRAM_VARIABLES: usize = 6;

/// The sumcheck over rows of `factor_m (den |Delta_m|^2 - num |alpha W_m|^2)`.
///
/// Tables of field elements over all entries would be forty times as large as the models. Rows are numbered (h, l), h the
/// first variables. As long as these are bound, all that is needed are inner products of the rows with the same l, which are
/// integers; then the rows of one l are folded into one, and what is left is small.
pub struct Rows<'a> {
    /// Commitment rows of both models.
    rows: Vec<&'a [i16]>,
    /// `alpha_m` and `beta_m`, 0 for a row that is not spoken of.
    scales: Vec<[i32; 2]>,
    n: usize,
    variables: usize,
    weights: [Scalar; 2],
    factors: Vec<Scalar>,
    /// `eq` of the variables bound so far.
    eq: Zeroizing<Vec<Scalar>>,
    stage: Stage,
    /// What a round is made of: the products of each row with the one that it is folded with.
    pairs: Zeroizing<Vec<[Scalar; 3]>>,
}

enum Stage {
    /// For each l: the inner products of its rows.
    Grams(Vec<Vec<Scalar>>),
    /// For each row that is left: `Delta`, and `alpha W` where it counts.
    Folded([Vec<Vec<Scalar>>; 2]),
}

impl Drop for Rows<'_> {
    fn drop(&mut self) {
        match &mut self.stage {
            Stage::Grams(grams) => grams.zeroize(),
            Stage::Folded(models) => models.iter_mut().for_each(Zeroize::zeroize),
        }
    }
}

impl<'a> Rows<'a> {
    /// Before the first variable is bound.
    #[must_use]
    pub fn new(drift: &Drift, rows: Vec<&'a [i16]>, factors: &[Scalar]) -> Self {
        let scale = |row: Option<(i8, usize)>| {
            let (alpha, beta) = row.map_or((0, 0), |(exponent, _)| self::factors(exponent));
            [alpha as i32, beta as i32]
        };
        let (den, num) = drift.weights();
        let scales: Vec<[i32; 2]> = drift.rows().into_iter().map(scale).collect();
        let variables = log2_ceil(scales.len());
        let mut factors = factors.to_vec();
        factors.resize(1 << variables, Scalar::zero());
        let weights = [Scalar::from(den), Scalar::from(num)];
        let eq = vec![Scalar::from(1_u64)].into();
        let n = drift.profile.n();
        let (stage, pairs) = (Stage::Grams(Vec::new()), Vec::new().into());
        let mut it = Self { rows, scales, n, variables, weights, factors, eq, stage, pairs };
        let high = GRAM_VARIABLES.min(variables);
        let low = 1 << (variables - high);
        let grams = (0..low).map(|l| it.gram(l, low, [den, num].map(i128::from))).collect();
        it.stage = Stage::Grams(grams);
        it.pair();
        it
    }

    /// Rows with the same l: their places among the rows of one model.
    fn group(&self, l: usize, low: usize) -> Vec<usize> {
        (l..self.scales.len()).step_by(low).collect()
    }

    /// `den <Delta_h, Delta_h'> - num <alpha W_h, alpha W_h'>` for all h, h'; 0 beyond the last row.
    fn gram(&self, l: usize, low: usize, [den, num]: [i128; 2]) -> Vec<Scalar> {
        let (group, side, half) = (self.group(l, low), (1 << self.variables) / low, self.scales.len());
        let both: Vec<&[i16]> =
            group.iter().map(|&m| self.rows[m]).chain(group.iter().map(|&m| self.rows[half + m])).collect();
        let vectors: Vec<Vec<i16>> = both.iter().map(|row| row.to_vec()).collect();
        let products = Zeroizing::new(exact::apply(&both, &vectors));
        let (count, mut gram) = (group.len(), vec![Scalar::zero(); side * side]);
        let at = |i: usize, j: usize| i128::from(products[i * 2 * count + j]);
        for (i, &m) in group.iter().enumerate() {
            let [alpha, beta] = self.scales[m].map(i128::from);
            for (j, &k) in group.iter().enumerate() {
                let [alpha_k, beta_k] = self.scales[k].map(i128::from);
                let base = alpha * alpha_k * at(i, j);
                let difference = base - alpha * beta_k * at(i, count + j) - beta * alpha_k * at(count + i, j)
                    + beta * beta_k * at(count + i, count + j);
                gram[i * side + j] = signed(den * difference - num * base);
            }
        }
        gram
    }

    /// The polynomial of this round at x.
    #[must_use]
    pub fn at(&self, x: u64) -> Scalar {
        let x = Scalar::from(x);
        let y = Scalar::from(1_u64) - x;
        let (low, high) = self.factors.split_at(self.factors.len() / 2);
        let factors = low.iter().zip(high).map(|(&low, &high)| y * low + x * high);
        let square =
            |&[low, mixed, high]: &[Scalar; 3]| y.square() * low + (x * y).double() * mixed + x.square() * high;
        factors.zip(self.pairs.iter()).map(|(factor, pair)| factor * square(pair)).sum()
    }

    /// Prepares the next round.
    fn pair(&mut self) {
        let half = self.factors.len() / 2;
        self.pairs = (0..half).into_par_iter().map(|m| self.products(m)).collect::<Vec<_>>().into();
    }

    /// Of the rows m and m + half: the inner products of the first with itself, of both, of the second with itself.
    fn products(&self, m: usize) -> [Scalar; 3] {
        match &self.stage {
            Stage::Grams(grams) => {
                let (h, gram) = (m / grams.len(), &grams[m % grams.len()]);
                let side = gram.len().isqrt();
                let high = h + side / 2;
                [gram[h * side + h], gram[h * side + high], gram[high * side + high]]
            }
            Stage::Folded(models) => {
                let [den, num] = self.weights;
                let half = self.factors.len() / 2;
                let product = |x: usize, y: usize| {
                    let of = |model: &[Vec<Scalar>]| -> Scalar {
                        match (model.get(x), model.get(y)) {
                            (Some(x), Some(y)) => x.iter().zip(y).map(|(&x, y)| x * y).sum(),
                            _ => Scalar::zero(),
                        }
                    };
                    den * of(&models[0]) - num * of(&models[1])
                };
                [product(m, m), product(m, half + m), product(half + m, half + m)]
            }
        }
    }

    /// Binds the most significant variable.
    pub fn bind(&mut self, r: Scalar) {
        let half = self.factors.len() / 2;
        let y = Scalar::from(1_u64) - r;
        let (low, high) = self.factors.split_at_mut(half);
        low.iter_mut().zip(high).for_each(|(l, h)| *l += r * (*h - *l));
        self.factors.truncate(half);
        match &mut self.stage {
            Stage::Grams(grams) => {
                self.eq = Zeroizing::new(self.eq.iter().flat_map(|&e| [e * y, e * r]).collect());
                grams.par_iter_mut().for_each(|gram| {
                    let side = gram.len().isqrt();
                    let half = side / 2;
                    let at = |i: usize, j: usize| gram[i * side + j];
                    let folded = (0..half * half)
                        .map(|place| {
                            let (i, j) = (place / half, place % half);
                            y.square() * at(i, j)
                                + y * r * (at(i, half + j) + at(half + i, j))
                                + r.square() * at(half + i, half + j)
                        })
                        .collect();
                    gram.zeroize();
                    *gram = folded;
                });
                if grams.iter().all(|gram| gram.len() == 1) {
                    let low = grams.len();
                    self.stage = Stage::Folded(self.fold(low));
                }
            }
            Stage::Folded(models) => {
                for model in models {
                    let width = model.first().map_or(0, Vec::len);
                    model.resize(2 * half, vec![Scalar::zero(); width]);
                    let (low, high) = model.split_at_mut(half);
                    low.par_iter_mut().zip(high).for_each(|(low, high)| {
                        low.iter_mut().zip(high.iter()).for_each(|(l, &h)| *l += r * (h - *l));
                        high.zeroize();
                    });
                    model.truncate(half);
                }
            }
        }
        self.pair();
    }

    /// The rows of each l folded into one, of `Delta` and, where it counts, of `alpha W`.
    fn fold(&self, low: usize) -> [Vec<Vec<Scalar>>; 2] {
        let half = self.scales.len();
        let of = |l: usize| {
            let group = self.group(l, low);
            let weight = |which: usize| -> Vec<Scalar> {
                group.iter().zip(self.eq.iter()).map(|(&m, &e)| e * signed(self.scales[m][which].into())).collect()
            };
            let rows = |first: usize| group.iter().map(|&m| self.rows[first + m]).collect::<Vec<_>>();
            let base = passes::combine(&rows(0), self.n, &weight(0));
            let other = passes::combine(&rows(half), self.n, &weight(1));
            let difference: Vec<Scalar> = base.iter().zip(other).map(|(&x, y)| x - y).collect();
            (difference, base)
        };
        let (differences, bases) = (0..low).map(of).unzip();
        [differences, bases]
    }

    /// Both models at the point, once all variables are bound: `Delta` and `alpha W`, n entries each.
    #[must_use]
    pub fn ends(&mut self) -> [Vec<Scalar>; 2] {
        match &mut self.stage {
            // a single row, of which no variable was ever bound
            Stage::Grams(_) => self.fold(1),
            Stage::Folded(models) => std::mem::take(models),
        }
        .map(|mut rows| rows.pop().unwrap_or_default())
    }
}
