//! Bit planes: which subset of k neighbouring columns has bit i set, for eight rows at a time.
#![expect(clippy::needless_range_loop, reason = "lanes of several words")]

use super::engine::Picks;

/// Columns of one group at most: the bits of a word.
pub(super) const WIDEST: u32 = 16;

/// Sixteen weights of each of eight rows, four to a word, then their bits: word `i / 4` has plane i at bit `16 (i % 4)`.
type Window = [[u64; 8]; 4];

/// Weights `column ..` of eight rows; 0 past the end of a row.
#[inline(always)]
fn window(rows: &[&[i16]; 8], column: usize) -> Window {
    let mut words = Window::default();
    for (lane, row) in rows.iter().enumerate() {
        let rest = row.get(column..).unwrap_or_default();
        let mut sixteen = [0; WIDEST as usize];
        if let Some(whole) = rest.first_chunk() {
            sixteen = *whole;
        } else {
            sixteen[..rest.len()].copy_from_slice(rest);
        }
        for (word, four) in words.iter_mut().zip(sixteen.as_chunks::<4>().0) {
            word[lane] = four.iter().rev().fold(0, |word, &w| word << 16 | u64::from(w.cast_unsigned()));
        }
    }
    words
}

/// Swaps in `upper` and `lower` the squares of `shift` bits off the diagonal.
#[inline(always)]
fn swap_words(words: &mut Window, lower: usize, upper: usize, shift: u32, mask: u64) {
    for lane in 0..8 {
        let t = (words[lower][lane] >> shift ^ words[upper][lane]) & mask;
        words[upper][lane] ^= t;
        words[lower][lane] ^= t << shift;
    }
}

/// Transposes each lane's matrix of 16 times 16 bits, by halves, quarters and so on.
#[inline(always)]
fn transpose(words: &mut Window) {
    for (lower, upper) in [(0, 2), (1, 3)] {
        swap_words(words, lower, upper, 8, 0x00ff_00ff_00ff_00ff);
    }
    for (lower, upper) in [(0, 1), (2, 3)] {
        swap_words(words, lower, upper, 4, 0x0f0f_0f0f_0f0f_0f0f);
    }
    // the last two within a word: rows of 16 bits that are two, then one apart
    for word in words.as_flattened_mut() {
        let t = (*word >> 2 ^ *word >> 32) & 0x3333_3333;
        *word ^= t << 32 ^ t << 2;
        let t = (*word >> 1 ^ *word >> 16) & 0x0000_5555_0000_5555;
        *word ^= t << 16 ^ t << 1;
    }
}

/// The picks of eight rows for the group of `width` columns that begins at `column` and whose table begins at `table`, plane
/// after plane. The highest plane of two's complement counts negatively.
#[inline(always)]
pub(super) fn picks(rows: &[&[i16]; 8], column: usize, width: u32, table: u32, out: &mut [Picks]) {
    let mut words = window(rows, column);
    transpose(&mut words);
    let half = (1_u16 << (width - 1)) - 1;
    let top = out.len() - 1;
    for (i, picks) in out.iter_mut().enumerate() {
        let mut negative = if i == top { u8::MAX } else { 0 };
        for lane in 0..8 {
            let subset = (words[i / 4][lane] >> (16 * (i % 4))) as u16;
            // a table has the subsets without the last column: the others are opposite to their complements
            let last = subset >> (width - 1) & 1;
            picks.at[lane] = table + u32::from((subset ^ last.wrapping_neg()) & half);
            negative ^= (last as u8) << lane;
        }
        picks.negative = negative;
    }
}

/// The smallest number of bits whose two's complement holds all weights.
pub(super) fn needed(rows: &[&[i16]]) -> usize {
    let ones = rows.iter().map(|row| row.iter().fold(0, |ones, &w| ones | (w ^ w >> 15))).fold(0, |a, b| a | b);
    17 - ones.leading_zeros() as usize
}
