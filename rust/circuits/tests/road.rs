//! The whole road at toy size: sketch, encode, commit, prove, verify; then every byte of the proof changed.

use ark_ec::CurveGroup;
use huref_circuits::{
    commit::generators::Generators,
    curve::{Affine, Scalar},
    error::Refusal,
    multiply::msm,
    poly::signed,
    profile::{EncoderKind, Labels, Profile, TOY_1},
    prover::{
        failure::Failure,
        fingerprint::round,
        progress::Progress,
        prove::prove,
        secrets::{Blinds, Seed, WeightsDigest},
        sketch::sketches,
        weights::{Matrix, Weights},
    },
    statement::{Shape, Statement},
    verify::verify,
};

fn shape(hidden: u32, heads: u32, kv_heads: u32, head_dim: u32, ffn: u32, layers: u32, tokens: usize) -> Shape {
    let tokens = (0..tokens).map(|i| format!("token-{i}").into_bytes()).collect();
    Shape { hidden, heads, kv_heads, head_dim, ffn, layers: (0..layers).collect(), tokens }
}

/// Small pseudo-random weights (linear congruential; nothing here needs more).
fn weights(shape: Shape) -> Weights {
    let mut state = 7_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) % 1999) as i16 - 999
    };
    let columns = shape.hidden as usize;
    let matrix = |rows: &usize| Matrix { columns, entries: (0..rows * columns).map(|_| next()).collect() };
    let matrices = shape.matrices().iter().map(matrix).collect();
    Weights::new(shape, matrices).unwrap()
}

fn commit(weights: &Weights, profile: &Profile, blinds: &Blinds, generators: &Generators) -> Vec<Affine> {
    let width = weights.shape.slots(profile) * weights.shape.hidden as usize;
    let rows = weights.matrices.iter().flat_map(|m| m.entries.chunks(width));
    rows.enumerate()
        .map(|(i, row)| {
            let scalars: Vec<Scalar> = row.iter().map(|&w| signed(i128::from(w))).chain([blinds.row(i)]).collect();
            let points = [&generators.g[..row.len()], &[generators.h]].concat();
            msm(&points, &scalars).unwrap().into_affine()
        })
        .collect()
}

fn road(profile: &'static Profile, shape: Shape) -> (Statement, Vec<u8>, Generators) {
    let generators = Generators::derive(profile.log_n);
    let weights = weights(shape);
    let progress = Progress::default();
    let sketches = sketches(profile, &weights, &None, &progress).unwrap();
    let rounded = round(profile, &sketches, &None).unwrap();
    let seed = Seed([3; 32]);
    let blinds = Blinds::new(&seed, &WeightsDigest::new(&weights, profile));
    let commitment = commit(&weights, profile, &blinds, &generators);
    let public = rounded.public.clone();
    let statement = Statement { profile, shape: weights.shape.clone(), commitment, public, challenge: None };
    let proof = prove(&weights, &statement, &sketches, &rounded, &seed, &[5; 32], &generators, &progress).unwrap();
    (statement, proof, generators)
}

#[test]
fn accepts_every_kind_of_shape() {
    for shape in [
        shape(6, 4, 2, 2, 12, 2, 16),
        shape(8, 4, 4, 2, 12, 2, 16),
        shape(6, 4, 1, 2, 5, 2, 16),
        shape(2, 4, 2, 2, 3, 1, 6),
        shape(200, 4, 2, 6, 37, 1, 16),
        shape(500, 4, 2, 4, 7, 1, 16),
        shape(256, 2, 1, 8, 1024, 1, 64),
    ] {
        let (statement, proof, generators) = road(&TOY_1, shape);
        assert_eq!(verify(&statement, &proof, &generators), Ok(()), "{:?}", statement.shape);
    }
}

