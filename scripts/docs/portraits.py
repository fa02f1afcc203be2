"""docs/portraits.png: twelve random vectors, then one vector and small turns of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from huref.image import png, render

TURNS = (0.9999, 0.999, 0.99, 0.97, 0.9)  # cosines to the first portrait of the last row


def vector(values: NDArray[np.float64]) -> list[int]:
    """Centre, scale to standard deviation 1 and round to units of 2^-12."""
    values = values - values.mean()
    return [int(v) for v in np.rint(values / values.std() * 4096)]


def sheet(side: int = 256) -> bytes:
    """The sheet as PNG, three rows of six portraits, each of that many pixels squared."""
    rng = np.random.default_rng(7)
    vectors = [rng.standard_normal(512) for _ in range(12)]
    first, other = vectors[3], rng.standard_normal(512)
    vectors += [first] + [c * first + math.sqrt(1 - c * c) * other for c in TURNS]
    pixels = np.zeros((3 * side, 6 * side, 3), np.uint8)
    for i, v in enumerate(vectors):
        row, column = divmod(i, 6)
        small = render(vector(v)).reshape(side, 512 // side, side, 512 // side, 3).mean((1, 3))
        pixels[row * side : (row + 1) * side, column * side : (column + 1) * side] = np.rint(small)
    return png(pixels)
