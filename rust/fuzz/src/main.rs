//! Mutated bytes for everything in the verifier that reads bytes, with the library built without its prover, and with
//! debug assertions and overflow checks on.
//!
//! ```text
//! cargo run --release --manifest-path rust/fuzz/Cargo.toml -- --seconds 60 [--seed 1] [--target proof]
//! ```
//!
//! It needs no nightly compiler. Inputs start from the valid vectors and from rust/fuzz/corpus. A target that panics or that
//! accepts what it must refuse writes its input to rust/fuzz/crashes, and the run fails; such an input then becomes a vector.
//! The targets are plain functions of bytes, so that a coverage-guided fuzzer can call them as well.

mod mutate;
mod targets;

use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use targets::TARGETS;

/// Value of an option, if it is given.
fn option(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}

/// Inputs to start from: those of the target itself and the files of its corpus, in order of their names.
fn corpus(folder: &Path, own: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    own.into_iter().chain(files.iter().map(|path| fs::read(path).expect("a readable file"))).collect()
}

fn main() {
    let number = |name, default| option(name).map_or(default, |text| text.parse().expect("a number"));
    let (seconds, seed) = (number("--seconds", 60), number("--seed", 1));
    let only = option("--target");
    let chosen: Vec<_> =
        TARGETS.iter().filter(|target| only.as_deref().is_none_or(|name| name == target.name)).collect();
    assert!(!chosen.is_empty(), "targets: {}", TARGETS.map(|target| target.name).join(", "));
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let each = Duration::from_secs(seconds) / u32::try_from(chosen.len()).expect("few targets");
    for target in chosen {
        let corpus = corpus(&root.join("corpus").join(target.name), (target.seeds)());
        let (start, mut random, mut inputs) = (Instant::now(), mutate::Random::new(seed), 0_u64);
        for input in &corpus {
            run(target, input, &root);
        }
        while start.elapsed() < each {
            run(target, &mutate::mutated(&corpus, &mut random), &root);
            inputs += 1;
        }
        println!(
            "{}: {inputs} inputs from {} seeds, no panic, nothing accepted that was changed",
            target.name,
            corpus.len()
        );
    }
}

/// One input. Ends the program where the target fails.
fn run(target: &targets::Target, input: &[u8], root: &Path) {
    if catch_unwind(|| (target.run)(input)).is_err() {
        let folder = root.join("crashes").join(target.name);
        fs::create_dir_all(&folder).expect("a folder for crashes");
        let path = folder.join(format!("{}.bin", input.len()));
        fs::write(&path, input).expect("the crash is written down");
        eprintln!("{}: failed; the input is in {}", target.name, path.display());
        std::process::exit(1);
    }
}
