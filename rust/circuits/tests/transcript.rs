//! The transcript: frozen challenges, and everything that is absorbed changes every challenge after it.

mod toy;

use huref_circuits::{
    challenge::labels,
    curve::{Scalar, scalar_to_bytes},
    error::Refusal,
    profile::{Labels, ROBUST_1, TOY_1},
    statement::{Public, Statement},
    transcript::Transcript,
    wire::{Reader, VERSION, statement_bytes},
};
use std::collections::BTreeSet;

fn hex(scalar: &Scalar) -> String {
    scalar_to_bytes(scalar).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A statement with nothing random in it.
fn statement() -> Statement {
    let shape = toy::small();
    let rows = shape.commitment_rows(&TOY_1).iter().sum();
    let commitment = toy::generators().g[..rows].to_vec();
    let public = Public { z: (-4..4).collect(), e: vec![20, 21, 22], a: vec![20_000, 20_001, 20_002], c: 1 << 32 };
    Statement { profile: &TOY_1, shape, commitment, public, challenge: None }
}

/// Challenges after each of these messages.
fn challenges(statement: &[u8], messages: &[&[u8]]) -> Vec<Scalar> {
    let mut transcript = Transcript::new(TOY_1.fingerprint.protocol, statement);
    let mut next = |message: &[u8]| {
        transcript.absorb(message);
        transcript.challenge().unwrap()
    };
    messages.iter().map(|message| next(message)).collect()
}

#[test]
fn challenges_are_frozen() {
    assert_eq!((TOY_1.fingerprint.protocol, VERSION), ("huref/fingerprint/v1", 1));
    let drawn = challenges(&statement_bytes(&statement()), &[b"", b"one", b"two"]);
    let expected = [
        "dacaa1e0aab3fb8b826b3ce98b590a975a863ab41c2749a882a706c353605b25",
        "7c4413ddfff7c846f9e23d671a1b47738b3b4f95927b58b49d53f9e67f90dbfc",
        "201278422c10fe7c8b567c68b8440849bedff211d32a7047a07d6a1c95eea2ff",
    ];
    assert_eq!(drawn.iter().map(hex).collect::<Vec<_>>(), expected);
}

#[test]
fn a_challenge_is_another_protocol() {
    let stated = Statement { challenge: Some([7; 32]), ..statement() };
    let bytes = statement_bytes(&stated);
    let mut transcript = Transcript::new(labels(&TOY_1, &stated.challenge).protocol, &bytes);
    assert_eq!(
        hex(&transcript.challenge().unwrap()),
        "db4de970d219f360406412277021132d844b8e63715851e71e7b90153648bab2"
    );
    assert_ne!(
        Transcript::new(TOY_1.fingerprint.protocol, &bytes).challenge(),
        Transcript::new(TOY_1.challenge.protocol, &bytes).challenge()
    );
    assert_ne!(bytes, statement_bytes(&statement()));
    assert!(bytes.windows(32).any(|window| window == [7; 32]));
}

#[test]
fn two_squeezes_differ() {
    let mut transcript = Transcript::new(TOY_1.fingerprint.protocol, b"statement");
    let drawn: BTreeSet<String> = (0..100).map(|_| hex(&transcript.challenge().unwrap())).collect();
    assert_eq!(drawn.len(), 100);
}

#[test]
fn every_message_changes_every_later_challenge_and_no_earlier_one() {
    let messages: [&[u8]; 4] = [b"pads", b"rows", b"bits", b"last"];
    let honest = challenges(b"statement", &messages);
    for changed in 0..messages.len() {
        let mut other = messages;
        other[changed] = b"lies";
        let drawn = challenges(b"statement", &other);
        for (i, (a, b)) in honest.iter().zip(&drawn).enumerate() {
            assert_eq!(a == b, i < changed, "message {changed}, challenge {i}");
        }
    }
}

#[test]
fn every_field_of_the_statement_changes_every_challenge() {
    let original = statement();
    let honest = challenges(&statement_bytes(&original), &[b"", b"one"]);
    let mut seen = BTreeSet::from([statement_bytes(&original)]);
    for change in toy::fields::changes(&original) {
        let bytes = statement_bytes(&change.statement);
        let drawn = challenges(&bytes, &[b"", b"one"]);
        assert!(honest.iter().zip(&drawn).all(|(a, b)| a != b), "{}", change.field);
        seen.insert(bytes);
    }
    // `Statement.public` and `Shape` have changes of their own: all encodings are different
    assert_eq!(seen.len(), 1 + toy::fields::changes(&original).len());
}

#[test]
fn every_byte_of_the_statement_counts() {
    let bytes = statement_bytes(&statement());
    let honest = challenges(&bytes, &[b""]);
    for i in 0..bytes.len() {
        let mut other = bytes.clone();
        other[i] ^= 0x80;
        assert_ne!(challenges(&other, &[b""]), honest, "byte {i}");
    }
}

#[test]
fn both_profiles_are_absorbed_with_all_their_numbers() {
    assert_ne!(ROBUST_1.generators, TOY_1.generators);
    for profile in [&ROBUST_1, &TOY_1] {
        let bytes = statement_bytes(&Statement { profile, ..statement() });
        let numbers: Vec<u8> = profile.numbers().iter().flat_map(|(_, number)| number.to_be_bytes()).collect();
        let Labels { protocol: _, sketch, encoder } = profile.fingerprint;
        for part in [profile.name.as_bytes(), &numbers, &profile.generators, sketch.as_bytes(), encoder.as_bytes()] {
            assert!(bytes.windows(part.len()).any(|window| window == part), "{}", profile.name);
        }
    }
}

#[test]
fn a_reader_knows_its_end() {
    let bytes = [0; 33];
    let mut reader = Reader::new(&bytes);
    assert!(reader.scalar().is_ok());
    assert_eq!(reader.end(), Err(Refusal::Check("proof length")), "a byte is left");
    assert_eq!(reader.scalar().map(|_| ()), Err(Refusal::Check("proof length")), "one byte is no scalar");
    let mut reader = Reader::new(&bytes[..32]);
    assert!(reader.scalar().is_ok() && reader.end().is_ok());
    assert_eq!(Reader::new(&bytes).point().map(|_| ()), Err(Refusal::Check("point")), "the identity");
}
