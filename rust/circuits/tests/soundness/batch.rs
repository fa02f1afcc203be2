//! Batches: the verdict on each proof is the one it has by itself, whatever stands beside it.

use super::toy::{self, Toy, generators};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{One, Zero};
use huref_circuits::{
    batch::{Batch, Undecided},
    curve::{Affine, Projective, Scalar, encode},
    draw::Draw,
    equation::Equation,
    error::Rejected,
    profile::ROBUST_2,
    prover::liar::{Liar, lying},
    statement::Statement,
    verify::{reduce, verify},
};

type Job = (Statement, Vec<u8>);

/// A batch of these proofs.
fn batch(jobs: &[Job], seed: u8) -> Batch<'_> {
    let mut batch = Batch::new(generators(), &[seed; 32]);
    jobs.iter().for_each(|(statement, proof)| batch.add(statement, proof));
    batch
}

/// Batches of one proof each, added up and decided in three shares.
fn shared(jobs: &[Job], seed: u8) -> Vec<Result<(), Rejected>> {
    let batches = jobs.chunks(1).zip(seed..).map(|(job, seed)| batch(job, seed));
    let all = batches.reduce(Batch::and).unwrap_or_else(|| batch(&[], seed));
    all.decide(3, |share| (0..3).map(share).collect()).into_iter().map(Undecided::verdict).collect()
}

/// What the batch says, and what a verification of each proof by itself says.
fn verdicts(jobs: &[Job], seed: u8) -> [Vec<Result<(), Rejected>>; 2] {
    let together = batch(jobs, seed).verdicts().collect();
    assert_eq!(shared(jobs, seed), together, "on many cores");
    [together, jobs.iter().map(|(statement, proof)| verify(statement, proof, generators())).collect()]
}

/// Models of four shapes: grouped queries, two layers, a hidden size that is no power of two, few tokens.
fn honest() -> Vec<Job> {
    [
        toy::small(),
        toy::shape(8, 2, 2, 4, 16, 2, 24),
        toy::shape(5, 3, 1, 2, 7, 1, 12),
        toy::shape(6, 4, 2, 2, 12, 1, 16),
    ]
    .iter()
    .zip(7..)
    .map(|(shape, seed)| {
        Toy::new(&[Draw::Common, toy::OWN], toy::weights(shape, seed), [seed as u8; 32]).prove(seed as u8)
    })
    .collect()
}

/// Bad proofs of every kind: form, ranges, scalars, each of the three equations.
fn bad(good: &Job) -> Vec<Job> {
    let change = |f: &dyn Fn(&mut Job)| {
        let mut job = good.clone();
        f(&mut job);
        job
    };
    vec![
        change(&|(_, proof)| proof.truncate(proof.len() - 1)),
        change(&|(_, proof)| proof.push(0)),
        change(&|(_, proof)| proof.clear()),
        change(&|(_, proof)| proof[..33].fill(0)),
        change(&|(_, proof)| proof.iter_mut().rev().take(32).for_each(|byte| *byte = 0xff)),
        change(&|(_, proof)| *proof.last_mut().unwrap() ^= 1),
        change(&|(_, proof)| proof[33 * 8 + 31] ^= 1),
        change(&|(statement, _)| statement.outputs[0].z[0] += 1),
        change(&|(statement, _)| statement.outputs[1].c[0] = 0),
        change(&|(statement, _)| statement.shape.heads = 5),
        change(&|(statement, _)| _ = statement.commitment.pop()),
        change(&|(statement, _)| statement.commitment[0] = Affine::identity()),
        change(&|(statement, _)| statement.profile = &ROBUST_2),
        moved("pads", Affine::generator()),
        moved("products", Affine::generator()),
        moved("opening", Affine::generator()),
    ]
}

/// Moves one of the points X_s, X_v, T_1, T_0 before it is sent, and is honest otherwise.
struct Moved(usize, Affine);

impl Liar for Moved {
    fn masks(&mut self, mut honest: [Affine; 4]) -> [Affine; 4] {
        honest[self.0] = (honest[self.0] + self.1).into_affine();
        honest
    }
}

/// A proof whose equation of that name is false by that point, and the others true.
fn moved(equation: &str, by: Affine) -> Job {
    let point = ["pads", "opening", "", "products"].iter().position(|name| *name == equation).unwrap();
    lying(Moved(point, by), || Toy::small().prove(1))
}

#[test]
fn honest_proofs_are_accepted() {
    let mut jobs = honest();
    for seed in 0..4 {
        assert_eq!(verdicts(&jobs, seed), [vec![Ok(()); 4], vec![Ok(()); 4]]);
    }
    // the same proofs again, and two proofs of one statement
    jobs.extend(jobs.clone());
    jobs.push(Toy::small().prove(9));
    assert_eq!(verdicts(&jobs, 5), [vec![Ok(()); 9], vec![Ok(()); 9]]);
    assert_eq!(verdicts(&[], 0), [vec![], vec![]]);
}

