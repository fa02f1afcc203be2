"""Matrices stored as small numbers beside a table of scales: fp8 and int8, in the formats "fp8" and compressed-tensors.

    weight                            F8_E4M3 or int8, out x in    q
    weight_scale or weight_scale_inv  float                        s: one for all, for each row, or for each block
    weight_zero_point                 int8, of the shape of s      z; 0 where it is missing

    W = s (q - z)

Despite its name, `weight_scale_inv` (DeepSeek-V3) is multiplied with, too. A table of R x C scales divides the matrix
into R rows and C columns of blocks: of `weight_block_size`, where the format states it (the last block of a row or
column may be smaller), else of equal size.

Documentation: DeepSeek-V3, README_WEIGHTS.md (`FineGrainedFP8Config` of transformers); compressed-tensors, formats
naive-quantized, int-quantized and float-quantized.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..packed import Floats, Packed, Stored

SCALES, ZEROS = (".weight_scale_inv", ".weight_scale"), ".weight_zero_point"
FLOATS = ("F32", "BF16", "F16")
SMALL = ("F8_E4M3", "F8_E5M2", "I8")


def find(stored: Stored) -> dict[str, Packed]:
    """The matrices of a checkpoint; ModelError names what cannot be read."""
    found = {}
    for ending in SCALES:
        for stem in stored.stems(ending):
            name = f"{stem}.weight"
            if stored.has(name):
                parts = filter(stored.has, (name, stem + ending, stem + ZEROS))
                found[name] = Packed(stored.plane(name), tuple(parts), partial(_unpack, stored, stem, ending))
    return found


def _unpack(stored: Stored, stem: str, ending: str) -> Floats:
    name = f"{stem}.weight"
    shape = stored.plane(name)
    weight: Floats = stored.part(name, SMALL, shape).astype(np.float32)
    if stored.has(stem + ZEROS):
        zeros = stored.part(stem + ZEROS, ("I8", "I32", "F8_E4M3"), stored.shape(stem + ZEROS))
        weight -= spread(stored, stem + ZEROS, zeros, shape)
    scales = stored.part(stem + ending, FLOATS, stored.shape(stem + ending))
    weight *= spread(stored, stem + ending, scales, shape)
    return weight


def spread(stored: Stored, name: str, table: NDArray[np.generic], shape: tuple[int, int]) -> Floats:
    """The scale of every entry: of a table with one number, one for each row, or one for each block."""
    values: Floats = table.astype(np.float32)
    if values.size == 1:
        return values.reshape(1, 1)
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or not values.size:
        stored.refuse(name, f"scales of shape {list(table.shape)} for a matrix of shape {list(shape)}")
    for axis, size in enumerate(_block(stored, values.shape, shape)):
        if values.shape[axis] not in (1, -(-shape[axis] // size)):
            stored.refuse(name, f"scales of shape {list(table.shape)} for a matrix of shape {list(shape)}")
        if values.shape[axis] > 1:
            values = values.repeat(size, axis=axis)[(slice(None),) * axis + (slice(shape[axis]),)]
    return values


def _block(stored: Stored, table: tuple[int, ...], shape: tuple[int, ...]) -> list[int]:
    """Rows and columns of a block."""
    stated = stored.settings.integers("weight_block_size")
    if len(stated) == 2 and all(stated):
        return list(stated)
    return [-(-size // number) for size, number in zip(shape, table, strict=True)]
