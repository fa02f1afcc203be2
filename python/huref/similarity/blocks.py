"""Which layers of two models belong together, and which feed-forward blocks: matched by signatures, whatever was
dropped, inserted, shared or reordered.

A signature is a term seen through Gaussian matrices that are the same for both models, S = (P w^T)(v P'^T) with P and
P' of r rows: 64 x 64 numbers, scaled to length 1. What is added up is made of units of equal weight: of every head its
own Q^T K or V^T O at length 1, of every neuron what it reads and writes at length 1. So nothing drowns in large heads
or neurons, and the cosine of two signatures estimates how alike two terms are, with a standard error of about 1/r
(twice that for terms of low rank). Neither terms nor weights in a common basis are ever formed; cost is linear in
layers and experts: 4 r d rows of operations.

    tokens   P X, over every other shared token     follows any disguise
    raw      P                                      follows a body behind a new embedding; needs equal widths
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..model import Model
from ..model.layer import Matrix, Vector
from ..progress import Progress, silent
from .assignment import best_assignment
from .mutual import Array, unit

#: r
SKETCH = 64
#: Rows of a matrix that are brought to float32 at a time.
ROWS = 512
#: Pairs of blocks of one pair of layers that are looked at neuron by neuron.
PAIRS = 2
#: Two blocks are copies in a sentence from this cosine of signatures on.
COPIES = 0.5


@dataclass(frozen=True, eq=False)
class Signatures:
    """Of the layers of a model in one frame: `terms` layers x 3 x r^2 (a, b, f), `blocks` of every layer E x r^2."""

    terms: Array
    blocks: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Sketch:
    """P and P' as seen by a model, r x d each."""

    left: Array
    right: Array

    @classmethod
    def over_tokens(cls, x: Array) -> Sketch:
        """Over tokens whose rows are x, K x d."""
        p, other = _gaussian(len(x))
        return cls(p @ x, other @ x)

    @classmethod
    def raw(cls, width: int) -> Sketch:
        """Over the hidden dimensions."""
        return cls(*_gaussian(width))


def _gaussian(columns: int) -> Array:
    return np.random.default_rng(0).standard_normal((2, SKETCH, columns)).astype(np.float32)


def signatures(
    model: Model, layers: Sequence[int], sketches: Sequence[Sketch], progress: Progress = silent
) -> tuple[Signatures, ...]:
    """Signatures of those layers through each sketch. A term that is zero stays zero: it is like no other.

    One matrix of one block is in memory at a time. ModelError if one cannot be read, or holds NaN or infinity.
    """
    found = []
    for done, index in enumerate(layers, 1):
        found.append(_layer(model, index, sketches))
        progress("layers", done, len(layers))
    return tuple(
        Signatures(np.stack([layer[number][0] for layer in found]), tuple(layer[number][1] for layer in found))
        for number in range(len(sketches))
    )


def _layer(model: Model, index: int, sketches: Sequence[Sketch]) -> list[tuple[Array, Array]]:
    """For every sketch the terms of a layer, 3 x r^2, and its blocks, E x r^2."""
    layer, a = model.layer(index), model.architecture
    left = np.vstack([sketch.left for sketch in sketches])
    right = np.vstack([sketch.right for sketch in sketches])
    if a.layer_norm:
        left, right = (side - side.mean(axis=1, keepdims=True) for side in (left, right))

    def through(side: Array, matrix: Matrix, norm: Vector | None, own: Vector | None = None) -> Array:
        found = _reads(side, matrix, norm, own)
        if not np.isfinite(found).all():
            raise ModelError(f"{model.path}: layer {index}: NaN or infinity in {matrix.name}")
        return found

    def each(reads: Array, writes: Array, groups: tuple[int, int]) -> list[Array]:
        """Through every sketch the sum of the products of heads, each of length 1."""
        return [_heads(one, other, groups) for one, other in zip(_split(reads), _split(writes), strict=True)]

    m_a = each(
        through(left, layer.q, layer.attention_norm, layer.q_norm),
        through(right, layer.k, layer.attention_norm, layer.k_norm),
        (a.heads, a.kv_heads),
    )
    m_b = each(
        through(left, layer.v, layer.attention_norm),
        through(right, layer.o.transposed, layer.attention_out_norm),
        (a.kv_heads, a.heads),
    )
    blocks: list[list[Array]] = [[] for _ in sketches]
    for up, down in zip(layer.up, layer.down, strict=True):
        reads, writes = through(left, up, layer.ffn_norm), through(right, down.transposed, layer.ffn_out_norm)
        for kept, one, other in zip(blocks, _split(reads), _split(writes), strict=True):
            kept.append(unit(one.T).T @ unit(other.T))
    return [
        (
            unit(np.stack([one.ravel(), other.ravel(), np.sum(own, axis=0).ravel()])),
            unit(np.reshape(own, (len(own), -1))),
        )
        for one, other, own in zip(m_a, m_b, blocks, strict=True)
    ]


