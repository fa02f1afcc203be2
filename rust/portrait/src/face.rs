//! Eyes, nose, mouth and whiskers.

use crate::{
    animal::Animal,
    canvas::Canvas,
    number::{WHITE, blend, clamp, hsl, mix, tint},
    single::{cover, ellipse, length, merge, rise, segment, unit, wave},
};

/// Draws the face over the fur.
pub fn draw(canvas: &mut Canvas, a: &Animal<'_>) {
    mouth(canvas, a);
    nose(canvas, a);
    for side in [-1.0, 1.0] {
        eye(canvas, a, side);
    }
    whiskers(canvas, a);
}

fn eye(canvas: &mut Canvas, a: &Animal<'_>, side: f64) {
    let (t, r) = (a.traits, a.eye_r);
    let (cx, cy) = (side * a.eye_x + a.turn, -4.0);
    let slant = t.between("eye slant", -0.06, 0.12);
    let lid = t.between("eye lid", 0.86, 1.02);
    let hue = t.between("eye hue", 0.04, 0.62);
    let hue = mix(hue, mix(0.06, 0.12, t.level("eye amber")), t.rare("brown eyes", 0.45));
    let iris = hsl(hue, t.between("eye chroma", 0.55, 0.85), t.between("eye light", 0.38, 0.52));
    let (gaze, big) = (a.turn * 0.12, r * 1.02);
    let slit = t.rare("cat pupil", 0.22) * (1.0 - a.ears.hanging);
    let pupil = r * t.between("pupil", 0.54, 0.66);
    let (wide, high) = (pupil * mix(1.0, 0.5, slit), pupil * mix(1.0, 1.35, slit));
    let sx = 0.36 * r * a.lamp;
    canvas.paint(a.frame.area(cx, cy, r * 1.8, r * 1.8), |p, ink| {
        let (x, y) = a.frame.at(p);
        let (x, y) = (x - cx, y - cy);
        let (u, v) = (x * side, y + x * (side * slant)); // u grows outwards
        let shape = ellipse(u, v, 0.0, 0.0, r * 1.12, r * 1.02).max(ellipse(
            u,
            v,
            0.0,
            r * (1.0 - lid) * 1.6,
            r * 1.5,
            r * 1.06,
        ));
        let open = cover(shape, 1.4);
        let away = length(x - gaze, y);
        let disc = cover(away - big, 1.6) * open;
        let q = (x - gaze) / ((x - gaze).abs() + y.abs() + 1e-3);
        let fibre = wave(q * 9.0) * wave(q * 5.3 + 0.3);
        let glow = rise(-big * 0.5, big * 0.9, y) * rise(big, big * 0.5, away);
        ink.lay(cover(shape - 7.0, 9.0) * 0.55, a.dark)
            .lay(cover(shape - 3.2, 1.6), [0.06, 0.04, 0.05])
            .lay(open, [0.95, 0.94, 0.91])
            .lay(disc, tint(iris, -0.25))
            .lay(disc * unit(glow * (0.75 + 0.25 * fibre)), tint(iris, 0.42))
            .lay(disc * rise(big * 0.72, big, away) * 0.8, tint(iris, -0.75))
            .lay(cover(ellipse(x, y, gaze, 0.0, wide, high), 2.4) * disc, [0.02, 0.015, 0.03])
            .lay(open * rise(-r * 0.35, -r, v) * 0.6, [0.02, 0.01, 0.03])
            .lay(cover(ellipse(x, y, sx, -r * 0.36, r * 0.25, r * 0.23), 2.0) * 0.97, WHITE)
            .lay(cover(ellipse(x, y, -sx, r * 0.38, r * 0.13, r * 0.12), 2.4) * 0.6, WHITE)
    });
}

