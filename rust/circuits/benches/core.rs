//! Times of the core, each beside its yardstick in the same run: machines differ and are never quiet, ratios hold.
//!
//! ```text
//! cargo bench -p huref-circuits --bench core -- field            multiplication in the base field against arkworks
//! cargo bench -p huref-circuits --bench core -- rows             committing a row against arkworks' multiplication
//! cargo bench -p huref-circuits --bench core -- road minilm      the whole road from integers, sizes of MiniLM
//! cargo bench -p huref-circuits --bench core -- road llama-7b    sizes of LLaMA-7B, two layers (3 GiB, a minute)
//! cargo bench -p huref-circuits --bench core -- prove llama-7b   the same without a commitment: to look at the prover alone
//! cargo bench -p huref-circuits --bench core -- canonical llama-7b   canonical form and rounding, from single precision
//! ```

use ark_ff::UniformRand;
use huref_circuits::{
    canonical::{RawLayer, RawModel, Source, quantise},
    commit::{generators::Generators, rows::commit_rows},
    curve::{Base, Scalar, msm},
    fingerprint::round,
    poly::signed,
    profile::ROBUST_1,
    progress::Progress,
    prove::prove,
    secrets::{Blinds, Seed, WeightsDigest},
    sketch::sketches,
    statement::{Shape, Statement},
    verify::verify,
    weights::{Matrix, Weights},
};
use std::{hint::black_box, time::Instant};

/// Splitmix64: fast, seeded, good enough for sizes.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// About normal with standard deviation 430: four uniform 12-bit numbers less their mean, as weights after rounding.
    fn weight(&mut self) -> i16 {
        let bits = self.next();
        let sum = (0..4).map(|i| (bits >> (12 * i) & 0xfff) as i32).sum::<i32>() - 4 * 2048;
        (sum * 3 / 16).clamp(-2047, 2047) as i16
    }
}

fn seconds<T>(what: &str, f: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let out = f();
    println!("{what:28} {:9.3} s", start.elapsed().as_secs_f64());
    out
}

/// The fastest of some runs, in nanoseconds.
fn fastest(runs: usize, mut f: impl FnMut()) -> f64 {
    let time = |()| {
        let start = Instant::now();
        f();
        start.elapsed().as_secs_f64() * 1e9
    };
    std::iter::repeat_n((), runs).map(time).fold(f64::INFINITY, f64::min)
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("peak memory unknown").to_owned()
}

fn field() {
    const STEPS: usize = 1_000_000;
    fn chain<F: ark_ff::Field + UniformRand>() -> (f64, f64) {
        let mut rng = ark_std::test_rng();
        let (x, y) = (F::rand(&mut rng), F::rand(&mut rng));
        let multiply = fastest(9, || {
            black_box((0..STEPS).fold(black_box(x), |z, _| z * y));
        });
        let square = fastest(9, || {
            black_box((0..STEPS).fold(black_box(x), |z, _| z.square()));
        });
        (multiply / STEPS as f64, square / STEPS as f64)
    }
    let (ours, theirs) = (chain::<Base>(), chain::<ark_secp256k1::Fq>());
    println!("multiplication {:.1} ns, arkworks {:.1} ns, ratio {:.2}", ours.0, theirs.0, theirs.0 / ours.0);
    println!("square         {:.1} ns, arkworks {:.1} ns, ratio {:.2}", ours.1, theirs.1, theirs.1 / ours.1);
}

fn shape(hidden: u32, heads: u32, head_dim: u32, ffn: u32, tokens: usize) -> Shape {
    let tokens = (0..tokens).map(|i| format!("token-{i}").into_bytes()).collect();
    Shape { hidden, heads, kv_heads: heads, head_dim, ffn, layers: vec![30, 31], tokens }
}

fn weights(shape: Shape) -> Weights {
    let mut random = Random(7);
    let columns = shape.hidden as usize;
    let matrix = |rows: &usize| Matrix { columns, entries: (0..rows * columns).map(|_| random.weight()).collect() };
    let matrices = shape.matrices().iter().map(matrix).collect();
    Weights::new(shape, matrices).expect("matrices of the shape")
}

fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool").install(f)
}

