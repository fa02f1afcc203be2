"""Eyes, nose, mouth and whiskers."""

from __future__ import annotations

import numpy as np

from .animal import Animal
from .canvas import (
    Canvas,
    blend,
    clamp,
    cover,
    ellipse,
    hsl,
    length,
    merge,
    mix,
    rise,
    segment,
    tint,
    unit,
    wave,
)


def draw(canvas: Canvas, a: Animal) -> None:
    """Draw the face over the fur."""
    _mouth(canvas, a)
    _nose(canvas, a)
    for side in (-1.0, 1.0):
        _eye(canvas, a, side)
    _whiskers(canvas, a)


def _eye(canvas: Canvas, a: Animal, side: float) -> None:
    t, r = a.traits, a.eye_r
    cx, cy = side * a.eye_x + a.turn, -4.0
    box = a.frame.box(cx, cy, r * 1.8, r * 1.8)
    x, y = a.frame.at(box)
    x, y = (x - cx), y - cy
    slant = t.between("eye slant", -0.06, 0.12)
    u, v = x * side, y + x * (side * slant)  # u grows outwards
    lid = t.between("eye lid", 0.86, 1.02)
    shape = np.maximum(
        ellipse(u, v, 0.0, 0.0, r * 1.12, r * 1.02), ellipse(u, v, 0.0, r * (1.0 - lid) * 1.6, r * 1.5, r * 1.06)
    )
    canvas.lay(cover(shape - 7.0, 9.0) * 0.55, a.dark, box)
    canvas.lay(cover(shape - 3.2, 1.6), (0.06, 0.04, 0.05), box)
    open_ = cover(shape, 1.4)
    canvas.lay(open_, (0.95, 0.94, 0.91), box)
    hue = t.between("eye hue", 0.04, 0.62)
    hue = mix(hue, mix(0.06, 0.12, t.level("eye amber")), t.rare("brown eyes", 0.45))
    iris = hsl(hue, t.between("eye chroma", 0.55, 0.85), t.between("eye light", 0.38, 0.52))
    gaze = a.turn * 0.12
    away = length(x - gaze, y)
    big = r * 1.02
    disc = cover(away - big, 1.6) * open_
    canvas.lay(disc, tint(iris, -0.25), box)
    p = (x - gaze) / (np.abs(x - gaze) + np.abs(y) + 1e-3)
    fibre = wave(p * 9.0) * wave(p * 5.3 + 0.3)
    glow = rise(-big * 0.5, big * 0.9, y) * rise(big, big * 0.5, away)
    canvas.lay(disc * unit(glow * (0.75 + 0.25 * fibre)), tint(iris, 0.42), box)
    canvas.lay(disc * rise(big * 0.72, big, away) * 0.8, tint(iris, -0.75), box)
    slit = t.rare("cat pupil", 0.22) * (1.0 - a.hanging)
    pupil = r * t.between("pupil", 0.54, 0.66)
    canvas.lay(
        cover(ellipse(x, y, gaze, 0.0, pupil * mix(1.0, 0.5, slit), pupil * mix(1.0, 1.35, slit)), 2.4) * disc,
        (0.02, 0.015, 0.03),
        box,
    )
    canvas.lay(open_ * rise(-r * 0.35, -r * 1.0, v) * 0.6, (0.02, 0.01, 0.03), box)
    sx = 0.36 * r * a.lamp
    canvas.lay(cover(ellipse(x, y, sx, -r * 0.36, r * 0.25, r * 0.23), 2.0) * 0.97, (1.0, 1.0, 1.0), box)
    canvas.lay(cover(ellipse(x, y, -sx, r * 0.38, r * 0.13, r * 0.12), 2.4) * 0.6, (1.0, 1.0, 1.0), box)


