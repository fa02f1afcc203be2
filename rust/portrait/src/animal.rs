//! Shape and colours of the animal, read from its traits.

use crate::{
    canvas::{Area, Field, Frame, Strips},
    number::{Colour, blend, clamp, hsl, mix, step, tint},
    single::{Single, ellipse, merge, segment},
    traits::Traits,
};
use std::array;

/// A place in the picture, in pixels.
type Place = (f64, f64);

/// Ears as a bent spine (root, middle, tip) with a radius at each, for the right side, in pixels about the head's centre.
const EARS: [([Place; 3], [f64; 3]); 4] = [
    ([(78.0, -84.0), (98.0, -126.0), (112.0, -178.0)], [50.0, 35.0, 4.0]), // pointed
    ([(92.0, -98.0), (98.0, -122.0), (102.0, -134.0)], [42.0, 44.0, 42.0]), // round
    ([(96.0, -92.0), (150.0, -62.0), (158.0, 44.0)], [30.0, 38.0, 34.0]),  // hanging
    ([(52.0, -96.0), (64.0, -160.0), (74.0, -214.0)], [28.0, 31.0, 12.0]), // long
];
/// Straight pieces of an ear's spine.
const PIECES: usize = 7;

/// Shape and colours of one animal.
pub struct Animal<'a> {
    pub traits: &'a Traits<'a>,
    pub lamp: f64,
    pub frame: Frame,
    pub neck: Frame,
    pub turn: f64,
    pub wide: f64,
    jaw: f64,
    pub fluff: f64,
    pub eye_x: f64,
    pub eye_r: f64,
    pub muzzle: f64,
    pub nose_y: f64,
    pub coat: Colour,
    pub brightness: f64,
    pub pale: Colour,
    pub dark: Colour,
    pub ears: Ears,
}

/// The right ear; the left one is its mirror image.
pub struct Ears {
    pub points: [Place; 3],
    radii: [f64; 3],
    /// Ends of the pieces of the spine.
    spine: [Place; PIECES + 1],
    pub hanging: f64,
}

/// Of a pixel: distance to an ear, share of the way to its tip, and distance from its spine over its radius.
pub type Ear = [Single; 3];

impl<'a> Animal<'a> {
    pub fn new(t: &'a Traits<'a>) -> Self {
        let frame = Frame::new(
            256.0 + t.between("shift", -9.0, 9.0),
            t.between("height", 268.0, 286.0),
            t.between("tilt", -0.024, 0.024),
        );
        let wide = t.between("head width", 0.90, 1.10);

        let light = t.level("coat light");
        let grey = t.slowly("coat grey", 0.34, 0.2);
        let chroma = t.between("coat chroma", 0.45, 0.78) * (1.0 - 0.25 * light * light);
        let warm = hsl(t.between("coat hue", 0.035, 0.105), chroma, mix(0.22, 0.80, light));
        let cool = hsl(t.between("cool hue", 0.56, 0.70), t.between("cool chroma", 0.03, 0.20), mix(0.16, 0.92, light));
        let coat = blend(warm, cool, grey);
        let cream = hsl(
            t.between("cream hue", 0.08, 0.12),
            t.between("cream chroma", 0.15, 0.6),
            t.between("cream", 0.84, 0.95),
        );
        Self {
            traits: t,
            lamp: t.between("light side", -1.0, 1.0),
            neck: Frame::new(mix(frame.cx, 256.0, 0.3), frame.cy + 126.0, 0.0),
            frame,
            turn: t.between("turn", -11.0, 11.0),
            wide,
            jaw: t.between("jaw", 0.82, 1.10),
            fluff: t.between("fluff", 0.7, 1.5),
            eye_x: 57.0 * wide * t.between("eye distance", 0.93, 1.08),
            eye_r: t.between("eye size", 26.0, 34.0),
            muzzle: t.between("muzzle", 0.85, 1.18),
            nose_y: t.between("nose height", 32.0, 48.0),
            coat,
            brightness: 0.3 * coat[0] + 0.55 * coat[1] + 0.15 * coat[2],
            pale: blend(cream, tint(coat, 0.3), t.rare("self coloured", 0.25)),
            dark: blend(hsl(0.06, 0.35, 0.11), tint(coat, -0.72), 0.45),
            ears: Ears::new(t, wide),
        }
    }

    /// Outside of it the head is further away than 26 pixels: no ellipse is nearer than (k - 1) times its smaller radius, k
    /// being how many times it would have to grow, and the fillets take 20 off that.
    pub fn place(&self) -> Area {
        let side = (128.0 * self.wide * 1.5).max(58.0 * self.wide + 82.0 * self.wide * self.jaw * 1.8);
        self.frame.area(0.0, -8.0, side, 184.0)
    }

