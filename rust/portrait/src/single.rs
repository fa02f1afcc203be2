//! Numbers of a pixel, in single precision, and the shapes made of them.
//!
//! A number in double precision that meets one of a pixel is rounded first; so is every result.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// A number of a pixel.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Single(pub f32);

impl From<f64> for Single {
    #[inline(always)]
    fn from(value: f64) -> Self {
        Self(value as f32)
    }
}

macro_rules! operations {
    ($($name:ident $method:ident $sign:tt),*) => {$(
        impl<T: Into<Single>> $name<T> for Single {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: T) -> Self {
                Self(self.0 $sign other.into().0)
            }
        }
        impl $name<Single> for f64 {
            type Output = Single;
            #[inline(always)]
            fn $method(self, other: Single) -> Single {
                Single(self as f32 $sign other.0)
            }
        }
    )*};
}
operations!(Add add +, Sub sub -, Mul mul *, Div div /);

impl Neg for Single {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Single {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Single {
    #[inline(always)]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    #[inline(always)]
    pub fn sqrt(self) -> Self {
        Self(self.0.sqrt())
    }

    /// The larger of two.
    #[inline(always)]
    pub fn max(self, other: impl Into<Self>) -> Self {
        let other = other.into();
        if self.0 > other.0 { self } else { other }
    }

    /// The smaller of two.
    #[inline(always)]
    pub fn min(self, other: impl Into<Self>) -> Self {
        let other = other.into();
        if self.0 < other.0 { self } else { other }
    }

    /// The largest integer that is not larger, of a number below 2^22: for a processor without an instruction for it.
    #[inline(always)]
    pub fn floor(self) -> Self {
        const WHOLE: f32 = 12_582_912.0; // 3 * 2^22: what is added to it is rounded to an integer
        let near = (self.0 + WHOLE) - WHOLE;
        Self(near - if near > self.0 { 1.0 } else { 0.0 })
    }
}

/// Held in 0..1.
#[inline(always)]
pub fn unit(p: Single) -> Single {
    p.max(0.0).min(1.0)
}

/// Cubic rise from 0 at `low` to 1 at `high` (`low` > `high` falls).
#[inline(always)]
pub fn rise(low: f64, high: f64, p: Single) -> Single {
    let t = unit((p - low) * (1.0 / (high - low)));
    t * t * (3.0 - 2.0 * t)
}

/// Smooth wave of period 1 between -1 and 1 (parabolic, close to a sine).
#[inline(always)]
pub fn wave(turns: Single) -> Single {
    let t = turns - turns.floor() - 0.5;
    -16.0 * t * (0.5 - t.abs())
}

/// Euclidean length of (x, y).
#[inline(always)]
pub fn length(x: Single, y: Single) -> Single {
    (x * x + y * y).sqrt()
}

/// Signed distance (first order) to an ellipse, negative inside.
#[inline(always)]
pub fn ellipse(x: Single, y: Single, cx: f64, cy: f64, rx: f64, ry: f64) -> Single {
    let (qx, qy) = ((x - cx) * (1.0 / rx), (y - cy) * (1.0 / ry));
    let k = length(qx, qy);
    let g = length(qx * (1.0 / rx), qy * (1.0 / ry));
    // the small terms keep the quotient at about -rx in the very centre, where both k and g vanish
    (k + 1e-4) * (k - 1.0) / (g + 1e-4 / rx)
}

/// Distance to the segment a-b, and the share of the way from a to b of the nearest point.
#[inline(always)]
pub fn segment(x: Single, y: Single, a: (f64, f64), b: (f64, f64)) -> (Single, Single) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (px, py) = (x - a.0, y - a.1);
    let h = unit((px * dx + py * dy) * (1.0 / (dx * dx + dy * dy + 1e-9)));
    (length(px - dx * h, py - dy * h), h)
}

/// Smooth union of two distances with a fillet of width `k`.
#[inline(always)]
pub fn merge(a: Single, b: Single, k: f64) -> Single {
    let h = (k - (a - b).abs()).max(0.0) * (1.0 / k);
    a.min(b) - h * h * (k * 0.25)
}

/// Share of a pixel inside a shape, the border spread over `soft` pixels.
#[inline(always)]
pub fn cover(distance: Single, soft: f64) -> Single {
    if soft <= 1.5 { unit(0.5 - distance * (1.0 / soft)) } else { rise(soft * 0.5, -soft * 0.5, distance) }
}

/// Height 0..1 of a cushion below the outline.
#[inline(always)]
pub fn dome(d: Single, deep: f64) -> Single {
    let t = unit(d * (-1.0 / deep));
    (t * (2.0 - t)).sqrt()
}
