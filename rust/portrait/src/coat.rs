//! Coat of the animal: shading, markings, ears, and the fur over head and shoulders.

use crate::{
    animal::{Animal, Ear},
    canvas::{Canvas, Field, Ink, Point, Strip, Strips},
    fur::{Coat, Comb, comb},
    number::{Colour, blend, chance, mix, step, tint},
    single::{Single, cover, dome, ellipse, length, merge, rise, unit, wave},
};
use std::array;

/// Colour of cast shadows.
const NIGHT: Colour = [0.03, 0.02, 0.05];

/// Shoulders and chest with their fur, shaded under the head.
pub fn draw_body(canvas: &mut Canvas, a: &Animal<'_>) {
    let distance = Field::of(a.below(), |p| {
        let (x, y) = a.neck.at(p);
        [a.shoulders(x, y)]
    });
    let part = distance.below(31.0);
    let colour = tint(a.coat, -0.06);
    let bib = a.traits.rare("bib", 0.6);
    let mut coat = Coat::new(distance.area, [0.0; 9]);
    coat.update_by(&part, &distance, |p, _, [d]| {
        let ((x, y), (head_x, head_y)) = (a.neck.at(p), a.frame.at(p));
        let Ink([r, g, b]) = Ink(colour.map(Single::from))
            .lay(cover(ellipse(x, y, 0.0, 130.0, 56.0 * a.wide, 120.0), 36.0) * bib, a.pale)
            .scale(0.56 + 0.46 * dome(d, 90.0) + x * (0.0009 * a.lamp))
            .scale(1.0 - 0.5 * rise(70.0, -20.0, a.head(head_x, head_y - 26.0)));
        let flow_x = x * 0.009 + 0.25 * wave(x * 0.006 + y * 0.004);
        let order = unit((y + 110.0) * -0.004 + 1.0);
        [r, g, b, -d, flow_x, 1.0.into(), (17.0 * a.fluff + 5.0).into(), order, cover(d, 1.0)]
    });
    canvas.paint_by(&part, &coat, |_, ink, [r, g, b, depth, .., share]| {
        ink.lay(cover(-depth - 8.0, 46.0) * 0.4, NIGHT).lay(share, [r, g, b])
    });
    comb(canvas, &coat, &Comb { stream: 40, spacing: 2.7, contrast: 0.16, curl: 0.8 });
}

/// Head and ears with markings and fur.
pub fn draw_head(canvas: &mut Canvas, a: &Animal<'_>) {
    let ears = [-1.0, 1.0].map(|side| (side, a.ears.at(side, &a.frame)));
    let area = ears.iter().fold(a.place(), |area, (_, ear)| area.with(ear.area));
    let distance = Field::of(area, |p| {
        let (x, y) = a.frame.at(p);
        [a.head(x, y)]
    });
    canvas.paint_by(&distance.below(26.0), &distance, |_, ink, [d]| ink.lay(cover(d - 6.0, 40.0) * 0.35, NIGHT));
    let mut near = distance.clone();
    for (_, ear) in &ears {
        near.update_by(&Strips::from(ear.area), ear, |_, [d], [to_ear, ..]| [d.min(to_ear)]);
    }
    let part = near.below(1.0);
    let mut coat = Coat::new(area, [0.0; 9]);
    let mut paint = Canvas::new(area, a.coat);
    markings(&mut paint, &part, a);
    coat.update_by(&part, &paint, |p, _, rgb| skin(p, Ink(rgb), a));
    let tips = a.traits.rare("ear tips", 0.4);
    for (side, ear) in &ears {
        let patch = ear.below(18.0);
        canvas.paint_by(&patch, ear, |_, ink, [to_ear, ..]| ink.lay(cover(to_ear - 5.0, 26.0) * 0.3, NIGHT));
        let patch = ear.below(1.0);
        coat.update_by(&patch, ear, |p, under, ear| grown(p, under, a, *side, tips, ear));
    }
    canvas.paint_by(&part, &coat, |_, ink, [r, g, b, .., share]| ink.lay(share, [r, g, b]));
    comb(canvas, &coat, &Comb { stream: 60, spacing: 2.4, contrast: 0.16, curl: 0.7 });
}

