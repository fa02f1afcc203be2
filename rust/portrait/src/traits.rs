//! From 512 public numbers to the traits of an animal.
//!
//! Every trait reads the whole vector through its own fixed pattern of signs, so no trait hangs on a few entries, and a
//! small turn of the vector moves each trait a little. Two vectors with cosine c give trait scores with correlation c.

use crate::number::{bell_share, mix, step};
use shake::{ExtendableOutput, Shake256, Update, XofReader};

/// Entries of a vector.
pub const LENGTH: usize = 512;
const UNIT: f64 = 4096.0; // vector entries are integers in units of 1/UNIT

/// The names of all traits, in order.
pub const NAMES: [&str; 70] = [
    "accent chroma",
    "accent hue",
    "accent light",
    "background chroma",
    "background depth",
    "background drift",
    "background hue",
    "background light",
    "bib",
    "blaze",
    "blaze width",
    "brown eyes",
    "brows",
    "cat pupil",
    "coat chroma",
    "coat grey",
    "coat hue",
    "coat light",
    "collar",
    "cool chroma",
    "cool hue",
    "cream",
    "cream chroma",
    "cream hue",
    "dark crown",
    "dots",
    "ear kind",
    "ear size",
    "ear splay",
    "ear tips",
    "eye amber",
    "eye chroma",
    "eye distance",
    "eye hue",
    "eye lid",
    "eye light",
    "eye size",
    "eye slant",
    "flower",
    "flower side",
    "fluff",
    "glasses",
    "head width",
    "height",
    "hill roll",
    "jaw",
    "light side",
    "muzzle",
    "muzzle pale",
    "nose height",
    "nose size",
    "pale cheeks",
    "patch",
    "patch side",
    "pink nose",
    "pupil",
    "ring width",
    "scarf",
    "scenery",
    "scenery place",
    "self coloured",
    "shift",
    "smile",
    "spots",
    "stripes",
    "tilt",
    "tongue",
    "turn",
    "whisker droop",
    "whiskers",
];

/// Which of the entries a trait counts with the opposite sign: 512 bits of SHAKE-256 of its name, the highest of a byte
/// first.
#[must_use]
pub fn pattern(name: &str) -> [bool; LENGTH] {
    let mut hasher = Shake256::default();
    hasher.update(b"huref portrait v1: ");
    hasher.update(name.as_bytes());
    let mut bits = [0_u8; LENGTH / 8];
    hasher.finalize_xof().read(&mut bits);
    std::array::from_fn(|i| bits[i / 8] >> (7 - i % 8) & 1 == 1)
}

/// Named traits of one vector, each evenly spread over 0..1 when the vector is normal.
#[derive(Clone, Copy)]
pub struct Traits<'a>(&'a [i32; LENGTH]);

impl<'a> Traits<'a> {
    pub const fn new(vector: &'a [i32; LENGTH]) -> Self {
        Self(vector)
    }

    /// The trait as a number in 0..1.
    pub fn level(&self, name: &str) -> f64 {
        debug_assert!(NAMES.contains(&name), "{name} is missing in NAMES");
        let signed = pattern(name).into_iter().zip(self.0);
        let score: i64 = signed.map(|(minus, &entry)| i64::from(if minus { -entry } else { entry })).sum();
        bell_share(score as f64 / (UNIT * (LENGTH as f64).sqrt()))
    }

    /// The trait as a number from `low` to `high`.
    pub fn between(&self, name: &str, low: f64, high: f64) -> f64 {
        mix(low, high, self.level(name))
    }

    /// Strength 0..1 of a trait that about `share` of all animals show; it fades in, it never flips.
    pub fn rare(&self, name: &str, share: f64) -> f64 {
        self.slowly(name, share, 0.12)
    }

    /// As `rare`, fading in over so much of the scale.
    pub fn slowly(&self, name: &str, share: f64, ramp: f64) -> f64 {
        step(1.0 - share - ramp * 0.5, 1.0 - share + ramp * 0.5, self.level(name))
    }
}
