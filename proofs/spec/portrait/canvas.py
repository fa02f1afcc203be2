"""Exact numerics and a small software canvas for the portraits.

A portrait is re-rendered by every verifier, so each pixel has to come out the same on every machine.  IEEE 754 fixes
the result of + - * / and the square root to the bit, and of nothing else; this module therefore builds everything
(sines, hues, bell curves, antialiasing) from those five, element by element, in float32.  No numpy reduction over
floats is used, because numpy is free to change its order of summation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

SIZE = 512
Plane: TypeAlias = NDArray[np.floating[Any]]
Colour: TypeAlias = tuple[float, float, float]
Box: TypeAlias = tuple[slice, slice]


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """`value` held between `low` and `high`."""
    return min(max(value, low), high)


def mix(a: float, b: float, t: float) -> float:
    """The number a share `t` of the way from `a` to `b`."""
    return a + (b - a) * t


def step(low: float, high: float, value: float) -> float:
    """Cubic rise from 0 at `low` to 1 at `high`."""
    t = clamp((value - low) / (high - low))
    return t * t * (3.0 - 2.0 * t)


def sine(turns: float) -> float:
    """Sine of `turns` full circles, by a polynomial (error below 2e-4)."""
    t = turns - math.floor(turns + 0.25)  # -1/4 .. 3/4
    t = 0.5 - t if t > 0.25 else t  # the second half mirrors the first
    x = t * 6.283185307179586
    q = x * x
    return x * (1.0 - q * (1.0 / 6.0 - q * (1.0 / 120.0 - q / 5040.0)))


def bell_share(x: float) -> float:
    """Share of a standard normal law below `x`, rational formula 7.1.27 of Abramowitz and Stegun (error < 3e-4)."""
    a = abs(x) / math.sqrt(2.0)
    d = 1.0 + a * (0.278393 + a * (0.230389 + a * (0.000972 + a * 0.078108)))
    d = d * d
    tail = 0.5 / (d * d)
    return tail if x < 0.0 else 1.0 - tail


def hsl(hue: float, saturation: float, lightness: float) -> Colour:
    """Colour from hue (turns), saturation and lightness, all clamped into range."""
    s, light = clamp(saturation), clamp(lightness)
    reach = s * min(light, 1.0 - light)

    def channel(n: float) -> float:
        k = n + 12.0 * hue
        k -= 12.0 * math.floor(k / 12.0)
        return light - reach * max(-1.0, min(k - 3.0, 9.0 - k, 1.0))

    return channel(0.0), channel(8.0), channel(4.0)


def blend(a: Colour, b: Colour, t: float) -> Colour:
    """Colour a share `t` of the way from `a` to `b`."""
    return mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)


def tint(c: Colour, amount: float) -> Colour:
    """`c` moved towards white (positive amount) or black (negative)."""
    return blend(c, (1.0, 1.0, 1.0) if amount > 0.0 else (0.0, 0.0, 0.0), abs(amount))


def unit(p: Plane) -> Plane:
    """`p` clamped to 0..1."""
    out: Plane = np.maximum(p, 0.0)
    return np.minimum(out, 1.0, out=out)


def rise(low: float, high: float, p: Plane) -> Plane:
    """Cubic rise of a plane from 0 at `low` to 1 at `high` (`low` > `high` falls)."""
    t: Plane = unit((p - low) * (1.0 / (high - low)))
    left = 3.0 - 2.0 * t
    t *= t
    t *= left
    return t


def wave(turns: Plane) -> Plane:
    """Smooth wave of period 1 between -1 and 1 (parabolic, close to a sine)."""
    t = turns - np.floor(turns)
    t -= 0.5
    return -16.0 * t * (0.5 - np.abs(t))


def length(x: Plane, y: Plane) -> Plane:
    """Euclidean length of (x, y)."""
    out: Plane = x * x + y * y
    return np.sqrt(out, out=out)


def ellipse(x: Plane, y: Plane, cx: float, cy: float, rx: float, ry: float) -> Plane:
    """Signed distance (first order) to an ellipse, negative inside."""
    qx, qy = (x - cx) * (1.0 / rx), (y - cy) * (1.0 / ry)
    k = length(qx, qy)
    g = length(qx * (1.0 / rx), qy * (1.0 / ry))
    # the small terms keep the quotient at about -rx in the very centre, where both k and g vanish
    out: Plane = (k + 1e-4) * (k - 1.0) / (g + 1e-4 / rx)
    return out


def segment(x: Plane, y: Plane, a: tuple[float, float], b: tuple[float, float]) -> tuple[Plane, Plane]:
    """Distance to the segment a-b, and the share of the way from a to b of the nearest point."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    px, py = x - a[0], y - a[1]
    h = unit((px * dx + py * dy) * (1.0 / (dx * dx + dy * dy + 1e-9)))
    return length(px - dx * h, py - dy * h), h


