//! Conversions between Python values and those of the core.

use huref_circuits::{
    canonical::{Dtype, RawLayer, RawMatrix, RawModel},
    commit::generators::Generators,
    profile::Profile,
    statement::{Public, Shape},
};
