"""Shape and colours of the animal, read from its traits."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from .canvas import (
    Box,
    Frame,
    Plane,
    blend,
    clamp,
    ellipse,
    hsl,
    merge,
    mix,
    segment,
    step,
    tint,
)
from .traits import Traits

# Ears as a bent spine (root, middle, tip) with a radius at each, for the right side, in pixels about the head's centre.
EARS = (
    (((78, -84), (98, -126), (112, -178)), (50, 35, 4)),  # pointed
    (((92, -98), (98, -122), (102, -134)), (42, 44, 42)),  # round
    (((96, -92), (150, -62), (158, 44)), (30, 38, 34)),  # hanging
    (((52, -96), (64, -160), (74, -214)), (28, 31, 12)),  # long
)


class Animal:
    """Shape and colours of one animal."""

    def __init__(self, traits: Traits) -> None:
        t = self.traits = traits
        self.lamp = t.between("light side", -1.0, 1.0)
        self.frame = Frame(
            256.0 + t.between("shift", -9.0, 9.0), t.between("height", 268.0, 286.0), t.between("tilt", -0.024, 0.024)
        )
        self.neck = Frame(mix(self.frame.cx, 256.0, 0.3), self.frame.cy + 126.0)
        self.turn = t.between("turn", -11.0, 11.0)
        self.wide = t.between("head width", 0.90, 1.10)
        self.jaw = t.between("jaw", 0.82, 1.10)
        self.fluff = t.between("fluff", 0.7, 1.5)
        self.eye_x = 57.0 * self.wide * t.between("eye distance", 0.93, 1.08)
        self.eye_r = t.between("eye size", 26.0, 34.0)
        self.muzzle = t.between("muzzle", 0.85, 1.18)
        self.nose_y = t.between("nose height", 32.0, 48.0)
        self._colours()
        self._ears()

    def _colours(self) -> None:
        t = self.traits
        light = t.level("coat light")
        grey = t.rare("coat grey", 0.34, 0.2)
        chroma = t.between("coat chroma", 0.45, 0.78) * (1.0 - 0.25 * light * light)
        warm = hsl(t.between("coat hue", 0.035, 0.105), chroma, mix(0.22, 0.80, light))
        cool = hsl(t.between("cool hue", 0.56, 0.70), t.between("cool chroma", 0.03, 0.20), mix(0.16, 0.92, light))
        self.coat = blend(warm, cool, grey)
        self.brightness = 0.3 * self.coat[0] + 0.55 * self.coat[1] + 0.15 * self.coat[2]
        cream = hsl(
            t.between("cream hue", 0.08, 0.12), t.between("cream chroma", 0.15, 0.6), t.between("cream", 0.84, 0.95)
        )
        self.pale = blend(cream, tint(self.coat, 0.3), t.rare("self coloured", 0.25))
        self.dark = blend(hsl(0.06, 0.35, 0.11), tint(self.coat, -0.72), 0.45)

    def _ears(self) -> None:
        """Morph between neighbouring kinds of ears, mostly at rest near one of them."""
        place = self.traits.level("ear kind") * len(EARS) - 0.5
        first = int(clamp(place, 0.0, len(EARS) - 2.0) // 1)
        share = step(0.36, 0.64, place - first)
        size, splay = self.traits.between("ear size", 0.86, 1.14), self.traits.between("ear splay", 0.93, 1.08)
        (a, ra), (b, rb) = EARS[first], EARS[first + 1]
        points = [(mix(p[0], q[0], share), mix(p[1], q[1], share)) for p, q in zip(a, b, strict=True)]
        root = points[0]
        self.ear_points = [
            ((root[0] + (x - root[0]) * size) * self.wide * splay, root[1] + (y - root[1]) * size) for x, y in points
        ]
        self.ear_radii = [mix(p, q, share) * mix(size, 1.0, 0.4) for p, q in zip(ra, rb, strict=True)]
        hanging = clamp(1.0 - abs(first + share - 2.0))
        self.hanging = hanging

    @property
    def place(self) -> Box:
        """Outside of it the head is further away than 26 pixels: no ellipse is nearer than (k - 1) times its smaller
        radius, k being how many times it would have to grow, and the fillets take 20 off that.
        """
        side = max(128.0 * self.wide * 1.5, 58.0 * self.wide + 82.0 * self.wide * self.jaw * 1.8)
        return self.frame.box(0.0, -8.0, side, 184.0)

    def head(self, x: Plane, y: Plane) -> Plane:
        """Signed distance to the head."""
        w = self.wide
        d = ellipse(x, y, 0.0, -26.0, 128.0 * w, 112.0)
        side = np.abs(x)
        d = merge(d, ellipse(side, y, 58.0 * w, 44.0, 82.0 * w * self.jaw, 68.0), 40.0)
        return merge(d, ellipse(x, y, 0.0, 72.0, 78.0, 56.0), 40.0)

    @cached_property
    def shoulders(self) -> Plane:
        """Signed distance to neck and shoulders everywhere; `neck` is about the point where the collar lies."""
        x, y = self.neck.x, self.neck.y
        d = ellipse(x, y, 0.0, 156.0, 194.0 * self.wide, 150.0)
        return merge(d, ellipse(x, y, 0.0, 30.0, 104.0 * self.wide, 110.0), 56.0)

    def ear(self, x: Plane, y: Plane) -> tuple[Plane, Plane, Plane]:
        """Distance to the right ear, share of the way to its tip, and distance from its spine over its radius."""
        (ax, ay), (bx, by), (cx, cy) = self.ear_points
        r0, r1, r2 = self.ear_radii
        pieces = 7
        best = np.full_like(x, 1e4)
        along = np.zeros_like(x)
        middle = np.ones_like(x)
        last = (ax, ay)
        for k in range(1, pieces + 1):
            s = k / pieces
            p, q, r = (1 - s) * (1 - s), 2 * s * (1 - s), s * s
            # the curve passes through the middle point, hence the doubled control point
            mx, my = 2 * bx - 0.5 * (ax + cx), 2 * by - 0.5 * (ay + cy)
            here = (p * ax + q * mx + r * cx, p * ay + q * my + r * cy)
            away, h = segment(x, y, last, here)
            t = (h + (k - 1)) * (1.0 / pieces)
            radius = r0 + t * ((4 * r1 - 3 * r0 - r2) + t * (2 * r0 + 2 * r2 - 4 * r1))
            d = away - radius
            nearer = d < best
            best, along = np.where(nearer, d, best), np.where(nearer, t, along)
            middle = np.where(nearer, away / (radius + 2.0), middle)
            last = here
        return best, along, middle