def merge(a: Plane, b: Plane, k: float) -> Plane:
    """Smooth union of two distances with a fillet of width `k`."""
    h: Plane = a - b
    np.abs(h, out=h)
    np.subtract(k, h, out=h)
    np.maximum(h, 0.0, out=h)
    h *= 1.0 / k
    h *= h
    h *= k * 0.25
    return np.minimum(a, b) - h


def cover(distance: Plane, soft: float = 1.0) -> Plane:
    """Share of each pixel inside a shape, the border spread over `soft` pixels."""
    if soft <= 1.5:
        return unit(0.5 - distance * (1.0 / soft))
    return rise(soft * 0.5, -soft * 0.5, distance)


def scramble(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Avalanche hash of 32-bit integers (the `lowbias32` mixer)."""
    v: NDArray[np.uint32] = values ^ (values >> np.uint32(16))
    v = v * np.uint32(0x7FEB352D)
    v ^= v >> np.uint32(15)
    v = v * np.uint32(0x846CA68B)
    v ^= v >> np.uint32(16)
    return v


def chance(count: int, stream: int) -> Plane:
    """`count` fixed pseudo-random numbers in [0, 1)."""
    base = np.arange(count, dtype=np.uint32) + np.uint32((stream * 0x9E3779B1) & 0xFFFFFFFF)
    return (scramble(base) >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


class Frame:
    """Coordinates of every pixel in a moved and tilted system; the origin lies at (cx, cy) of the picture."""

    def __init__(self, cx: float, cy: float, tilt: float = 0.0) -> None:
        self.cx, self.cy = cx, cy
        self.cos, self.sin = sine(tilt + 0.25), sine(tilt)
        axis = np.arange(SIZE, dtype=np.float32) + np.float32(0.5)
        x, y = (axis - cx)[None, :], (axis - cy)[:, None]
        self.x: Plane = x * self.cos + y * self.sin
        self.y: Plane = y * self.cos - x * self.sin

    def box(self, x: float, y: float, rx: float, ry: float) -> Box:
        """Slices of the picture that hold the rectangle of half sides rx, ry around (x, y)."""
        px, py = self.cx + x * self.cos - y * self.sin, self.cy + x * self.sin + y * self.cos
        ax = rx * self.cos + ry * abs(self.sin) + 2.0
        ay = ry * self.cos + rx * abs(self.sin) + 2.0

        def side(low: float, high: float) -> slice:
            first = min(max(math.floor(low), 0), SIZE - 1)
            return slice(first, min(max(math.ceil(high), first + 1), SIZE))

        return side(py - ay, py + ay), side(px - ax, px + ax)

    def at(self, box: Box) -> tuple[Plane, Plane]:
        """Coordinates inside a box."""
        return self.x[box], self.y[box]


ALL: Box = (slice(0, SIZE), slice(0, SIZE))


def near(distance: Plane, reach: float, *boxes: Box, of: Box = ALL) -> Box:
    """Slices of the picture that hold all pixels of less than that distance, and some boxes. Where nothing is drawn,
    nothing needs to be computed. The distance is that in the box `of`, which holds the others.
    """
    close = distance < reach
    for box in boxes:
        close[inside(of, box)] = True
    rows, columns = (np.flatnonzero(close.any(axis=axis)) for axis in (1, 0))
    if rows.size == 0:
        return tuple(slice(part.start, part.start + 1) for part in of)  # type: ignore[return-value]
    rows, columns = rows + of[0].start, columns + of[1].start
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def around(*boxes: Box) -> Box:
    """The smallest box that holds all of these."""
    rows, columns = (
        slice(min(part.start for part in parts), max(part.stop for part in parts)) for parts in zip(*boxes, strict=True)
    )
    return rows, columns


def inside(outer: Box, box: Box) -> Box:
    """The part of a box that lies in the outer one, as slices of a plane of the outer one."""
    rows, columns = (
        slice(max(b.start - a.start, 0), max(min(b.stop, a.stop) - a.start, 0)) for a, b in zip(outer, box, strict=True)
    )
    return rows, columns


class Canvas:
    """Three float32 planes in 0..1 that shapes are laid over."""

    def __init__(self, colour: Colour = (0.0, 0.0, 0.0), size: tuple[int, ...] = (SIZE, SIZE)) -> None:
        self.rgb = np.empty((3, *size), dtype=np.float32)
        for plane, value in zip(self.rgb, colour, strict=True):
            plane[...] = value

    def lay(self, share: Plane, colour: Sequence[float] | Sequence[Plane], box: Box = ALL) -> None:
        """Cover `share` of each pixel of the box with a colour (three numbers or three planes)."""
        for i in range(3):
            part = self.rgb[i][box]
            part += (colour[i] - part) * share

    def scale(self, factor: Plane, box: Box = ALL) -> None:
        """Multiply the brightness inside the box."""
        self.rgb[(slice(None), *box)] *= factor

    def pixels(self) -> NDArray[np.uint8]:
        """The picture as uint8 (SIZE, SIZE, 3)."""
        out = np.empty((SIZE, SIZE, 3), dtype=np.uint8)
        for i in range(3):
            out[..., i] = (unit(self.rgb[i]) * 255.0 + 0.5).astype(np.uint8)
        return out
