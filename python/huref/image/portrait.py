"""Portrait of an animal: 512 public numbers -> 512 x 512 pixels.

The core draws it (rust/portrait), without the interpreter; proofs/spec/portrait is the same as a plain program.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .. import _native

SIZE = 512
LENGTH = 512
UNIT = 4096  # vector entries are integers in units of 1/UNIT
#: Entries are no further from 0.
LARGEST = 1 << 20


def render(vector: Sequence[int] | NDArray[np.integer], size: int = SIZE) -> NDArray[np.uint8]:
    """Portrait of a vector of 512 integers in units of 2^-12, as uint8 (512, 512, 3).

    Raises ValueError for another length, another type, entries beyond 2^20, or another size than 512.
    """
    if size != SIZE:
        raise ValueError(f"portraits are {SIZE} pixels wide")
    values = np.asarray(vector)
    if values.shape != (LENGTH,) or values.dtype.kind not in "iu":
        raise ValueError("the vector of a portrait has 512 integer entries")
    if int(values.max()) > LARGEST or int(values.min()) < -LARGEST:
        raise ValueError("entries of the vector of a portrait lie between -2^20 and 2^20")
    return _native.portrait(values.astype(np.int32))
