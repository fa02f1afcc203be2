//! Sizes: numbers of 32 bits, as statements and profiles have them, as numbers of things in memory.

const _: () = assert!(usize::BITS >= u32::BITS, "a size would not fit");

/// The same number.
#[must_use]
#[expect(clippy::as_conversions, reason = "the only conversion of sizes; it loses nothing, as asserted above")]
pub const fn size(x: u32) -> usize {
    x as usize
}