/// The coat of the head at a pixel, given its colour.
#[inline(always)]
fn skin(p: Point, ink: Ink, a: &Animal<'_>) -> [Single; 9] {
    let (x, y) = a.frame.at(p);
    let d = a.head(x, y);
    // light on a dome, with a softer dome for the muzzle
    let snout = ellipse(x, y, a.turn * 1.2, a.nose_y + 26.0, 52.0 * a.muzzle, 42.0);
    let hollow = |side: f64| ellipse(x, y, side * a.eye_x + a.turn, -2.0, a.eye_r * 1.45, a.eye_r * 1.35);
    let Ink([r, g, b]) = ink
        .scale(0.60 + 0.50 * dome(d, 95.0) + (x * a.lamp * 0.9 - y) * 0.00105)
        .scale(1.0 - 0.16 * rise(26.0, 0.0, (snout + 2.0).abs()) * unit((y - a.nose_y + 20.0) * 0.02))
        .scale(1.0 - 0.34 * cover(hollow(-1.0), 30.0))
        .scale(1.0 - 0.34 * cover(hollow(1.0), 30.0));

    let (flow_x, flow_y, away) = outwards(x, y, a);
    let half = if x.0 < 0.0 { -1.0 } else { 1.0 };
    let flow_x = flow_x + 0.22 * away * wave(y * 0.0035 + 0.1) * Single(half) * 0.5;
    let flow_y = flow_y + 0.2 * away;
    let reach = 5.0 + (8.0 + 9.0 * a.fluff) * rise(30.0, 150.0, away);
    let reach = reach + 7.0 * a.fluff * rise(0.0, 90.0, y) * rise(60.0, 130.0, x.abs());
    [r, g, b, -d, flow_x, flow_y, reach, unit(1.0 - away * 0.0052), cover(d, 1.0)]
}

/// The way from the nose, and its length.
#[inline(always)]
fn outwards(x: Single, y: Single, a: &Animal<'_>) -> (Single, Single, Single) {
    let (flow_x, flow_y) = (x - a.turn, (y - a.nose_y) * 0.92);
    (flow_x, flow_y, length(flow_x, flow_y))
}

/// The coat at a pixel with an ear over what was there.
#[inline(always)]
fn grown(p: Point, under: [Single; 9], a: &Animal<'_>, side: f64, tips: f64, ear: Ear) -> [Single; 9] {
    let [to_ear, along, _] = ear;
    let [r, g, b, depth, flow_x, flow_y, reach, order, share] = under;
    let (x, y) = a.frame.at(p);
    let (d, (.., away)) = (a.head(x, y), outwards(x, y, a));
    let hanging = a.ears.hanging;
    let seam = rise(0.0, 0.3, along) * rise(-14.0, 8.0, d).max(hanging);
    let mine = cover(to_ear, 1.0) * seam.max(cover(-d, 1.0));
    let Ink([r, g, b]) = Ink([r, g, b]).lay(mine, shade(a, side, tips, ear));
    let ([root, _, tip], towards) = (a.ears.points, |from: Single, to: Single| from + (to - from) * mine);
    let (dx, dy) = (side * (tip.0 - root.0), tip.1 - root.1);
    let norm = 1.0 / (dx.abs() + dy.abs() + 1e-6);
    [
        r,
        g,
        b,
        depth.max(-to_ear),
        towards(flow_x, away * (dx * norm * 2.0) + (x - side * root.0) * 0.3),
        towards(flow_y, away * (dy * norm * 2.0)),
        towards(reach, (7.0 + 5.0 * a.fluff).into()),
        towards(order, mix(0.1, 0.55, hanging).into()),
        share.max(cover(to_ear, 1.0)),
    ]
}

/// Colours of one ear: coat, dark tip, pink shell in ears that stand.
#[inline(always)]
fn shade(a: &Animal<'_>, side: f64, tips: f64, [to_ear, along, middle]: Ear) -> [Single; 3] {
    let hanging = a.ears.hanging;
    let shell = rise(0.72, 0.38, middle) * rise(0.98, 0.75, along) * (0.85 * (1.0 - hanging));
    let tip = rise(0.35, 0.9, along) * tips;
    let pink = blend([0.86, 0.55, 0.52], a.coat, 0.3);
    let light = (0.72 + 0.3 * dome(to_ear, 26.0)) * (1.0 + 0.1 * side * a.lamp - 0.16 * hanging);
    array::from_fn(|i| {
        let c = a.coat[i] + (a.dark[i] - a.coat[i]) * tip;
        let c = c + (pink[i] * (0.7 + 0.35 * along) - c) * shell;
        c * light
    })
}