def _nose(canvas: Canvas, a: Animal) -> None:
    t = a.traits
    s = t.between("nose size", 0.85, 1.2)
    cx, cy = a.turn * 1.5, a.nose_y
    box = a.frame.box(cx, cy, 44.0 * s, 40.0 * s)
    x, y = a.frame.at(box)
    x, y = (x - cx) * (1.0 / s), (y - cy) * (1.0 / s)
    side = np.abs(x)
    # two nostril wings and a wedge towards the lip
    shape = ellipse(side, y, 9.0, -4.0, 16.0, 12.5)
    wedge = np.maximum(side * 0.8 + y * 0.62 - 10.5, -y - 10.0)
    shape = merge(shape, wedge, 9.0) * s
    colour = blend(hsl(0.04, 0.2, 0.12), hsl(0.98, 0.42, 0.62), t.rare("pink nose", 0.3))
    canvas.lay(cover(shape - 5.0, 12.0) * 0.35, a.dark, box)
    canvas.lay(cover(shape, 1.6), colour, box)
    inner = cover(shape, 1.6)
    canvas.lay(inner * rise(4.0, -16.0, y) * 0.3, tint(colour, 0.6), box)
    canvas.lay(inner * rise(0.0, 14.0, y) * 0.4, tint(colour, -0.6), box)
    canvas.lay(cover(ellipse(side, y, 10.5, 0.5, 4.6, 3.0), 2.0) * 0.85, tint(colour, -0.8), box)
    canvas.lay(cover(ellipse(x, y, -5.0 + 8.0 * a.lamp, -9.5, 8.0, 2.8), 3.0) * 0.7, (1.0, 1.0, 1.0), box)


def _mouth(canvas: Canvas, a: Animal) -> None:
    t = a.traits
    cx, top = a.turn * 1.4, a.nose_y + 14.0
    wide = 27.0 * a.muzzle
    smile = t.between("smile", 8.0, 17.0)
    box = a.frame.box(cx, top + 24.0, wide + 16.0, 56.0)
    x, y = a.frame.at(box)
    x, y = x - cx, y - top
    side = np.abs(x)
    line = hsl(0.03, 0.3, 0.12)
    stem = segment(x, y, (0.0, 0.0), (0.0, 14.0))[0]
    # each half of the mouth is a parabola hanging between the stem and the corner
    q = side * (1.0 / wide)
    curve = 14.0 + smile * 4.0 * q * (1.0 - q) * 0.75 - smile * 0.35 * q
    slope = smile * (3.0 * (1.0 - 2.0 * q) - 0.35) * (1.0 / wide)
    lip = np.abs(y - curve) / np.sqrt(1.0 + slope * slope)
    lip = np.where(side > wide, length(side - wide, y - (14.0 - smile * 0.35)), lip)
    tongue = t.rare("tongue", 0.25)
    if tongue > 0.0:
        long = mix(10.0, 30.0, tongue)
        # it hangs from the lip line, so the mouth drawn last closes over it
        shape = np.maximum(ellipse(x, y, 0.0, 14.0 + long * 0.5, 15.5, long * 0.9), curve - y)
        canvas.lay(cover(shape - 2.2, 2.0) * tongue, (0.33, 0.08, 0.11), box)
        flesh = cover(shape, 1.5) * tongue
        canvas.lay(flesh, (0.93, 0.47, 0.51), box)
        canvas.lay(flesh * rise(20.0, 0.0, y - curve) * 0.65, (0.48, 0.11, 0.17), box)
        canvas.lay(flesh * cover(side - 1.0, 2.0) * cover(shape + 8.0, 3.0) * 0.5, (0.62, 0.2, 0.27), box)
    canvas.lay(cover(np.minimum(stem, lip) - 4.0, 8.0) * 0.25, line, box)
    canvas.lay(cover(np.minimum(stem, lip) - 1.7, 1.5) * 0.9, line, box)


def _whiskers(canvas: Canvas, a: Animal) -> None:
    t = a.traits
    reach = t.between("whiskers", 60.0, 110.0)
    droop = t.between("whisker droop", -10.0, 16.0)
    ink = blend(
        (1.0, 1.0, 1.0), (0.12, 0.09, 0.08), clamp((a.brightness - 0.62) * 5.0, 0.0, 0.8)
    )  # dark on a pale coat
    for side in (-1.0, 1.0):
        for k in (-1.0, 0.0, 1.0):
            start = (a.turn * 1.3 + side * 34.0 * a.muzzle, a.nose_y + 26.0 + 9.0 * k)
            box = a.frame.box(start[0] + side * reach * 0.5, start[1] + 6.0 * k + droop * 0.5, reach * 0.5 + 4.0, 44.0)
            x, y = a.frame.at(box)
            q = (x - start[0]) * (side / reach)
            curve = start[1] + (k * 13.0 - 10.0) * q + (droop + 10.0 + 6.0 * k) * q * q
            away = np.abs(y - curve) - 1.0 * (1.0 - q)
            canvas.lay(cover(away, 1.4) * rise(0.0, 0.06, q) * rise(1.0, 0.7, q) * 0.6, ink, box)
