//! The whole road at toy size: sketch, encode, commit, prove, verify; then every byte of the proof changed.

use ark_ec::CurveGroup;
use huref_circuits::{
    commit::generators::Generators,
    context::Context,
    curve::{Affine, Scalar},
    draw::{Draw, Streams},
    error::Rejected,
    multiply::msm,
    poly::signed,
    profile::{EncoderKind, Labels, Profile, TOY_2, TOY_2_CNN},
    prover::{
        failure::Failure,
        fingerprint::{portrait, round},
        progress::Progress,
        prove::prove,
        secrets::{Blinds, Model, Rule, Seed, WeightsDigest},
        sketch::sketches,
        weights::{Matrix, Weights},
    },
    statement::{Shape, Statement},
    verify::verify,
    wire::commitment_id,
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
            let points = [&generators.g()[..row.len()], &[generators.h()]].concat();
            msm(&points, &scalars).unwrap().into_affine()
        })
        .collect()
}

/// Statement and proof about weights, under these draws.
fn prove_it(
    profile: &'static Profile,
    weights: &Weights,
    draws: Vec<Draw>,
    context: Context,
    generators: &Generators,
) -> Result<(Statement, Vec<u8>), Failure> {
    let (seed, progress, shape) = (Seed([3; 32]), Progress::default(), weights.shape.clone());
    let digest = WeightsDigest::new(Rule::Tree, weights, profile);
    let blinds = Blinds::new(&seed, &digest);
    let commitment = commit(weights, profile, &blinds, generators);
    let id = commitment_id(profile, &shape, &commitment);
    let streams: Vec<Streams> = draws.iter().map(|draw| draw.streams(profile, &id)).collect();
    let sketches = sketches(profile, weights, &streams, &progress)?;
    let rounded = round(profile, &sketches, &streams)?;
    let statement = Statement { profile, shape, commitment, draws, outputs: rounded.outputs.clone(), context };
    let model = Model { weights, digest: &digest, seed: &seed };
    let proof = prove(&[model], &statement, &sketches, &rounded, &[5; 32], generators, &progress)?;
    Ok((statement, proof))
}

fn own(beacon: &[u8]) -> Draw {
    Draw::Own { beacon: beacon.to_vec() }
}

fn context() -> Context {
    Context { owner: "name:Alice".into(), audience: "a court".into(), nonce: vec![7; 16] }
}

fn road(profile: &'static Profile, shape: Shape) -> (Statement, Vec<u8>, Generators) {
    let generators = Generators::derive(profile.log_n);
    let (statement, proof) =
        prove_it(profile, &weights(shape), vec![Draw::Common, own(&[])], context(), &generators).unwrap();
    (statement, proof, generators)
}

#[test]
fn accepts_every_kind_of_shape() {
    for shape in [
        shape(6, 4, 2, 2, 12, 2, 16),
        shape(8, 4, 4, 2, 12, 2, 16),
        shape(6, 4, 1, 2, 5, 2, 16),
        shape(2, 4, 2, 2, 3, 1, 9),
        shape(200, 4, 2, 6, 37, 1, 16),
        shape(500, 4, 2, 4, 7, 1, 16),
        shape(256, 2, 1, 8, 1024, 1, 64),
    ] {
        for profile in [&TOY_2, &TOY_2_CNN] {
            let (statement, proof, generators) = road(profile, shape.clone());
            assert_eq!(verify(&statement, &proof, &generators), Ok(()), "{}, {:?}", profile.name, statement.shape);
        }
    }
}

#[test]
fn accepts_every_kind_of_statement() {
    let generators = Generators::derive(TOY_2.log_n);
    let beacon = [0xbe; 32];
    for draws in [
        vec![Draw::Common],
        vec![own(&[])],
        vec![own(&beacon)],
        vec![Draw::Challenge { other: [9; 32], beacon: beacon.to_vec() }],
        vec![Draw::Common, own(&[])],
        vec![Draw::Common, own(&[0xbe; 64])],
    ] {
        for layers in 1..=3 {
            for context in [Context::default(), context()] {
                for profile in [&TOY_2, &TOY_2_CNN] {
                    let (weights, context) = (weights(shape(6, 4, 2, 2, 12, layers, 16)), context.clone());
                    let (statement, proof) = prove_it(profile, &weights, draws.clone(), context, &generators).unwrap();
                    let name = profile.name;
                    assert_eq!(verify(&statement, &proof, &generators), Ok(()), "{name}, {draws:?}, {layers} layers");
                    assert!(statement.outputs.iter().all(|outputs| outputs.z.len() == 8 * layers as usize));
                }
            }
        }
    }
}

