//! The background: light, and five kinds of scenery that fade into each other.

use crate::{
    canvas::{ALL, Canvas, Frame},
    number::{Colour, blend, chance, clamp, hsl, mix, tint},
    single::{cover, length, rise, unit, wave},
    traits::Traits,
};

/// Everything that a kind of scenery depends on.
struct Scene<'a> {
    frame: Frame,
    traits: &'a Traits<'a>,
    weight: f64,
    main: Colour,
    deep: Colour,
}

/// A new canvas with the background on it.
pub fn draw(traits: &Traits<'_>) -> Canvas {
    let hue = traits.between("background hue", 0.0, 0.86);
    let main =
        hsl(hue, traits.between("background chroma", 0.38, 0.72), traits.between("background light", 0.50, 0.70));
    let deep =
        hsl(hue + traits.between("background drift", -0.09, 0.09), 0.5, traits.between("background depth", 0.2, 0.36));
    let lamp = traits.between("light side", -1.0, 1.0);
    let mut canvas = Canvas::new(ALL, main);
    let mut scene = Scene { frame: Frame::new(256.0, 240.0, 0.0), traits, weight: 0.0, main, deep };
    canvas.lay(ALL, deep, |p| {
        let (x, y) = scene.frame.at(p);
        rise(60.0, 420.0, length(x - 110.0 * lamp, y + 110.0))
    });
    let kinds = [bokeh, hills, rings, rays, stars];
    let place = traits.level("scenery") * kinds.len() as f64;
    for (kind, painter) in kinds.into_iter().enumerate() {
        // neighbouring kinds fade into each other around the border between them
        scene.weight = clamp(4.0 * (0.62 - (place - kind as f64 - 0.5).abs()), 0.0, 1.0);
        if scene.weight > 0.0 {
            painter(&mut canvas, &scene);
        }
    }
    canvas
}

fn bokeh(canvas: &mut Canvas, Scene { frame, traits, weight, main, .. }: &Scene<'_>) {
    let die = |index| f64::from(chance(911, index));
    let sway = traits.between("scenery place", -50.0, 50.0);
    for k in 0..14 {
        let (x, y) = (die(k) * 580.0 - 290.0 + sway, die(k + 14) * 430.0 - 235.0);
        let r = 14.0 + 46.0 * die(k + 28);
        let share = weight * (0.14 + 0.3 * die(k + 42));
        canvas.lay(frame.area(x, y, r * 1.3, r * 1.3), tint(*main, 0.45), |p| {
            let (u, v) = frame.at(p);
            let away = length(u - x, v - y);
            let rim = 0.65 + 0.35 * rise(r * 0.6, r, away);
            cover(away - r, r * 0.25) * rim * share
        });
    }
}

fn hills(canvas: &mut Canvas, Scene { frame, traits, weight, main, deep }: &Scene<'_>) {
    let (sx, sy) = (traits.between("scenery place", -170.0, 170.0), -150.0);
    let roll = traits.level("hill roll");
    canvas.paint(ALL, |p, ink| {
        let (x, y) = frame.at(p);
        let away = length(x - sx, y - sy);
        ink.lay(rise(-240.0, 120.0, y) * (0.55 * weight), tint(*main, 0.45))
            .lay(rise(130.0, 30.0, away) * (0.35 * weight), [1.0, 0.95, 0.8])
            .lay(cover(away - 40.0, 4.0) * (0.9 * weight), [1.0, 0.96, 0.84])
    });
    for k in [0.0, 1.0, 2.0] {
        let colour = blend(tint(*main, 0.12), *deep, 0.15 + 0.38 * k);
        canvas.lay(ALL, colour, |p| {
            let (x, y) = frame.at(p);
            let ridge =
                (8.0 + 52.0 * k) + 24.0 * wave(x * 0.0021 + (0.37 * k + roll)) + 9.0 * wave(x * 0.0057 + 0.4 * k);
            unit(y - ridge + 0.5) * *weight
        });
    }
}

fn rings(canvas: &mut Canvas, Scene { frame, traits, weight, main, .. }: &Scene<'_>) {
    let width = traits.between("ring width", 34.0, 58.0);
    canvas.lay(ALL, tint(*main, 0.32), |p| {
        let (x, y) = frame.at(p);
        let order = length(x, y - 10.0) * (1.0 / width);
        let band = order.floor();
        let edge = unit((order - band) * width - 0.5);
        let shade = (band - 1.0 + edge) * (width / 360.0);
        unit(1.0 - shade) * (0.7 * weight)
    });
}

fn rays(canvas: &mut Canvas, Scene { frame, traits, weight, main, .. }: &Scene<'_>) {
    let turned = traits.between("scenery place", -0.5, 0.5);
    canvas.lay(ALL, tint(*main, 0.42), |p| {
        let (x, y) = frame.at(p);
        let y = y - 20.0;
        // pseudo-angle: 0..4 around the square |x|+|y| = 1, stretched to look even on the circle
        let q = x / (x.abs() + y.abs() + 1e-3);
        let q = q * (1.27 - 0.27 * q * q);
        let turn = if y.0 < 0.0 { q } else { 2.0 - q };
        let beams = wave(turn * 0.25 * 12.0 + turned);
        let soft = 1500.0 / (length(x, y) + 60.0);
        rise(-0.06, 0.06, beams / (soft * 0.2)) * (0.34 * weight)
    });
}

fn stars(canvas: &mut Canvas, Scene { frame, traits, weight, deep, .. }: &Scene<'_>) {
    canvas.lay(ALL, tint(*deep, -0.45), |p| rise(180.0, -260.0, frame.at(p).1) * (0.55 * weight));
    let die = |index| f64::from(chance(907, index));
    let drift = traits.between("scenery place", -40.0, 40.0);
    for k in 0..40 {
        let (x, y) = (die(k) * 560.0 - 280.0 + drift, die(k + 40) * 400.0 - 240.0);
        let r = mix(5.0, 15.0, die(k + 80) * die(k + 80));
        let share = weight * (0.5 + 0.5 * die(k + 120));
        canvas.lay(frame.area(x, y, r, r), [1.0, 0.97, 0.86], |p| {
            let (u, v) = frame.at(p);
            let (u, v) = ((u - x).abs() * (1.0 / r), (v - y).abs() * (1.0 / r));
            rise(1.0, 0.0, u + v + 9.0 * u * v) * share // four-pointed
        });
    }
}
