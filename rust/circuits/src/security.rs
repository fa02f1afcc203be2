//! Bounds and soundness, computed from profile and shape alone.
//!
//! Field equations say something about integers only while no value reaches p/2. What a verifier knows about the size of
//! committed weights is what the projection proves: `|W|_F <= beta` (specification, "bounds"). Everything else follows.

use crate::{
    curve::Scalar,
    drift::{self, Drift, Limit},
    error::Rejected,
    nearness::{self, Nearness},
    network::{LIMIT_BITS, Network, RAISE_BITS, input_width},
    poly::log2_ceil,
    profile::Profile,
    size::size,
    statement::{Shape, z_bound},
};
use ark_ff::PrimeField;
use num_bigint::BigUint;

/// Sizes that the bit string and the checks need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// `sum Y^2 <= n_max`.
    pub n_max: BigUint,
    /// `|Z_i| < 2^(z_bits - 1)`.
    pub z_bits: usize,
    /// Width of the slack `n_max - sum Y^2`.
    pub norm_bits: usize,
    /// Width of the slack `M - V`.
    pub c_lo_bits: usize,
    /// Width of the slack `(c + 1)^2 V - M c^2 - 1`.
    pub c_hi_bits: usize,
    /// Bits of the largest possible entry of a sketch.
    pub sketch_bits: u64,
}

const MAX_SIZE: u32 = 1 << 16;
const MAX_FFN: u32 = 1 << 24;
/// Rows of all committed matrices together. A commitment row of 33 bytes holds up to 2^15 matrix rows, and a verifier keeps
/// 32 bytes for each of these: without a limit of its own a small bundle could ask for any amount of memory.
const MAX_ROWS: usize = 1 << 23;

/// Refuses what is no shape of this profile, before any loop over its sizes.
fn check_shape(shape: &Shape, profile: &Profile) -> Result<(), Rejected> {
    let ensure = |ok: bool, what| if ok { Ok(()) } else { Err(Rejected::Shape(what)) };
    let Shape { hidden, heads, kv_heads, head_dim, ffn, layers, tokens } = shape;
    let sizes = [*hidden, *heads, *kv_heads, *head_dim];
    ensure(sizes.iter().all(|s| (1..=MAX_SIZE).contains(s)), "a size is zero or above 65536")?;
    ensure((1..=MAX_FFN).contains(ffn), "ffn is zero or above 2^24")?;
    ensure((1..=size(MAX_SIZE)).contains(&layers.len()), "no layers, or too many")?;
    ensure((1..=size(MAX_SIZE)).contains(&tokens.len()), "no tokens, or too many")?;
    ensure(heads.checked_rem(*kv_heads) == Some(0), "the key/value heads do not divide the heads")?;
    ensure(size(*hidden) <= profile.n(), "the hidden size exceeds a commitment row")?;
    ensure(layers.is_sorted_by(|a, b| a < b), "layers are not strictly ascending")?;
    let mut sorted: Vec<&Vec<u8>> = tokens.iter().collect();
    sorted.sort_unstable();
    ensure(sorted.is_sorted_by(|a, b| a < b), "a token stands in the list twice")?;
    let rows = shape.matrices().into_iter().fold(0, usize::saturating_add);
    ensure(rows <= MAX_ROWS, "the matrices have more than 2^23 rows together")
}

