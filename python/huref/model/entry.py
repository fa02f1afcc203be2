"""A tensor of a checkpoint as its container knows it: what can be said of it before it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .tensor import Tensor

Values = NDArray[Any]


def _no_parts(_dtypes: tuple[str, ...]) -> NoReturn:
    raise ModelError("a tensor that was changed is no part of a quantised matrix")


@dataclass(frozen=True)
class Entry:
    """`file` and the `name` it has there, for messages; `shape`; `is_float`: whether it holds numbers that are read.

    `tensor` gives it without reading it; `raw` gives it as it is stored, if it is of one of those types (names of
    safetensors). Both raise ModelError.
    """

    file: Path
    name: str
    shape: tuple[int, ...]
    tensor: Callable[[], Tensor] = field(repr=False)
    is_float: bool = True
    raw: Callable[[tuple[str, ...]], Tensor] = field(default=_no_parts, repr=False)

    @property
    def label(self) -> str:
        """File and tensor, for messages."""
        return f"{self.file.name}: tensor {self.name!r}"

    def gathered(self, order: NDArray[np.int64]) -> Entry:
        """With its rows in that order: row i is the stored row `order[i]`."""

        def tensor() -> Tensor:
            stored = self.tensor()
            return Tensor(self.shape, lambda: stored.read()[order], lambda ids: stored.rows(order[ids]))

        return replace(self, tensor=tensor, raw=_no_parts)

    def before(self, other: Entry) -> Entry:
        """Its rows, then those of `other`. ModelError if these are of a different width."""
        if self.shape[1:] != other.shape[1:]:
            raise ModelError(f"{other.file}: tensor {other.name!r}: {other.shape}, not as wide as {self.name!r}")
        first, shape = self.shape[0], (self.shape[0] + other.shape[0], *self.shape[1:])

        def tensor() -> Tensor:
            parts = self.tensor(), other.tensor()

            def rows(ids: NDArray[np.int64]) -> Values:
                made = np.empty((len(ids), *shape[1:]), np.float32)
                for part, own, start in zip(parts, (ids < first, ids >= first), (0, first), strict=True):
                    made[own] = part.rows(ids[own] - start)
                return made

            return Tensor(shape, lambda: np.concatenate([part.read() for part in parts]), rows)

        return replace(self, shape=shape, tensor=tensor, raw=_no_parts)

    def part(self, index: int) -> Entry:
        """One of the tensors that it holds along its first axis."""
        shape = self.shape[1:]

        def tensor() -> Tensor:
            stored = self.tensor()
            return Tensor(shape, lambda: stored.rows(np.array([index]))[0])

        return replace(self, shape=shape, tensor=tensor, raw=_no_parts)

    def mapped(self, change: Callable[[Values], Values], shape: Sequence[int] | None = None) -> Entry:
        """What `change` makes of all of it, of that shape (default: the same)."""
        made = self.shape if shape is None else tuple(shape)
        tensor = partial(_mapped, self, change, made)
        return replace(self, shape=made, tensor=tensor, raw=_no_parts)


def _mapped(entry: Entry, change: Callable[[Values], Values], shape: tuple[int, ...]) -> Tensor:
    stored = entry.tensor()
    return Tensor(shape, lambda: change(stored.read()))
