"""Fur: thousands of short hairs laid over a painted animal.

Roots stand on a jittered grid that is the same in every picture; each hair takes its colour from the paint under its
root, follows the flow of the coat, and is drawn as a chain of bilinear dots.  Dots are gathered with `bincount`, which
adds in order of position in double precision and so gives the same sums everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import SIZE, Box, Canvas, Plane, chance, unit

DOTS = 13  # along a hair
LAYERS = 5  # hairs of a later layer hide those of an earlier one


@dataclass(frozen=True)
class Coat:
    """What the hairs need to know at each pixel of a box, all planes of its size. Nothing grows outside."""

    box: Box
    paint: Canvas
    inside: Plane  # depth below the outline in pixels, negative outside
    flow_x: Plane
    flow_y: Plane  # direction, any length
    reach: Plane  # length of the hairs in pixels


def comb(target: Canvas, coat: Coat, order: Plane, stream: int, spacing: float, contrast: float, curl: float) -> None:
    """Lay hairs over `target`; hairs with a high `order` (plane, 0..1) come on top of those with a low one."""
    across = int(SIZE / spacing)
    count = across * across
    index = np.arange(count, dtype=np.int32)
    x = ((index % across).astype(np.float32) + chance(count, stream)) * spacing
    y = ((index // across).astype(np.float32) + chance(count, stream + 1)) * spacing
    rows, columns = coat.box
    column, row = x.astype(np.int32), y.astype(np.int32)
    keep = np.flatnonzero((row >= rows.start) & (row < rows.stop) & (column >= columns.start) & (column < columns.stop))
    at = (row[keep] - rows.start) * (columns.stop - columns.start) + (column[keep] - columns.start)
    deep = coat.inside.ravel()[at] > 0.5
    keep, at = keep[deep], at[deep]
    x, y = x[keep], y[keep]
    shade_die, turn_die, long_die, rank_die = (chance(count, stream + 2 + k)[keep] for k in range(4))

    fx, fy = coat.flow_x.ravel()[at], coat.flow_y.ravel()[at]
    norm = 1.0 / (np.sqrt(fx * fx + fy * fy) + 1e-4)
    fx, fy = fx * norm, fy * norm
    turn = (turn_die - 0.5) * 0.9
    fx, fy = fx - fy * turn, fy + fx * turn
    reach = coat.reach.ravel()[at] * (0.55 + 0.75 * long_die)
    bend = (shade_die - 0.5) * curl
    rank = order.ravel()[at] * 0.6 + rank_die * 0.4
    layer = np.minimum((rank * LAYERS).astype(np.int32), LAYERS - 1)
    shade = 1.0 + contrast * (shade_die * 2.0 - 1.0) + 0.10 * (rank_die - 0.5)
    colours = [plane.ravel()[at] * shade for plane in coat.paint.rgb]

    for level in range(LAYERS):
        mine = np.nonzero(layer == level)[0]
        if mine.size == 0:
            continue
        _lay(target, x[mine], y[mine], fx[mine], fy[mine], reach[mine], bend[mine], [c[mine] for c in colours])


def _lay(
    target: Canvas, x: Plane, y: Plane, fx: Plane, fy: Plane, reach: Plane, bend: Plane, colours: list[Plane]
) -> None:
    """Draw one layer of hairs: dots thin out and brighten towards the tip."""
    s = (np.arange(DOTS, dtype=np.float32) * np.float32(1.0 / (DOTS - 1)))[None, :]
    along, aside = s * reach[:, None], (s * s) * (bend * reach)[:, None]
    px = x[:, None] + fx[:, None] * along - fy[:, None] * aside - 0.5
    py = y[:, None] + fy[:, None] * along + fx[:, None] * aside - 0.5
    weight = np.broadcast_to((1.0 - s * s) * np.float32(0.9) + np.float32(0.05), px.shape)
    glow = s * np.float32(0.24) + np.float32(0.86)
    inks = [colour[:, None] * glow for colour in colours]
    visible = (px >= 0.0) & (py >= 0.0) & (px < SIZE - 1.001) & (py < SIZE - 1.001)
    if not visible.all():
        px, py, weight, *inks = (plane[visible] for plane in (px, py, weight, *inks))
    if px.size == 0:
        return
    ix, iy = px.astype(np.int32), py.astype(np.int32)
    tx, ty = px - ix, py - iy
    top = int(iy.min())
    rows = int(iy.max()) + 2 - top
    base = ((iy - top) * SIZE + ix).astype(np.intp)  # as `bincount` wants them
    corners = np.array([0, 1, SIZE, SIZE + 1]).reshape(4, *[1] * base.ndim)
    spots, shares = (base + corners).ravel(), np.empty((4, *base.shape))  # shares are double, as tx and ty are
    left, up = 1.0 - tx, 1.0 - ty
    for corner, across, down in zip(shares, (left, tx, left, tx), (up, up, ty, ty), strict=True):
        np.multiply(across, down, out=corner)
    shares *= weight

    inked = np.empty_like(shares)

    def summed(values: Plane) -> Plane:
        """What falls on each pixel."""
        sums: Plane = np.bincount(spots, values.ravel(), rows * SIZE).reshape(rows, SIZE).astype(np.float32)
        return sums

    total = summed(shares)
    share = unit(total * 0.8)
    whole = 1.0 / (total + 1e-6)
    for plane, ink in zip(target.rgb, inks, strict=True):
        view = plane[top : top + rows]
        view += (summed(np.multiply(shares, ink, out=inked)) * whole - view) * share
