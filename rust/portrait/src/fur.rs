//! Fur: thousands of short hairs laid over a painted animal.
//!
//! Roots stand on a jittered grid that is the same in every picture; each hair takes its colour from the paint under its
//! root, follows the flow of the coat, and is drawn as a chain of bilinear dots. What falls on a pixel is added up in double
//! precision in a fixed order: what has it as upper left one of its four pixels first, then upper right, lower left, lower
//! right, and of each hair after hair.

use crate::{
    canvas::{Canvas, Field, SIZE},
    number::chance,
    single::{Single, unit},
};
use std::{array, mem};

/// Dots along a hair.
const DOTS: usize = 13;
/// Hairs of a later layer hide those of an earlier one.
const LAYERS: usize = 5;

/// What the hairs need to know at each pixel: red, green and blue; depth below the outline in pixels, negative outside;
/// direction, of any length (x, y); length of the hairs in pixels; order, where hairs with a high one come on top; and for
/// those who paint the skin, its share of the pixel. Nothing grows outside of the area.
pub type Coat = Field<9>;

/// How hairs are laid.
pub struct Comb {
    pub stream: u32,
    pub spacing: f64,
    pub contrast: f64,
    pub curl: f64,
}

struct Hair {
    x: Single,
    y: Single,
    fx: Single,
    fy: Single,
    reach: Single,
    bend: Single,
    colour: [Single; 3],
}

/// A dot between four pixels: the column of the left ones, how far it is from there and from the upper ones, its weight; and
/// 1, red, green and blue.
struct Dot {
    column: u32,
    tx: f32,
    ty: f32,
    weight: f32,
    ink: [f32; 4],
}

/// Lays hairs over the canvas.
pub fn comb(canvas: &mut Canvas, coat: &Coat, how: &Comb) {
    let mut rows: Vec<Vec<Dot>> = (0..SIZE).map(|_| Vec::new()).collect();
    for layer in hairs(coat, how) {
        for dots in &mut rows {
            dots.clear();
        }
        for hair in &layer {
            hair.dots(&mut rows);
        }
        lay(canvas, &rows);
    }
}

/// The hairs of each layer.
fn hairs(coat: &Coat, how: &Comb) -> [Vec<Hair>; LAYERS] {
    let mut layers = [(); LAYERS].map(|()| Vec::new());
    let across = (SIZE as f64 / how.spacing) as usize;
    for index in 0..across * across {
        let die = |k| Single(chance(how.stream + k, index));
        let x = (Single((index % across) as f32) + die(0)) * how.spacing;
        let y = (Single((index / across) as f32) + die(1)) * how.spacing;
        let (column, row) = (x.0 as usize, y.0 as usize);
        if !coat.area.holds(row, column) {
            continue;
        }
        let [r, g, b, depth, flow_x, flow_y, reach, order, _] = coat.get(coat.place(row, column)).map(Single);
        if depth.0 <= 0.5 {
            continue;
        }
        let [shade_die, turn_die, long_die, rank_die] = [2, 3, 4, 5].map(die);
        let norm = 1.0 / ((flow_x * flow_x + flow_y * flow_y).sqrt() + 1e-4);
        let (fx, fy, turn) = (flow_x * norm, flow_y * norm, (turn_die - 0.5) * 0.9);
        let rank = order * 0.6 + rank_die * 0.4;
        let shade = 1.0 + how.contrast * (shade_die * 2.0 - 1.0) + 0.10 * (rank_die - 0.5);
        layers[((rank * LAYERS as f64).0 as usize).min(LAYERS - 1)].push(Hair {
            x,
            y,
            fx: fx - fy * turn,
            fy: fy + fx * turn,
            reach: reach * (0.55 + 0.75 * long_die),
            bend: (shade_die - 0.5) * how.curl,
            colour: [r, g, b].map(|part| part * shade),
        });
    }
    layers
}

impl Hair {
    /// Its dots, which thin out and brighten towards the tip, each to those of its upper row.
    fn dots(&self, rows: &mut [Vec<Dot>]) {
        let (x, y, fx, fy) = (self.x, self.y, self.fx, self.fy);
        let sway = self.bend * self.reach;
        let places: [_; DOTS] = array::from_fn(|k| {
            let s = along(k);
            let (along, aside) = (s * self.reach, s * s * sway);
            (x + fx * along - fy * aside - 0.5, y + fy * along + fx * aside - 0.5)
        });
        let end = Single::from(SIZE as f64 - 1.001);
        for (k, (px, py)) in places.into_iter().enumerate() {
            if px.0 >= 0.0 && py.0 >= 0.0 && px < end && py < end {
                let (column, row, s) = (px.0 as i32, py.0 as i32, along(k));
                let [r, g, b] = self.colour.map(|part| (part * (s * 0.24 + 0.86)).0);
                rows[row as usize].push(Dot {
                    column: column as u32,
                    tx: px.0 - column as f32,
                    ty: py.0 - row as f32,
                    weight: ((1.0 - s * s) * 0.9 + 0.05).0,
                    ink: [1.0, r, g, b],
                });
            }
        }
    }
}

/// The share of the way to the tip of a dot.
fn along(k: usize) -> Single {
    Single(k as f32) * (1.0 / (DOTS - 1) as f64)
}

/// Lays the dots of one layer, row by row of the canvas.
fn lay(canvas: &mut Canvas, rows: &[Vec<Dot>]) {
    // of each column: weight, and red, green and blue times weight
    let mut sums = [[0_f64; 4]; SIZE];
    let mut above: &[Dot] = &[];
    for (row, here) in rows.iter().enumerate() {
        if here.is_empty() && above.is_empty() {
            continue;
        }
        let (first, second) = (|t: f32| 1.0 - f64::from(t), |t: f32| f64::from(t));
        fall(&mut sums, here, 0, first, first);
        fall(&mut sums, here, 1, second, first);
        fall(&mut sums, above, 0, first, second);
        fall(&mut sums, above, 1, second, second);
        for (column, sums) in sums.iter_mut().enumerate().filter(|(_, sums)| sums[0] > 0.0) {
            let [total, inked @ ..] = mem::take(sums).map(Single::from);
            let (share, whole) = (unit(total * 0.8), 1.0 / (total + 1e-6));
            let place = canvas.place(row, column);
            let under = canvas.get(place).map(Single);
            canvas.set(place, array::from_fn(|i| (under[i] + (inked[i] * whole - under[i]) * share).0));
        }
        above = here;
    }
}

/// Adds what falls on the columns that are so far right of the dots' own. The share of each is a product of what `across`
/// and `down` make of its distances, and of its weight.
#[inline(always)]
fn fall(
    sums: &mut [[f64; 4]; SIZE],
    dots: &[Dot],
    right: usize,
    across: impl Fn(f32) -> f64,
    down: impl Fn(f32) -> f64,
) {
    for dot in dots {
        let share = across(dot.tx) * down(dot.ty) * f64::from(dot.weight);
        let sum = &mut sums[dot.column as usize + right];
        *sum = array::from_fn(|i| sum[i] + share * f64::from(dot.ink[i]));
    }
}