impl Bounds {
    /// Bounds of a shape, where so many models of it are committed to.
    ///
    /// # Errors
    /// [`Rejected::Shape`] if the shape is none, or if any value of the statement could reach p/2.
    pub fn new(shape: &Shape, profile: &Profile, models: usize) -> Result<Self, Rejected> {
        check_shape(shape, profile)?;
        let big = |x: usize| BigUint::from(x);
        let half_p = BigUint::from_bytes_be(&ark_ff::BigInteger::to_bytes_be(&Scalar::MODULUS)) >> 1_u32;
        let below = |x: &BigUint, what| if *x < half_p { Ok(()) } else { Err(Rejected::Shape(what)) };
        let projection = big(size(profile.projection));
        let projection2 = &projection * &projection;
        let rows: BigUint = shape.matrices().into_iter().map(big).sum();
        let widest = (BigUint::from(1_u8) << profile.weight_bits.saturating_sub(1)) - 1_u8;
        let f2 = rows * models * big(size(shape.hidden)) * &widest * &widest;
        let n_max = (&projection2 * f2 + 1_u8) >> 1_u32;
        let z_top: BigUint = ((&n_max >> 1_u32).sqrt() + 1_u8) * 14_u8;
        let z_bits = 1_u64.saturating_add((z_top - 1_u8).bits());
        let beta = (&n_max / profile.projection_loss).sqrt() + 1_u8;
        let commitment_rows = shape.commitment_rows(profile).into_iter().map(big).sum::<BigUint>() * models;
        below(&((commitment_rows * big(profile.n())) << z_bits.saturating_add(2)), "the projection could wrap")?;
        below(&(projection2 << z_bits.saturating_mul(2)), "the norm of the projection could wrap")?;
        let tokens = big(shape.tokens.len());
        let sketch = &tokens * (tokens.sqrt() + 1_u8);
        let entry = sketch * &beta * &beta;
        let group = shape.heads.checked_div(shape.kv_heads).unwrap_or(0);
        let s_max = &entry * &entry * group;
        below(&s_max, "a sketch entry could reach p/2")?;
        let scale = (BigUint::from(1_u8) << profile.max_log_a) + 1_u8;
        let entries = big(size(profile.sketch));
        let q_norm = (&entries * &entries) << profile.q_bits.saturating_mul(2).saturating_sub(2);
        below(&(&scale * &scale * q_norm), "norms could wrap")?;
        let outputs = big(size(profile.outputs));
        let z_max = (BigUint::from(z_bound(profile)) << profile.fraction_bits)
            + (BigUint::from(1_u8) << profile.fraction_bits.saturating_sub(1));
        let v_max = &outputs * &z_max * &z_max;
        below(&(v_max << profile.max_log_c.saturating_mul(2).saturating_add(1)), "the standardisation could wrap")?;
        // c f' of a network: its sums stay below 2^45 whatever is in the bits, and |m f - sum f| <= 2 m max |f|
        let raised = RAISE_BITS.saturating_add(LIMIT_BITS).saturating_add(2).saturating_add(profile.max_log_c);
        below(&(&outputs << raised), "the encoder could wrap")?;
        let top = scale_target(profile).bits().saturating_add(2);
        let width = |x: u64| usize::try_from(x).unwrap_or(usize::MAX);
        Ok(Self {
            z_bits: width(z_bits),
            norm_bits: width(n_max.bits()),
            c_lo_bits: width(top.saturating_sub(u64::from(profile.min_log_c))),
            c_hi_bits: width(top.saturating_add(u64::from(profile.max_log_c))),
            sketch_bits: s_max.bits(),
            n_max,
        })
    }
}

/// `M = m 2^(2 (w + z_frac))`: what `c^2 sum f'^2` must come close to.
#[must_use]
pub fn scale_target(profile: &Profile) -> BigUint {
    let w = profile.fraction_bits.saturating_add(profile.z_fraction_bits);
    BigUint::from(profile.outputs) << w.saturating_mul(2)
}

/// One term of the soundness error, in bits.
#[derive(Clone, Debug, PartialEq)]
pub struct SecurityTerm {
    /// What would have to fail.
    pub name: &'static str,
    /// `-log2` of its probability, or of the work.
    pub bits: f64,
}

/// Lemma L3 holds for every h > 0 with `sup_t psi_h(t)` in place of this bound. At `h = 2.31` that supremum is below 0.55, by
/// the interval argument in proofs/spec/supremum.py; this h is best for 256 rows and a loss of 26 on each side.
const L3_H: f64 = 2.31;
const L3_SUPREMUM: f64 = 0.55;

