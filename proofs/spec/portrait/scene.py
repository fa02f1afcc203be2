"""The background: light, and five kinds of scenery that fade into each other."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from .canvas import (
    Canvas,
    Colour,
    Frame,
    blend,
    chance,
    clamp,
    cover,
    hsl,
    length,
    mix,
    rise,
    tint,
    unit,
    wave,
)
from .traits import Traits

KINDS = 5
Tones: TypeAlias = tuple[Colour, Colour]  # main and deep colour of the background


def draw(traits: Traits) -> Canvas:
    """A new canvas with the background on it."""
    hue = traits.between("background hue", 0.0, 0.86)
    main = hsl(hue, traits.between("background chroma", 0.38, 0.72), traits.between("background light", 0.50, 0.70))
    deep = hsl(
        hue + traits.between("background drift", -0.09, 0.09), 0.5, traits.between("background depth", 0.2, 0.36)
    )
    lamp = traits.between("light side", -1.0, 1.0)
    canvas, frame = Canvas(main), Frame(256.0, 240.0)
    canvas.lay(rise(60.0, 420.0, length(frame.x - 110.0 * lamp, frame.y + 110.0)), deep)
    place = traits.level("scenery") * KINDS
    for kind, painter in enumerate((_bokeh, _hills, _rings, _rays, _stars)):
        # neighbouring kinds fade into each other around the border between them
        weight = clamp(4.0 * (0.62 - abs(place - kind - 0.5)))
        if weight > 0.0:
            painter(canvas, frame, traits, weight, (main, deep))
    return canvas


def _bokeh(canvas: Canvas, frame: Frame, traits: Traits, weight: float, tones: Tones) -> None:
    die = chance(64, 911)
    sway = traits.between("scenery place", -50.0, 50.0)
    for k in range(14):
        x, y = float(die[k]) * 580.0 - 290.0 + sway, float(die[k + 14]) * 430.0 - 235.0
        r = 14.0 + 46.0 * float(die[k + 28])
        box = frame.box(x, y, r * 1.3, r * 1.3)
        u, v = frame.at(box)
        away = length(u - x, v - y)
        rim = 0.65 + 0.35 * rise(r * 0.6, r, away)
        canvas.lay(
            cover(away - r, r * 0.25) * rim * (weight * (0.14 + 0.3 * float(die[k + 42]))), tint(tones[0], 0.45), box
        )


def _hills(canvas: Canvas, frame: Frame, traits: Traits, weight: float, tones: Tones) -> None:
    main, deep = tones
    sky = rise(-240.0, 120.0, frame.y)
    canvas.lay(sky * (0.55 * weight), tint(main, 0.45))
    x, y = traits.between("scenery place", -170.0, 170.0), -150.0
    away = length(frame.x - x, frame.y - y)
    canvas.lay(rise(130.0, 30.0, away) * (0.35 * weight), (1.0, 0.95, 0.8))
    canvas.lay(cover(away - 40.0, 4.0) * (0.9 * weight), (1.0, 0.96, 0.84))
    roll = traits.level("hill roll")
    for k in range(3):
        across = frame.x[:1, :]
        ridge = (
            8.0 + 52.0 * k + 24.0 * wave(across * 0.0021 + (0.37 * k + roll)) + 9.0 * wave(across * 0.0057 + 0.4 * k)
        )
        colour = blend(tint(main, 0.12), deep, 0.15 + 0.38 * k)
        canvas.lay(unit(frame.y - ridge + 0.5) * weight, colour)


def _rings(canvas: Canvas, frame: Frame, traits: Traits, weight: float, tones: Tones) -> None:
    away = length(frame.x, frame.y - 10.0)
    width = traits.between("ring width", 34.0, 58.0)
    order = away * (1.0 / width)
    band = np.floor(order)
    edge = unit((order - band) * width - 0.5)
    shade = (band - 1.0 + edge) * np.float32(width / 360.0)
    canvas.lay(unit(1.0 - shade) * (0.7 * weight), tint(tones[0], 0.32))


def _rays(canvas: Canvas, frame: Frame, traits: Traits, weight: float, tones: Tones) -> None:
    x, y = frame.x, frame.y - 20.0
    # pseudo-angle: 0..4 around the square |x|+|y| = 1, stretched to look even on the circle
    p = x / (np.abs(x) + np.abs(y) + 1e-3)
    p = p * (1.27 - 0.27 * p * p)
    turn = np.where(y < 0.0, p, 2.0 - p) * 0.25
    beams = wave(turn * 12.0 + traits.between("scenery place", -0.5, 0.5))
    soft = 1500.0 / (length(x, y) + 60.0)
    canvas.lay(rise(-0.06, 0.06, beams / (soft * 0.2)) * (0.34 * weight), tint(tones[0], 0.42))


def _stars(canvas: Canvas, frame: Frame, traits: Traits, weight: float, tones: Tones) -> None:
    canvas.lay(rise(180.0, -260.0, frame.y) * (0.55 * weight), tint(tones[1], -0.45))
    die = chance(160, 907)
    drift = traits.between("scenery place", -40.0, 40.0)
    for k in range(40):
        x, y = float(die[k]) * 560.0 - 280.0 + drift, float(die[k + 40]) * 400.0 - 240.0
        r = mix(5.0, 15.0, float(die[k + 80]) * float(die[k + 80]))
        box = frame.box(x, y, r, r)
        u, v = frame.at(box)
        u, v = np.abs(u - x) * (1.0 / r), np.abs(v - y) * (1.0 / r)
        spark = rise(1.0, 0.0, u + v + 9.0 * u * v)  # four-pointed
        canvas.lay(spark * (weight * (0.5 + 0.5 * float(die[k + 120]))), (1.0, 0.97, 0.86), box)
