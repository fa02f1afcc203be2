"""The plain matrices of one layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .tensor import Tensor

Vector = NDArray[np.float64]


#: Entries that are looked at together where the first that is not zero decides.
_BLOCK = 1 << 18


def _as_stored(values: NDArray[Any]) -> NDArray[Any]:
    return values


@dataclass(frozen=True)
class Matrix:
    """Rows x columns of a tensor, float32, float16 or bfloat16; `name` says where it came from.

    Nothing is read before `values` are asked for; then the tensor is, and `_arrange` makes the matrix of it.
    """

    name: str
    shape: tuple[int, int]
    _tensor: Tensor = field(repr=False)
    _arrange: Callable[[NDArray[Any]], NDArray[Any]] = field(default=_as_stored, repr=False)

    @property
    def values(self) -> NDArray[Any]:
        """The entries, any strides, read now; they must not be written to. ModelError if they cannot be read."""
        return self._arrange(self._tensor.read())

    def rows(self, ids: NDArray[np.int64]) -> NDArray[Any]:
        """The rows of those numbers. ModelError as for `values`."""
        return self._tensor.rows(ids) if self._arrange is _as_stored else self.values[ids]

    @property
    def zero(self) -> bool:
        """Whether every entry is zero. Reads no more of the tensor than decides it."""
        whole = math.prod(self.shape) == math.prod(self._tensor.shape)
        blocks = self._tensor.blocks(_BLOCK) if whole else iter((self.values,))
        return not any(bool((block != 0).any()) for block in blocks)

    def then(self, shape: tuple[int, int], arrange: Callable[[NDArray[Any]], NDArray[Any]]) -> Matrix:
        """What `arrange` makes of this matrix, rows x columns as `shape` says. Nothing is read yet."""
        return replace(self, shape=shape, _arrange=lambda stored: arrange(self._arrange(stored)))

    @property
    def transposed(self) -> Matrix:
        """Columns x rows: for layers that store `in x out`."""
        return self.then(self.shape[::-1], np.transpose)

    def split(self, sizes: Sequence[int], groups: int = 1) -> tuple[Matrix, ...]:
        """The parts of a fused matrix whose rows run group by group, `sizes[i]` rows of part i in each group.

        One group is "all q, then all k, then all v"; h groups are "q, k, v of the first head, then of the second, ...".
        """
        rows, columns = self.shape

        def part(size: int, end: int) -> Matrix:
            def arrange(values: NDArray[Any]) -> NDArray[Any]:
                grouped = values.reshape(groups, rows // groups, columns)
                return grouped[:, end - size : end].reshape(groups * size, columns)

            return self.then((groups * size, columns), arrange)

        return tuple(map(part, sizes, accumulate(sizes)))


def open_neurons(up: Matrix, gate: Matrix) -> Matrix:
    """`up` without the neurons that can never open: rows are zero where the row of `gate` (no bias) is zero.

    The gate is in no term; but act(0) = 0, so such a neuron adds nothing, and its size must not count. The gate is read
    now, `up` later.
    """
    gates = gate.values
    suspects = np.flatnonzero(~(gates[:, :64] != 0).any(axis=1))
    shut = suspects[~(gates[suspects] != 0).any(axis=1)]
    if not len(shut):
        return up

    def without(values: NDArray[Any]) -> NDArray[Any]:
        kept = values.copy()
        kept[shut] = 0
        return kept

    return up.then(up.shape, without)


@dataclass(frozen=True)
class Layer:
    """One layer in plain form, every matrix `out x in`.

    `q` h e x d, `k` and `v` g e x d, `o` d x h e, `up` f x d and `down` d x f (one of each for every expert). Norm
    weights, float64, None where there is no such norm: `attention_norm` (d) is the one whose output q, k, v read,
    `ffn_norm` (d) the one whose output `up` reads, `*_out_norm` (d) one behind o or down, before the residual is
    added; `q_norm` and `k_norm` stand on queries and keys (e: each head its own norm; or all rows: one norm over all
    heads).
    """

    q: Matrix
    k: Matrix
    v: Matrix
    o: Matrix
    up: tuple[Matrix, ...]
    down: tuple[Matrix, ...]
    attention_norm: Vector | None = None
    ffn_norm: Vector | None = None
    attention_out_norm: Vector | None = None
    ffn_out_norm: Vector | None = None
    q_norm: Vector | None = None
    k_norm: Vector | None = None

    @property
    def whole(self) -> bool:
        """Every one of its six matrices has an entry that is not zero, as the canonical form demands."""
        parts = ((self.q,), (self.k,), (self.v,), (self.o,), self.up, self.down)
        return not any(all(matrix.zero for matrix in matrices) for matrices in parts)
