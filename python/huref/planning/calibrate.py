"""How fast is this machine? A small drawn model is read, committed to and sketched, a tiny one is proved (a second).

Time is linear, in six units: reading and sketches in the number of integers, the proof's passes over the weights too,
canonical form in the number of heads, and for the embeddings in that of multiplications, the rest of the proof in the
length of its bit string. Sums of rows are made of
additions of points, and these are the fewer for an integer the more rows are summed at once (`Plan::new` of
rust/circuits/src/prover/subsets/tables.rs).

Processor time is measured, which other programs on the machine do not change, and shared out to the cores.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .. import _native
from ..artefacts.context import NOBODY
from ..artefacts.draw import COMMON
from ..artefacts.opening import Seed
from ..artefacts.shape import Shape
from ..model.layer import Layer, Matrix
from ..model.tensor import Tensor
from ..profile import PROFILES, named
from ..stages.commit import commit_whole
from ..stages.quantise import Quantised
from .sizes import Sizes

#: Most rows that are summed at once.
BLOCK = 1 << 13
Result = TypeVar("Result")
_TOKENS = tuple(b"%d" % i for i in range(512))
#: The drawn model: its sizes, and those of a layer of heads alone.
_MODEL = Shape(512, 8, 8, 64, 1024, (0,), _TOKENS)
_HEADS = Shape(256, 2, 2, 128, 16, (0,), _TOKENS)
#: What canonical form costs a key/value head grows with this power of its size.
POWER = 3.4
#: Seconds of the proof's passes over an integer, in units of those of sketching it.
PASSES = 1.8
#: A bit of a proof, and what every proof costs, in units of a bit of a tiny proof, which is mostly such a cost.
BIT, START = 0.042, 56_000
#: The part of the work that one core does while the others wait.
ALONE = 0.15


@dataclass(frozen=True)
class Speed:
    """Seconds of one core: to read an integer, to bring a key/value head of size 1 to canonical form, a multiplication
    for that of the embeddings, to add two points, to sketch an integer, to prove a bit of a tiny statement.
    """

    integer: float
    head: float
    product: float
    addition: float
    sketched: float
    bit: float


@dataclass(frozen=True)
class Estimate:
    """Seconds of each stage."""

    quantise: float
    sketch: float
    commit: float
    prove: float

    @property
    def total(self) -> float:
        """Seconds from the files to the bundle."""
        return self.quantise + self.sketch + self.commit + self.prove


def measure(profile: str) -> Speed:
    """Measure this machine."""
    sizes, (weights, layer) = Sizes(profile, _MODEL), _drawn(profile, _MODEL)
    seed = bytes(32)  # protects nothing: the weights are drawn
    _native.blind(profile, bytes(33), bytes(32), seed)  # derives the generators, once in a process
    piece, read = _timed(lambda: _native.quantise_layer(profile, _MODEL, 0, layer, False))
    _, hashed = _timed(piece.digests)
    _, committed = _timed(lambda: commit_whole(Quantised(named(profile), _MODEL, weights), seed=Seed(seed)))
    _, sketched = _timed(lambda: _native.sketches(weights))
    # of heads alone, all but this is canonical form
    _, heads = _timed(lambda: _native.quantise_layer(profile, _HEADS, 0, _drawn(profile, _HEADS)[1], False))
    embedding = np.random.default_rng(0).standard_normal((len(_TOKENS), _MODEL.hidden), np.float32)
    _, solved = _timed(lambda: _native.inverse_embedding(embedding, False, False))
    head, integers = heads / _heads(_HEADS), sum(_MODEL.matrices()[1:]) * _MODEL.hidden
    return Speed(
        integer=max(read + hashed - head * _heads(_MODEL), hashed) / integers,
        head=head,
        product=solved / products(_MODEL),
        addition=committed / (sizes.integers * additions(sizes.rows)),
        sketched=sketched / sizes.integers,
        bit=_bit(),
    )


def _bit() -> float:
    """Seconds of one core to prove a bit of a tiny statement."""
    profile = min(PROFILES, key=lambda name: named(name).columns)
    shape = Shape(256, 4, 4, 64, 256, (0,), _TOKENS[:64])
    weights, _ = _drawn(profile, shape)
    rows = commit_whole(Quantised(named(profile), shape, weights), seed=Seed(bytes(32)))[0].rows
    _, proved = _timed(lambda: _native.prove(weights, bytes(32), rows, [COMMON], NOBODY))
    return proved / Sizes(profile, shape, draws=1).bits


def _drawn(profile: str, shape: Shape) -> tuple[_native.Weights, Layer]:
    """Random integers of that shape, and the layer that they are."""
    rng = np.random.default_rng(0)
    matrices = [rng.integers(-2047, 2048, (rows, shape.hidden), np.int16) for rows in shape.matrices()]
    q, k, v, o, up, down = map(_made_up, matrices[1:])
    layer = Layer(q, k, v, o.transposed, (up,), (down.transposed,))
    return _native.Weights.from_integers(profile, shape, matrices), layer


def _heads(shape: Shape) -> float:
    """The key/value heads of a layer, in units of one of size 1."""
    return float(shape.kv_heads * shape.head_dim**POWER)


def products(shape: Shape) -> float:
    """Multiplications of the embeddings' canonical form: Gram matrix and two solves, and the factorisation between."""
    tokens, side = max(len(shape.tokens), shape.hidden), min(len(shape.tokens), shape.hidden)
    return 1.5 * tokens * side**2 + side**3 / 6


def _made_up(integers: NDArray[np.int16]) -> Matrix:
    values = integers.astype(np.float32)
    return Matrix("made up", values.shape, Tensor(values.shape, lambda: values))


def estimate(sizes: Sizes, speed: Speed) -> Estimate:
    """What a model of these sizes takes at that speed."""
    first, *layer = (rows * sizes.shape.hidden for rows in sizes.shape.matrices()[:7])
    pieces, count = (first, sum(layer)), len(sizes.shape.layers)
    bits, integers = sizes.bits, sizes.integers
    added = [part * additions(part / integers * sizes.rows) for part in pieces]
    return Estimate(
        quantise=elapsed(
            speed.integer * integers + speed.head * count * _heads(sizes.shape) + speed.product * products(sizes.shape)
        ),
        sketch=elapsed(sizes.draws * speed.sketched * integers),
        commit=elapsed(speed.addition * (added[0] + count * added[1])),
        prove=elapsed(speed.bit * (START + BIT * bits) + PASSES * speed.sketched * integers),
    )


def elapsed(processor: float) -> float:
    """The seconds that pass while all cores of this process, and nothing else on them, do so many seconds of work."""
    return shared(processor, cores())


def shared(processor: float, count: int) -> float:
    """The same of so many cores."""
    return processor * (ALONE + (1 - ALONE) / count)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def additions(rows: float) -> float:
    """Additions of points for an integer among so many rows, by the cheapest tables of subset sums."""
    at_once = min(max(rows, 1), BLOCK)
    return min((12 + 3 * (1 << (width - 2)) / at_once) / width for width in range(3, 15))


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """The result of the call, and the seconds of processor time that it took."""
    start = time.process_time()
    return work(), time.process_time() - start