fn nose(canvas: &mut Canvas, a: &Animal<'_>) {
    let t = a.traits;
    let s = t.between("nose size", 0.85, 1.2);
    let (cx, cy) = (a.turn * 1.5, a.nose_y);
    let colour = blend(hsl(0.04, 0.2, 0.12), hsl(0.98, 0.42, 0.62), t.rare("pink nose", 0.3));
    canvas.paint(a.frame.area(cx, cy, 44.0 * s, 40.0 * s), |p, ink| {
        let (x, y) = a.frame.at(p);
        let (x, y) = ((x - cx) * (1.0 / s), (y - cy) * (1.0 / s));
        let side = x.abs();
        // two nostril wings and a wedge towards the lip
        let wedge = (side * 0.8 + y * 0.62 - 10.5).max(-y - 10.0);
        let shape = merge(ellipse(side, y, 9.0, -4.0, 16.0, 12.5), wedge, 9.0) * s;
        let inner = cover(shape, 1.6);
        ink.lay(cover(shape - 5.0, 12.0) * 0.35, a.dark)
            .lay(inner, colour)
            .lay(inner * rise(4.0, -16.0, y) * 0.3, tint(colour, 0.6))
            .lay(inner * rise(0.0, 14.0, y) * 0.4, tint(colour, -0.6))
            .lay(cover(ellipse(side, y, 10.5, 0.5, 4.6, 3.0), 2.0) * 0.85, tint(colour, -0.8))
            .lay(cover(ellipse(x, y, -5.0 + 8.0 * a.lamp, -9.5, 8.0, 2.8), 3.0) * 0.7, WHITE)
    });
}

fn mouth(canvas: &mut Canvas, a: &Animal<'_>) {
    let t = a.traits;
    let (cx, top) = (a.turn * 1.4, a.nose_y + 14.0);
    let wide = 27.0 * a.muzzle;
    let smile = t.between("smile", 8.0, 17.0);
    let tongue = t.rare("tongue", 0.25);
    let long = mix(10.0, 30.0, tongue);
    let line = hsl(0.03, 0.3, 0.12);
    canvas.paint(a.frame.area(cx, top + 24.0, wide + 16.0, 56.0), |p, ink| {
        let (x, y) = a.frame.at(p);
        let (x, y) = (x - cx, y - top);
        let side = x.abs();
        let (stem, _) = segment(x, y, (0.0, 0.0), (0.0, 14.0));
        // each half of the mouth is a parabola hanging between the stem and the corner
        let q = side * (1.0 / wide);
        let curve = 14.0 + smile * 4.0 * q * (1.0 - q) * 0.75 - smile * 0.35 * q;
        let slope = smile * (3.0 * (1.0 - 2.0 * q) - 0.35) * (1.0 / wide);
        let lip = (y - curve).abs() / (1.0 + slope * slope).sqrt();
        let corner = length(side - wide, y - (14.0 - smile * 0.35));
        let lip = if side > wide.into() { corner } else { lip };
        // the tongue hangs from the lip line, so the mouth drawn last closes over it
        let shape = ellipse(x, y, 0.0, 14.0 + long * 0.5, 15.5, long * 0.9).max(curve - y);
        let flesh = cover(shape, 1.5) * tongue;
        ink.lay(cover(shape - 2.2, 2.0) * tongue, [0.33, 0.08, 0.11])
            .lay(flesh, [0.93, 0.47, 0.51])
            .lay(flesh * rise(20.0, 0.0, y - curve) * 0.65, [0.48, 0.11, 0.17])
            .lay(flesh * cover(side - 1.0, 2.0) * cover(shape + 8.0, 3.0) * 0.5, [0.62, 0.2, 0.27])
            .lay(cover(stem.min(lip) - 4.0, 8.0) * 0.25, line)
            .lay(cover(stem.min(lip) - 1.7, 1.5) * 0.9, line)
    });
}

fn whiskers(canvas: &mut Canvas, a: &Animal<'_>) {
    let t = a.traits;
    let reach = t.between("whiskers", 60.0, 110.0);
    let droop = t.between("whisker droop", -10.0, 16.0);
    let ink = blend(WHITE, [0.12, 0.09, 0.08], clamp((a.brightness - 0.62) * 5.0, 0.0, 0.8)); // dark on a pale coat
    for side in [-1.0, 1.0] {
        for k in [-1.0, 0.0, 1.0] {
            let start = (a.turn * 1.3 + side * 34.0 * a.muzzle, a.nose_y + 26.0 + 9.0 * k);
            let middle = (start.0 + side * reach * 0.5, start.1 + 6.0 * k + droop * 0.5);
            canvas.lay(a.frame.area(middle.0, middle.1, reach * 0.5 + 4.0, 44.0), ink, |p| {
                let (x, y) = a.frame.at(p);
                let q = (x - start.0) * (side / reach);
                let curve = start.1 + (k * 13.0 - 10.0) * q + (droop + 10.0 + 6.0 * k) * q * q;
                let away = (y - curve).abs() - 1.0 * (1.0 - q);
                cover(away, 1.4) * rise(0.0, 0.06, q) * rise(1.0, 0.7, q) * 0.6
            });
        }
    }
}
