//! The road of drift at toy size: true bounds of all forms are proved and verified, smaller ones are not.

mod toy;

use huref_circuits::{
    drift::{Drift, Limit, Partition},
    wire::statement_bytes,
};
use toy::drift::{Releases, moved, verdict};

const PARTITIONS: [Partition; 3] = [Partition::Rows, Partition::Matrices, Partition::Whole];

/// A shape whose matrices have several commitment rows: more than Gram matrices alone can bind.
fn long() -> Releases {
    Releases::new(&toy::shape(300, 4, 2, 8, 70, 1, 16), 9)
}

fn proved(releases: &Releases, statement: &Drift) -> Vec<u8> {
    releases.prove(statement, &releases.measured(), 1).unwrap()
}

#[test]
fn true_bounds_are_accepted() {
    for releases in [Releases::new(&toy::small(), 9), long()] {
        for partition in PARTITIONS {
            for public in [false, true] {
                for statement in [releases.relative(partition, public), releases.absolute(partition, public)] {
                    let proof = proved(&releases, &statement);
                    assert_eq!(verdict(&statement, &proof), Ok(()), "{partition:?} {public} {:?}", statement.limit);
                }
            }
        }
    }
}

/// The matrix that was doubled has another factor, and the bound is that of the noise.
#[test]
fn a_power_of_two_is_no_drift() {
    let releases = Releases::new(&toy::small(), 9);
    let statement = releases.relative(Partition::Matrices, false);
    assert_eq!(statement.exponents, [Some(0), Some(0), Some(1), Some(0), Some(0), Some(0), Some(0)]);
    // noise of standard deviation 5.5 on entries of 577
    assert!(matches!(statement.limit, Limit::Relative(8..=14)), "{:?}", statement.limit);
    let alike = Releases::of(toy::weights(&toy::small(), 7), toy::weights(&toy::small(), 7));
    assert_eq!(alike.relative(Partition::Rows, false).limit, Limit::Relative(1));
    assert_eq!(alike.absolute(Partition::Whole, false).limit, Limit::Absolute(vec![0]));
}

#[test]
fn smaller_bounds_are_not_proved() {
    let releases = Releases::new(&toy::small(), 9);
    for partition in PARTITIONS {
        let mut statement = releases.relative(partition, false);
        let Limit::Relative(b) = &mut statement.limit else { panic!("relative") };
        *b -= 1;
        assert!(releases.prove(&statement, &releases.measured(), 1).is_none());
        let mut statement = releases.absolute(partition, true);
        let Limit::Absolute(limits) = &mut statement.limit else { panic!("absolute") };
        *limits.last_mut().unwrap() -= 1;
        assert!(releases.prove(&statement, &releases.measured(), 1).is_none());
    }
}

#[test]
fn any_other_statement_is_refused() {
    let releases = Releases::new(&toy::small(), 9);
    let (pair, public) = (releases.relative(Partition::Matrices, false), releases.absolute(Partition::Matrices, true));
    let changed = |statement: &Drift, change: &dyn Fn(&mut Drift)| {
        let proof = proved(&releases, statement);
        let mut other = statement.clone();
        change(&mut other);
        verdict(&other, &proof)
    };
    let refused = Err("linear constraints");
    assert_eq!(changed(&pair, &|s| s.exponents[1] = Some(1)), refused);
    assert_eq!(changed(&pair, &|s| s.exponents[1] = None), Err("proof length").or(refused));
    assert_eq!(changed(&pair, &|s| s.commitment.rotate_left(1)), refused);
    assert_eq!(changed(&pair, &|s| s.context.nonce[0] ^= 1), refused);
    assert_eq!(changed(&pair, &|s| s.commitment.truncate(s.commitment.len() - 1)), Err("commitment rows"));
    assert_eq!(changed(&pair, &|s| s.limit = Limit::Relative(0)), Err("bound"));
    assert_eq!(changed(&pair, &|s| s.exponents[1] = Some(5)), Err("factors"));
    assert!(changed(&pair, &|s| s.partition = Partition::Rows).is_err());
    let Limit::Absolute(limits) = &public.limit else { panic!("absolute") };
    let mut lower = limits.clone();
    lower[3] -= 1;
    assert_eq!(changed(&public, &|s| s.limit = Limit::Absolute(lower.clone())), refused);
    let other = moved(&releases.models[1], 1, None);
    let other = huref_circuits::drift::PublicModel::new(other.matrices.iter().map(|m| m.entries.clone()).collect());
    assert_eq!(changed(&public, &|s| s.public = Some(other.clone())), refused);
    assert_eq!(changed(&public, &|s| s.public = None), Err("commitment rows"));
}

/// A matrix that nothing is said of may be any other.
#[test]
fn what_is_not_spoken_of_is_free() {
    let mut releases = Releases::new(&toy::small(), 9);
    let stranger = toy::weights(&toy::small(), 99);
    let mut second = moved(&releases.models[0], 9, None);
    second.matrices[3].entries.clone_from(&stranger.matrices[3].entries);
    releases = Releases::of(toy::weights(&toy::small(), 7), second);
    let whole = releases.statement(Partition::Matrices, Limit::Relative(1), false);
    assert!(releases.measured().least(&whole).is_err());
    let mut part = whole;
    part.exponents[3] = None;
    part.limit = Limit::Relative(releases.measured().least(&part).unwrap());
    assert!(matches!(part.limit, Limit::Relative(8..=14)), "{:?}", part.limit);
    assert_eq!(verdict(&part, &proved(&releases, &part)), Ok(()));
}

/// A proof of one kind is none of another, and encodings never meet.
#[test]
fn drift_is_no_fingerprint() {
    let releases = Releases::new(&toy::small(), 9);
    let statement = releases.relative(Partition::Matrices, false);
    let toy = toy::Toy::small();
    let (fingerprint, other) = toy.prove(1);
    assert!(verdict(&statement, &other).is_err());
    assert!(toy::verdict(&fingerprint, &proved(&releases, &statement)).is_err());
    let (a, b) = (statement_bytes(&statement), statement_bytes(&fingerprint));
    assert!(!a.starts_with(&b) && !b.starts_with(&a));
}
