//! Times of the core, each beside its yardstick in the same run: machines differ and are never quiet, ratios hold.
//!
//! ```text
//! cargo bench -p huref-circuits --bench core -- field            multiplication in the base field against arkworks
//! cargo bench -p huref-circuits --bench core -- rows             committing to 64 and 1,024 rows, per weight
//! cargo bench -p huref-circuits --bench core -- rows 4096        committing to so many rows
//! cargo bench -p huref-circuits --bench core -- multiples        sums of any multiples of points
//! cargo bench -p huref-circuits --bench core -- road minilm      the whole road from integers, sizes of MiniLM
//! cargo bench -p huref-circuits --bench core -- road llama-7b    sizes of LLaMA-7B, two layers (3 GiB, a minute)
//! cargo bench -p huref-circuits --bench core -- road minilm common   the same with the common draw alone
//! cargo bench -p huref-circuits --bench core -- prove llama-7b   the same without a commitment: to look at the prover alone
//! cargo bench -p huref-circuits --bench core -- drift llama-7b   how far one model is from another (3 GiB, a minute)
//! cargo bench -p huref-circuits --bench core -- batch llama-7b   verifying many proofs together against one (minutes)
//! cargo bench -p huref-circuits --bench core -- inverse llama-7b   X before rounding
//! cargo bench -p huref-circuits --bench core -- canonical llama-7b   canonical form and rounding, from single precision
//! ```
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use ark_ec::VariableBaseMSM;
use ark_ff::{PrimeField, UniformRand};
use huref_circuits::{
    batch::Batch,
    context::Context,
    curve::{Affine, Base, Scalar, encode, normalise},
    draw::{Draw, Streams},
    drift::{Drift, Limit, Partition},
    multiply::{Buckets, msm},
    profile::ROBUST_2,
    prover::{
        canonical::{
            Memory, RawAttention, RawNeurons, Source, inverse_embedding, quantise_attention, quantise_embedding,
            quantise_neurons,
        },
        drift::Measured,
        fingerprint::round,
        generators::derive,
        progress::Progress,
        prove::prove,
        rows::{commit_rows, rows_of},
        secrets::{Blinds, Model, Rule, Seed, WeightsDigest},
        sketch::sketches,
        subsets::{Arithmetic, sums_with},
        weights::{Matrix, Weights},
    },
    statement::{Shape, Statement},
    verify::verify,
    wire::{commitment_id, read_points},
};
use rayon::prelude::*;
use std::{hint::black_box, sync::LazyLock, time::Instant};

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

    /// Uniform, in two's complement.
    fn bits(&mut self, bits: u32) -> i16 {
        (self.next() >> 48) as i16 >> (16 - bits)
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

/// Nanoseconds by the clock.
fn clock() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64() * 1e9
}

/// Nanoseconds that processors spent on this process: another job on the machine does not count.
fn processor() -> f64 {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    spent.tv_sec as f64 * 1e9 + spent.tv_nsec as f64
}

/// The fastest of some turns of each job, in nanoseconds. Jobs take turns, so that they see the same machine.
fn fastest<const N: usize>(turns: usize, now: fn() -> f64, mut jobs: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..turns {
        for (best, job) in best.iter_mut().zip(&mut jobs) {
            let start = now();
            job();
            *best = best.min(now() - start);
        }
    }
    best
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("peak memory unknown").to_owned()
}

