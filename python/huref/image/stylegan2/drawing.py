"""Images of vectors by a generator, in double precision on the processor, so that the pixels are the same everywhere.

Values between 0 and 255 differ between machines, numbers of threads and sizes of a batch by about 10^-13, because sums
are taken in other orders. Rounded down to one of 256 levels, two of them differ if the border lies between them: once
in some 10^13 values, or 10^9 images of 64 x 64 pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...extras import require
from ..portrait import UNIT
from .design import INPUTS
from .generator import Generator


def levels(generator: Generator, vectors: NDArray[np.int64]) -> NDArray[np.float64]:
    """What is rounded down to pixels: float64 (n, side, side, 3), in 0..255, of n x 512 integers in units of 2^-12.

    Raises:
        InputError: the generator's numbers grow until they are none.
        UsageError: torch is not installed.

    """
    require("torch")
    import torch

    from . import network

    if vectors.ndim != 2 or vectors.shape[1] != INPUTS:
        raise ValueError(f"vectors have {INPUTS} entries")
    with torch.inference_mode():
        weights = {name: torch.from_numpy(weight).double() for name, weight in generator.weights.items()}
        images = network.forward(generator.design, weights, torch.from_numpy(vectors / UNIT))
        scaled = (images * 127.5 + 128.0).permute(0, 2, 3, 1).numpy()
    if not np.isfinite(scaled).all():
        raise InputError("the generator gives no image of this vector: its numbers grow without bound")
    return np.asarray(np.clip(scaled, 0.0, 255.0), dtype=np.float64)


def draw(generator: Generator, vectors: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Images, uint8 (n, side, side, 3), of n x 512 integers in units of 2^-12. Errors as for `levels`."""
    return levels(generator, vectors).astype(np.uint8)
