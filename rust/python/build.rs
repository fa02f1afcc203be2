//! Derives the generators once, so that no program that loads the module has to: a second for each core otherwise.

use huref_circuits::{commit::generators::Generators, profile::PROFILES};
use std::{env, fs, path::PathBuf};

fn main() {
    let largest = PROFILES.iter().map(|profile| profile.log_n).max().unwrap_or_default();
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder"));
    fs::write(folder.join("generators"), Generators::derive(largest).table()).expect("the folder is writable");
    println!("cargo::rerun-if-changed=build.rs");
}
