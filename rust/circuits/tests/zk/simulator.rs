//! The simulator of the zero-knowledge argument: shape, commitment points and public outputs, no weights, no opening.
//!
//! It chooses the challenges beforehand and everything that is sent at random, and solves the four final checks for the
//! first messages of the Sigma-protocol. Under those challenges the unchanged verifier accepts, for a false z as well, as it
//! must: only who can choose the challenges can do this.

use super::{
    random::Random,
    toy::{self, Toy, drift, generators, kinds, near, verdict},
};
use ark_ec::CurveGroup;
use huref_circuits::{
    commit::{
        open::FinalClaim,
        sigma::{combine_triples, combine_zeros},
    },
    curve::{self, Affine, Scalar},
    drift::{Drift, Limit, Partition},
    error::Rejected,
    instance::Instance,
    multiply::msm,
    nearness::{Answer, Nearness},
    pads::{Ledger, Sent},
    poly::dot,
    profile::{TOY_2, TOY_2_CNN},
    prover::{ipa::Folding, nearness::Reveal},
    public::Public,
    relations::{
        self,
        range::{Ternaries, Ternary},
    },
    side::{Question, Side, Sum},
    statement::Statement,
    switches::programmed,
};

/// The verifier's side of a conversation whose messages are random.
struct Simulator<'a> {
    random: &'a mut Random,
    tape: Vec<Scalar>,
    proof: Vec<u8>,
    ledger: Ledger,
}

impl Simulator<'_> {
    fn point(&mut self, point: Affine) {
        self.proof.extend(curve::encode(&point));
    }
    fn scalar(&mut self, scalar: Scalar) {
        self.proof.extend(curve::scalar_to_bytes(&scalar));
    }
    fn draw(&mut self) -> Scalar {
        self.tape.push(self.random.scalar());
        self.tape[self.tape.len() - 1]
    }
}

impl Side for Simulator<'_> {
    type Error = Rejected;
    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
    fn challenge(&mut self) -> Result<Scalar, Rejected> {
        Ok(self.draw())
    }
    fn secret(&mut self, _: Question<'_>) -> Result<Sent, Rejected> {
        let masked = self.random.scalar();
        self.scalar(masked);
        Ok(Sent { masked, pad: self.ledger.next() })
    }
    fn begin(&mut self, _: Sum<'_>) -> Result<(), Rejected> {
        Ok(())
    }
    fn bind(&mut self, _: Scalar) {}
}

/// `sum_i scalars[i] points[i]`.
fn sum(points: &[Affine], scalars: &[Scalar]) -> Affine {
    msm(points, scalars).unwrap().into_affine()
}

/// `<values, G> + blind H`.
fn pedersen(values: &[Scalar], blind: Scalar) -> Affine {
    let points = [&generators().g()[..values.len()], &[generators().h()]].concat();
    sum(&points, &[values, &[blind]].concat())
}

/// A proof and the challenges under which it is accepted.
pub fn simulate<'a>(statement: impl Into<Public<'a>>, random: &mut Random) -> (Vec<u8>, Vec<Scalar>) {
    let statement = statement.into();
    let instance = Instance::new(statement).unwrap();
    let profile = statement.profile();
    let n = profile.n();
    let pads = relations::pads(&instance).unwrap().used;
    let projection = profile.projection as usize;
    let one = Scalar::from(1_u64);

    // commitments: uniform points
    let pad_point = random.point();
    let y_points = random.points(projection.pow(2).div_ceil(n));
    let bit_points = random.points(instance.layout.rows);
    let (zs, blinds, z_v) = (random.scalars(pads), random.scalars(3), random.scalars(n));
    let t_1 = random.point();

    let mut side = Simulator { random, tape: Vec::new(), proof: Vec::new(), ledger: Ledger::default() };
    side.point(pad_point);
    let seed = side.draw();
    let a = Ternary::new(seed, b"A", projection, statement.commitment().len());
    let c = Ternary::new(seed, b"C", projection, n);
    y_points.iter().for_each(|&point| side.point(point));
    let seed = side.draw();
    let d = Ternary::new(seed, b"D", profile.projection_z as usize, projection.pow(2));
    bit_points.iter().for_each(|&point| side.point(point));
    let FinalClaim { eq, rows, value } = relations::run(&mut side, &instance, Ternaries { a, c, d }).unwrap();

    // the Sigma-protocol backwards: responses first
    let (mu, nu) = (side.draw(), side.draw());
    let lambda = combine_zeros(&side.ledger, mu);
    let e = side.draw();
    let x_s = sum(&[pedersen(&zs, blinds[0]), pad_point], &[one, -e]);
    let committed: Vec<Affine> = statement.commitment().iter().chain(&y_points).chain(&bit_points).copied().collect();
    let x_v = sum(&[pedersen(&z_v, blinds[1]), sum(&committed, &rows)], &[one, -e]);
    let product = combine_triples(&side.ledger, nu, |[i, j, k]| zs[i] * zs[j] - e * zs[k]);
    let t_0 = sum(&[pedersen(&[product], blinds[2]), t_1], &[one, -e]);
    let u_lin = lambda.linear(&zs) + e * lambda.constant;
    let u_open = dot(&eq, &z_v) - e * value.constant - value.linear(&zs);
    [x_s, x_v, t_1, t_0].into_iter().for_each(|point| side.point(point));
    [u_lin, u_open].into_iter().for_each(|scalar| side.scalar(scalar));
    zs.iter().chain(&blinds).for_each(|&scalar| side.scalar(scalar));

    // an honest inner-product argument on the masked row
    let u = side.draw();
    let mut folding = Folding::new(generators(), u, z_v, eq);
    for _ in 0..profile.log_n {
        let (left, right) = folding.cross();
        side.point(left);
        side.point(right);
        let x = side.draw();
        folding.fold(x);
    }
    side.scalar(folding.last());
    (side.proof, side.tape)
}

