"""Signs of vectors, a bit a number: a filter in front of an index, with the probability that it misses something.

Numbers of two vectors that have cosine c differ in sign with probability `arccos(c) / pi`, as those of random
projections do. A vector whose cosine is the threshold or more is missed with a probability of at most `MISS`: so the
filter is for lists of neighbours. Whether anything is there at all, `Index.scan` says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .index import Vectors

#: The largest probability that a vector which just reaches the threshold is missed.
MISS = 1e-3
#: Vectors that are looked at at once.
BLOCK = 1 << 14


@dataclass(frozen=True, eq=False)
class Signs:
    """n vectors of m numbers, m a multiple of 64: `bits`, n x m / 64 unsigned integers of 64 bits, perhaps a map."""

    bits: NDArray[np.uint64]

    @classmethod
    def of(cls, vectors: Vectors) -> Signs:
        """The signs of these vectors; 0 counts as positive."""
        return cls(np.packbits(np.asarray(vectors) >= 0, axis=1).view(np.uint64))

    def near(self, vectors: Vectors, least: float) -> NDArray[np.int64]:
        """Numbers of the rows whose signs are those of one of these vectors, as far as those of a cosine of `least`
        would be.
        """
        allowed = most(least, 64 * self.bits.shape[1])
        wanted = Signs.of(vectors).bits
        found = []
        for start in range(0, len(self.bits), BLOCK):
            part = self.bits[start : start + BLOCK]
            near = np.zeros(len(part), dtype=bool)
            for one in wanted:
                differ = np.zeros(len(part), dtype=np.uint16)
                for column, word in zip(part.T, one, strict=True):  # in half the time of a sum over rows
                    differ += np.bitwise_count(column ^ word)
                near |= differ <= allowed
            found.append(start + np.flatnonzero(near))
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def most(least: float, length: int) -> float:
    """How many of so many signs may differ, so that a cosine of `least` is missed with probability `MISS` at most."""
    share = math.acos(least) / math.pi
    return length * share + NormalDist().inv_cdf(1 - MISS) * math.sqrt(length * share * (1 - share)) + 0.5
