"""PCS, parameter cosine similarity: the plain cosine of all parameters that two models have in common.

With x and y the entries of all tensors of equal name and shape, strung together,

    PCS = <x, y> / (|x| |y|).

Names are compared without the prefix that a model saved with a head has before them; tensors that only one model has,
or that differ in shape (an extended vocabulary), are left out and counted. (The authors of HuRef, arXiv 2312.04828,
pair parameters by their position, and by their number of entries; for two models of one architecture, written by one
library, that is the same.)

**Arithmetic.** Entries are read as float64, exactly, in blocks of 2^13; products and sums of a block are float64, and
so are the sums over blocks: an error below 1e-11 of |x| |y|. Memory: some tens of MiB, whatever the model (a quantised
checkpoint is dequantised tensor by tensor).

**What it shows.** A fine-tuned copy is near 1; independent models are near 0, except for parameters that no training
moves far from where every model has them (norm weights near 1), so there is no null and no p-value. Any disguise
destroys it: a permutation of hidden units brings a copy to the level of strangers. So a high PCS supports descent, a
low one says nothing, and no verdict rests on it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..model import Model
from ..progress import Progress, silent
from .findings import Pcs

#: Entries that are brought to float64 at a time: within the cache, and too few for threads, which would wait for each
#: other longer than they work.
BLOCK = 1 << 13
#: Entries that are read at a time.
READ = 1 << 22


def pcs(a: Model, b: Model, progress: Progress = silent) -> Pcs:
    """PCS of two models, tensor by tensor.

    Raises:
        ModelError: a quantised tensor contradicts itself.

    """
    ours, theirs = a.parameters(), b.parameters()
    names = [name for name, shape in ours.items() if theirs.get(name) == shape]
    total, tensors, parameters = np.zeros(3), 0, 0
    for done, name in enumerate(names, 1):
        sums = np.zeros(3)
        for x, y in zip(a.parameter(name, READ), b.parameter(name, READ), strict=True):
            sums += _sums(x, y)
        if np.isfinite(sums).all():
            total, tensors, parameters = total + sums, tensors + 1, parameters + math.prod(ours[name])
        progress("parameters", done, len(names))
    product, square_a, square_b = total
    length = math.sqrt(square_a) * math.sqrt(square_b)
    value = max(-1.0, min(1.0, float(product) / length)) if length else 0.0
    return Pcs(value, tensors, parameters, len(ours) + len(theirs) - 2 * tensors)


def _sums(x: NDArray[np.generic], y: NDArray[np.generic]) -> tuple[float, float, float]:
    """<x, y>, <x, x> and <y, y>."""
    first, second = x.reshape(-1), y.reshape(-1)
    product = square_x = square_y = 0.0
    for start in range(0, first.size, BLOCK):
        p = first[start : start + BLOCK].astype(np.float64)
        q = second[start : start + BLOCK].astype(np.float64)
        product, square_x, square_y = product + float(p @ q), square_x + float(p @ p), square_y + float(q @ q)
    return product, square_x, square_y
