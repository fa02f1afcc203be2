"""Where the vectors of kept bundles are scanned: in files of this machine by a worker, or in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..store.vectors import Group

#: Candidates that are looked at; those beyond are counted.
MOST = 256


@dataclass(frozen=True)
class Near:
    """Candidates: `best`, numbers of rows of the table of vectors, the most alike first, at most `MOST`; `count`: how
    many there are.
    """

    best: tuple[int, ...]
    count: int


class Index(Protocol):
    """All vectors of a store. Methods raise StoreError; what is asked of workers, as for `Pool.do`.

    `filters`: whether it can look at signs first.
    """

    filters: bool

    async def size(self, group: Group) -> int:
        """How many vectors of a group there are."""

    async def near(self, group: Group, vectors: NDArray[np.int32], least: float, *, by_signs: bool) -> Near:
        """The bundles of a group of which a vector has a cosine of that size, or its negative, with one of these;
        perhaps a few more, whose cosine is almost that. `by_signs`: each may be missed with a probability of
        `signs.MISS`, and none that is opposed is found.
        """
