"""The animal itself: coat colours and markings, head, ears and shoulders, and the fur over them."""

from __future__ import annotations

import numpy as np

from .canvas import (
    Box,
    Canvas,
    Frame,
    Plane,
    blend,
    chance,
    clamp,
    cover,
    ellipse,
    hsl,
    length,
    merge,
    mix,
    rise,
    segment,
    step,
    tint,
    unit,
    wave,
)
from .fur import Coat, comb
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
        self.frame = Frame(256.0 + t.between("shift", -9.0, 9.0), t.between("height", 268.0, 286.0), t.between("tilt", -0.024, 0.024))
        self.turn = t.between("turn", -11.0, 11.0)
        self.wide = t.between("head width", 0.90, 1.10)
        self.jaw = t.between("jaw", 0.82, 1.10)
        self.fluff = t.between("fluff", 0.7, 1.5)
        self.eye_x = 57.0 * self.wide * t.between("eye distance", 0.93, 1.08)
        self.eye_r = t.between("eye size", 24.0, 33.0)
        self.muzzle = t.between("muzzle", 0.85, 1.18)
        self.nose_y = t.between("nose height", 32.0, 48.0)
        self._colours()
        self._ears()

    def _colours(self) -> None:
        t = self.traits
        light = t.level("coat light")
        grey = t.rare("coat grey", 0.34, 0.2)
        warm = hsl(t.between("coat hue", 0.035, 0.105), t.between("coat chroma", 0.42, 0.76), mix(0.24, 0.72, light))
        cool = hsl(t.between("cool hue", 0.56, 0.70), t.between("cool chroma", 0.03, 0.20), mix(0.17, 0.90, light))
        self.coat = blend(warm, cool, grey)
        self.brightness = 0.3 * self.coat[0] + 0.55 * self.coat[1] + 0.15 * self.coat[2]
        cream = hsl(t.between("cream hue", 0.08, 0.12), t.between("cream chroma", 0.15, 0.6), t.between("cream", 0.84, 0.95))
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

    def head(self, x: Plane, y: Plane) -> Plane:
        """Signed distance to the head."""
        w = self.wide
        d = ellipse(x, y, 0.0, -26.0, 128.0 * w, 112.0)
        side = np.abs(x)
        d = merge(d, ellipse(side, y, 58.0 * w, 44.0, 82.0 * w * self.jaw, 68.0), 40.0)
        return merge(d, ellipse(x, y, 0.0, 72.0, 78.0, 56.0), 40.0)

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


def _dome(d: Plane, deep: float) -> Plane:
    """Height 0..1 of a cushion below the outline."""
    t = unit(d * (-1.0 / deep))
    return np.sqrt(t * (2.0 - t))


def draw_body(canvas: Canvas, a: Animal) -> None:
    """Shoulders and chest with their fur, shaded under the head."""
    frame = Frame(a.frame.cx * 0.7 + 256.0 * 0.3, 470.0)
    x, y = frame.x, frame.y
    d = merge(ellipse(x, y, 0.0, 96.0, 172.0 * a.wide, 150.0), ellipse(x, y, 0.0, -20.0, 104.0 * a.wide, 130.0), 60.0)
    canvas.lay(cover(d - 8.0, 46.0) * 0.4, (0.03, 0.02, 0.05))
    paint = Canvas(tint(a.coat, -0.06))
    bib = a.traits.rare("bib", 0.6)
    paint.lay(cover(ellipse(x, y, 0.0, 40.0, 58.0 * a.wide, 110.0), 40.0) * bib, a.pale)
    paint.scale(0.62 + 0.40 * _dome(d, 90.0) + x * np.float32(0.0009 * a.lamp))
    paint.scale(1.0 - 0.5 * rise(70.0, -20.0, a.head(a.frame.x, a.frame.y - 26.0)))
    canvas.lay(cover(d), (paint.rgb[0], paint.rgb[1], paint.rgb[2]))
    flow_y = np.full_like(x, 1.0)
    flow_x = x * 0.006 + 0.25 * wave(x * 0.006 + y * 0.004)
    reach = np.full_like(x, 17.0 * a.fluff + 5.0)
    comb(canvas, Coat(paint, -d, flow_x, flow_y, reach), unit((y + 180.0) * -0.004 + 1.0), 40, 3.0, 0.13, 0.8)


