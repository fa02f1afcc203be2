//! The road of nearness at toy size: true answers of all forms are proved and verified, false ones are refused.

mod toy;

use huref_circuits::{
    draw::Draw,
    error::Rejected,
    nearness::{Answer, Nearness, ONE},
    prover::nearness::Reveal,
    verify::verify,
    wire::statement_bytes,
};
use toy::near::{Side, verdict};

/// Cosine of two vectors of integers.
fn cosine(a: &[i64], b: &[i64]) -> f64 {
    let dot = |a: &[i64], b: &[i64]| a.iter().zip(b).map(|(&a, &b)| a as f64 * b as f64).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn true_answers_are_accepted() {
    for layers in [1, 2, 3] {
        let side = Side::new(layers, layers + 1);
        for reveal in [Reveal::Rounded, Reveal::Below(ONE), Reveal::AtLeast(1)] {
            let (statement, proof) = side.prove(reveal, 1);
            assert_eq!(verdict(&statement, &proof), Ok(()), "{layers} layers, {reveal:?}");
        }
    }
}

/// The cosine is that of the vectors which both sides would have published.
#[test]
fn the_interval_holds_the_cosine_of_the_published_vectors() {
    let side = Side::new(2, 3);
    let (statement, _) = side.prove(Reveal::Rounded, 1);
    let Answer::Rounded(cosines) = &statement.answer else { panic!("rounded") };
    let m = statement.profile.outputs as usize;
    let own = &side.toy.rounded.outputs[0].z;
    let pairs = statement.theirs.chunks(m).flat_map(|theirs| own.chunks(m).map(move |own| cosine(theirs, own)));
    for (k, cosine) in cosines.iter().zip(pairs) {
        assert!((f64::from(*k) / 256.0 - 0.01..f64::from(*k + 1) / 256.0 + 0.01).contains(&cosine), "{k}: {cosine}");
    }
}

#[test]
fn the_other_answers_are_refused() {
    let side = Side::new(2, 2);
    let (statement, proof) = side.prove(Reveal::Rounded, 1);
    let Answer::Rounded(cosines) = &statement.answer else { panic!("rounded") };
    for (j, by) in [(0, 1), (1, -1), (2, 256), (3, -256)] {
        let mut other = cosines.clone();
        other[j] = (other[j] + by).clamp(-256, 256);
        let stated = Nearness { answer: Answer::Rounded(other), ..statement.clone() };
        assert_eq!(verdict(&stated, &proof), Err("linear constraints"), "{j} {by}");
    }
    for answer in [
        Answer::Rounded(vec![257; 4]),
        Answer::Rounded(vec![-257; 4]),
        Answer::Rounded(vec![0; 3]),
        Answer::Rounded(vec![0; 5]),
        Answer::Below(0),
        Answer::Below(257),
        Answer::AtLeast { cosine: 0, theirs: 0, own: 0 },
        Answer::AtLeast { cosine: 257, theirs: 0, own: 0 },
        Answer::AtLeast { cosine: 1, theirs: 2, own: 0 },
        Answer::AtLeast { cosine: 1, theirs: 0, own: 2 },
    ] {
        assert_eq!(verdict(&Nearness { answer, ..statement.clone() }, &proof), Err("interval"));
    }
}

#[test]
fn vectors_that_no_fingerprint_has_are_refused() {
    let side = Side::new(1, 2);
    let (statement, proof) = side.prove(Reveal::Rounded, 1);
    let m = statement.profile.outputs as usize;
    let with = |theirs: Vec<i64>| Nearness { theirs, ..statement.clone() };
    let mut constant = statement.theirs.clone();
    constant[..m].fill(4096);
    let mut zero = statement.theirs.clone();
    zero[..m].fill(0);
    let mut long = statement.theirs.clone();
    long[..m].iter_mut().enumerate().for_each(|(k, z)| *z = if k % 2 == 0 { 16384 } else { -16384 });
    let mut wide = statement.theirs.clone();
    (wide[0], wide[1]) = (1 << 40, -(1 << 40));
    let mut short = statement.theirs.clone();
    short.pop();
    for theirs in [constant, zero, long, wide, short, Vec::new(), vec![i64::MIN; m]] {
        assert_eq!(verdict(&with(theirs), &proof), Err("vector"));
    }
    let mut other = statement.theirs.clone();
    other.swap(0, 1);
    assert_eq!(verdict(&with(other), &proof), Err("linear constraints"), "another vector that could be one");
}

#[test]
fn only_a_challenge_is_answered() {
    let side = Side::new(1, 1);
    let (statement, proof) = side.prove(Reveal::Rounded, 1);
    for draw in [Draw::Common, toy::OWN, Draw::Challenge { other: [0; 32], beacon: vec![0; 31] }] {
        assert_eq!(verdict(&Nearness { draw, ..statement.clone() }, &proof), Err("draws"));
    }
}

/// A proof of one kind is none of the other, and the two encodings never meet.
#[test]
fn a_fingerprint_is_no_nearness() {
    let side = Side::new(1, 1);
    let (statement, proof) = side.prove(Reveal::Rounded, 1);
    let (fingerprint, other) = side.toy.prove(1);
    assert!(verdict(&statement, &other).is_err());
    assert!(matches!(verify(&fingerprint, &proof, toy::generators()), Err(Rejected::Check("proof length"))));
    let (a, b) = (statement_bytes(&statement), statement_bytes(&fingerprint));
    assert!(!a.starts_with(&b) && !b.starts_with(&a));
}

#[test]
fn what_is_not_so_is_not_proved() {
    let side = Side::new(2, 2);
    for reveal in [Reveal::Below(0), Reveal::Below(257), Reveal::AtLeast(0), Reveal::Below(1), Reveal::AtLeast(ONE)] {
        assert!(side.answer(reveal).is_err(), "{reveal:?}");
    }
}