fn field() {
    const STEPS: usize = 100_000;
    fn multiplications<F: ark_ff::Field + UniformRand>() -> impl FnMut() {
        let mut rng = ark_std::test_rng();
        let (x, y) = (F::rand(&mut rng), F::rand(&mut rng));
        move || {
            black_box((0..STEPS).fold([black_box(x), y], |[z, w], _| [z * y, w * y]));
        }
    }
    fn squares<F: ark_ff::Field + UniformRand>() -> impl FnMut() {
        let x = F::rand(&mut ark_std::test_rng());
        move || {
            black_box((0..STEPS).fold([black_box(x), x], |[z, w], _| [z.square(), w.square()]));
        }
    }
    let times = fastest(
        15,
        processor,
        [
            &mut multiplications::<Base>(),
            &mut multiplications::<ark_secp256k1::Fq>(),
            &mut squares::<Base>(),
            &mut squares::<ark_secp256k1::Fq>(),
        ],
    );
    let [a, b, c, d] = times.map(|time| time / (2 * STEPS) as f64);
    println!("multiplication {a:.1} ns, arkworks {b:.1} ns, ratio {:.2}", b / a);
    println!("square         {c:.1} ns, arkworks {d:.1} ns, ratio {:.2}", d / c);
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

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool")
}

fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    pool(threads).install(f)
}

/// The same points for arkworks, on its own field.
fn for_arkworks(points: &[Affine]) -> Vec<ark_secp256k1::Affine> {
    let coordinate = |x: Base| ark_secp256k1::Fq::from_bigint(x.into_bigint()).expect("the same field");
    points.iter().map(|p| ark_secp256k1::Affine::new(coordinate(p.x), coordinate(p.y))).collect()
}

/// Committing to rows of so many bits: tables of subset sums for all rows at once, by the fastest arithmetic of the
/// machine, with AVX2 alone and by that of every machine, the bucket tree and arkworks row by row, all per weight. On one
/// core in processor time, on two by the clock.
fn rows(count: usize) {
    let n = ROBUST_2.n();
    let generators = derive(ROBUST_2.log_n);
    let theirs = for_arkworks(generators.g());
    let (progress, pools) = (Progress::default(), [1, 2].map(pool));
    for bits in [8, 12, 16] {
        let mut random = Random(7);
        let weights: Vec<i16> = (0..count * n).map(|_| random.bits(bits)).collect();
        let rows: Vec<&[i16]> = weights.chunks(n).collect();
        // one row on each thread is as good as all of them
        let few = &rows[..2];
        let small: Vec<Vec<Scalar>> =
            few.iter().map(|row| row.iter().map(|&w| i128::from(w).into()).collect()).collect();
        for (threads, pool) in [1, 2].into_iter().zip(&pools) {
            let few = &few[..threads];
            let tables = |arithmetic| drop(black_box(sums_with(arithmetic, &rows, generators.g(), &progress)));
            let tree = || few.par_iter().for_each(|row| _ = black_box(Buckets::default().sum(row, generators.g())));
            let arkworks = || {
                let sum = |row: &Vec<Scalar>| _ = black_box(ark_secp256k1::Projective::msm(&theirs, row));
                small[..threads].par_iter().for_each(sum);
            };
            let now = if threads == 1 { processor } else { clock };
            let times = fastest(
                5,
                now,
                [
                    &mut || pool.install(|| tables(Arithmetic::Ifma)),
                    &mut || pool.install(|| tables(Arithmetic::Avx2)),
                    &mut || pool.install(|| tables(Arithmetic::Portable)),
                    &mut || pool.install(tree),
                    &mut || pool.install(arkworks),
                ],
            );
            let [a, b, c] = [times[0], times[1], times[2]].map(|time| time / (rows.len() * n) as f64);
            let [d, e] = [times[3], times[4]].map(|time| time / (threads * n) as f64);
            println!(
                "{count} rows of {bits:2} bits, {threads} cores: tables {a:5.1} ns, avx2 {b:5.1}, portable {c:5.1}, \
                 bucket tree {d:5.1}, arkworks {e:5.1}; ratio {:4.1}, {:4.1}, {:4.1}, {:4.1}",
                e / a,
                e / b,
                e / c,
                e / d
            );
        }
    }
}

