//! What the animal wears: collar with bell, scarf, glasses, a flower.

use crate::{
    animal::Animal,
    canvas::{Canvas, Field},
    number::{Colour, WHITE, hsl, mix, sine, step, tint},
    single::{Single, cover, ellipse, length, rise, wave},
};

/// Colour of everything worn, apart from the background's hue.
fn accent(a: &Animal<'_>) -> Colour {
    let hue = a.traits.between("background hue", 0.0, 0.86) + a.traits.between("accent hue", 0.25, 0.75);
    hsl(hue, a.traits.between("accent chroma", 0.55, 0.85), a.traits.between("accent light", 0.40, 0.54))
}

/// Draws a collar whose lower border grows into a scarf.
pub fn draw_neck(canvas: &mut Canvas, a: &Animal<'_>) {
    let t = a.traits;
    let worn = t.rare("collar", 0.78);
    if worn == 0.0 {
        return;
    }
    let colour = accent(a);
    let scarf = t.rare("scarf", 0.5);
    let wide = 128.0 * a.wide;
    let dots = t.rare("dots", 0.5) * scarf;
    let top = |x: Single| 6.0 - x * x * (34.0 / (112.0 * 112.0));
    let band = Field::of(a.below(), |p| {
        let (x, y) = a.neck.at(p);
        let (top, slope) = (top(x), (1.0 - x.abs() * (1.0 / wide)).max(0.0));
        let deep = mix(22.0, 36.0, scarf) + slope * (70.0 * scarf);
        [(top - y).max(y - top - deep).max(a.shoulders(x, y) - 5.0)]
    });
    canvas.paint_by(&band.below(16.0), &band, |p, ink, [band]| {
        let (x, y) = a.neck.at(p);
        let top = top(x);
        let share = cover(band, 1.6) * worn;
        let (u, v) = (x * (1.0 / 27.0), (y - top) * (1.0 / 27.0));
        let row = v.floor();
        let u = u + 0.5 * (row - 2.0 * (row * 0.5).floor());
        let (du, dv) = ((u - u.floor() - 0.5) * 27.0, (v - row - 0.5) * 27.0);
        let weave = wave((y - top) * 0.045 + x * 0.006);
        let fold = rise(0.3, 0.0, ((y - top) * (1.0 / 22.0) - 0.35).abs());
        let (head_x, head_y) = a.frame.at(p);
        ink.lay(cover(band - 5.0, 22.0) * (0.42 * worn), [0.02, 0.01, 0.03])
            .lay(share, colour)
            .lay(share * cover(length(du, dv) - 5.2, 1.5) * (0.85 * dots), tint(colour, 0.85))
            .lay(share * rise(0.2, 1.0, weave) * mix(0.0, 0.16, scarf), tint(colour, -0.6))
            .lay(share * fold * (0.5 * (1.0 - scarf)), tint(colour, 0.5))
            .lay(share * rise(26.0, -4.0, a.head(head_x, head_y - 10.0)) * 0.6, tint(colour, -0.8))
    });
    let bell = step(0.3, 1.0, (1.0 - scarf) * worn);
    if bell > 0.02 {
        let r = 16.0 * bell;
        canvas.paint(a.neck.area(0.0, 38.0, 30.0, 30.0), |p, ink| {
            let (x, y) = a.neck.at(p);
            let away = length(x, y - 38.0);
            let shine = rise(r, 0.0, length(x - 4.0 * a.lamp, y - 34.0));
            let slot = ((y - 43.0).abs() - 1.4).max(x.abs() - r * 0.66).min(length(x, y - 43.0) - 3.0);
            ink.lay(cover(length(x, y - 41.0) - r, 9.0) * (0.5 * bell), [0.03, 0.02, 0.02])
                .lay(cover(away - r, 1.6) * bell, [0.72, 0.47, 0.10])
                .lay(cover(away - r + 1.5, 3.0) * bell * shine, [1.0, 0.90, 0.52])
                .lay(cover(slot, 1.5) * bell, [0.25, 0.14, 0.03])
        });
    }
}

/// Draws glasses and a flower; both rare, and both fade in.
pub fn draw_extras(canvas: &mut Canvas, a: &Animal<'_>) {
    let colour = tint(accent(a), 0.08);
    glasses(canvas, a, colour);
    flower(canvas, a, colour);
}

fn glasses(canvas: &mut Canvas, a: &Animal<'_>, colour: Colour) {
    let worn = a.traits.slowly("glasses", 0.13, 0.08);
    if worn == 0.0 {
        return;
    }
    let r = 46.0;
    // hoops and bridge reach 60 pixels up and down, the arms as far as the head
    canvas.paint(a.frame.area(0.0, -2.0, 250.0, 60.0), |p, ink| {
        let (x, y) = a.frame.at(p);
        let side = (x - a.turn).abs();
        let glass = length(side - a.eye_x, y + 2.0) - r;
        let hoop = glass.abs() - 4.0;
        let arch = ((y + 8.0 + 0.006 * side * side).abs() - 3.4).max(side - (a.eye_x - r + 2.0));
        let arm = ((y + 4.0).abs() - 3.4).max((a.eye_x + r - side).max(a.head(x, y) + 1.0));
        let shape = hoop.min(arch).min(arm);
        let glare = cover(glass, 1.0) * rise(0.4, 1.0, wave((x - y) * 0.011));
        ink.lay(glare * (0.14 * worn), WHITE)
            .lay(cover(shape - 3.0, 9.0) * (0.4 * worn), [0.02, 0.01, 0.02])
            .lay(cover(shape, 1.5) * worn, colour)
            .lay(cover(shape + 2.4, 2.4) * (0.5 * worn), tint(colour, 0.5))
    });
}

fn flower(canvas: &mut Canvas, a: &Animal<'_>, colour: Colour) {
    let worn = a.traits.slowly("flower", 0.17, 0.08);
    if worn <= 0.02 {
        return;
    }
    let side = a.traits.between("flower side", -1.0, 1.0);
    let (fx, fy) = (96.0 * side * a.wide, -96.0 + 14.0 * side * side);
    let size = 40.0 * worn;
    canvas.paint(a.frame.area(fx, fy, size * 1.5, size * 1.5), |p, ink| {
        let (x, y) = a.frame.at(p);
        let (x, y) = ((x - fx) * (1.0 / size), (y - fy) * (1.0 / size));
        let mut petals = Single(9.0);
        for k in 0..6 {
            let turns = f64::from(k) / 6.0;
            petals = petals.min(length(x - 0.52 * sine(turns + 0.25), y - 0.52 * sine(turns)) - 0.40);
        }
        let (away, share) = (length(x, y), cover(petals * size, 1.6));
        ink.lay(cover((petals - 0.1) * size, 14.0) * 0.4, [0.02, 0.01, 0.02])
            .lay(share, colour)
            .lay(share * rise(0.35, 0.95, away) * 0.6, tint(colour, 0.6))
            .lay(share * rise(0.14, 0.0, (petals + 0.02).abs()) * 0.25, tint(colour, -0.5))
            .lay(cover((away - 0.30) * size, 1.6), [0.93, 0.66, 0.16])
            .lay(cover(ellipse(x, y, -0.05, -0.08, 0.22, 0.2) * size, 6.0) * 0.8, [1.0, 0.88, 0.45])
    });
}
