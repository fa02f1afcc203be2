"""What a generator is trained on: random vectors and their portraits, kept in a folder."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ... import _native, disk
from ...errors import InputError
from ...progress import Progress
from .. import portrait
from ..portrait import LENGTH, SIZE, UNIT

#: Portraits in one file; what an interrupted run had drawn of a file is drawn again.
CHUNK = 250


def vector(seed: int, index: int) -> NDArray[np.int64]:
    """A random vector as fingerprints have them: 512 integers in units of 2^-12, of mean 0 and deviation 1."""
    values = np.random.default_rng([seed, index]).standard_normal(LENGTH)
    values -= values.mean()
    return np.asarray(np.rint(values * (UNIT / values.std())), np.int64)


def drawn(seed: int, index: int, side: int) -> NDArray[np.uint8]:
    """The portrait of such a vector, made smaller: uint8 (side, side, 3). `side` divides 512."""
    cell = SIZE // side
    pixels = portrait.render(vector(seed, index)).reshape(side, cell, side, cell, 3)
    return np.asarray(np.rint(pixels.mean((1, 3))), np.uint8)


def directions() -> NDArray[np.float64]:
    """All that a portrait depends on: the patterns of signs of its traits, each of length 1 (traits x 512)."""
    return (1 - 2 * _native.portrait_patterns()) / math.sqrt(LENGTH)


def collect(folder: Path, count: int, side: int, seed: int, progress: Progress) -> NDArray[np.uint8]:
    """The first `count` portraits, uint8 (count, side, side, 3); those in `folder` are not drawn again.

    `count` is a multiple of CHUNK. InputError: a file of `folder` is not one of these. OutputError: none can be
    written there.
    """
    chunks = []
    for first in range(0, count, CHUNK):
        progress("portraits", first, count)
        path = folder / f"portraits-{side}-{seed}-{first:06d}.bin"
        size = CHUNK * side * side * 3
        if not path.exists():
            disk.write(path, b"".join(drawn(seed, index, side).tobytes() for index in range(first, first + CHUNK)))
        data = disk.read(path, size)
        if len(data) != size:
            raise InputError(f"{path}: not the portraits that training wrote here; remove the file")
        chunks.append(np.frombuffer(data, np.uint8).reshape(CHUNK, side, side, 3))
    progress("portraits", count, count)
    return np.concatenate(chunks)