def draw_head(canvas: Canvas, a: Animal) -> None:
    """Head and ears with markings and fur."""
    x, y = a.frame.x, a.frame.y
    d = a.head(x, y)
    canvas.lay(cover(d - 6.0, 40.0) * 0.35, (0.03, 0.02, 0.05))
    paint = Canvas(a.coat)
    _markings(paint, a, x, y, d)
    muzzle_y = a.nose_y + 26.0
    # light on a dome, with a softer dome for the muzzle
    paint.scale(0.66 + 0.42 * _dome(d, 80.0) + (x * a.lamp * 0.9 - y) * np.float32(0.00105))
    snout = ellipse(x, y, a.turn * 1.2, muzzle_y, 52.0 * a.muzzle, 42.0)
    paint.scale(1.0 - 0.16 * rise(26.0, 0.0, np.abs(snout + 2.0)) * unit((y - a.nose_y + 20.0) * 0.02))
    for side in (-1.0, 1.0):
        hollow = ellipse(x, y, side * a.eye_x + a.turn, -2.0, a.eye_r * 1.45, a.eye_r * 1.35)
        paint.scale(1.0 - 0.34 * cover(hollow, 30.0))

    flow_x, flow_y = x - a.turn, (y - a.nose_y) * 0.92
    near = length(flow_x, flow_y)
    flow_x = flow_x + 0.22 * near * wave(y * 0.0035 + 0.1) * np.where(x < 0.0, np.float32(-1.0), np.float32(1.0)) * 0.5
    flow_y = flow_y + 0.2 * near
    reach = (5.0 + (8.0 + 9.0 * a.fluff) * rise(30.0, 150.0, near)).astype(np.float32)
    reach = reach + 7.0 * a.fluff * rise(0.0, 90.0, y) * rise(60.0, 130.0, np.abs(x))
    order = unit(1.0 - near * 0.0052)
    inside = -d

    share = cover(d)
    for side in (-1.0, 1.0):
        box, (ed, along, middle) = _ear_patch(a, side)
        shade = _ear(paint, a, side, box, ed, along, middle)
        u, v = x[box], y[box]
        seam = rise(0.0, 0.3, along) * np.maximum(rise(-14.0, 8.0, d[box]), a.hanging)
        mine = cover(ed) * np.maximum(seam, cover(-d[box]))
        canvas_shadow = cover(ed - 5.0, 26.0) * 0.3
        canvas.lay(canvas_shadow, (0.03, 0.02, 0.05), box)
        for plane, new in zip(paint.rgb, shade, strict=True):
            plane[box] += (new - plane[box]) * mine
        root, tip = a.ear_points[0], a.ear_points[2]
        dx, dy = side * (tip[0] - root[0]), tip[1] - root[1]
        norm = 1.0 / (abs(dx) + abs(dy) + 1e-6)
        flow_x[box] += (near[box] * (dx * norm * 2.0) + (u - side * root[0]) * 0.3 - flow_x[box]) * mine
        flow_y[box] += (near[box] * (dy * norm * 2.0) - flow_y[box]) * mine
        reach[box] += (7.0 + 5.0 * a.fluff - reach[box]) * mine
        order[box] += (mix(0.1, 0.55, a.hanging) - order[box]) * mine
        inside[box] = np.maximum(inside[box], -ed)
        share[box] = np.maximum(share[box], cover(ed))
    canvas.lay(share, (paint.rgb[0], paint.rgb[1], paint.rgb[2]))
    comb(canvas, Coat(paint, inside, flow_x, flow_y, reach), order, 60, 2.7, 0.12, 0.7)