/// Lays a colour over a part.
#[inline(always)]
fn over(paint: &mut Canvas, part: &[Strip], colour: Colour, share: impl Fn(Point) -> Single) {
    paint.update(part, |p, rgb| Ink(rgb).lay(share(p), colour).0);
}

/// Paints stripes, spots, patches, cheeks, blaze, brows and muzzle on the head.
fn markings(paint: &mut Canvas, part: &[Strip], a: &Animal<'_>) {
    let t = a.traits;
    let stripes = t.rare("stripes", 0.28);
    if stripes > 0.0 {
        over(paint, part, a.dark, |p| {
            let (x, y) = a.frame.at(p);
            let side = x.abs();
            let crown = rise(0.1, 0.75, wave(x * 0.034 + 0.5)) * rise(-34.0, -64.0, y) * rise(74.0, 46.0, side);
            let cheek =
                rise(0.1, 0.75, wave((y - 0.28 * side) * 0.036)) * rise(74.0, 100.0, side) * rise(-34.0, 0.0, y);
            crown.max(cheek) * (0.75 * stripes)
        });
    }
    let spots = t.rare("spots", 0.18);
    if spots > 0.0 {
        let die = |index| f64::from(chance(77, index));
        for k in 0..34 {
            let (sx, sy) = (die(k) * 250.0 - 125.0, die(k + 40) * 190.0 - 125.0);
            let r = 4.0 + 8.0 * die(k + 80);
            paint.lay(a.frame.area(sx, sy, r + 3.0, r + 3.0).within(paint.area), a.dark, |p| {
                let (x, y) = a.frame.at(p);
                cover(length(x - sx, y - sy) - r, 4.0) * (0.7 * spots)
            });
        }
    }
    let saddle = t.rare("dark crown", 0.2);
    if saddle > 0.0 {
        over(paint, part, a.dark, |p| {
            let (x, y) = a.frame.at(p);
            rise(-10.0, -90.0, y + x.abs() * 0.25) * (0.8 * saddle)
        });
    }
    let patch_x = t.between("patch side", -1.25, 1.25);
    let patch = t.rare("patch", 0.26) * step(0.35, 0.8, patch_x.abs());
    if patch > 0.0 {
        let share = if a.brightness > 0.25 { step(0.42, 0.25, a.brightness) } else { 1.0 };
        over(paint, part, blend(a.dark, a.pale, share), |p| {
            let (x, y) = a.frame.at(p);
            cover(ellipse(x, y, patch_x * a.eye_x + a.turn, -8.0, 50.0, 58.0), 12.0) * patch
        });
    }
    let mask = t.rare("pale cheeks", 0.42);
    let aside = |p| {
        let (x, y) = a.frame.at(p);
        ((x - a.turn * 0.5).abs(), y)
    };
    if mask > 0.0 {
        over(paint, part, a.pale, |p| {
            let (side, y) = aside(p);
            let low = ellipse(side, y, 0.0, 108.0, 56.0, 44.0);
            cover(merge(ellipse(side, y, 64.0 * a.wide, 74.0, 66.0, 60.0), low, 20.0), 34.0) * mask
        });
    }
    let blaze = t.rare("blaze", 0.4);
    if blaze > 0.0 {
        let least = t.between("blaze width", 9.0, 20.0);
        over(paint, part, a.pale, |p| {
            let (x, y) = a.frame.at(p);
            let width = least + 20.0 * rise(-20.0, 60.0, y) - 6.0 * rise(-60.0, -120.0, y);
            cover((x - a.turn * 0.9).abs() - width, 10.0) * rise(70.0, 20.0, y) * blaze
        });
    }
    let brows = t.rare("brows", 0.3);
    if brows > 0.0 {
        over(paint, part, a.pale, |p| {
            let (side, y) = aside(p);
            cover(ellipse(side, y, a.eye_x * 0.86, -a.eye_r - 20.0, 16.0, 10.0), 8.0) * brows
        });
    }
    let muzzle = t.between("muzzle pale", 0.35, 1.0);
    over(paint, part, a.pale, |p| {
        let (x, y) = a.frame.at(p);
        let side = (x - a.turn * 1.2).abs();
        let lips = ellipse(side, y, 26.0 * a.muzzle, a.nose_y + 30.0, 44.0 * a.muzzle, 36.0);
        let both = merge(lips, ellipse(side, y, 0.0, a.nose_y - 6.0, 26.0, 42.0), 16.0);
        cover(both, 24.0) * muzzle
    });
}
