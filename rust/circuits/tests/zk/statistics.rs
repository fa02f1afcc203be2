//! Real and simulated proofs pass the same statistical tests: their scalars look uniform, byte by byte and place by place,
//! and so do the coordinates of their points. Seeds are fixed, so the tests are too.

use super::{
    random::Random,
    simulator::{nobodys, simulate},
    toy::{Toy, layout::parts},
};
use huref_circuits::{statement::Statement, wire::SCALAR};

/// How many proofs of each kind.
const PROOFS: u8 = 40;

/// The bytes of every part of this length, without prefixes of points.
fn samples(statement: &Statement, proof: &[u8], scalars: bool) -> Vec<[u8; 32]> {
    let these = parts(statement).into_iter().filter(|part| (part.length == SCALAR) == scalars);
    these.map(|part| proof[part.start + part.length - 32..][..32].try_into().unwrap()).collect()
}

/// Chi-square of the byte values, 255 degrees of freedom.
fn chi_square(samples: &[Vec<[u8; 32]>]) -> f64 {
    let mut counts = [0_u32; 256];
    samples.iter().flatten().flatten().for_each(|&byte| counts[usize::from(byte)] += 1);
    let expected = f64::from(counts.iter().sum::<u32>()) / 256.0;
    counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum()
}

/// For each place in the proof: how far the mean of its values over all proofs is from one half, in standard deviations.
/// The largest of them.
fn furthest_mean(samples: &[Vec<[u8; 32]>]) -> f64 {
    let count = samples.len() as f64;
    let value = |bytes: &[u8; 32]| u64::from_be_bytes(bytes[..8].try_into().unwrap()) as f64 / 2_f64.powi(64);
    (0..samples[0].len())
        .map(|place| {
            let mean = samples.iter().map(|proof| value(&proof[place])).sum::<f64>() / count;
            (mean - 0.5).abs() * (12.0 * count).sqrt()
        })
        .fold(0.0, f64::max)
}

/// The tests. Mean 255, standard deviation 22.6; about 300 places of a normal variable. Bounds at 2^-20 or rarer.
fn looks_uniform(kind: &str, samples: &[Vec<[u8; 32]>]) {
    let (bytes, mean) = (chi_square(samples), furthest_mean(samples));
    assert!((150.0..375.0).contains(&bytes), "{kind}: chi-square {bytes:.0}");
    assert!(mean < 6.0, "{kind}: a mean lies {mean:.1} standard deviations off");
}

#[test]
fn real_and_simulated_proofs_look_alike() {
    let toy = Toy::small();
    let mut random = Random::new(2);
    let (statement, _) = toy.prove(0);
    let real: Vec<Vec<u8>> = (0..PROOFS).map(|i| toy.prove(i).1).collect();
    let simulated: Vec<Vec<u8>> = (0..PROOFS).map(|_| simulate(&nobodys(&toy, &mut random), &mut random).0).collect();
    for (kind, proofs) in [("real", &real), ("simulated", &simulated)] {
        for (what, scalars) in [("scalars", true), ("coordinates", false)] {
            let samples: Vec<_> = proofs.iter().map(|proof| samples(&statement, proof, scalars)).collect();
            looks_uniform(&format!("{kind} {what}"), &samples);
        }
    }
}

#[test]
fn the_tests_notice_what_is_not_uniform() {
    let mut random = Random::new(3);
    let mut samples: Vec<Vec<[u8; 32]>> =
        (0..PROOFS).map(|_| random.scalars(300).iter().map(huref_circuits::curve::scalar_to_bytes).collect()).collect();
    looks_uniform("uniform", &samples);
    // one place without its pad: a small number
    samples.iter_mut().for_each(|proof| proof[17][..8].fill(0));
    assert!(furthest_mean(&samples) > 6.0);
    // one byte of one place always the same in a few places
    samples.iter_mut().for_each(|proof| proof[..10].iter_mut().for_each(|bytes| bytes[31] = 7));
    assert!(chi_square(&samples) > 375.0);
}