/// A statement about points that nobody can open, with plausible outputs.
pub fn nobodys(outputs_of: &Toy, random: &mut Random) -> Statement {
    let mut statement = outputs_of.statement(outputs_of.rounded.outputs.clone());
    let rows = statement.commitment.len();
    statement.commitment = random.points(rows);
    statement
}

#[test]
fn accepted_without_a_witness_under_programmed_challenges_only() {
    let mut random = Random::new(1);
    let shapes = [toy::small(), toy::shape(8, 4, 4, 2, 5, 2, 16), toy::shape(200, 2, 1, 4, 7, 1, 16)];
    let [common, own, challenge, both] = kinds();
    let [first, second, third] = &shapes;
    for (shape, draws) in
        [(first, &both), (second, &both), (third, &both), (first, &common), (first, &own), (second, &challenge)]
    {
        for profile in [&TOY_2, &TOY_2_CNN] {
            let toy = Toy::of(profile, draws, toy::weights(shape, 7), [3; 32]);
            let statement = nobodys(&toy, &mut random);
            let mut negated = statement.clone();
            negated.outputs.iter_mut().flat_map(|outputs| &mut outputs.z).for_each(|z| *z = -*z);
            for stated in [statement, negated] {
                let (proof, tape) = simulate(&stated, &mut random);
                assert_eq!(proof.len(), toy.prove(1).1.len(), "as long as a real proof");
                assert_eq!(programmed(&tape, || verdict(&stated, &proof)), Ok(()));
                assert_eq!(verdict(&stated, &proof), Err("linear constraints"), "under the real transcript");
            }
        }
    }
}

/// Nearness discloses the answer alone: a simulator makes a proof of every answer, true or false, and none looks different.
#[test]
fn every_answer_of_nearness_is_simulated() {
    let mut random = Random::new(2);
    let side = near::Side::new(2, 3);
    for (reveal, lie) in [
        (Reveal::Rounded, Answer::Rounded(vec![200; 6])),
        (Reveal::Below(256), Answer::Below(1)),
        (Reveal::AtLeast(1), Answer::AtLeast { cosine: 256, theirs: 2, own: 0 }),
    ] {
        let (mut statement, real) = side.prove(reveal, 1);
        let rows = statement.commitment.len();
        statement.commitment = random.points(rows);
        for answer in [statement.answer.clone(), lie] {
            let stated = Nearness { answer, ..statement.clone() };
            let (proof, tape) = simulate(&stated, &mut random);
            assert_eq!(proof.len(), real.len(), "as long as a real proof");
            assert_eq!(programmed(&tape, || near::verdict(&stated, &proof)), Ok(()));
            assert_eq!(near::verdict(&stated, &proof), Err("linear constraints"), "under the real transcript");
        }
    }
}

/// Drift discloses its bound alone: a simulator makes a proof of every bound, true or false.
#[test]
fn every_bound_of_drift_is_simulated() {
    let mut random = Random::new(3);
    let releases = drift::Releases::new(&toy::small(), 9);
    for (true_one, lie) in [
        (releases.relative(Partition::Rows, false), Limit::Relative(1)),
        (releases.relative(Partition::Matrices, true), Limit::Relative(1)),
        (releases.absolute(Partition::Matrices, false), Limit::Absolute(vec![1 << 12; 7])),
    ] {
        let real = releases.prove(&true_one, &releases.measured(), 1).unwrap();
        let commitment = random.points(true_one.commitment.len());
        let statement = Drift { commitment, ..true_one };
        for limit in [statement.limit.clone(), lie] {
            let stated = Drift { limit, ..statement.clone() };
            let (proof, tape) = simulate(&stated, &mut random);
            assert_eq!(proof.len(), real.len(), "as long as a real proof");
            assert_eq!(programmed(&tape, || drift::verdict(&stated, &proof)), Ok(()));
            assert_eq!(drift::verdict(&stated, &proof), Err("linear constraints"), "under the real transcript");
        }
    }
}
