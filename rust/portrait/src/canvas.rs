//! A small software canvas.

use crate::{
    number::{Colour, sine},
    single::{Single, unit},
};
use std::array;

/// Pixels along a side of a portrait.
pub const SIZE: usize = 512;
/// Pixels of a row that are computed side by side.
const STRIP: usize = 16;

/// Some rows and columns of the picture, from the first to before the last.
#[derive(Clone, Copy)]
pub struct Area {
    pub top: usize,
    pub bottom: usize,
    pub left: usize,
    pub right: usize,
}

/// The whole picture.
pub const ALL: Area = Area { top: 0, bottom: SIZE, left: 0, right: SIZE };

impl Area {
    pub const fn wide(&self) -> usize {
        self.right - self.left
    }

    /// Whether a pixel lies in it.
    pub fn holds(&self, row: usize, column: usize) -> bool {
        (self.top..self.bottom).contains(&row) && (self.left..self.right).contains(&column)
    }

    /// The smallest one that holds both.
    pub fn with(self, other: Self) -> Self {
        Self {
            top: self.top.min(other.top),
            bottom: self.bottom.max(other.bottom),
            left: self.left.min(other.left),
            right: self.right.max(other.right),
        }
    }

    /// The part of it that lies in another one.
    pub fn within(self, other: Self) -> Self {
        let (top, left) = (self.top.max(other.top), self.left.max(other.left));
        let (bottom, right) = (self.bottom.min(other.bottom).max(top), self.right.min(other.right).max(left));
        Self { top, bottom, left, right }
    }
}

/// Some pixels of a row, side by side.
#[derive(Clone, Copy)]
pub struct Strip {
    row: usize,
    left: usize,
    count: usize,
}

/// A part of the picture, cut into strips.
pub type Strips = Vec<Strip>;

impl From<Area> for Strips {
    fn from(area: Area) -> Self {
        let along = |row| {
            let strip = move |left| Strip { row, left, count: STRIP.min(area.right - left) };
            (area.left..area.right).step_by(STRIP).map(strip)
        };
        (area.top..area.bottom).flat_map(along).collect()
    }
}

/// The middle of a pixel.
#[derive(Clone, Copy)]
pub struct Point {
    x: f32,
    y: f32,
}

/// A moved and tilted system of coordinates; the origin lies at (cx, cy) of the picture.
pub struct Frame {
    pub cx: f64,
    pub cy: f64,
    cos: f64,
    sin: f64,
}

impl Frame {
    pub fn new(cx: f64, cy: f64, tilt: f64) -> Self {
        Self { cx, cy, cos: sine(tilt + 0.25), sin: sine(tilt) }
    }

    /// Coordinates of a point.
    #[inline(always)]
    pub fn at(&self, p: Point) -> (Single, Single) {
        let (x, y) = (Single(p.x) - self.cx, Single(p.y) - self.cy);
        (x * self.cos + y * self.sin, y * self.cos - x * self.sin)
    }

    /// The part of the picture that holds the rectangle of half sides rx, ry around (x, y).
    pub fn area(&self, x: f64, y: f64, rx: f64, ry: f64) -> Area {
        let (px, py) = (self.cx + x * self.cos - y * self.sin, self.cy + x * self.sin + y * self.cos);
        let ax = rx * self.cos + ry * self.sin.abs() + 2.0;
        let ay = ry * self.cos + rx * self.sin.abs() + 2.0;
        // a number below 0 becomes 0
        let side = |low: f64, high: f64| {
            let first = (low.floor() as usize).min(SIZE - 1);
            (first, (high.ceil() as usize).max(first + 1).min(SIZE))
        };
        let ((top, bottom), (left, right)) = (side(py - ay, py + ay), side(px - ax, px + ax));
        Area { top, bottom, left, right }
    }
}

/// Some quantities at each pixel of an area, one plane for each.
#[derive(Clone)]
pub struct Field<const N: usize> {
    pub area: Area,
    planes: [Vec<f32>; N],
}

impl<const N: usize> Field<N> {
    /// The same everywhere.
    pub fn new(area: Area, values: [f64; N]) -> Self {
        let pixels = (area.bottom - area.top) * area.wide();
        Self { area, planes: values.map(|value| vec![value as f32; pixels + STRIP]) }
    }

    /// Position of a pixel of the area in the planes.
    pub const fn place(&self, row: usize, column: usize) -> usize {
        (row - self.area.top) * self.area.wide() + column - self.area.left
    }

    /// The quantities there.
    pub fn get(&self, place: usize) -> [f32; N] {
        array::from_fn(|n| self.planes[n][place])
    }

    /// Puts others there.
    pub fn set(&mut self, place: usize, values: [f32; N]) {
        for (plane, value) in self.planes.iter_mut().zip(values) {
            plane[place] = value;
        }
    }

