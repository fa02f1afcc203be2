"""A tensor that stays where it is stored until it is asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]


@dataclass(frozen=True)
class Tensor:
    """A tensor of a checkpoint. `_read` gives all of it; `_rows`, where it is there, some rows, in the order asked for.

    Both raise ModelError if the file has changed or cannot be read.
    """

    shape: tuple[int, ...]
    _read: Callable[[], Values]
    _rows: Callable[[NDArray[np.int64]], Values] | None = None

    def read(self) -> Values:
        """All of it, in the type of the file."""
        return self._read()

    def rows(self, ids: NDArray[np.int64]) -> Values:
        """The rows of those numbers, all of them existing ones; nothing else is read where that is possible."""
        return self._read()[ids] if self._rows is None else self._rows(ids)

    def blocks(self, entries: int, every: int = 1) -> Iterator[Values]:
        """All of it, in order, in blocks of whole rows: about `entries` numbers each; or one in `every` of them."""
        if not self.shape:
            yield self._read()
            return
        rows = self._read().__getitem__ if self._rows is None else self._rows
        step = max(1, entries // max(1, math.prod(self.shape[1:])))
        for start in range(0, self.shape[0], step * every):
            yield rows(np.arange(start, min(start + step, self.shape[0])))
