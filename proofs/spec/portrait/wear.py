"""What the animal wears: collar with bell, scarf, glasses, a flower."""

from __future__ import annotations

import numpy as np

from .animal import Animal
from .canvas import (
    Canvas,
    Colour,
    cover,
    ellipse,
    hsl,
    length,
    mix,
    near,
    rise,
    sine,
    step,
    tint,
    wave,
)


def accent(a: Animal) -> Colour:
    """Colour of everything worn, apart from the background's hue."""
    hue = a.traits.between("background hue", 0.0, 0.86) + a.traits.between("accent hue", 0.25, 0.75)
    return hsl(hue, a.traits.between("accent chroma", 0.55, 0.85), a.traits.between("accent light", 0.40, 0.54))


def draw_neck(canvas: Canvas, a: Animal) -> None:
    """Collar whose lower border grows into a scarf."""
    t = a.traits
    worn = t.rare("collar", 0.78)
    if worn == 0.0:
        return
    colour = accent(a)
    scarf = t.rare("scarf", 0.5)
    frame = a.neck
    wide = 128.0 * a.wide
    x, y = frame.x, frame.y
    top = 6.0 - x * x * np.float32(34.0 / (112.0 * 112.0))
    deep = mix(22.0, 36.0, scarf) + np.maximum(1.0 - np.abs(x) * (1.0 / wide), 0.0) * (70.0 * scarf)
    band = np.maximum(np.maximum(top - y, y - top - deep), a.shoulders - 5.0)
    whole = near(band, 16.0)
    (x, y), top, band = frame.at(whole), top[whole], band[whole]
    canvas.lay(cover(band - 5.0, 22.0) * (0.42 * worn), (0.02, 0.01, 0.03), whole)
    share = cover(band, 1.6) * worn
    canvas.lay(share, colour, whole)
    dots = t.rare("dots", 0.5) * scarf
    u, v = x * np.float32(1.0 / 27.0), (y - top) * np.float32(1.0 / 27.0)
    row = np.floor(v)
    u = u + 0.5 * (row - 2.0 * np.floor(row * 0.5))
    du, dv = (u - np.floor(u) - 0.5) * 27.0, (v - row - 0.5) * 27.0
    canvas.lay(share * cover(length(du, dv) - 5.2, 1.5) * (0.85 * dots), tint(colour, 0.85), whole)
    weave = wave((y - top) * 0.045 + x * 0.006)
    canvas.lay(share * rise(0.2, 1.0, weave) * mix(0.0, 0.16, scarf), tint(colour, -0.6), whole)
    canvas.lay(
        share * rise(0.3, 0.0, np.abs((y - top) * (1.0 / 22.0) - 0.35)) * (0.5 * (1.0 - scarf)),
        tint(colour, 0.5),
        whole,
    )
    head_x, head_y = a.frame.at(whole)
    canvas.lay(share * rise(26.0, -4.0, a.head(head_x, head_y - 10.0)) * 0.6, tint(colour, -0.8), whole)
    bell = step(0.3, 1.0, (1.0 - scarf) * worn)
    if bell > 0.02:
        r = 16.0 * bell
        box = frame.box(0.0, 38.0, 30.0, 30.0)
        x, y = frame.at(box)
        away = length(x, y - 38.0)
        canvas.lay(cover(length(x, y - 41.0) - r, 9.0) * (0.5 * bell), (0.03, 0.02, 0.02), box)
        canvas.lay(cover(away - r, 1.6) * bell, (0.72, 0.47, 0.10), box)
        canvas.lay(
            cover(away - r + 1.5, 3.0) * bell * rise(r, 0.0, length(x - 4.0 * a.lamp, y - 34.0)), (1.0, 0.90, 0.52), box
        )
        slot = np.minimum(np.maximum(np.abs(y - 43.0) - 1.4, np.abs(x) - r * 0.66), length(x, y - 43.0) - 3.0)
        canvas.lay(cover(slot, 1.5) * bell, (0.25, 0.14, 0.03), box)


def draw_extras(canvas: Canvas, a: Animal) -> None:
    """Glasses and a flower; both rare, and both fade in."""
    colour = tint(accent(a), 0.08)
    glasses = a.traits.rare("glasses", 0.13, 0.08)
    if glasses > 0.0:
        x, y = a.frame.x, a.frame.y
        r = 46.0
        side = np.abs(x - a.turn)
        hoop = np.abs(length(side - a.eye_x, y + 2.0) - r) - 4.0
        arch = np.maximum(np.abs(y + 8.0 + 0.006 * side * side) - 3.4, side - (a.eye_x - r + 2.0))
        arm = np.maximum(np.abs(y + 4.0) - 3.4, np.maximum(a.eye_x + r - side, a.head(x, y) + 1.0))
        shape = np.minimum(np.minimum(hoop, arch), arm)
        glare = cover(length(side - a.eye_x, y + 2.0) - r) * rise(0.4, 1.0, wave((x - y) * 0.011))
        canvas.lay(glare * (0.14 * glasses), (1.0, 1.0, 1.0))
        canvas.lay(cover(shape - 3.0, 9.0) * (0.4 * glasses), (0.02, 0.01, 0.02))
        canvas.lay(cover(shape, 1.5) * glasses, colour)
        canvas.lay(cover(shape + 2.4, 2.4) * (0.5 * glasses), tint(colour, 0.5))
    flower = a.traits.rare("flower", 0.17, 0.08)
    if flower > 0.02:
        side = a.traits.between("flower side", -1.0, 1.0)
        fx, fy = 96.0 * side * a.wide, -96.0 + 14.0 * side * side
        size = 40.0 * flower
        box = a.frame.box(fx, fy, size * 1.5, size * 1.5)
        x, y = a.frame.at(box)
        x, y = (x - fx) * (1.0 / size), (y - fy) * (1.0 / size)
        petals = np.full_like(x, 9.0)
        for k in range(6):
            px, py = 0.52 * sine(k / 6.0 + 0.25), 0.52 * sine(k / 6.0)
            petals = np.minimum(petals, length(x - px, y - py) - 0.40)
        away = length(x, y)
        canvas.lay(cover((petals - 0.1) * size, 14.0) * 0.4, (0.02, 0.01, 0.02), box)
        canvas.lay(cover(petals * size, 1.6), colour, box)
        canvas.lay(cover(petals * size, 1.6) * rise(0.35, 0.95, away) * 0.6, tint(colour, 0.6), box)
        canvas.lay(cover(petals * size, 1.6) * rise(0.14, 0.0, np.abs(petals + 0.02)) * 0.25, tint(colour, -0.5), box)
        canvas.lay(cover((away - 0.30) * size, 1.6), (0.93, 0.66, 0.16), box)
        canvas.lay(cover(ellipse(x, y, -0.05, -0.08, 0.22, 0.2) * size, 6.0) * 0.8, (1.0, 0.88, 0.45), box)