    /// Changes the quantities at each pixel of a part, given those there and those of another field.
    #[inline(always)]
    pub fn update_by<const M: usize>(
        &mut self,
        part: &[Strip],
        other: &Field<M>,
        rule: impl Fn(Point, [Single; N], [Single; M]) -> [Single; N],
    ) {
        for &Strip { row, left, count } in part {
            let (mut strip, beside) = (self.strip(row, left), other.strip(row, left));
            let (x, y) = (left as f32 + 0.5, row as f32 + 0.5);
            for i in 0..STRIP {
                let p = Point { x: x + i as f32, y };
                let values = array::from_fn(|n| Single(strip[n][i]));
                let new = rule(p, values, array::from_fn(|m| Single(beside[m][i])));
                for n in 0..N {
                    strip[n][i] = new[n].0;
                }
            }
            let place = self.place(row, left);
            for (part, plane) in strip.iter().zip(&mut self.planes) {
                if count == STRIP {
                    plane[place..place + STRIP].copy_from_slice(part);
                } else {
                    plane[place..place + count].copy_from_slice(&part[..count]);
                }
            }
        }
    }

    /// The quantities of a strip of pixels.
    #[inline(always)]
    fn strip(&self, row: usize, left: usize) -> [[f32; STRIP]; N] {
        array::from_fn(|n| {
            let place = self.place(row, left);
            self.planes[n][place..].first_chunk().copied().unwrap_or([0.0; STRIP])
        })
    }

    /// Changes the quantities at each pixel of a part, given those there.
    #[inline(always)]
    pub fn update(&mut self, part: &[Strip], rule: impl Fn(Point, [Single; N]) -> [Single; N]) {
        self.update_by(part, &NOTHING, |p, values, []| rule(p, values));
    }

    /// The field of these quantities.
    #[inline(always)]
    pub fn of(area: Area, rule: impl Fn(Point) -> [Single; N]) -> Self {
        let mut field = Self::new(area, [0.0; N]);
        field.update(&Strips::from(area), |p, _| rule(p));
        field
    }

    /// The strips where the first quantity is less somewhere. Where nothing is drawn, nothing needs to be computed.
    pub fn below(&self, reach: f64) -> Strips {
        let mut strips = Strips::from(self.area);
        strips.retain(|strip| {
            let place = self.place(strip.row, strip.left);
            self.planes[0][place..place + strip.count].iter().any(|&value| Single(value) < reach.into())
        });
        strips
    }
}

const NOTHING: Field<0> = Field { area: ALL, planes: [] };

/// The colour of a pixel.
#[derive(Clone, Copy)]
pub struct Ink(pub [Single; 3]);

impl Ink {
    /// A share of it covered with another colour.
    #[inline(always)]
    #[must_use]
    pub fn lay<T: Into<Single> + Copy>(self, share: Single, colour: [T; 3]) -> Self {
        Self(array::from_fn(|i| self.0[i] + (colour[i].into() - self.0[i]) * share))
    }

    /// Its brightness multiplied.
    #[inline(always)]
    #[must_use]
    pub fn scale(self, factor: Single) -> Self {
        Self(self.0.map(|part| part * factor))
    }
}

/// The picture: red, green and blue in 0..1.
pub type Canvas = Field<3>;

impl Canvas {
    /// Changes the colour of each pixel of an area.
    #[inline(always)]
    pub fn paint(&mut self, area: Area, rule: impl Fn(Point, Ink) -> Ink) {
        self.update(&Strips::from(area), |p, rgb| rule(p, Ink(rgb)).0);
    }

    /// Lays a colour over an area.
    #[inline(always)]
    pub fn lay(&mut self, area: Area, colour: Colour, share: impl Fn(Point) -> Single) {
        self.paint(area, |p, ink| ink.lay(share(p), colour));
    }

    /// Changes the colour of each pixel of a part, given the quantities of a field there.
    #[inline(always)]
    pub fn paint_by<const N: usize>(
        &mut self,
        part: &[Strip],
        field: &Field<N>,
        rule: impl Fn(Point, Ink, [Single; N]) -> Ink,
    ) {
        self.update_by(part, field, |p, rgb, values| rule(p, Ink(rgb), values).0);
    }

    /// Red, green and blue of each pixel, row by row.
    pub fn pixels(&self) -> Vec<u8> {
        let mut bytes = [(); 3].map(|()| vec![0_u8; SIZE * SIZE]);
        for (bytes, plane) in bytes.iter_mut().zip(&self.planes) {
            for (byte, &part) in bytes.iter_mut().zip(plane) {
                // a byte of an integer, which processors without a conversion to bytes can do side by side
                *byte = (unit(Single(part)) * 255.0 + 0.5).0 as i32 as u8;
            }
        }
        let mut out = vec![0; 3 * SIZE * SIZE];
        let [red, green, blue] = &bytes;
        for (pixel, ((&r, &g), &b)) in out.as_chunks_mut().0.iter_mut().zip(red.iter().zip(green).zip(blue)) {
            *pixel = [r, g, b];
        }
        out
    }
}