#[test]
fn one_bad_proof_at_each_position() {
    let good = honest();
    for (kind, bad) in bad(&good[0]).into_iter().enumerate() {
        for place in 0..=good.len() {
            let mut jobs = good.clone();
            jobs.insert(place, bad.clone());
            let [batch, alone] = verdicts(&jobs, 1);
            assert_eq!(batch, alone, "kind {kind} at {place}");
            let refused: Vec<usize> = (0..jobs.len()).filter(|&i| batch[i].is_err()).collect();
            assert_eq!(refused, [place], "kind {kind} at {place}");
        }
    }
}

#[test]
fn many_bad_proofs_among_good_ones() {
    let good = honest();
    let jobs: Vec<Job> =
        bad(&good[0]).into_iter().zip(good.iter().cycle().cloned()).flat_map(|(a, b)| [a, b]).collect();
    let [batch, alone] = verdicts(&jobs, 2);
    assert_eq!(batch, alone);
    assert!(batch.iter().enumerate().all(|(i, verdict)| verdict.is_ok() == (i % 2 == 1)));
    let names: Vec<&str> =
        batch.iter().rev().skip(1).step_by(2).take(3).map(|v| v.as_ref().unwrap_err().check()).collect();
    assert_eq!(names, ["opening", "products", "pads"]);
}

/// Two false proofs whose errors are opposite. A verifier that adds equations up as they are accepts both: the control
/// shows that the attack is real, and that nothing but the weights stands against it.
#[test]
fn errors_that_cancel_are_refused() {
    let by = (Affine::generator() * Scalar::from(12345_u64)).into_affine();
    for equation in ["pads", "products", "opening"] {
        let jobs = [moved(equation, by), moved(equation, -by)];
        let mut plain = Equation::default();
        for (statement, proof) in &jobs {
            for (_, equation) in reduce(statement, proof, generators()).unwrap() {
                plain.add(Scalar::one(), &equation);
            }
        }
        assert!(plain.holds(generators()), "{equation}: with equal weights the errors cancel");
        for seed in 0..8 {
            let refused = vec![Err(Rejected::Check(equation)); 2];
            assert_eq!(verdicts(&jobs, seed), [refused.clone(), refused]);
        }
    }
    // and within one proof: equal weights for its three equations would let two of them cancel
    struct Both(Affine);
    impl Liar for Both {
        fn masks(&mut self, [x_s, x_v, t_1, t_0]: [Affine; 4]) -> [Affine; 4] {
            [(x_s + self.0).into_affine(), x_v, t_1, (t_0 - self.0).into_affine()]
        }
    }
    let job = lying(Both(by), || Toy::small().prove(1));
    let mut plain = Equation::default();
    let equations = reduce(&job.0, &job.1, generators()).unwrap();
    equations.iter().for_each(|(_, equation)| plain.add(Scalar::one(), equation));
    assert!(plain.holds(generators()));
    assert_eq!(verdicts(&[job], 3), [[Err(Rejected::Check("pads"))], [Err(Rejected::Check("pads"))]]);
}

/// A share that is missing, there twice or in another place leaves the batch undecided, and a false proof refused.
#[test]
fn nothing_is_decided_without_all_shares() {
    let bad = [moved("pads", Affine::generator())];
    for order in [&[][..], &[0], &[1, 0], &[0, 0], &[0, 1, 1]] {
        let undecided = batch(&bad, 1).decide(2, |share| order.iter().map(|&i| share(i)).collect());
        let verdicts: Vec<_> = undecided.into_iter().map(Undecided::verdict).collect();
        assert_eq!(verdicts, [Err(Rejected::Check("pads"))], "{order:?}");
    }
    let none = batch(&bad, 1).decide(0, |_| vec![]);
    assert_eq!(none.into_iter().map(Undecided::verdict).collect::<Vec<_>>(), [Err(Rejected::Check("pads"))]);
}

#[test]
fn sums_of_equations() {
    let job = Toy::small().prove(1);
    let [(_, pads), _, (_, opening)] = reduce(&job.0, &job.1, generators()).unwrap();
    let mut sum = Equation::default();
    sum.add(Scalar::from(5_u64), &pads);
    sum.add(-Scalar::from(3_u64), &opening);
    assert!(sum.holds(generators()));
    for count in [1, 2, 7, 10_000] {
        let shares: Option<Vec<Projective>> = (0..count).map(|index| sum.share(generators(), index, count)).collect();
        assert!(shares.unwrap().into_iter().sum::<Projective>().is_zero(), "{count} shares");
    }
    let mut joined = pads.clone();
    joined.join(opening.clone());
    let mut added = pads.clone();
    added.add(Scalar::one(), &opening);
    assert_eq!(joined, added);
    assert_eq!(sum.g.len(), generators().g().len());
    sum.h += Scalar::one();
    assert!(!sum.holds(generators()));
    sum.h -= Scalar::one();
    sum.g.push(Scalar::zero());
    assert!(!sum.holds(generators()), "more multiples than generators");
    assert_eq!(encode(&pads.terms[0].1)[..], job.1[..33], "the first point of a proof is that of its pads");
}