#[test]
fn refuses_changed_proofs() {
    let (statement, proof, generators) = road(&TOY_1, shape(6, 4, 2, 2, 12, 1, 16));
    for i in (0..proof.len()).step_by(97) {
        let mut other = proof.clone();
        other[i] ^= 1;
        assert!(verify(&statement, &other, &generators).is_err(), "byte {i}");
    }
    assert_eq!(verify(&statement, &proof[..proof.len() - 1], &generators), Err(Refusal::Check("proof length")));
    let longer = [proof.as_slice(), &[0]].concat();
    assert_eq!(verify(&statement, &longer, &generators), Err(Refusal::Check("proof length")));
}

#[test]
fn refuses_changed_statements() {
    let (statement, proof, generators) = road(&TOY_1, shape(6, 4, 2, 2, 12, 1, 16));
    let changed = |change: &dyn Fn(&mut Statement)| {
        let mut other = statement.clone();
        change(&mut other);
        verify(&other, &proof, &generators)
    };
    assert!(changed(&|s| s.public.z[0] += 1).is_err());
    assert!(changed(&|s| s.public.e[0] += 1).is_err());
    assert!(changed(&|s| s.public.a[0] -= 1).is_err());
    assert!(changed(&|s| s.public.c += 1).is_err());
    assert!(changed(&|s| s.commitment.swap(0, 1)).is_err());
    assert!(changed(&|s| s.shape.tokens.swap(0, 1)).is_err());
    assert!(changed(&|s| s.shape.layers[0] += 1).is_err());
    assert!(changed(&|s| s.shape.tokens[0].push(0)).is_err());
    assert_eq!(changed(&|_| ()), Ok(()));
}

#[test]
fn the_prover_gives_up_on_weights_that_are_too_wide() {
    let generators = Generators::derive(TOY_1.log_n);
    let shape = shape(6, 4, 2, 2, 12, 1, 16);
    let mut weights = weights(shape);
    weights.matrices.iter_mut().flat_map(|m| &mut m.entries).for_each(|w| *w *= 32);
    let progress = Progress::default();
    let sketches = sketches(&TOY_1, &weights, &None, &progress).unwrap();
    let rounded = round(&TOY_1, &sketches, &None).unwrap();
    let seed = Seed([3; 32]);
    let commitment = commit(&weights, &TOY_1, &Blinds::new(&seed, &WeightsDigest::new(&weights, &TOY_1)), &generators);
    let statement = Statement {
        profile: &TOY_1,
        shape: weights.shape.clone(),
        commitment,
        public: rounded.public.clone(),
        challenge: None,
    };
    let outcome = prove(&weights, &statement, &sketches, &rounded, &seed, &[5; 32], &generators, &progress);
    assert!(matches!(outcome, Err(Failure::Weights(_))), "{outcome:?}");
}

/// A profile is a value: one that nobody else knows needs no other change anywhere.
#[test]
fn a_made_up_profile_is_proved_and_verified() {
    let profile: &'static Profile = Box::leak(Box::new(Profile {
        name: "made-up",
        log_n: 10,
        weight_bits: 11,
        sketch: 8,
        outputs: 16,
        projection: 32,
        generators: Generators::derive(10).digest(),
        fingerprint: Labels { sketch: "made-up/sketch", encoder: "made-up/encoder", ..TOY_1.fingerprint },
        ..TOY_1.clone()
    }));
    let shape = shape(6, 4, 2, 2, 12, 1, 16);
    let (statement, proof, generators) = road(profile, shape.clone());
    assert_eq!(verify(&statement, &proof, &generators), Ok(()));
    let (toy, proof_of_toy, _) = road(&TOY_1, shape);
    assert_ne!(statement.public.z.len(), toy.public.z.len());
    assert!(verify(&statement, &proof_of_toy, &generators).is_err());
    let network = Profile { encoder: EncoderKind::Cnn { network: [0; 32] }, ..profile.clone() };
    let other = Statement { profile: Box::leak(Box::new(network)), ..statement };
    assert_eq!(verify(&other, &proof, &generators), Err(Refusal::Check("profile")));
}