def _reads(side: Array, matrix: Matrix, norm: Vector | None, own: Vector | None = None) -> Array:
    """The rows of a matrix, `out x d`, through P, with the norms before and behind it: r x out."""
    seen = side if norm is None else side * norm.astype(np.float32)
    found = _product(seen, matrix.values)
    return found if own is None else found * np.resize(own, found.shape[1]).astype(np.float32)


def _product(side: Array, values: NDArray[np.generic]) -> Array:
    """The product of `side` with the transposed matrix, in float32, a part of it at a time: memory that is small is
    used again, where large pieces are given back to the system and cleared.
    """
    found: Array = np.zeros((len(side), len(values)), dtype=np.float32)
    if values.T.flags.c_contiguous:
        for at in range(0, values.shape[1], ROWS):
            found += side[:, at : at + ROWS] @ values.T[at : at + ROWS].astype(np.float32)
    else:
        for at in range(0, len(values), ROWS):
            found[:, at : at + ROWS] = side @ values[at : at + ROWS].astype(np.float32).T
    return found


def _split(stacked: Array) -> Array:
    """One for each sketch."""
    return stacked.reshape(-1, SKETCH, stacked.shape[1])


def _heads(reads: Array, writes: Array, groups: tuple[int, int]) -> Array:
    """The sum over query heads of what each reads times what it writes, at length 1."""
    count = max(groups)
    one, other = (
        np.repeat(side.reshape(SKETCH, size, -1).swapaxes(0, 1), count // size, axis=0)
        for side, size in zip((reads, writes), groups, strict=True)
    )
    products = (one @ other.swapaxes(1, 2)).reshape(count, -1)
    found: Array = unit(products).sum(axis=0)
    return found


def similarities(a: Signatures, b: Signatures) -> Array:
    """Estimated likeness of every layer of one model with every layer of another: m x n x 3."""
    found: Array = np.einsum("ikr,jkr->ijk", a.terms, b.terms, optimize=True)
    return found


def match(gain: Array) -> list[tuple[int, int]]:
    """The one-to-one matching of rows and columns of largest total, best first."""
    return sorted(best_assignment(gain.astype(np.float64)), key=lambda pair: -gain[pair])


def block_table(frames: Sequence[tuple[Signatures, Signatures]], i: int, j: int) -> Array:
    """How alike the blocks of layer i of one model are with those of layer j of the other, at best: E x E'."""
    found: Array = np.max([a.blocks[i] @ b.blocks[j].T for a, b in frames], axis=0)
    return found


def best_blocks(table: Array) -> list[tuple[int, int]]:
    """The pairs of blocks most alike, one to one, at most PAIRS."""
    left, found = table.copy(), []
    for _ in range(min(PAIRS, *table.shape)):
        i, j = map(int, np.unravel_index(left.argmax(), left.shape))
        found.append((i, j))
        left[i], left[:, j] = -np.inf, -np.inf
    return found