/// Sums of any multiples, as the verifier has them.
fn multiples() {
    let n = ROBUST_2.n();
    let generators = derive(ROBUST_2.log_n);
    let theirs = for_arkworks(generators.g());
    let mut rng = ark_std::test_rng();
    let scalars: Vec<Scalar> = (0..n).map(|_| Scalar::rand(&mut rng)).collect();
    let times = fastest(
        15,
        processor,
        [&mut || _ = black_box(msm(generators.g(), &scalars)), &mut || {
            _ = black_box(ark_secp256k1::Projective::msm(&theirs, &scalars))
        }],
    );
    let [a, b] = times.map(|time| time / n as f64);
    println!("any scalars, per point: {a:.0} ns, arkworks msm {b:.0} ns, ratio {:.2}", b / a);
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
    fn read(&self, row: usize, first: usize, out: &mut [f64]) {
        let mut random = Random((row * self.1 + first) as u64);
        out.iter_mut().for_each(|w| *w = f64::from(random.weight()));
    }
    fn name(&self) -> String {
        "made up".into()
    }
}

fn canonical(shape: &Shape) {
    let (d, h, f) = (shape.hidden as usize, shape.query_rows(), shape.ffn as usize);
    let (wide, tall, up, down, x) =
        (MadeUp(h, d), MadeUp(d, h), MadeUp(f, d), MadeUp(d, f), MadeUp(shape.tokens.len(), d));
    let (layer_norm, norm) = (false, Some(vec![1.0; d]));
    let (out_norm, q_norm, k_norm) = (None, None, None);
    let number = 0;
    let attention = RawAttention {
        number,
        layer_norm,
        q: &wide,
        k: &wide,
        v: &wide,
        o: &tall,
        norm: norm.clone(),
        out_norm,
        q_norm,
        k_norm,
    };
    let neurons = RawNeurons { number, layer_norm, up: vec![&up], down: vec![&down], norm, out_norm: None };
    let progress = Progress::default();
    let count = seconds("canonical form", || {
        let x = quantise_embedding(&ROBUST_2, shape, &x, false, true, &progress).expect("embeddings");
        let mut memory = Memory::default();
        let layers = shape.layers.iter().map(|_| {
            let attention = quantise_attention(&ROBUST_2, shape, &attention, None, &mut memory, &progress);
            let neurons = quantise_neurons(&ROBUST_2, shape, &neurons, &progress);
            attention.expect("attention").into_iter().chain(neurons.expect("neurons"))
        });
        layers.flatten().chain(x).map(|matrix| matrix.entries.len()).sum::<usize>()
    });
    println!("{count} integers, {}", peak());
}

fn inverse(shape: &Shape) {
    let x = MadeUp(shape.tokens.len(), shape.hidden as usize);
    let x = seconds("X", || inverse_embedding(&x, false, false, &Progress::default()).expect("embeddings"));
    println!("{} numbers, {}", x.len(), peak());
}

fn road(shape: Shape, committed: bool, draws: Vec<Draw>) {
    let generators = seconds("generators", || derive(ROBUST_2.log_n));
    let weights = seconds("(weights made up)", || weights(shape));
    let count: usize = weights.matrices.iter().map(|m| m.entries.len()).sum();
    println!("{count} integers, {}", peak());
    let progress = Progress::default();
    let seed = Seed([3; 32]);
    let commitment = seconds("commit", || {
        if !committed {
            return vec![generators.h(); weights.shape.commitment_rows(&ROBUST_2).iter().sum()];
        }
        let blinds = Blinds::new(&seed, &WeightsDigest::new(Rule::Tree, &weights, &ROBUST_2));
        commit_rows(&weights, &ROBUST_2, &generators, &|row| blinds.row(row), &progress).expect("not cancelled")
    });
    println!("{}", peak());
    let id = commitment_id(&ROBUST_2, &weights.shape, &commitment);
    let streams: Vec<_> = draws.iter().map(|draw| draw.streams(&ROBUST_2, &id)).collect();
    let sketches = seconds("sketch", || sketches(&ROBUST_2, &weights, &streams, &progress).expect("a sketch"));
    let rounded = seconds("encode", || round(&ROBUST_2, &sketches, &streams).expect("a fingerprint"));
    let (shape, outputs, context) = (weights.shape.clone(), rounded.outputs.clone(), Context::default());
    let statement = Statement { profile: &ROBUST_2, shape, commitment, draws, outputs, context };
    let proof = seconds("prove", || {
        let digest = WeightsDigest::new(Rule::Tree, &weights, &ROBUST_2);
        let model = Model { weights: &weights, digest: &digest, seed: &seed };
        prove(&[model], &statement, &sketches, &rounded, &[5; 32], &generators, &progress).expect("a proof")
    });
    println!("{}", peak());
    for _ in 0..if committed { 3 } else { 0 } {
        let verdict = seconds("verify, one core", || on_threads(1, || verify(&statement, &proof, &generators)));
        assert_eq!(verdict, Ok(()));
    }
    println!("{} bytes of proof", proof.len());
}