/// A layer's vector is a matter of this layer alone, whatever other layers are committed to.
#[test]
fn a_vector_for_each_layer() {
    let generators = Generators::derive(TOY_2.log_n);
    let outputs = |shape: Shape, layers: [usize; 2]| {
        let all = weights(shape.clone());
        let mut chosen = weights(Shape { layers: vec![3, 4], ..shape });
        for (i, layer) in layers.into_iter().enumerate() {
            for matrix in 1..=6 {
                chosen.matrices[6 * i + matrix].entries.clone_from(&all.matrices[6 * layer + matrix].entries);
            }
        }
        prove_it(&TOY_2, &chosen, vec![Draw::Common], context(), &generators).unwrap().0.outputs.remove(0)
    };
    let three = shape(6, 4, 2, 2, 12, 3, 16);
    let (first, second) = (outputs(three.clone(), [0, 2]), outputs(three, [2, 1]));
    assert_eq!(first.z[8..], second.z[..8]);
    assert_eq!((first.c[1], &first.e[3..], &first.a[3..]), (second.c[0], &second.e[..3], &second.a[..3]));
    assert_ne!(first.z[..8], second.z[8..]);
}

#[test]
fn the_vector_of_a_portrait() {
    let z: Vec<i64> = (0..24).map(|i| (i * i * 37 % 1999 - 999) * 8).collect();
    let vector = portrait(&TOY_2, &z).unwrap();
    let turned = [&z[8..16], &z[16..], &z[..8]].concat();
    assert_eq!(portrait(&TOY_2, &turned), Some(vector.clone()), "the order of layers does not matter");
    let sums: Vec<f64> = (0..8).map(|k| (z[k] + z[k + 8] + z[k + 16]) as f64).collect();
    let mean = sums.iter().sum::<f64>() / 8.0;
    let deviation = (sums.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 8.0).sqrt();
    for (z, x) in vector.iter().zip(&sums) {
        assert!((*z as f64 - 4096.0 * (x - mean) / deviation).abs() < 1.0);
    }
    let opposite: Vec<i64> = z[..8].iter().map(|z| 5 - z).collect();
    assert_eq!(portrait(&TOY_2, &[&z[..8], &opposite].concat()), None, "layers that cancel");
}

#[test]
fn refuses_changed_proofs() {
    let (statement, proof, generators) = road(&TOY_2, shape(6, 4, 2, 2, 12, 1, 16));
    for i in (0..proof.len()).step_by(97) {
        let mut other = proof.clone();
        other[i] ^= 1;
        assert!(verify(&statement, &other, &generators).is_err(), "byte {i}");
    }
    assert_eq!(verify(&statement, &proof[..proof.len() - 1], &generators), Err(Rejected::Check("proof length")));
    let longer = [proof.as_slice(), &[0]].concat();
    assert_eq!(verify(&statement, &longer, &generators), Err(Rejected::Check("proof length")));
}

#[test]
fn refuses_changed_statements() {
    let (statement, proof, generators) = road(&TOY_2, shape(6, 4, 2, 2, 12, 1, 16));
    let changed = |change: &dyn Fn(&mut Statement)| {
        let mut other = statement.clone();
        change(&mut other);
        verify(&other, &proof, &generators)
    };
    assert!(changed(&|s| s.outputs[1].z[0] += 1).is_err());
    assert!(changed(&|s| s.outputs[0].e[0] += 1).is_err());
    assert!(changed(&|s| s.outputs[1].a[0] -= 1).is_err());
    assert!(changed(&|s| s.outputs[0].c[0] += 1).is_err());
    assert!(changed(&|s| s.commitment.swap(0, 1)).is_err());
    assert!(changed(&|s| s.shape.tokens.swap(0, 1)).is_err());
    assert!(changed(&|s| s.shape.layers[0] += 1).is_err());
    assert!(changed(&|s| s.shape.tokens[0].push(0)).is_err());
    assert!(changed(&|s| s.context.owner.push('a')).is_err());
    assert!(changed(&|s| s.draws[1] = own(&[0; 32])).is_err());
    assert!(changed(&|s| s.outputs.swap(0, 1)).is_err());
    assert_eq!(changed(&|_| ()), Ok(()));
}