/// A count, which is far below 2^32.
fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// What the relations of a kind of statement add to those that all kinds share, in numbers.
struct Added {
    /// Terms of all draws.
    terms: f64,
    /// Bits in addition to Z and the slack of the norm.
    wide: f64,
    /// Degrees of what stands between "bits" and "range".
    degrees: f64,
    /// Claims, linear constraints and products in addition to those of "terms", "bits" and "range".
    claims: f64,
    zeros: f64,
    products: f64,
}

fn log(x: f64) -> f64 {
    x.log2().ceil()
}

/// Every term of the soundness error of a fingerprint's statement with that many draws, of which one has this network if one
/// has its own. The level is the smallest of them.
///
/// # Errors
/// [`Rejected::Shape`] as [`Bounds::new`].
pub fn security(
    shape: &Shape,
    profile: &Profile,
    draws: usize,
    custom: Option<&Network>,
) -> Result<Vec<SecurityTerm>, Rejected> {
    let bounds = Bounds::new(shape, profile, 1)?;
    let (layers, draws) = (real(shape.layers.len()), real(draws));
    let (terms, groups) = (3.0 * draws * layers, draws * layers);
    let outputs = f64::from(profile.outputs);
    let entries = f64::from(profile.sketch).powi(2) * terms;
    // no shift exceeds 250 - q_bits, so no entry is wider than 250 bits
    let wide = entries * 250.0_f64.max(f64::from(profile.q_bits))
        + 2.0 * terms * f64::from(profile.slack_bits)
        + groups * outputs * f64::from(profile.fraction_bits)
        + groups * real(bounds.c_lo_bits.saturating_add(bounds.c_hi_bits));
    let mut added = Added {
        terms,
        wide,
        degrees: (terms + groups - 1.0) + 3.0 * log(entries + groups * outputs)     // theta; squares
            + log(groups) + log(outputs), // kappa
        claims: 2.0 + 2.0 * (terms + groups),
        zeros: 1.0,
        products: 1.0,
    };
    // a network encodes the common draw, and a statement without that draw has fewer bits and challenges
    let released = Network::of(profile)?;
    if let Some(network) = custom.or(released.as_ref()) {
        let hidden = network.hidden().iter().map(|placed| placed.sums().saturating_mul(placed.width()));
        let activations = f64::from(profile.sketch).powi(2) * 3.0 * layers;
        let sums = log(layers) + real(log2_ceil(network.hidden_sums()));
        added.wide += activations * real(input_width(profile)) + layers * real(hidden.sum());
        added.degrees += log(activations) + sums + 1.0 + 3.0 * sums; // xi, zeta, lambda; activations
        added.claims += 5.0;
        added.zeros += 1.0;
        added.products += 1.0;
    }
    Ok(budget(shape, profile, &bounds, &added))
}

/// Every term of the soundness error of a statement of nearness.
///
/// # Errors
/// [`Rejected::Shape`] as [`Bounds::new`] and [`nearness::check_bounds`].
pub fn security_of_nearness(statement: &Nearness) -> Result<Vec<SecurityTerm>, Rejected> {
    let Nearness { shape, profile, .. } = statement;
    let bounds = Bounds::new(shape, profile, 1)?;
    nearness::check_bounds(shape, profile)?;
    let layers = real(shape.layers.len());
    let terms = 3.0 * layers;
    let (pairs, low) = statement.counts();
    let (pairs, low, vectors) = (real(pairs), real(low), real(statement.in_question().len()));
    let width = real(nearness::common_shift(shape, profile)) + f64::from(nearness::Q_BITS);
    let (sign, end) = nearness::widths(profile);
    let added = Added {
        terms,
        wide: terms * f64::from(profile.sketch).powi(2) * width
            + terms * f64::from(nearness::SCALE_BITS.saturating_add(nearness::SLACK_BITS.saturating_mul(2)))
            + low * real(sign.saturating_add(end))
            + pairs * real(end),
        degrees: (terms - 1.0) + 3.0 * real(nearness::entry_variables(shape, profile))      // theta; norms
            + (layers - 1.0) + 2.0 * log(f64::from(profile.outputs)) + vectors, // delta; vectors; omega
        claims: 1.0 + 4.0 * terms + 2.0 * low + pairs,
        zeros: 2.0 + terms + layers,
        products: 1.0 + 3.0 * terms + layers + pairs,
    };
    Ok(budget(shape, profile, &bounds, &added))
}