def _ear_patch(a: Animal, side: float) -> tuple[Box, tuple[Plane, Plane, Plane]]:
    xs, ys = [p[0] for p in a.ear_points], [p[1] for p in a.ear_points]
    r = max(a.ear_radii) + 14.0
    cx, cy = 0.5 * (min(xs) + max(xs)), 0.5 * (min(ys) + max(ys))
    box = a.frame.box(side * cx, cy, 0.5 * (max(xs) - min(xs)) + r, 0.5 * (max(ys) - min(ys)) + r)
    x, y = a.frame.at(box)
    return box, a.ear(x * side, y)


def _ear(paint: Canvas, a: Animal, side: float, box: Box, d: Plane, along: Plane, middle: Plane) -> list[Plane]:
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


def _markings(paint: Canvas, a: Animal, x: Plane, y: Plane, d: Plane) -> None:
    t = a.traits
    stripes = t.rare("stripes", 0.28)
    if stripes > 0.0:
        crown = rise(0.1, 0.75, wave(x * 0.034 + 0.5)) * rise(-34.0, -64.0, y) * rise(74.0, 46.0, np.abs(x))
        cheek = rise(0.1, 0.75, wave((y - 0.28 * np.abs(x)) * 0.036)) * rise(74.0, 100.0, np.abs(x)) * rise(-34.0, 0.0, y)
        paint.lay(np.maximum(crown, cheek) * (0.75 * stripes), a.dark)
    spots = t.rare("spots", 0.18)
    if spots > 0.0:
        die = chance(120, 77)
        for k in range(34):
            sx, sy, r = float(die[k]) * 250.0 - 125.0, float(die[k + 40]) * 190.0 - 125.0, 4.0 + 8.0 * float(die[k + 80])
            box = a.frame.box(sx, sy, r + 3.0, r + 3.0)
            u, v = a.frame.at(box)
            paint.lay(cover(length(u - sx, v - sy) - r, 4.0) * (0.7 * spots), a.dark, box)
    saddle = t.rare("dark crown", 0.2)
    paint.lay(rise(-10.0, -90.0, y + np.abs(x) * 0.25) * (0.8 * saddle), a.dark)
    patch_x = t.between("patch side", -1.25, 1.25)
    patch = t.rare("patch", 0.26) * step(0.35, 0.8, abs(patch_x))
    spot_colour = blend(a.dark, a.pale, step(0.42, 0.25, a.brightness) if a.brightness > 0.25 else 1.0)
    paint.lay(cover(ellipse(x, y, patch_x * a.eye_x + a.turn, -8.0, 50.0, 58.0), 12.0) * patch, spot_colour)
    mask = t.rare("pale cheeks", 0.42)
    side = np.abs(x - a.turn * 0.5)
    paint.lay(cover(ellipse(side, y, 64.0 * a.wide, 74.0, 66.0, 60.0), 34.0) * mask, a.pale)
    blaze = t.rare("blaze", 0.4)
    width = t.between("blaze width", 9.0, 20.0) + 20.0 * rise(-20.0, 60.0, y) - 6.0 * rise(-60.0, -120.0, y)
    paint.lay(cover(np.abs(x - a.turn * 0.9) - width, 10.0) * rise(70.0, 20.0, y) * blaze, a.pale)
    brows = t.rare("brows", 0.3)
    paint.lay(cover(ellipse(side, y, a.eye_x * 0.86, -a.eye_r - 20.0, 16.0, 10.0), 8.0) * brows, a.pale)
    muzzle = t.between("muzzle pale", 0.35, 1.0)
    mx = np.abs(x - a.turn * 1.2)
    both = merge(ellipse(mx, y, 26.0 * a.muzzle, a.nose_y + 30.0, 44.0 * a.muzzle, 36.0), ellipse(mx, y, 0.0, a.nose_y - 6.0, 26.0, 42.0), 16.0)
    paint.lay(cover(both, 24.0) * muzzle, a.pale)
