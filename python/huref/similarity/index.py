"""An index of vectors that is scanned as a whole: what it does not find is not there.

A vector is kept as bytes, an eighth of its size, together with the most that rounding can change of any cosine. A scan
reports every vector whose cosine may reach the threshold; the vectors themselves then decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..artefacts.outputs import Vector

#: Several vectors of one length.
Vectors = Sequence[Vector] | NDArray[np.float64] | NDArray[np.int32]
#: Vectors that are multiplied at once.
BLOCK = 1 << 13
#: More than sums of floating-point numbers of 32 bits can be wrong by.
_SUMS = 1e-4


@dataclass(frozen=True, eq=False)
class Index:
    """n vectors of m numbers: `rows` int8, n x m; `steps` float32, n, what a unit of a row is worth in a vector of
    length 1; `errors` float32, n, the length of what rounding left out of it. Each may be a memory map.
    """

    rows: NDArray[np.int8]
    steps: NDArray[np.float32]
    errors: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: Vectors) -> Index:
        """The index of vectors of one length, none of which is zero."""
        exact = _unit(vectors)
        steps = np.abs(exact).max(axis=1) / 127
        rows = np.rint(exact / steps[:, None])
        errors = np.linalg.norm(exact - rows * steps[:, None], axis=1)
        return cls(rows.astype(np.int8), steps.astype(np.float32), errors.astype(np.float32))

    @classmethod
    def together(cls, parts: Sequence[Index]) -> Index:
        """The vectors of all parts, one after the other."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "steps", "errors")))

    def __len__(self) -> int:
        return len(self.rows)

    def scan(self, vectors: Vectors, least: float) -> NDArray[np.int64]:
        """Numbers of all rows whose cosine with one of these vectors is `least` or more, or -`least` or less; perhaps
        of a few more, whose cosine is within `errors` of it.
        """
        found: NDArray[np.int64] = np.flatnonzero(self.bounds(vectors) >= least)
        return found

    def bounds(self, vectors: Vectors) -> NDArray[np.float32]:
        """Of each row the most that the size of its cosine with one of these vectors can be."""
        wanted = _unit(vectors).astype(np.float32).T
        found = np.empty(len(self), np.float32)
        for start in range(0, len(self), BLOCK):
            part = slice(start, start + BLOCK)
            products = np.abs(self.rows[part].astype(np.float32) @ wanted).max(axis=1)
            found[part] = products * self.steps[part] + self.errors[part] + _SUMS
        return found


def _unit(vectors: Vectors) -> NDArray[np.float64]:
    exact = np.array(vectors, dtype=np.float64)
    unit: NDArray[np.float64] = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    return unit
