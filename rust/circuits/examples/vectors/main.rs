//! Writes proofs/vectors: valid proofs of toy models, and invalid ones with the check that must refuse each.
//!
//! ```text
//! cargo run --release --features liar --example vectors -- proofs/vectors
//! ```
//!
//! All randomness is fixed, so the files are the same byte for byte every time. A vector that this verifier does not judge as
//! stated is not written: the program stops.

#[path = "../../tests/soundness/book.rs"]
mod book;
#[path = "../../tests/soundness/cancel.rs"]
mod cancel;
#[path = "../../tests/soundness/crude.rs"]
mod crude;
#[path = "../../tests/soundness/far.rs"]
mod far;
#[path = "../../tests/soundness/forge.rs"]
mod forge;
#[path = "../../tests/soundness/liars.rs"]
mod liars;
#[path = "../../tests/soundness/lies.rs"]
mod lies;
#[path = "../../tests/soundness/naive.rs"]
mod naive;
#[path = "../../tests/soundness/near.rs"]
mod near;
#[path = "../../tests/soundness/related.rs"]
mod related;
#[path = "../../tests/toy/mod.rs"]
mod toy;

mod changed;
mod drift;
mod encodings;
mod forgeries;
#[path = "near.rs"]
mod nearness;
mod valid;
mod vector;

use std::{collections::BTreeSet, path::Path};

fn main() {
    let folder = std::env::args().nth(1).expect("the folder proofs/vectors");
    let folder = Path::new(&folder);
    let valid = [valid::vectors(), nearness::valid(), drift::valid()].concat();
    valid.iter().for_each(|vector| vector.write(&folder.join("valid")));
    let invalid =
        [changed::vectors(), encodings::vectors(), forgeries::vectors(), nearness::invalid(), drift::invalid()]
            .concat();
    let names: BTreeSet<&str> = invalid.iter().map(|vector| vector.name.as_str()).collect();
    assert_eq!(names.len(), invalid.len(), "two vectors of one name");
    invalid.iter().for_each(|vector| vector.write(&folder.join("invalid")));
    println!("{} invalid vectors", invalid.len());
}