#[test]
fn the_prover_gives_up_on_weights_that_are_too_wide() {
    let generators = Generators::derive(TOY_2.log_n);
    let shape = shape(6, 4, 2, 2, 12, 1, 16);
    let mut weights = weights(shape);
    weights.matrices.iter_mut().flat_map(|m| &mut m.entries).for_each(|w| *w *= 32);
    let outcome = prove_it(&TOY_2, &weights, vec![Draw::Common], context(), &generators);
    assert!(matches!(outcome, Err(Failure::Weights(_))), "{outcome:?}");
}

/// A network of no release: two convolutions of 1 x 1, of which the second leaves every other place out.
fn custom() -> Draw {
    let mut network = b"huref/cnn/v1\x02".to_vec();
    for (numbers, weights) in
        [([2_u32, 3, 1, 1, 3], &[100_u8, 20, 30, 0xff, 0xfe, 90][..]), ([2, 2, 1, 2, 0], &[7, 0x80, 127, 5])]
    {
        network.extend(numbers.iter().flat_map(|x| x.to_be_bytes()));
        network.extend(weights);
        network.extend([0, 0, 0x10, 0, 0xff, 0xff, 0xf0, 0]);
    }
    Draw::Custom { network }
}

#[test]
fn accepts_networks_of_no_release() {
    let generators = Generators::derive(TOY_2.log_n);
    for draws in [vec![custom()], vec![custom(), own(&[])], vec![custom(), own(&[0xbe; 32])]] {
        for (profile, layers) in [(&TOY_2, 1), (&TOY_2, 3), (&TOY_2_CNN, 2)] {
            let weights = weights(shape(6, 4, 2, 2, 12, layers, 16));
            let (statement, proof) = prove_it(profile, &weights, draws.clone(), context(), &generators).unwrap();
            assert_eq!(verify(&statement, &proof, &generators), Ok(()), "{}, {draws:?}, {layers} layers", profile.name);
        }
    }
    // one that makes nothing of the weights has no vector
    let Draw::Custom { mut network } = custom() else { unreachable!() };
    let last = network.len() - 12;
    network[last..].fill(0);
    let constant = vec![Draw::Custom { network }];
    let outcome = prove_it(&TOY_2, &weights(shape(6, 4, 2, 2, 12, 1, 16)), constant, context(), &generators);
    assert!(matches!(outcome, Err(Failure::Weights(_))), "{outcome:?}");
    // one that is none is no encoder of the prover, either
    let none = vec![Draw::Custom { network: b"huref/cnn/v1".to_vec() }];
    let outcome = prove_it(&TOY_2, &weights(shape(6, 4, 2, 2, 12, 1, 16)), none, context(), &generators);
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
        common: Labels { sketch: "made-up/sketch", encoder: "made-up/encoder" },
        ..TOY_2.clone()
    }));
    let shape = shape(6, 4, 2, 2, 12, 1, 16);
    let (statement, proof, generators) = road(profile, shape.clone());
    assert_eq!(verify(&statement, &proof, &generators), Ok(()));
    let (toy, proof_of_toy, _) = road(&TOY_2, shape);
    assert_ne!(statement.outputs[0].z.len(), toy.outputs[0].z.len());
    assert!(verify(&statement, &proof_of_toy, &generators).is_err());
    // no network of this release, and one that gives another number of outputs
    let EncoderKind::Cnn { network } = TOY_2_CNN.encoder else { panic!("a network") };
    for network in [[0; 32], network] {
        let network = Profile { encoder: EncoderKind::Cnn { network }, ..profile.clone() };
        let other = Statement { profile: Box::leak(Box::new(network)), ..statement.clone() };
        assert_eq!(verify(&other, &proof, &generators), Err(Rejected::Check("encoder")));
    }
}
