"""How fast is this machine? A small drawn model is read, committed to, sketched and proved once (a few seconds).

Time is linear, in four units: reading and sketches in the number of integers, the proof's passes over the weights too,
the rest of the proof in the length of its bit string. Sums of rows are made of additions of points, and these are the
fewer for an integer the more rows are summed at once (`Plan::new` of rust/circuits/src/prover/subsets/tables.rs).
"""

from __future__ import annotations

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
from ..profile import named
from ..stages.commit import commit_whole
from ..stages.quantise import Quantised
from .sizes import Sizes

#: Most rows that are summed at once.
BLOCK = 1 << 13
Result = TypeVar("Result")
_TOKENS = tuple(b"%d" % i for i in range(4096))
_HIDDEN, _FFN = 2048, 1024
#: Seconds of the proof's passes over an integer, in units of those of sketching it.
PASSES = 0.6


@dataclass(frozen=True)
class Speed:
    """Seconds: to read an integer, to add two points (on all cores), to sketch an integer, to prove a bit."""

    integer: float
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


def measure(profile: str, model: Shape) -> Speed:
    """Measure this machine, with one layer whose heads are like those of that model."""
    hidden = min(_HIDDEN, named(profile).columns)
    heads = max(1, hidden // model.head_dim)
    kv_heads = max(1, heads * model.kv_heads // model.heads)
    shape = Shape(hidden, heads - heads % kv_heads, kv_heads, model.head_dim, _FFN, (0,), _TOKENS)
    sizes, rng = Sizes(profile, shape, draws=1), np.random.default_rng(0)
    matrices = [rng.integers(-2047, 2048, (rows, shape.hidden), np.int16) for rows in shape.matrices()]
    weights = _native.Weights.from_integers(profile, shape, matrices)
    seed = bytes(32)  # protects nothing: the weights are drawn
    _native.blind(profile, bytes(33), _native.digest_state(profile), seed)  # derives the generators, once in a process
    q, k, v, o, up, down = map(_made_up, matrices[1:])
    layer = Layer(q, k, v, o.transposed, (up,), (down.transposed,))
    piece, read = _timed(lambda: _native.quantise_layer(profile, shape, 0, layer, False))
    _, hashed = _timed(lambda: (piece.digests(BLOCK), piece.absorb(_native.digest_state(profile))))
    rows, committed = _timed(lambda: commit_whole(Quantised(named(profile), shape, weights), seed=Seed(seed))[0].rows)
    _, sketched = _timed(lambda: _native.sketches(weights))
    _, proved = _timed(lambda: _native.prove(weights, seed, rows, [COMMON], NOBODY))
    return Speed(
        integer=(read + hashed) / sum(matrix.size for matrix in matrices[1:]),
        addition=committed / (sizes.integers * _additions(sizes.rows)),
        sketched=sketched / sizes.integers,
        bit=max(proved - (1 + PASSES) * sketched, proved / 2) / sizes.bits,
    )


def _made_up(integers: NDArray[np.int16]) -> Matrix:
    values = integers.astype(np.float32)
    return Matrix("made up", values.shape, Tensor(values.shape, lambda: values))


def estimate(sizes: Sizes, speed: Speed) -> Estimate:
    """What a model of these sizes takes at that speed."""
    first, *layer = (rows * sizes.shape.hidden for rows in sizes.shape.matrices()[:7])
    pieces, count = (first, sum(layer)), len(sizes.shape.layers)
    bits, integers = sizes.bits, sizes.integers
    additions = [part * _additions(part / integers * sizes.rows) for part in pieces]
    return Estimate(
        quantise=speed.integer * integers,
        sketch=speed.sketched * integers,
        commit=speed.addition * (additions[0] + count * additions[1]),
        prove=speed.bit * bits + PASSES * speed.sketched * integers,
    )


def _additions(rows: float) -> float:
    """Additions of points for an integer among so many rows, by the cheapest tables of subset sums."""
    at_once = min(max(rows, 1), BLOCK)
    return min((12 + 3 * (1 << (width - 2)) / at_once) / width for width in range(3, 15))


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """The result of the call, and the seconds that it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start