/// The terms of the error of a statement with what its kind adds.
fn budget(shape: &Shape, profile: &Profile, bounds: &Bounds, added: &Added) -> Vec<SecurityTerm> {
    let &Added { terms, wide, degrees, claims, zeros, products } = added;
    let sides = 6.0 * real(shape.layers.len());
    // Taken apart exhaustively: a parameter added later must be thought about here and by both callers.
    let Profile {
        name: _,
        log_n: _,
        weight_bits: _,
        tokens: _,
        sketch,
        outputs: _,
        q_bits: _,
        log_norm: _,
        log_scale: _,
        fraction_bits: _,
        z_fraction_bits: _,
        slack_bits: _,
        max_log_a: _,
        min_log_c: _,
        max_log_c: _,
        projection,
        projection_z,
        projection_loss,
        generators: _,
        encoder: _,
        protocol: _,
        common: _,
        fresh: _,
        defaults: _,
    } = profile;
    let projection = f64::from(*projection);
    let (row_variables, slot_variables) = position_variables(shape, profile);
    let positions = real(row_variables.saturating_add(slot_variables));
    let all = Counts {
        wide: wide + f64::from(*projection_z) * real(bounds.z_bits) + real(bounds.norm_bits),
        degrees: (terms - 1.0) + 2.0 * log(f64::from(*sketch)) + 2.0 * positions        // rho, ri, rj; chains
            + (2.0 * terms - 1.0) + 2.0 * log(f64::from(shape.hidden))                  // beta; matrix-vector
            + degrees
            + 4.0 * log(projection), // squares of Y
        claims: 10.0 + sides + claims,
        zeros: 4.0 + zeros,
        products: terms + sides + 2.0 + products,
    };
    let (side_loss, log2_e) =
        (f64::from(u32::try_from(*projection_loss).unwrap_or(u32::MAX)).sqrt(), std::f64::consts::LOG2_E);
    let side = -projection * L3_SUPREMUM.log2() - L3_H * side_loss * log2_e;
    let mut error = error(profile, &all);
    error.insert(3, SecurityTerm { name: "projection, norm (L3)", bits: side - 1.0 });
    error
}

/// Every term of the soundness error of a statement of drift, which needs no bound on the norm.
///
/// # Errors
/// [`Rejected::Shape`] as [`Bounds::new`] and [`drift::check_bounds`].
pub fn security_of_drift(statement: &Drift) -> Result<Vec<SecurityTerm>, Rejected> {
    let Drift { shape, profile, limit, .. } = statement;
    let bounds = Bounds::new(shape, profile, statement.models())?;
    drift::check_bounds(shape, profile, statement.models(), bounds.z_bits)?;
    let rows = shape.commitment_rows(profile).into_iter().fold(0, usize::saturating_add);
    let (blocks, log_n) = (statement.blocks(), f64::from(profile.log_n));
    let relative = match limit {
        Limit::Relative(_) => 1.0,
        Limit::Absolute(_) => 0.0,
    };
    let all = Counts {
        wide: real(blocks.saturating_mul(statement.slack_bits()))
            + f64::from(profile.projection_z) * real(bounds.z_bits),
        degrees: real(log2_ceil(blocks)) + 3.0 * real(log2_ceil(rows)) + 2.0 * log_n, // rho; rows; columns
        claims: 7.0 + relative,
        zeros: 2.0,
        products: 2.0 + relative,
    };
    Ok(error(profile, &all))
}

