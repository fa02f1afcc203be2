"""The plain matrices of one layer, and the reader through which families get them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .architecture import Architecture
from .checkpoint import Checkpoint
from .config import Config

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Matrix:
    """Rows x columns of a tensor, any strides, float32, float16 or bfloat16; `name` says where it came from."""

    values: NDArray[Any]
    name: str

    @property
    def transposed(self) -> Matrix:
        """Columns x rows: for layers that store `in x out`."""
        return Matrix(self.values.T, self.name)

    def split(self, sizes: Sequence[int], groups: int = 1) -> tuple[Matrix, ...]:
        """The parts of a fused matrix whose rows run group by group, `sizes[i]` rows of part i in each group.

        One group is "all q, then all k, then all v"; h groups are "q, k, v of the first head, then of the second, ...".
        """
        rows, columns = self.values.shape
        grouped = self.values.reshape(groups, rows // groups, columns)
        ends = np.cumsum(sizes)
        return tuple(
            Matrix(grouped[:, end - size : end].reshape(groups * size, columns), self.name)
            for size, end in zip(sizes, ends, strict=True)
        )


def open_neurons(up: Matrix, gate: Matrix) -> Matrix:
    """`up` without the neurons that can never open: rows are zero where the row of `gate` (no bias) is zero.

    The gate is in no term; but act(0) = 0, so such a neuron adds nothing, and its size must not count. A copy only if
    there are any.
    """
    suspects = np.flatnonzero(~(gate.values[:, :64] != 0).any(axis=1))
    shut = suspects[~(gate.values[suspects] != 0).any(axis=1)]
    if not len(shut):
        return up
    values = up.values.copy()
    values[shut] = 0
    return Matrix(values, up.name)


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

    def native(self) -> dict[str, Any]:
        """The dictionary that `_native.quantise_layer` reads; `names` are for its messages."""
        layer: dict[str, Any] = {"names": {}}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Matrix):
                layer[field.name], layer["names"][field.name] = value.values, value.name
            elif isinstance(value, tuple):
                layer[field.name] = [matrix.values for matrix in value]
                layer["names"][field.name] = value[0].name
            else:
                layer[field.name] = None if value is None else value.tolist()
        return layer

    @property
    def idle(self) -> bool:
        """O and down are both exactly zero: the layer adds nothing."""
        return not any(_nonzero(matrix.values) for matrix in (self.o, *self.down))

    @property
    def whole(self) -> bool:
        """Every one of its six matrices has an entry that is not zero, as the canonical form demands."""
        return all(
            any(_nonzero(matrix.values) for matrix in matrices)
            for matrices in ((self.q,), (self.k,), (self.v,), (self.o,), self.up, self.down)
        )


def _nonzero(values: NDArray[Any], block: int = 64) -> bool:
    """Whether any entry is not zero; stops at the first block of rows that has one."""
    return any(bool((values[start : start + block] != 0).any()) for start in range(0, len(values), block))


@dataclass(frozen=True)
class Reader:
    """A checkpoint as a family sees it: names below the model's prefix, every shape checked."""

    checkpoint: Checkpoint
    prefix: str
    config: Config
    architecture: Architecture

    def has(self, name: str) -> bool:
        """Whether there is such a tensor."""
        return self.prefix + name in self.checkpoint.place

    def matrix(self, name: str, rows: int, columns: int) -> Matrix:
        """The tensor of that name, rows x columns. ModelError if missing, of another shape or type."""
        name = self.prefix + name
        return Matrix(self.checkpoint.tensor(name, (rows, columns)), self.checkpoint.label(name))

    def vector(self, name: str, size: int | None = None) -> Vector:
        """That tensor in float64, `size` entries (default d). ModelError as for `matrix`, or if not finite."""
        name = self.prefix + name
        size = self.architecture.hidden if size is None else size
        values = self.checkpoint.tensor(name, (size,)).astype(np.float64)
        if not np.isfinite(values).all():
            raise ModelError(f"{self.checkpoint.folder}: {self.checkpoint.label(name)}: NaN or infinity")
        return values
