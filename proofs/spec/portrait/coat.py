"""Coat of the animal: shading, markings, ears, and the fur over head and shoulders."""

from __future__ import annotations

import numpy as np

from .animal import Animal
from .canvas import (
    Box,
    Canvas,
    Plane,
    around,
    blend,
    chance,
    cover,
    ellipse,
    inside,
    length,
    merge,
    mix,
    near,
    rise,
    step,
    tint,
    unit,
    wave,
)
from .fur import Coat, comb

NIGHT = (0.03, 0.02, 0.05)  # colour of cast shadows


def _dome(d: Plane, deep: float) -> Plane:
    """Height 0..1 of a cushion below the outline."""
    t = unit(d * (-1.0 / deep))
    return np.sqrt(t * (2.0 - t))


def draw_body(canvas: Canvas, a: Animal) -> None:
    """Shoulders and chest with their fur, shaded under the head."""
    box = near(a.shoulders, 31.0)
    (x, y), d = a.neck.at(box), a.shoulders[box]
    canvas.lay(cover(d - 8.0, 46.0) * 0.4, NIGHT, box)
    paint = Canvas(tint(a.coat, -0.06), x.shape)
    bib = a.traits.rare("bib", 0.6)
    paint.lay(cover(ellipse(x, y, 0.0, 130.0, 56.0 * a.wide, 120.0), 36.0) * bib, a.pale)
    paint.scale(0.56 + 0.46 * _dome(d, 90.0) + x * np.float32(0.0009 * a.lamp))
    head_x, head_y = a.frame.at(box)
    paint.scale(1.0 - 0.5 * rise(70.0, -20.0, a.head(head_x, head_y - 26.0)))
    canvas.lay(cover(d), list(paint.rgb), box)
    flow_y = np.full_like(x, 1.0)
    flow_x = x * 0.009 + 0.25 * wave(x * 0.006 + y * 0.004)
    reach = np.full_like(x, 17.0 * a.fluff + 5.0)
    comb(canvas, Coat(box, paint, -d, flow_x, flow_y, reach), unit((y + 110.0) * -0.004 + 1.0), 40, 2.7, 0.16, 0.8)


def draw_head(canvas: Canvas, a: Animal) -> None:
    """Head and ears with markings and fur."""
    ears = [(side, *_ear_patch(a, side)) for side in (-1.0, 1.0)]
    patches = [patch for _, patch, _ in ears]
    place = around(a.place, *patches)
    d = a.head(*a.frame.at(place))
    whole = near(d, 26.0, *patches, of=place)
    (x, y), d = a.frame.at(whole), d[inside(place, whole)]
    canvas.lay(cover(d - 6.0, 40.0) * 0.35, NIGHT, whole)
    paint = Canvas(a.coat, x.shape)
    _markings(paint, a, whole, x, y)
    muzzle_y = a.nose_y + 26.0
    # light on a dome, with a softer dome for the muzzle
    paint.scale(0.60 + 0.50 * _dome(d, 95.0) + (x * a.lamp * 0.9 - y) * np.float32(0.00105))
    snout = ellipse(x, y, a.turn * 1.2, muzzle_y, 52.0 * a.muzzle, 42.0)
    paint.scale(1.0 - 0.16 * rise(26.0, 0.0, np.abs(snout + 2.0)) * unit((y - a.nose_y + 20.0) * 0.02))
    for side in (-1.0, 1.0):
        hollow = ellipse(x, y, side * a.eye_x + a.turn, -2.0, a.eye_r * 1.45, a.eye_r * 1.35)
        paint.scale(1.0 - 0.34 * cover(hollow, 30.0))

    flow_x: Plane = x - a.turn
    flow_y: Plane = (y - a.nose_y) * 0.92
    away = length(flow_x, flow_y)
    flow_x = flow_x + 0.22 * away * wave(y * 0.0035 + 0.1) * np.where(x < 0.0, np.float32(-1.0), np.float32(1.0)) * 0.5
    flow_y = flow_y + 0.2 * away
    reach = 5.0 + (8.0 + 9.0 * a.fluff) * rise(30.0, 150.0, away)
    reach = reach + 7.0 * a.fluff * rise(0.0, 90.0, y) * rise(60.0, 130.0, np.abs(x))
    order = unit(1.0 - away * 0.0052)
    depth = -d

    share = cover(d)
    for side, patch, (ed, along, middle) in ears:
        box = inside(whole, patch)
        shade = _ear(a, side, ed, along, middle)
        seam = rise(0.0, 0.3, along) * np.maximum(rise(-14.0, 8.0, d[box]), a.hanging)
        mine = cover(ed) * np.maximum(seam, cover(-d[box]))
        canvas.lay(cover(ed - 5.0, 26.0) * 0.3, NIGHT, patch)
        for plane, new in zip(paint.rgb, shade, strict=True):
            plane[box] += (new - plane[box]) * mine
        root, tip = a.ear_points[0], a.ear_points[2]
        dx, dy = side * (tip[0] - root[0]), tip[1] - root[1]
        norm = 1.0 / (abs(dx) + abs(dy) + 1e-6)
        flow_x[box] += (away[box] * (dx * norm * 2.0) + (x[box] - side * root[0]) * 0.3 - flow_x[box]) * mine
        flow_y[box] += (away[box] * (dy * norm * 2.0) - flow_y[box]) * mine
        reach[box] += (7.0 + 5.0 * a.fluff - reach[box]) * mine
        order[box] += (mix(0.1, 0.55, a.hanging) - order[box]) * mine
        depth[box] = np.maximum(depth[box], -ed)
        share[box] = np.maximum(share[box], cover(ed))
    canvas.lay(share, list(paint.rgb), whole)
    comb(canvas, Coat(whole, paint, depth, flow_x, flow_y, reach), order, 60, 2.4, 0.16, 0.7)


