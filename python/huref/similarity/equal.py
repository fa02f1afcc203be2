"""Tensors of equal name and shape: equal, nearly equal, and PCS, the plain cosine of all of them, in one reading.

With x and y the entries of all tensors of equal name and shape, strung together,

    PCS = <x, y> / (|x| |y|).

Names are compared without the prefix that a model saved with a head has before them; tensors that only one model has,
or that differ in shape (an extended vocabulary), are left out and counted. (The authors of HuRef, arXiv 2312.04828,
pair parameters by their position, and by their number of entries; for two models of one architecture, written by one
library, that is the same.)

**Equal** is a tensor whose values are the same numbers in float32, or the same up to one scale and rounding (cosine of
1 to 4e-6: bfloat16 against float32). Independent models have none, and no two matrices of theirs correlate above 0.1.
So a single equal tensor is decisive, if it *counts*: two axes or more, 4096 entries, 256 different values, and no table
by formula. `evidence` lets only those count that are a part of the language model; strangers may look through one
vision tower. Norms and biases, equal at 1 and 0 in all young models, are named and never counted. **Nearly equal**: a
correlation, less the means, of 0.5 or more. It makes the sentence; its evidence is in the order of units.

**Arithmetic.** Entries are read as float64, exactly, in blocks of 2^13; products and sums of a block are float64, and
so are the sums over blocks: an error below 1e-11 of |x| |y|. Of tensors of more than 2^22 entries a comparison looks at
about so many, which leaves an error of 5e-4; `pcs` looks at all. Memory: some tens of MiB, whatever the model (a
quantised checkpoint is dequantised tensor by tensor).

**What PCS shows.** A fine-tuned copy is near 1; independent models are near 0, except for parameters that no training
moves far from where every model has them (norm weights near 1), so there is no null and no p-value. Any disguise
destroys it: a permutation of hidden units brings a copy to the level of strangers. So a high PCS supports descent, a
low one says nothing, and no verdict rests on it.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model import Model
from ..progress import Progress, silent
from .findings import Pcs

Array = NDArray[np.generic]
#: Entries that are brought to float64 at a time: within the cache, and too few for threads, which would wait for each
#: other longer than they work.
BLOCK = 1 << 13
#: Entries that are read at a time; of larger tensors so many are looked at, in blocks evenly spaced, unless these are
#: all equal.
READ, MOST = 1 << 18, 1 << 22
#: What a tensor that counts has at least.
ENTRIES, VALUES = 4096, 256
#: Cosine from which on tensors are equal up to scale; correlation from which on they are alike.
SCALED, ALIKE = 1 - 4e-6, 0.5


@dataclass(frozen=True)
class Pairing:
    """A tensor of both models: `same` numbers bit for bit (as float32), `equal` up to scale; `correlation` less the
    means; whether it `counts`.
    """

    name: str
    same: bool
    equal: bool
    correlation: float
    counts: bool


def tensors(a: Model, b: Model, progress: Progress = silent, most: int = MOST) -> tuple[list[Pairing], Pcs]:
    """Every tensor that two models have under one name and shape; and PCS. Of a tensor at most about `most` entries are
    looked at, but all where they are to be called the same.

    Raises:
        ModelError: a quantised tensor contradicts itself.

    """
    ours, theirs = a.parameters(), b.parameters()
    names = [name for name, shape in ours.items() if theirs.get(name) == shape]
    total, parameters, found = np.zeros(3), 0, []
    for done, name in enumerate(names, 1):
        pairing, sums = _paired(a, b, name, ours[name], most)
        if pairing is not None:
            found.append(pairing)
            total, parameters = total + sums, parameters + math.prod(ours[name])
        progress("parameters", done, len(names))
    product, square_a, square_b = total
    length = math.sqrt(square_a) * math.sqrt(square_b)
    value = max(-1.0, min(1.0, float(product) / length)) if length else 0.0
    return found, Pcs(value, len(found), parameters, len(ours) + len(theirs) - 2 * len(found))


def pcs(a: Model, b: Model, progress: Progress = silent) -> Pcs:
    """PCS of two models, over all entries. ModelError as for `tensors`."""
    return tensors(a, b, progress, sys.maxsize)[1]


def _paired(
    a: Model, b: Model, name: str, shape: tuple[int, ...], most: int
) -> tuple[Pairing | None, NDArray[np.float64]]:
    """None with NaN or infinity in one of the two; and <x, y>, <x, x>, <y, y>."""
    sums, same, rich, table, entries = np.zeros(5), True, False, True, 0
    every = -(-math.prod(shape) // most)
    for x, y in zip(a.parameter(name, READ, every), b.parameter(name, READ, every), strict=True):
        sums += _sums(x, y)
        entries += x.size
        same = same and _same(x, y)
        rich = rich or len(np.unique(x.reshape(-1)[: 16 * VALUES].astype(np.float32))) >= VALUES
        table = table and _by_formula(x)
    if not np.isfinite(sums).all():
        return None, np.zeros(3)
    product, square_x, square_y, sum_x, sum_y = sums
    if every > 1 and same:
        same = all(map(_same, a.parameter(name, READ), b.parameter(name, READ)))
    length = math.sqrt(square_x * square_y)
    spread = (square_x - sum_x * sum_x / max(1, entries)) * (square_y - sum_y * sum_y / max(1, entries))
    counts = len(shape) > 1 and entries >= ENTRIES and rich and not table
    pairing = Pairing(
        name,
        same,
        same or bool(length and abs(product) >= SCALED * length),
        float((product - sum_x * sum_y / entries) / math.sqrt(spread)) if spread > 0 else 0.0,
        counts,
    )
    return pairing, sums[:3]


def _same(x: Array, y: Array) -> bool:
    """Whether the values are the same numbers in float32."""
    return np.array_equal(x, y) if x.dtype == y.dtype else np.array_equal(x.astype(np.float32), y.astype(np.float32))


def _by_formula(x: Array) -> bool:
    """Whether rows hold sines beside cosines, at any scale: all of one length, which is sqrt(n / 2) of the largest."""
    if x.ndim < 2:
        return False
    rows = x.reshape(len(x), -1).astype(np.float64)
    squares, largest = (rows * rows).sum(axis=1), float(np.abs(rows).max(initial=0))
    return bool(np.abs(squares - largest**2 * rows.shape[1] / 2).max(initial=0) <= 1e-2 * squares.max(initial=0))


def _sums(x: Array, y: Array) -> NDArray[np.float64]:
    """<x, y>, <x, x>, <y, y>, and the sums of x and of y."""
    first, second = x.reshape(-1), y.reshape(-1)
    found = np.zeros(5)
    for start in range(0, first.size, BLOCK):
        p = first[start : start + BLOCK].astype(np.float64)
        q = second[start : start + BLOCK].astype(np.float64)
        found += (float(p @ q), float(p @ p), float(q @ q), float(p.sum()), float(q.sum()))
    return found