/// A model and the same with noise of one per cent: the drift between both, matrix by matrix.
fn drift(shape: Shape) {
    let (generators, progress) = (derive(ROBUST_2.log_n), Progress::default());
    let first = weights(shape);
    let noise = |(i, &x): (usize, &i16)| (x + ((i * 7919) % 21) as i16 - 10).clamp(-2047, 2047);
    let moved = |matrix: &Matrix| {
        let entries = matrix.entries.iter().enumerate().map(noise).collect();
        Matrix { columns: matrix.columns, entries }
    };
    let second = first.matrices.iter().map(moved).collect();
    let second = Weights::new(first.shape.clone(), second).expect("the same shape");
    println!("{} integers each, {}", first.matrices.iter().map(|m| m.entries.len()).sum::<usize>(), peak());
    let seeds = [Seed([3; 32]), Seed([4; 32])];
    let digests = [&first, &second].map(|weights| WeightsDigest::new(Rule::Tree, weights, &ROBUST_2));
    let models: Vec<Model<'_>> = [&first, &second]
        .into_iter()
        .zip(&digests)
        .zip(&seeds)
        .map(|((weights, digest), seed)| Model { weights, digest, seed })
        .collect();
    let commit = |model: &Model<'_>| {
        let blinds = Blinds::new(model.seed, model.digest);
        commit_rows(model.weights, &ROBUST_2, &generators, &|row| blinds.row(row), &progress).expect("not cancelled")
    };
    let commitment = seconds("commit, both", || models.iter().flat_map(commit).collect::<Vec<_>>());
    let rows: Vec<&[i16]> = [&first, &second].iter().flat_map(|w| rows_of(&w.matrices, &ROBUST_2)).collect();
    let measured = seconds("measure", || Measured::new(&rows));
    let exponents = measured.matrices(&ROBUST_2, &first.shape).into_iter().map(|(x, ..)| Some(x)).collect();
    let (shape, context) = (first.shape.clone(), Context::default());
    let (partition, limit) = (Partition::Matrices, Limit::Relative(1));
    let mut statement =
        Drift { profile: &ROBUST_2, shape, commitment, public: None, exponents, partition, limit, context };
    statement.limit = Limit::Relative(measured.least(&statement).expect("near"));
    let proof = seconds("prove", || {
        prove(&models, &statement, &[], &measured, &[5; 32], &generators, &progress).expect("a proof")
    });
    println!("{:?}, {}", statement.limit, peak());
    for _ in 0..3 {
        let verdict = seconds("verify, one core", || on_threads(1, || verify(&statement, &proof, &generators)));
        assert_eq!(verdict, Ok(()));
    }
    println!("{} bytes of proof", proof.len());
}

/// Proofs of one block: as many as the Python binding verifies together.
const TOGETHER: usize = 16;

