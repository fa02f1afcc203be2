"""Feed-forward blocks: of one layer there may be many, experts and blocks that all tokens share.

They stand side by side, which sums their terms, whatever their order; the router is in no term. Layers with fewer
neurons than the largest are filled up with neurons that are zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...errors import ModelError
from ..layer import Matrix
from ..tensor import Tensor
from .family import GATED, expanded
from .reading import PLANE, Reading

#: Biases of a gate by which a neuron may open though its row is zero.
BIASES = (".bias", "_bias")


@dataclass(frozen=True)
class Block:
    """`up` f x d, `down` d x f; `gate` f x d, None where there is none or one with a bias."""

    gate: Matrix | None
    up: Matrix
    down: Matrix


def blocks(reading: Reading, index: int, hidden: int, neurons: int | None = None) -> list[Block]:
    """The blocks of layer `index` that are there, of so many `neurons` where they are given.

    ModelError if none is, or one cannot be read.
    """
    at, family = reading.at(index), reading.family
    wanted = [expanded(pattern, GATED) for pattern in family.ffn]
    there = [names for names in wanted if _there(reading, index, at, names[:1])]
    if not there:  # the tensor that is named as missing
        some = next((names for names in wanted if _there(reading, index, at, names)), wanted[0])
        reading.shape(at + some[0].replace("#", "0"))
    return [block for names in there for block in _blocks(reading, index, at, names, (hidden, neurons))]


def experts(reading: Reading, index: int) -> int:
    """How many experts layer `index` has."""
    at = reading.at(index)
    counts = [0]
    for down in (expanded(pattern, GATED)[-1] for pattern in reading.family.ffn):
        if "#" in down:
            counts.append(len(reading.numbers(index, down.split("#")[0])))
        elif reading.has(at + down) and len(reading.shape(at + down)) > PLANE:
            counts.append(reading.shape(at + down)[0])
    return max(counts)


def _there(reading: Reading, index: int, at: str, names: list[str]) -> bool:
    start, numbered, _ = names[0].partition("#")
    return bool(reading.numbers(index, start)) if numbered else any(reading.has(at + name) for name in names)


def _blocks(reading: Reading, index: int, at: str, names: list[str], sizes: tuple[int, int | None]) -> Iterator[Block]:
    start, numbered, _ = names[0].partition("#")
    if numbered:
        for number in reading.numbers(index, start):
            yield _plain(reading, at, [at + name.replace("#", str(number)) for name in names], sizes)
    elif len(reading.shape(at + names[-1])) > PLANE:
        yield from _stacked(reading, [at + name for name in names], sizes[0])
    else:
        yield _plain(reading, at, [at + name for name in names], sizes)


def _plain(reading: Reading, at: str, names: list[str], sizes: tuple[int, int | None]) -> Block:
    (*first, down), (hidden, known) = names, sizes  # neurons of a block, where they are known
    fused = len(first) == 1 and reading.shape(first[0])[0] == 2 * reading.shape(down)[1]
    neurons = known or reading.shape(first[-1])[0] // (1 + fused)
    before = [reading.matrix(name, neurons * (1 + fused), hidden) for name in first]
    gate, up = _halves(before[0], reading.family.halves) if fused else (before[0], before[-1])
    biased = (len(before) == 1 and not fused) or any(reading.has(names[0] + ending) for ending in BIASES)
    if reading.family.turned:
        return Block(gate, up, reading.matrix(down, neurons, hidden).transposed)
    return Block(None if biased else gate, up, reading.normed(reading.matrix(down, hidden, neurons), at, 1))


def _halves(both: Matrix, order: str) -> tuple[Matrix, Matrix]:
    """Gate and up."""
    half = both.shape[0] // 2
    if order == "interleaved":
        gate, up = both.split([1, 1], groups=half)
        return gate, up
    first, second = both.split([half, half])
    return (first, second) if order == "gate up" else (second, first)


def _stacked(reading: Reading, names: list[str], hidden: int) -> Iterator[Block]:
    """Experts in tensors of three axes, `out x in` or `in x out`: the axis over the hidden state tells which."""
    *first, last = [reading.stack(name) for name in names]
    turned = first[0][0].shape[1] != hidden or last[0].shape[0] != hidden
    neurons = last[0].shape[not turned]
    parts = [[matrix.transposed if turned else matrix for matrix in stack] for stack in (*first, last)]
    biased = any(reading.has(names[0] + ending) for ending in BIASES)
    for *before, down in zip(*parts, strict=True):
        fused = len(before) == 1 and before[0].shape[0] == 2 * neurons
        gate, up = _halves(before[0], reading.family.halves) if fused else (before[0], before[-1])
        for matrix, shape in ((gate, (neurons, hidden)), (up, (neurons, hidden)), (down, (hidden, neurons))):
            if matrix.shape != shape:
                raise ModelError(
                    f"{reading.checkpoint.path}: {matrix.name}: shape {list(matrix.shape)}, "
                    f"but its counterparts ask for {list(shape)}"
                )
        yield Block(None if biased or gate is up else gate, up, down)


def filled(found: list[Block], neurons: int, hidden: int) -> list[Block]:
    """`found` with neurons that are zero, so that there are `neurons` of them; the gate of these is open."""
    missing = neurons - sum(block.up.shape[0] for block in found)
    if missing > 0:
        gate = None if found[0].gate is None else _constant(1, missing, hidden)
        found = [*found, Block(gate, _constant(0, missing, hidden), _constant(0, hidden, missing))]
    return found


def _constant(value: int, rows: int, columns: int) -> Matrix:
    shape = rows, columns
    return Matrix("filled up", shape, Tensor(shape, lambda: np.broadcast_to(np.float32(value), shape)))
