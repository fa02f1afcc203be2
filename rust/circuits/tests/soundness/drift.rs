//! One consistent liar for each check of a statement of drift, and the two verdicts on it.

use super::{
    far::{Told, ZEROS, claims, liar},
    toy::{
        self,
        drift::{Releases, verdict},
    },
};
use huref_circuits::{
    drift::{Drift, Limit, Partition, PublicModel},
    instance::Instance,
    pads::Ledger,
    poly::log2_ceil,
    prover::weights::{Matrix, Weights},
    relations,
    security::security_of_drift,
    switches::{Check, leaving_out},
};

/// Two releases with several commitment rows a matrix.
fn long() -> Releases {
    Releases::new(&toy::shape(300, 4, 2, 8, 70, 1, 16), 9)
}

fn small() -> Releases {
    Releases::new(&toy::small(), 9)
}

fn verdict_without(told: &Told, releases: &Releases, checks: &[Check]) -> Result<(), &'static str> {
    leaving_out(checks, || {
        let (statement, proof) = told.prove(releases);
        verdict(&statement, &proof)
    })
}

/// The full verifier refuses the lie at this check; without that check it is accepted.
fn refused_by(told: &Told, releases: &Releases, name: &str) {
    let relative = matches!(told.stated.limit, Limit::Relative(_));
    let claim = claims(relative).iter().position(|claim| *claim == name).map(Check::Claim);
    let zero = || ZEROS.iter().position(|zero| *zero == name).map(Check::Zero);
    let check = claim.or_else(zero).unwrap_or_else(|| panic!("no check {name}"));
    let place = if matches!(check, Check::Claim(_)) { "opening" } else { "linear constraints" };
    let about = format!("{name}, {:?}, relative {relative}", told.stated.partition);
    assert_eq!(verdict_without(told, releases, &[]), Err(place), "{about}, full verifier");
    assert_eq!(verdict_without(told, releases, &[check]), Ok(()), "{about}, left out");
}

#[test]
fn every_check_has_a_liar() {
    let every = |releases: &Releases, partition, relative: bool, public| {
        // a negative slack is shown of an absolute bound
        let shown = |name: &&str| !relative || !["bit", "bits = b"].contains(name);
        for name in claims(relative).into_iter().chain(ZEROS).filter(shown) {
            refused_by(&liar(releases, name, partition, relative, public), releases, name);
        }
    };
    for partition in [Partition::Rows, Partition::Matrices, Partition::Whole] {
        for (relative, public) in [(false, false), (true, false), (false, true), (true, true)] {
            every(&small(), partition, relative, public);
        }
    }
    every(&long(), Partition::Matrices, true, false);
}

#[test]
fn every_final_check_has_a_liar() {
    let releases = small();
    for (check, lie) in
        [("pads", "pads"), ("linear constraints", "square"), ("products", "products"), ("opening", "slack")]
    {
        let told = liar(&releases, lie, Partition::Whole, false, false);
        assert_eq!(verdict_without(&told, &releases, &[]), Err(check), "{check}, full verifier");
        assert_eq!(verdict_without(&told, &releases, &[Check::Named(check)]), Ok(()), "{check} left out");
    }
}

/// Statements that say nothing, or more than the range of a public model allows: accepted where the check is left out.
#[test]
fn every_public_check_has_a_liar() {
    let releases = small();
    let nothing = Told::honest(&releases, Partition::Matrices, true, false);
    let with = |change: &dyn Fn(&mut Drift)| {
        let mut told = Told::honest(&releases, Partition::Matrices, true, false);
        change(&mut told.stated);
        told
    };
    let silent = with(&|stated| stated.exponents.fill(None));
    let empty = with(&|stated| stated.limit = Limit::Relative(1025));
    assert_eq!(verdict_without(&nothing, &releases, &[]), Ok(()));
    for (check, told) in [("factors", &silent), ("bound", &empty)] {
        let (statement, proof) = leaving_out(&[Check::Named(check)], || told.prove(&releases));
        assert_eq!(verdict(&statement, &proof), Err(check), "{check}, full verifier");
        leaving_out(&[Check::Named(check)], || assert_eq!(verdict(&statement, &proof), Ok(()), "{check} left out"));
    }
    let mut matrices: Vec<Vec<i16>> = releases.models[1].matrices.iter().map(|m| m.entries.clone()).collect();
    matrices[1][0] = 2048;
    let columns = releases.models[1].shape.hidden as usize;
    let wide = matrices.iter().map(|entries| Matrix { columns, entries: entries.clone() }).collect();
    let wide = Weights::new(releases.models[1].shape.clone(), wide).unwrap();
    let first = toy::copy(&releases.models[0]);
    let wide = Releases::of(first, wide);
    let mut told = Told::honest(&wide, Partition::Matrices, true, true);
    told.stated.public = Some(PublicModel::new(matrices));
    let (statement, proof) = leaving_out(&[Check::Named("public model")], || told.prove(&wide));
    assert_eq!(verdict(&statement, &proof), Err("public model"));
    leaving_out(&[Check::Named("public model")], || assert_eq!(verdict(&statement, &proof), Ok(())));
}

/// The commitments of two models exchanged: what was the base is the other one.
#[test]
fn the_order_counts() {
    let releases = small();
    let (statement, proof) = Told::honest(&releases, Partition::Matrices, true, false).prove(&releases);
    let mut other = statement.clone();
    let half = other.commitment.len() / 2;
    other.commitment.rotate_left(half);
    assert_eq!(verdict(&other, &proof), Err("linear constraints"));
}

/// Messages, products and the error, as the specification counts them.
#[test]
fn counts() {
    for releases in [small(), long()] {
        for (partition, relative, public) in
            [(Partition::Rows, true, false), (Partition::Matrices, false, true), (Partition::Whole, true, true)]
        {
            let statement = Told::honest(&releases, partition, relative, public).stated;
            let (profile, instance) = (statement.profile, Instance::new(&statement).unwrap());
            let Ledger { used, triples, .. } = relations::pads(&instance).unwrap();
            let (rows, log_n) = (log2_ceil(statement.rows().len()), profile.log_n as usize);
            let more = usize::from(relative);
            let sends = 3 * instance.bit_variables() + 1 + 2 + 1 + 3 * rows + 2 * log_n + 1 + more + 2 * log_n;
            assert_eq!((used - triples.len(), triples.len()), (sends, 2 + more));
            let degrees = 4 * instance.bit_variables()
                + 2 * log2_ceil(profile.projection as usize)
                + log2_ceil(profile.projection_z as usize)
                + log2_ceil(statement.blocks())
                + 3 * rows
                + 2 * log_n
                + (claims(relative).len() - 1)
                + 2 * log_n
                + (ZEROS.len() - 1)
                + (triples.len() - 1)
                + 3
                + 6 * log_n;
            let terms = security_of_drift(&statement).unwrap();
            let bits = terms.iter().find(|term| term.name.contains("sumchecks")).unwrap().bits;
            assert_eq!(bits, 255.9 - (degrees as f64).log2());
            assert!(terms.iter().all(|term| !term.name.contains("L3")));
        }
    }
}
