"""Mixtures of experts: how their feed-forward blocks become one. Not a family itself.

Experts are concatenated, which sums their terms, whatever their order; the router is in no term. Some models have
ordinary layers between; those are filled up with neurons that are zero, so that all layers have the same number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..layer import Layer, Matrix, Reader
from ..tensor import Tensor
from . import llama

#: Names of gate, up and down in most families.
NAMES = ("gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True)
class Group:
    """Gated feed-forward blocks of equal size: `count` numbered ones under `at`, or one without number (count None)."""

    at: str
    neurons: int
    count: int | None = None

    @property
    def places(self) -> Iterator[str]:
        """What stands before the names of each block's matrices."""
        return iter([self.at]) if self.count is None else (f"{self.at}{i}." for i in range(self.count))


def neurons(groups: Sequence[Group]) -> int:
    """Of all blocks together."""
    return sum(group.neurons * (1 if group.count is None else group.count) for group in groups)


def layer(reader: Reader, index: int, groups: Sequence[Group], names: tuple[str, str, str] = NAMES) -> Layer:
    """LLaMA's attention and norms, with those blocks."""
    hidden, missing = reader.architecture.hidden, _missing(reader, groups)
    up = [reader.matrix(f"{at}{names[1]}.weight", size, hidden) for at, size in _each(groups)]
    down = [reader.matrix(f"{at}{names[2]}.weight", hidden, size) for at, size in _each(groups)]
    if missing:
        up.append(_filler(0, missing, hidden))
        down.append(_filler(0, hidden, missing))
    return llama.normed(reader, index, llama.attention(reader, index, tuple(up), tuple(down)))


def gates(reader: Reader, groups: Sequence[Group], names: tuple[str, str, str] = NAMES) -> tuple[Matrix, ...]:
    """The gate of every block; ones for neurons that only fill up, whose up is zero."""
    hidden, missing = reader.architecture.hidden, _missing(reader, groups)
    found = [reader.matrix(f"{at}{names[0]}.weight", size, hidden) for at, size in _each(groups)]
    return tuple(found + [_filler(1, missing, hidden)] * (missing > 0))


def _each(groups: Sequence[Group]) -> Iterator[tuple[str, int]]:
    return ((place, group.neurons) for group in groups for place in group.places)


def _missing(reader: Reader, groups: Sequence[Group]) -> int:
    return reader.architecture.ffn - neurons(groups)


def _filler(value: int, rows: int, columns: int) -> Matrix:
    shape = rows, columns
    return Matrix("filled up", shape, Tensor(shape, lambda: np.broadcast_to(np.float32(value), shape)))
