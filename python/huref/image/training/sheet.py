"""What a training has reached: portraits that it never saw, each above the generator's image of the same vector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..stylegan2 import drawing
from ..stylegan2.generator import Generator
from . import samples

ROWS, COLUMNS = 3, 8
#: Number of the first vector of the sheet: after all that a training may use.
UNSEEN = 10_000_000


def unseen(seed: int, side: int) -> NDArray[np.uint8]:
    """The portraits of a sheet, uint8 (24, side, side, 3)."""
    return np.stack([samples.drawn(seed, UNSEEN + i, side) for i in range(ROWS * COLUMNS)])


def sheet(generator: Generator, seed: int, portraits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The sheet, uint8 (6 side, 8 side, 3)."""
    vectors = [samples.vector(seed, UNSEEN + i) for i in range(ROWS * COLUMNS)]
    images = drawing.draw(generator, np.stack(vectors))
    rows = []
    for first in range(0, ROWS * COLUMNS, COLUMNS):
        rows += [np.concatenate(pictures[first : first + COLUMNS], 1) for pictures in (portraits, images)]
    return np.concatenate(rows)
