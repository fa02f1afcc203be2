//! The transcript: frozen challenges, and everything that is absorbed changes every challenge after it.

mod toy;

use huref_circuits::{
    curve::{Scalar, encode, scalar_to_bytes},
    draw::Draw,
    error::Rejected,
    profile::{EncoderKind, Labels, ROBUST_2, TOY_2, TOY_2_CNN},
    statement::{Outputs, Statement},
    tokens::token_digest,
    transcript::Transcript,
    wire::{Reader, VERSION, commitment_id, statement_bytes},
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

fn hex(scalar: &Scalar) -> String {
    scalar_to_bytes(scalar).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A statement with nothing random in it.
fn statement() -> Statement {
    let shape = toy::small();
    let rows = shape.commitment_rows(&TOY_2).iter().sum();
    let commitment = toy::generators().g()[..rows].to_vec();
    let outputs = |first| {
        let (z, e) = ((first..first + 8).collect(), vec![20, 21, 22]);
        Outputs { z, e, a: vec![20_000, 20_001, 20_002], c: vec![1 << 32] }
    };
    let (draws, outputs) = (vec![Draw::Common, toy::OWN], vec![outputs(-4), outputs(3)]);
    Statement { profile: &TOY_2, shape, commitment, draws, outputs, context: toy::context() }
}

/// Challenges after each of these messages.
fn challenges(statement: &[u8], messages: &[&[u8]]) -> Vec<Scalar> {
    challenges_of(TOY_2.protocol, statement, messages)
}

fn challenges_of(protocol: &str, statement: &[u8], messages: &[&[u8]]) -> Vec<Scalar> {
    let mut transcript = Transcript::new(protocol, statement);
    let mut next = |message: &[u8]| {
        transcript.absorb(message);
        transcript.challenge().unwrap()
    };
    messages.iter().map(|message| next(message)).collect()
}

#[test]
fn challenges_are_frozen() {
    assert_eq!((TOY_2.protocol, VERSION), ("huref/fingerprint/v2", 2));
    let drawn = challenges(&statement_bytes(&statement()), &[b"", b"one", b"two"]);
    let expected = [
        "cfe24c33f05dbf313c64dab8ae955cad4af9b1d88035ea4c3a45424a54d4c992",
        "3825c36eef3815f9597129c338939991c6b1e74eead3be7ee329c19aa12e324f",
        "36cd6af146c7918f69e516e900ddea5a401bfae30f4ea68b02263a9821a47216",
    ];
    assert_eq!(drawn.iter().map(hex).collect::<Vec<_>>(), expected);
}

/// Bytes of the statement as the specification lists them, written down once more.
#[test]
fn the_statement_in_bytes() {
    let Statement { profile, shape, commitment, draws: _, outputs, context } = statement();
    let long = |x: usize| (x as u32).to_be_bytes().to_vec();
    let text = |bytes: &[u8]| [long(bytes.len()), bytes.to_vec()].concat();
    let mut bytes = [long(2), text(b"toy-2")].concat();
    profile.numbers().iter().for_each(|(_, number)| bytes.extend(number.to_be_bytes()));
    bytes.extend([text(b"secp256k1"), profile.generators.to_vec()].concat());
    bytes.push(2);
    for (kind, labels) in [(0, &profile.common), (1, &profile.fresh)] {
        bytes.push(kind);
        bytes.extend([text(labels.sketch.as_bytes()), text(labels.encoder.as_bytes()), text(b""), text(b"")].concat());
    }
    let mut sized = Vec::new();
    [6, 4, 2, 2, 12, 1, 0, 16].iter().for_each(|&size| sized.extend(long(size)));
    sized.extend(token_digest(&shape.tokens));
    bytes.extend(&sized);
    let rows: Vec<u8> = commitment.iter().flat_map(encode).collect();
    bytes.extend([long(commitment.len()), rows.clone()].concat());
    outputs.iter().flat_map(|o| &o.z).for_each(|&z| bytes.extend((z as i32).to_be_bytes()));
    outputs.iter().flat_map(|o| &o.e).for_each(|&e| bytes.extend(e.to_be_bytes()));
    outputs.iter().flat_map(|o| &o.a).for_each(|&a| bytes.extend((a as u32).to_be_bytes()));
    outputs.iter().flat_map(|o| &o.c).for_each(|&c| bytes.extend(c.to_be_bytes()));
    bytes.extend([text(context.owner.as_bytes()), text(context.audience.as_bytes()), text(&context.nonce)].concat());
    assert_eq!(statement_bytes(&statement()), bytes);

    let head = [&b"huref/commitment/v1"[..], &text(b"toy-2"), &sized].concat();
    let id: [u8; 32] = Sha256::digest([head, rows].concat()).into();
    assert_eq!(commitment_id(profile, &shape, &commitment), id);
    // the other commitment and the beacon of a challenge, not its seed
    let stated = Statement { draws: vec![toy::challenge()], ..statement() };
    let (bytes, seed) = (statement_bytes(&stated), toy::challenge().seed(&id).unwrap());
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(holds(&[0xc4; 32]) && holds(&toy::BEACON) && !holds(&seed));
}

#[test]
fn two_squeezes_differ() {
    let mut transcript = Transcript::new(TOY_2.protocol, b"statement");
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
    let mut seen = BTreeSet::from([(TOY_2.protocol, statement_bytes(&original))]);
    for change in toy::fields::changes(&original) {
        let bytes = statement_bytes(&change.statement);
        let protocol = change.statement.profile.protocol;
        let drawn = challenges_of(protocol, &bytes, &[b"", b"one"]);
        assert!(honest.iter().zip(&drawn).all(|(a, b)| a != b), "{}", change.field);
        seen.insert((protocol, bytes));
    }
    // all of them are different
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

/// Where a network encodes, its id follows the label; a draw that has a seed has none.
#[test]
fn a_network_is_absorbed_by_its_id() {
    let EncoderKind::Cnn { network } = TOY_2_CNN.encoder else { panic!("a network") };
    assert_eq!(TOY_2_CNN.protocol, "huref/fingerprint/cnn/v2");
    let bytes = statement_bytes(&Statement { profile: &TOY_2_CNN, ..statement() });
    let label = TOY_2_CNN.common.encoder.as_bytes();
    let named = [&(label.len() as u32 + 32).to_be_bytes()[..], label, &network].concat();
    let places = bytes.windows(named.len()).filter(|window| *window == named).count();
    let fresh = TOY_2.fresh.encoder.as_bytes();
    let fresh = [&(fresh.len() as u32).to_be_bytes()[..], fresh].concat();
    assert_eq!((places, bytes.windows(fresh.len()).filter(|window| *window == fresh).count()), (1, 1));
}

#[test]
fn both_profiles_are_absorbed_with_all_their_numbers() {
    assert_ne!(ROBUST_2.generators, TOY_2.generators);
    for profile in [&ROBUST_2, &TOY_2] {
        let bytes = statement_bytes(&Statement { profile, ..statement() });
        let numbers: Vec<u8> = profile.numbers().iter().flat_map(|(_, number)| number.to_be_bytes()).collect();
        let Labels { sketch, encoder } = profile.common;
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
    assert_eq!(reader.end(), Err(Rejected::Check("proof length")), "a byte is left");
    assert_eq!(reader.scalar().map(|_| ()), Err(Rejected::Check("proof length")), "one byte is no scalar");
    let mut reader = Reader::new(&bytes[..32]);
    assert!(reader.scalar().is_ok() && reader.end().is_ok());
    assert_eq!(Reader::new(&bytes).point().map(|_| ()), Err(Rejected::Check("point")), "the identity");
}
