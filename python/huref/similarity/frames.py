"""The weights of a layer as they stand, and the frames in which two models are looked at.

A matrix that reads the residual stream (q, k, v, up) has the norm before it folded in, one that writes to it (o, down)
the norm behind it. Where norms subtract a mean, what every hidden dimension has in common is invisible and is taken
away.

    tokens   w -> X w     X: shared tokens, filtered as `rotation` does; any widths, any rotation
    raw      w -> w       the hidden dimensions themselves: needs equal widths, and no token
    fitted   w -> w R     turned by R, which was fitted in another layer: needs equal widths, and no token
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..model import Model
from ..model.layer import Layer, Matrix, Vector
from .mutual import Array, unit
from .neurons import Neurons

#: Neurons of less than this share of the median size do next to nothing.
IDLE = 1e-8


@dataclass(frozen=True, eq=False)
class Frame:
    """`basis`: n x d, float32, what every row is multiplied with; None for the rows themselves."""

    basis: Array | None = None


RAW = Frame()


@dataclass(frozen=True, eq=False)
class Plain:
    """A layer of a model: its matrices are read when they are asked for, in float32."""

    layer: Layer
    gates: tuple[Matrix, ...]
    heads: int
    kv_heads: int
    layer_norm: bool

    @classmethod
    def of(cls, model: Model, index: int) -> Plain:
        """Layer `index`, neurons that never open left out. ModelError names file and tensor."""
        a = model.architecture
        return cls(model.layer(index), model.gate(index), a.heads, a.kv_heads, a.layer_norm)

    @property
    def blocks(self) -> int:
        """Feed-forward blocks: experts, or one."""
        return len(self.layer.up)

    @cached_property
    def attention(self) -> dict[str, Array]:
        """q, k, v and o as rows of the hidden space: heads x head size rows of length d. ModelError as for `of`."""
        layer = self.layer
        return {
            "q": _times(self._read(layer.q, layer.attention_norm), layer.q_norm),
            "k": _times(self._read(layer.k, layer.attention_norm), layer.k_norm),
            "v": self._read(layer.v, layer.attention_norm),
            "o": self._read(layer.o.transposed, layer.attention_out_norm),
        }

    def block(self, index: int) -> tuple[Array, Array]:
        """What the neurons of a block read and write, f x d each. ModelError as for `of`."""
        layer = self.layer
        return (
            self._read(layer.up[index], layer.ffn_norm),
            self._read(layer.down[index].transposed, layer.ffn_out_norm),
        )

    def gate(self, index: int) -> Array | None:
        """The gates of the neurons of a block, f x d; None where there are none. ModelError as for `of`."""
        return self._read(self.gates[index], self.layer.ffn_norm) if self.gates else None

    def per_head(self, name: str, frame: Frame | None = None) -> Array:
        """q, k, v or o in a frame: query heads x head size x n; each has the rows of its key/value head."""
        rows = seen(self.attention[name], frame or RAW)
        count = self.heads if name in ("q", "o") else self.kv_heads
        return np.repeat(rows.reshape(count, -1, rows.shape[1]), self.heads // count, axis=0)

    def _read(self, matrix: Matrix, norm: Vector | None) -> Array:
        rows = np.array(matrix.values, dtype=np.float32, order="C")
        if norm is not None:
            rows *= norm.astype(np.float32)
        if self.layer_norm:
            rows -= rows.mean(axis=1, keepdims=True)
        return rows

    def matrices(self) -> Iterator[Array]:
        """What the order of hidden dimensions is looked for in: attention, and the block where there is one."""
        yield from self.attention.values()
        if self.blocks == 1:
            yield from self.block(0)


def seen(rows: Array, frame: Frame) -> Array:
    """Rows of the hidden space in a frame, as many rows of n entries."""
    return rows if frame.basis is None else rows @ frame.basis.T


def neurons(block: tuple[Array, Array], frame: Frame) -> Neurons:
    """A block's neurons in a frame; those that do next to nothing take no part."""
    reads, writes = block
    sizes = np.linalg.norm(reads, axis=1) * np.linalg.norm(writes, axis=1)
    alive = (sizes > IDLE * np.median(sizes))[:, None]
    return Neurons(unit(seen(reads, frame)) * alive, unit(seen(writes, frame)) * alive, sizes)


def _times(rows: Array, norm: Vector | None) -> Array:
    """Rows of heads times the weights of a norm on queries or keys, of each head or of all."""
    return rows if norm is None else rows * np.resize(norm, len(rows)).astype(np.float32)[:, None]
