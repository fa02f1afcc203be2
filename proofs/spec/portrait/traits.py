"""From 512 public numbers to the traits of an animal.

Every trait reads the whole vector through its own fixed pattern of signs, so no trait hangs on a few entries, and a
small turn of the vector moves each trait a little.  Two vectors with cosine c give trait scores with correlation c.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .canvas import bell_share, mix, step

LENGTH = 512
UNIT = 4096  # vector entries are integers in units of 1/UNIT


@functools.cache
def signs(name: str) -> NDArray[np.int64]:
    """The 512 signs of a trait: bits of SHAKE-256 of its name, 0 for plus and 1 for minus."""
    bits = np.frombuffer(hashlib.shake_256(b"huref portrait v1: " + name.encode()).digest(LENGTH // 8), dtype=np.uint8)
    return 1 - 2 * np.unpackbits(bits).astype(np.int64)


class Traits:
    """Named traits of one vector, each evenly spread over 0..1 when the vector is normal."""

    def __init__(self, vector: Sequence[int] | NDArray[np.integer]) -> None:
        """Take 512 integers; ValueError if their number, type or size (|entry| <= 2^20) is wrong."""
        values = np.asarray(vector)
        if values.shape != (LENGTH,) or values.dtype.kind not in "iu":
            raise ValueError("the vector of a portrait has 512 integer entries")
        if int(values.max()) > 1 << 20 or int(values.min()) < -(1 << 20):
            raise ValueError("entries of the vector of a portrait lie between -2^20 and 2^20")
        self._values = values.astype(np.int64)
        #: Names of the traits that were looked at.
        self.names: set[str] = set()

    def level(self, name: str) -> float:
        """The trait as a number in 0..1."""
        self.names.add(name)
        score = int((self._values * signs(name)).sum())  # integers: exact in any order
        return bell_share(score / (UNIT * math.sqrt(LENGTH)))

    def between(self, name: str, low: float, high: float) -> float:
        """The trait as a number from `low` to `high`."""
        return mix(low, high, self.level(name))

    def rare(self, name: str, share: float, ramp: float = 0.12) -> float:
        """Strength 0..1 of a trait that about `share` of all animals show; it fades in, it never flips."""
        return step(1.0 - share - ramp * 0.5, 1.0 - share + ramp * 0.5, self.level(name))