/// Proofs of one model under as many commitments, so that no two share a point, each by itself and all together. Decoding
/// the commitment belongs to both.
fn batch(shape: Shape) {
    let (generators, weights, progress) = (derive(ROBUST_2.log_n), weights(shape), Progress::default());
    let digest = WeightsDigest::new(Rule::Tree, &weights, &ROBUST_2);
    let first = Blinds::new(&Seed([0; 32]), &digest);
    let rows = commit_rows(&weights, &ROBUST_2, &generators, &|row| first.row(row), &progress).expect("not cancelled");
    // the common draw is that of every commitment
    let streams = [Streams::common(&ROBUST_2)];
    let sketches = sketches(&ROBUST_2, &weights, &streams, &progress).expect("a sketch");
    let rounded = round(&ROBUST_2, &sketches, &streams).expect("a fingerprint");
    let made = (0..TOGETHER as u8).map(|i| {
        let seed = Seed([i; 32]);
        let blinds = Blinds::new(&seed, &digest);
        let shifted = |(row, &point)| generators.h() * (blinds.row(row) - first.row(row)) + point;
        let commitment = normalise(&rows.iter().enumerate().map(shifted).collect::<Vec<_>>());
        let (shape, outputs, context) = (weights.shape.clone(), rounded.outputs.clone(), Context::default());
        let draws = vec![Draw::Common];
        let statement = Statement { profile: &ROBUST_2, shape, commitment, draws, outputs, context };
        let model = Model { weights: &weights, digest: &digest, seed: &seed };
        let proof = prove(&[model], &statement, &sketches, &rounded, &[i; 32], &generators, &progress);
        (statement, proof.expect("a proof"))
    });
    let made: Vec<(Statement, Vec<u8>)> = made.collect();
    let (statement, proof) = &made[0];
    let rows: Vec<u8> = statement.commitment.iter().flat_map(encode).collect();
    let times = on_threads(1, || {
        let mut decode = || drop(black_box(read_points(&rows)));
        let mut one = || assert_eq!(verify(statement, proof, &generators), Ok(()));
        let mut all = || {
            let mut batch = Batch::new(&generators, &[7; 32]);
            made.iter().for_each(|(statement, proof)| batch.add(statement, proof));
            assert!(batch.verdicts().all(|verdict| verdict.is_ok()));
        };
        fastest(5, processor, [&mut decode as &mut dyn FnMut(), &mut one, &mut all])
    });
    let [decode, one, all] = times.map(|time| time / 1e6);
    let hundred = (decode + all / TOGETHER as f64) * 100.0;
    println!("{} commitment rows; decoding them {decode:.1} ms, one core", statement.commitment.len());
    println!("one proof {one:.1} ms, {TOGETHER} together {:.1} ms each, {}", all / TOGETHER as f64, peak());
    println!("100 bundles cost {:.1} times one", hundred / (decode + one));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let minilm = || shape(384, 12, 32, 1536, 4096);
    let llama = || shape(4096, 32, 128, 11008, 4096);
    let common = || vec![Draw::Common];
    let both = || vec![Draw::Common, Draw::Own { beacon: Vec::new() }];
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["field"] => field(),
        ["rows"] => [64, 1024].into_iter().for_each(rows),
        ["rows", count] => rows(count.parse().expect("a number of rows")),
        ["multiples"] => multiples(),
        ["road", "minilm"] => road(minilm(), true, both()),
        ["road", "minilm", "common"] => road(minilm(), true, common()),
        ["road", "llama-7b"] => road(llama(), true, both()),
        ["road", "llama-7b", "common"] => road(llama(), true, common()),
        ["prove", "minilm"] => road(minilm(), false, both()),
        ["prove", "minilm", "common"] => road(minilm(), false, common()),
        ["prove", "llama-7b"] => road(llama(), false, both()),
        ["prove", "llama-7b", "common"] => road(llama(), false, common()),
        ["drift", "minilm"] => drift(minilm()),
        ["drift", "llama-7b"] => drift(llama()),
        ["batch", "minilm"] => batch(minilm()),
        ["batch", "llama-7b"] => batch(llama()),
        ["inverse", "minilm"] => inverse(&minilm()),
        ["inverse", "llama-7b"] => inverse(&llama()),
        ["canonical", "minilm"] => canonical(&minilm()),
        ["canonical", "llama-7b"] => canonical(&llama()),
        _ => println!(
            "core field | rows [COUNT] | multiples | (road | prove | batch | canonical | inverse) (minilm | llama-7b)"
        ),
    }
}