    /// Signed distance to the head.
    #[inline(always)]
    pub fn head(&self, x: Single, y: Single) -> Single {
        let w = self.wide;
        let d = ellipse(x, y, 0.0, -26.0, 128.0 * w, 112.0);
        let d = merge(d, ellipse(x.abs(), y, 58.0 * w, 44.0, 82.0 * w * self.jaw, 68.0), 40.0);
        merge(d, ellipse(x, y, 0.0, 72.0, 78.0, 56.0), 40.0)
    }

    /// Outside of it neck and shoulders are further away than 31 pixels, by the same reasons: the neck, of radius 93.6 or
    /// more, grows 1.49 times, 164 pixels up from 30; the shoulders less.
    pub fn below(&self) -> Area {
        self.neck.area(0.0, 126.0, SIDE, 262.0)
    }

    /// Signed distance to neck and shoulders; `neck` is about the point where the collar lies.
    #[inline(always)]
    pub fn shoulders(&self, x: Single, y: Single) -> Single {
        let d = ellipse(x, y, 0.0, 156.0, 194.0 * self.wide, 150.0);
        merge(d, ellipse(x, y, 0.0, 30.0, 104.0 * self.wide, 110.0), 56.0)
    }
}

impl Ears {
    /// Morphs between neighbouring kinds of ears, mostly at rest near one of them.
    fn new(t: &Traits<'_>, wide: f64) -> Self {
        let place = t.level("ear kind") * EARS.len() as f64 - 0.5;
        let first = clamp(place, 0.0, (EARS.len() - 2) as f64).floor();
        let share = step(0.36, 0.64, place - first);
        let (size, splay) = (t.between("ear size", 0.86, 1.14), t.between("ear splay", 0.93, 1.08));
        let ((a, ra), (b, rb)) = (EARS[first as usize], EARS[first as usize + 1]);
        let points: [_; 3] = array::from_fn(|i| (mix(a[i].0, b[i].0, share), mix(a[i].1, b[i].1, share)));
        let root = points[0];
        let points = points.map(|(x, y)| ((root.0 + (x - root.0) * size) * wide * splay, root.1 + (y - root.1) * size));
        let radii = array::from_fn(|i| mix(ra[i], rb[i], share) * mix(size, 1.0, 0.4));

        let [(ax, ay), (bx, by), (cx, cy)] = points;
        // the curve passes through the middle point, hence the doubled control point
        let (mx, my) = (2.0 * bx - 0.5 * (ax + cx), 2.0 * by - 0.5 * (ay + cy));
        let spine = array::from_fn(|k| {
            let s = k as f64 / PIECES as f64;
            let (p, q, r) = ((1.0 - s) * (1.0 - s), 2.0 * s * (1.0 - s), s * s);
            if k == 0 { points[0] } else { (p * ax + q * mx + r * cx, p * ay + q * my + r * cy) }
        });
        Self { points, radii, spine, hanging: clamp(1.0 - (first + share - 2.0).abs(), 0.0, 1.0) }
    }

    /// The part of the picture that holds the ear of a side.
    fn patch(&self, side: f64, frame: &Frame) -> Area {
        let (xs, ys) = (self.points.map(|p| p.0), self.points.map(|p| p.1));
        let least = |of: [f64; 3]| of.into_iter().fold(f64::INFINITY, f64::min);
        let most = |of: [f64; 3]| of.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let r = most(self.radii) + 14.0;
        let (cx, cy) = (0.5 * (least(xs) + most(xs)), 0.5 * (least(ys) + most(ys)));
        frame.area(side * cx, cy, 0.5 * (most(xs) - least(xs)) + r, 0.5 * (most(ys) - least(ys)) + r)
    }

    /// The ear of a side, in the part of the picture that holds it.
    pub fn at(&self, side: f64, frame: &Frame) -> Field<3> {
        let [r0, r1, r2] = self.radii;
        let patch = self.patch(side, frame);
        let mut ear = Field::new(patch, [1e4, 0.0, 1.0]);
        let part = Strips::from(patch);
        for k in 1..=PIECES {
            let (from, to) = (self.spine[k - 1], self.spine[k]);
            ear.update(&part, |p, [best, along, middle]| {
                let (x, y) = frame.at(p);
                let (away, h) = segment(x * side, y, from, to);
                let t = (h + (k - 1) as f64) * (1.0 / PIECES as f64);
                let radius = r0 + t * ((4.0 * r1 - 3.0 * r0 - r2) + t * (2.0 * r0 + 2.0 * r2 - 4.0 * r1));
                let d = away - radius;
                let nearer = |new: Single, old: Single| if d < best { new } else { old };
                [nearer(d, best), nearer(t, along), nearer(away / (radius + 2.0), middle)]
            });
        }
        ear
    }
}

/// More than the picture has on either side of the neck.
const SIDE: f64 = 512.0;
