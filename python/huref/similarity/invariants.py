"""Neurons matched by numbers that no rotation changes: for a body behind a new embedding whose basis was rotated too.

For a layer, d x d matrices that every disguise of the layer changes only with the basis, C -> O^T C O, each scaled to
trace d:

    attention   sum_i Q_i^T (K_i K_i^T) Q_i / n_i,   sum_i K_i^T (Q_i Q_i^T) K_i / n_i,   n_i = |Q_i^T K_i|^2
                the same of V and O                                      (i: query heads with their group's k and v)
    mlp         U^T U, D^T D, G^T G of rows of length 1                  (not where one of the two is a mixture)

The features of a unit vector z are z^T C z and z^T C^2 z of each, and z^T C C' z of each two: 35 numbers for seven
matrices, logarithms where all are positive, as deviations over the rows of the layer. Distances are those after
whitening by the pooled covariance. Two tables, of what neurons read and of what they write, give `partners`, as in
`neurons`. Neurons that agree fix the basis (`basis`): the rotation that brings them onto each other, judged in other
layers (frame *fitted*).

Costs n f d^2 multiplications for each side and layer, so it is done where nothing cheaper speaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .chance import CERTAIN
from .frames import Plain
from .mutual import BLOCK, Array, Places, first_of_equals, unit
from .neurons import SHARES, Agreement, agree_twice, spaced

#: Eigenvalues of the pooled covariance below this share of the largest are raised to it.
FLOOR = 0.01
#: Neurons of a block below which nothing is compared.
FEWEST = 8
#: Neurons that must agree before a basis is fitted to them; rounds in which their signs are fitted too.
ENOUGH, ROUNDS = 20, 5


@dataclass(frozen=True, eq=False)
class Units:
    """Neurons of a block, f x d: what they read and write, rows of length 1, and their gates if they have any."""

    reads: Array
    writes: Array
    gates: Array | None

    @property
    def alive(self) -> Places:
        """The numbers of those that read and write something."""
        return np.flatnonzero(self.reads.any(axis=1) & self.writes.any(axis=1))

    @classmethod
    def of(cls, layer: Plain, block: int) -> Units:
        """Those of a block. ModelError if it cannot be read."""
        reads, writes = layer.block(block)
        gates = layer.gate(block)
        return cls(unit(reads), unit(writes), None if gates is None else unit(gates))


@dataclass(frozen=True, eq=False)
class Partners:
    """The agreement, and the neurons of either block that agree."""

    agreement: Agreement
    pairs: tuple[Places, Places]


def compare(layers: tuple[Plain, Plain], blocks: tuple[Units, Units]) -> Partners:
    """The test `invariants` on a block of either layer; hidden sizes are equal."""
    swapped = len(blocks[1].reads) < len(blocks[0].reads)
    if swapped:
        layers, blocks = layers[::-1], blocks[::-1]
    alone = layers[0].blocks == layers[1].blocks == 1
    gated = blocks[0].gates is not None and blocks[1].gates is not None
    forms = [_forms(layer, own, alone=alone, gated=gated) for layer, own in zip(layers, blocks, strict=True)]
    first, others = (block.alive for block in blocks)
    first = first[spaced(len(first))] if len(first) else first
    first = first[first_of_equals(blocks[0].reads[first])]
    if len(first) < FEWEST or len(others) < FEWEST:
        return Partners(Agreement(0, 0, len(first), CERTAIN), (first[:0], first[:0]))
    reading, writing = (
        _nearness(*_whitened(_features(one[first], forms[0]), _features(other[others], forms[1])))
        for one, other in ((blocks[0].reads, blocks[1].reads), (blocks[0].writes, blocks[1].writes))
    )
    share = SHARES["fitted"]
    agreement, agreed, partner = agree_twice(reading, writing, len(first), len(others), share)
    pairs = first[agreed], others[partner[agreed]]
    return Partners(agreement, pairs[::-1] if swapped else pairs)


def _forms(layer: Plain, block: Units, *, alone: bool, gated: bool) -> list[Array]:
    found = [*_of_heads(layer, "q", "k"), *_of_heads(layer, "v", "o")]
    if alone:
        found += [rows.T @ rows for rows in (block.reads, block.writes)]
        if gated and block.gates is not None:
            found.append(block.gates.T @ block.gates)
    return [form * (len(form) / (np.trace(form) or 1.0)) for form in found]


def _of_heads(layer: Plain, first: str, second: str) -> Iterator[Array]:
    one, other = layer.per_head(first), layer.per_head(second)
    inner, outer = one @ one.swapaxes(1, 2), other @ other.swapaxes(1, 2)
    lengths = np.einsum("hab,hab->h", inner, outer)[:, None, None]
    lengths = np.where(lengths > 0, lengths, 1)
    width = one.shape[2]
    yield one.reshape(-1, width).T @ ((outer / lengths) @ one).reshape(-1, width)
    yield other.reshape(-1, width).T @ ((inner / lengths) @ other).reshape(-1, width)


def _features(rows: Array, forms: list[Array]) -> Array:
    """The numbers of every row: f x n (n + 3) / 2."""
    found = []
    for start in range(0, len(rows), BLOCK):
        z = rows[start : start + BLOCK]
        seen = [z @ form for form in forms]
        once = [np.einsum("ij,ij->i", z, y) for y in seen]
        twice = [np.einsum("ij,ij->i", y, y) for y in seen]
        mixed = [np.einsum("ij,ij->i", y, other) for y, other in combinations(seen, 2)]
        found.append(np.stack([*once, *twice, *mixed], axis=1))
    return np.concatenate(found).astype(np.float64)


def _whitened(a: Array, b: Array) -> tuple[Array, Array]:
    """Deviations of both, whitened by their pooled covariance."""
    positive = (a > 0).all(axis=0) & (b > 0).all(axis=0)
    sides = []
    for side in (a, b):
        side = np.where(positive, np.log(np.where(side > 0, side, 1)), side)  # noqa: PLW2901
        deviation = side.std(axis=0)
        sides.append((side - side.mean(axis=0)) / np.where(deviation > 0, deviation, 1))
    values, vectors = np.linalg.eigh(np.cov(np.concatenate(sides).T))
    turn = vectors / np.sqrt(np.maximum(values, max(FLOOR * values[-1], 1e-30)))
    return sides[0] @ turn, sides[1] @ turn


def _nearness(a: Array, b: Array) -> Iterator[Array]:
    """A table of positive numbers, larger for smaller distances, block of rows by block of rows."""
    squares = (b * b).sum(axis=1)
    for start in range(0, len(a), BLOCK):
        own = a[start : start + BLOCK]
        distance = (own * own).sum(axis=1)[:, None] + squares - 2 * own @ b.T
        yield 1 / (1 + np.maximum(distance, 0))


def basis(a: Units, b: Units, agreed: tuple[Places, Places]) -> Array:
    """The rotation R, d x d, with w R of a's agreed neurons nearest to b's.

    Gates have a sign. What neurons read and write has none; it is fitted, in rounds. Without gates the sign of what is
    written follows that of what is read, because no activation is odd: both keep theirs.
    """
    ours, theirs = agreed
    one, other = np.vstack([a.reads[ours], a.writes[ours]]), np.vstack([b.reads[theirs], b.writes[theirs]])
    if a.gates is None or b.gates is None:
        return _turn(one, other)
    fixed, known = a.gates[ours], b.gates[theirs]
    turn = _turn(fixed, known)
    for _ in range(ROUNDS):
        signs = np.sign(np.einsum("ij,ij->i", one @ turn, other))[:, None]
        turn = _turn(np.vstack([fixed, one * signs]), np.vstack([known, other]))
    return turn


def _turn(a: Array, b: Array) -> Array:
    """The rotation that brings rows a nearest to rows b (Procrustes)."""
    u, _, v = np.linalg.svd(a.T @ b)
    found: Array = (u @ v).astype(np.float32)
    return found