/// What the relations of a statement come to, in numbers.
struct Counts {
    /// Bits.
    wide: f64,
    /// Degrees in addition to those of what all kinds of statements share.
    degrees: f64,
    /// Claims, linear constraints and products.
    claims: f64,
    zeros: f64,
    products: f64,
}

/// The terms of the error that all kinds of statements have.
fn error(profile: &Profile, &Counts { wide, degrees, claims, zeros, products }: &Counts) -> Vec<SecurityTerm> {
    let [log_n, projection, projection_z] = [profile.log_n, profile.projection, profile.projection_z].map(f64::from);
    let bit_variables = log_n + log((wide / log_n.exp2()).ceil());
    // degrees of the polynomials that vanish at a random point
    let degrees = degrees
        + bit_variables + 3.0 * bit_variables                // tau; bits
        + 2.0 * log(projection) + log(projection_z)          // r1, r2, rz
        + (claims - 1.0) + 2.0 * log_n                       // gamma; opening
        + (zeros - 1.0) + (products - 1.0)                   // mu; nu
        + 2.0 + 1.0 + 6.0 * log_n; // e; U; each round of the inner-product argument, up to the sign of x
    vec![
        SecurityTerm { name: "discrete logarithm on secp256k1", bits: 128.0 },
        SecurityTerm { name: "sumchecks and batching over the scalar field", bits: 255.9 - degrees.log2() },
        SecurityTerm { name: "projection, largest entry (L2)", bits: projection - 1.0 },
        SecurityTerm { name: "projection, combinations of Y (L1)", bits: projection_z },
    ]
}

/// Positions of a term are numbered (commitment row, slot): variables of the row part and of the slot part.
#[must_use]
pub fn position_variables(shape: &Shape, profile: &Profile) -> (usize, usize) {
    let slots = shape.slots(profile).max(1);
    let rows = shape.terms().into_iter().map(|t| t.positions.div_ceil(slots)).max().unwrap_or(1);
    (log2_ceil(rows), log2_ceil(slots))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{ROBUST_2, TOY_2};

    fn shape(hidden: u32, heads: u32, head_dim: u32, ffn: u32, layers: u32) -> Shape {
        let tokens = (0..4096_u32).map(|i| i.to_be_bytes().to_vec()).collect();
        Shape { hidden, heads, kv_heads: heads, head_dim, ffn, layers: (0..layers).collect(), tokens }
    }

    #[test]
    fn every_term_of_the_shipped_profile_is_strong() {
        for shape in [shape(384, 12, 32, 1536, 2), shape(4096, 32, 128, 11008, 2), shape(4096, 32, 128, 11008, 32)] {
            let terms = security(&shape, &ROBUST_2, 2, None).unwrap();
            let bits = |name: &str| terms.iter().find(|term| term.name.contains(name)).unwrap().bits;
            assert!(bits("sumchecks") > 245.0 - f64::from(shape.layers.len() as u32).log2());
            assert!((133.0..134.0).contains(&bits("L3")));
            assert_eq!((bits("L2"), bits("L1"), bits("logarithm")), (255.0, 160.0, 128.0));
        }
    }

    #[test]
    fn a_toy_is_weak_and_says_so() {
        let weakest = security(&shape(8, 2, 4, 8, 1), &TOY_2, 2, None)
            .unwrap()
            .iter()
            .map(|term| term.bits)
            .fold(f64::MAX, f64::min);
        assert!(weakest < 16.0);
    }

    #[test]
    fn a_small_commitment_cannot_ask_for_any_amount_of_memory() {
        // 131 072 rows of 33 bytes would hold these four matrices of 2^32 rows
        let refused = Bounds::new(&shape(1, 65536, 65536, 1, 1), &ROBUST_2, 1);
        assert_eq!(refused, Err(Rejected::Shape("the matrices have more than 2^23 rows together")));
        assert!(Bounds::new(&shape(4096, 32, 128, 11008, 32), &ROBUST_2, 1).is_ok());
    }
}
