//! The core's table of profiles.

use huref_circuits::profile::{EncoderKind, Labels, Profile as Rules};
use pyo3::prelude::*;

/// Labels of the streams of P and Q, and of R.
type Names = (&'static str, &'static str);

/// A complete set of rules, as the core has it.
#[pyclass(frozen, get_all, module = "huref._native")]
pub struct Profile {
    name: &'static str,
    /// In the order in which the transcript absorbs them.
    numbers: Vec<(&'static str, u64)>,
    generators: String,
    encoder: &'static str,
    network: Option<String>,
    protocol: &'static str,
    common: Names,
    fresh: Names,
    purpose: &'static str,
    tokens: &'static str,
    words_first: bool,
    layers: u32,
}

impl Profile {
    pub fn new(rules: &Rules) -> Self {
        let (encoder, network) = match rules.encoder {
            EncoderKind::Linear => ("linear", None),
            EncoderKind::Cnn { network } => ("cnn", Some(hexadecimal(&network))),
        };
        let names = |Labels { sketch, encoder }: Labels| (sketch, encoder);
        Self {
            name: rules.name,
            numbers: rules.numbers().to_vec(),
            generators: hexadecimal(&rules.generators),
            encoder,
            network,
            protocol: rules.protocol,
            common: names(rules.common),
            fresh: names(rules.fresh),
            purpose: rules.defaults.purpose,
            tokens: rules.defaults.tokens,
            words_first: rules.defaults.words_first,
            layers: rules.defaults.layers,
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