def _ear_patch(a: Animal, side: float) -> tuple[Box, tuple[Plane, Plane, Plane]]:
    xs, ys = [p[0] for p in a.ear_points], [p[1] for p in a.ear_points]
    r = max(a.ear_radii) + 14.0
    cx, cy = 0.5 * (min(xs) + max(xs)), 0.5 * (min(ys) + max(ys))
    box = a.frame.box(side * cx, cy, 0.5 * (max(xs) - min(xs)) + r, 0.5 * (max(ys) - min(ys)) + r)
    x, y = a.frame.at(box)
    return box, a.ear(x * side, y)


def _ear(a: Animal, side: float, d: Plane, along: Plane, middle: Plane) -> list[Plane]:
    """Colours of one ear: coat, dark tip, pink shell in ears that stand."""
    tips = a.traits.rare("ear tips", 0.4)
    shell = rise(0.72, 0.38, middle) * rise(0.98, 0.75, along) * (0.85 * (1.0 - a.hanging))
    tip = rise(0.35, 0.9, along) * tips
    pink = blend((0.86, 0.55, 0.52), a.coat, 0.3)
    light = (0.72 + 0.3 * _dome(d, 26.0)) * (1.0 + 0.1 * side * a.lamp - 0.16 * a.hanging)
    out = []
    for coat, dark, rose in zip(a.coat, a.dark, pink, strict=True):
        c = coat + (dark - coat) * tip
        c = c + (rose * (0.7 + 0.35 * along) - c) * shell
        out.append(c * light)
    return out


def _markings(paint: Canvas, a: Animal, head: Box, x: Plane, y: Plane) -> None:
    """Paint stripes, spots, patches, cheeks, blaze, brows and muzzle on the head."""
    t = a.traits
    stripes = t.rare("stripes", 0.28)
    if stripes > 0.0:
        crown = rise(0.1, 0.75, wave(x * 0.034 + 0.5)) * rise(-34.0, -64.0, y) * rise(74.0, 46.0, np.abs(x))
        cheek = (
            rise(0.1, 0.75, wave((y - 0.28 * np.abs(x)) * 0.036)) * rise(74.0, 100.0, np.abs(x)) * rise(-34.0, 0.0, y)
        )
        paint.lay(np.maximum(crown, cheek) * (0.75 * stripes), a.dark)
    spots = t.rare("spots", 0.18)
    if spots > 0.0:
        die = chance(120, 77)
        for k in range(34):
            sx, sy, r = (
                float(die[k]) * 250.0 - 125.0,
                float(die[k + 40]) * 190.0 - 125.0,
                4.0 + 8.0 * float(die[k + 80]),
            )
            box = inside(head, a.frame.box(sx, sy, r + 3.0, r + 3.0))
            u, v = x[box], y[box]
            paint.lay(cover(length(u - sx, v - sy) - r, 4.0) * (0.7 * spots), a.dark, box)
    saddle = t.rare("dark crown", 0.2)
    if saddle > 0.0:
        paint.lay(rise(-10.0, -90.0, y + np.abs(x) * 0.25) * (0.8 * saddle), a.dark)
    patch_x = t.between("patch side", -1.25, 1.25)
    patch = t.rare("patch", 0.26) * step(0.35, 0.8, abs(patch_x))
    if patch > 0.0:
        spot_colour = blend(a.dark, a.pale, step(0.42, 0.25, a.brightness) if a.brightness > 0.25 else 1.0)
        paint.lay(cover(ellipse(x, y, patch_x * a.eye_x + a.turn, -8.0, 50.0, 58.0), 12.0) * patch, spot_colour)
    mask = t.rare("pale cheeks", 0.42)
    side = np.abs(x - a.turn * 0.5)
    if mask > 0.0:
        low = ellipse(side, y, 0.0, 108.0, 56.0, 44.0)
        cheeks = merge(ellipse(side, y, 64.0 * a.wide, 74.0, 66.0, 60.0), low, 20.0)
        paint.lay(cover(cheeks, 34.0) * mask, a.pale)
    blaze = t.rare("blaze", 0.4)
    if blaze > 0.0:
        width = t.between("blaze width", 9.0, 20.0) + 20.0 * rise(-20.0, 60.0, y) - 6.0 * rise(-60.0, -120.0, y)
        paint.lay(cover(np.abs(x - a.turn * 0.9) - width, 10.0) * rise(70.0, 20.0, y) * blaze, a.pale)
    brows = t.rare("brows", 0.3)
    if brows > 0.0:
        paint.lay(cover(ellipse(side, y, a.eye_x * 0.86, -a.eye_r - 20.0, 16.0, 10.0), 8.0) * brows, a.pale)
    muzzle = t.between("muzzle pale", 0.35, 1.0)
    mx = np.abs(x - a.turn * 1.2)
    both = merge(
        ellipse(mx, y, 26.0 * a.muzzle, a.nose_y + 30.0, 44.0 * a.muzzle, 36.0),
        ellipse(mx, y, 0.0, a.nose_y - 6.0, 26.0, 42.0),
        16.0,
    )
    paint.lay(cover(both, 24.0) * muzzle, a.pale)