fn rows() {
    let n = ROBUST_1.n();
    let generators = Generators::derive(ROBUST_1.log_n);
    let weights = weights(shape(4096, 8, 128, 1024, 1024));
    let count: usize = weights.matrices.iter().map(|m| m.entries.len()).sum();
    let blind = |_: usize| Scalar::from(3_u64);
    let commit = || commit_rows(&weights, &ROBUST_1, &generators, &blind, &Progress::default()).expect("not cancelled");
    let ours = |threads| fastest(3, || on_threads(threads, || drop(black_box(commit())))) / count as f64;
    let (one, two) = (ours(1), ours(2));
    let row: Vec<Scalar> = weights.matrices[0].entries[..n].iter().map(|&w| signed(i128::from(w))).collect();
    let theirs = fastest(3, || on_threads(1, || drop(black_box(msm(&generators.g, &row))))) / n as f64;
    println!("row commitment, per weight: {one:.0} ns on one core, {two:.0} ns on two (ratio {:.2})", one / two);
    println!("arkworks msm on one such row: {theirs:.0} ns on one core, ratio {:.2}", theirs / one);
}

/// A tensor that is made up as it is read.
struct MadeUp(usize, usize);

impl Source for MadeUp {
    fn rows(&self) -> usize {
        self.0
    }
    fn columns(&self) -> usize {
        self.1
    }
    fn read(&self, row: usize, out: &mut [f64]) {
        let mut random = Random(row as u64);
        out.iter_mut().for_each(|w| *w = f64::from(random.weight()));
    }
    fn name(&self) -> String {
        "made up".into()
    }
}

fn canonical(shape: &Shape) {
    let (d, h, f) = (shape.hidden as usize, shape.query_rows(), shape.ffn as usize);
    let (wide, tall, up, down, x) = (MadeUp(h, d), MadeUp(d, h), MadeUp(f, d), MadeUp(d, f), MadeUp(shape.tokens.len(), d));
    let layer = || RawLayer {
        q: &wide,
        k: &wide,
        v: &wide,
        o: &tall,
        up: vec![&up],
        down: vec![&down],
        attention_norm: Some(vec![1.0; d]),
        ffn_norm: Some(vec![1.0; d]),
        attention_out_norm: None,
        ffn_out_norm: None,
        q_norm: None,
        k_norm: None,
    };
    let layers = shape.layers.iter().map(|_| layer()).collect();
    let model = RawModel { embedding: &x, layers, layer_norm: false, unit_rows: true };
    let weights = seconds("canonical form", || quantise(&ROBUST_1, shape, &model, &Progress::default()).expect("weights"));
    println!("{} integers, {}", weights.matrices.iter().map(|m| m.entries.len()).sum::<usize>(), peak());
}

fn road(shape: Shape, committed: bool) {
    let generators = seconds("generators", || Generators::derive(ROBUST_1.log_n));
    let weights = seconds("(weights made up)", || weights(shape));
    let count: usize = weights.matrices.iter().map(|m| m.entries.len()).sum();
    println!("{count} integers, {}", peak());
    let progress = Progress::default();
    let seed = Seed([3; 32]);
    let commitment = seconds("commit", || {
        if !committed {
            return vec![generators.h; weights.shape.commitment_rows(&ROBUST_1).iter().sum()];
        }
        let blinds = Blinds::new(&seed, &WeightsDigest::new(&weights));
        commit_rows(&weights, &ROBUST_1, &generators, &|row| blinds.row(row), &progress).expect("not cancelled")
    });
    println!("{}", peak());
    let sketches = seconds("sketch", || sketches(&ROBUST_1, &weights, &progress).expect("a sketch"));
    let rounded = seconds("encode", || round(&ROBUST_1, &sketches).expect("a fingerprint"));
    let public = rounded.public.clone();
    let statement = Statement { profile: &ROBUST_1, shape: weights.shape.clone(), commitment, public };
    let proof = seconds("prove", || {
        prove(&weights, &statement, &sketches, &rounded, &seed, &[5; 32], &generators, &progress).expect("a proof")
    });
    println!("{}", peak());
    for _ in 0..if committed { 3 } else { 0 } {
        let verdict = seconds("verify, one core", || on_threads(1, || verify(&statement, &proof, &generators)));
        assert_eq!(verdict, Ok(()));
    }
    println!("{} bytes of proof", proof.len());
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let minilm = || shape(384, 12, 32, 1536, 4096);
    let llama = || shape(4096, 32, 128, 11008, 4096);
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["field"] => field(),
        ["rows"] => rows(),
        ["road", "minilm"] => road(minilm(), true),
        ["road", "llama-7b"] => road(llama(), true),
        ["prove", "minilm"] => road(minilm(), false),
        ["prove", "llama-7b"] => road(llama(), false),
        ["canonical", "minilm"] => canonical(&minilm()),
        ["canonical", "llama-7b"] => canonical(&llama()),
        _ => println!("core field | rows | (road | prove | canonical) (minilm | llama-7b)"),
    }
}
