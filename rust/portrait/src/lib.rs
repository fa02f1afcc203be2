//! Portrait of an animal: 512 public numbers to 512 x 512 pixels.
//!
//! Every verifier draws it again, so each pixel has to come out the same on every machine. IEEE 754 fixes the results
//! of `+ - * /` and the square root to the bit, and of nothing else; everything here (sines, hues, bell curves, antialiasing) is
//! built from those five. Numbers that belong to the whole picture are in double precision; those of a pixel are in single
//! precision, each result rounded ([`single`]).
//!
//! Everything is continuous in the vector: kinds of ears, scenery, markings and accessories fade or morph into one another
//! instead of switching, so that fingerprints that are near give portraits that are near.
//!
//! `proofs/spec/portrait` is the same as a plain program, plane by plane; here each pass over the pixels does all that it
//! can do at once, with nothing but a few numbers in its hands.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod animal;
mod canvas;
mod coat;
mod face;
mod fur;
mod number;
mod scene;
mod single;
mod traits;
mod wear;

use animal::Animal;
use canvas::{ALL, Frame};
use single::{length, rise};
use traits::Traits;

pub use canvas::SIZE;
pub use traits::{LENGTH, NAMES, pattern};

/// Red, green and blue of each pixel, row by row, for a vector in units of 2^-12.
#[must_use]
pub fn render(vector: &[i32; LENGTH]) -> Vec<u8> {
    let traits = Traits::new(vector);
    let mut canvas = scene::draw(&traits);
    let who = Animal::new(&traits);
    coat::draw_body(&mut canvas, &who);
    wear::draw_neck(&mut canvas, &who);
    coat::draw_head(&mut canvas, &who);
    face::draw(&mut canvas, &who);
    wear::draw_extras(&mut canvas, &who);

    // lamp from one side, dusk in the corners
    let frame = Frame::new(256.0, 240.0, 0.0);
    canvas.paint(ALL, |p, ink| {
        let (x, y) = frame.at(p);
        ink.scale(1.0 + (x * who.lamp - y * 0.35) * (0.13 / 256.0)).scale(1.0 - 0.42 * rise(215.0, 400.0, length(x, y)))
    });
    canvas.pixels()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_vectors_have_a_portrait() {
        for entry in [0, 1 << 20, -(1 << 20)] {
            let pixels = render(&[entry; LENGTH]);
            assert_eq!(pixels.len(), 3 * SIZE * SIZE);
        }
    }

    #[test]
    fn names_are_in_order() {
        assert!(NAMES.is_sorted_by(|a, b| a < b));
    }
}
