"""How fast is this machine? A drawn model of small size, committed to and proved once (a few seconds).

Time is linear: committing, reading and the proof's passes over the weights in their number, the rest of the proof in
the length of its bit string. So two measurements and three fixed ratios give an estimate.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from .. import _native
from ..statement import Shape
from .sizes import Sizes

_TOKENS = tuple(b"%d" % i for i in range(256))
#: Seconds of a stage for one integer, in units of those of committing. Measured at the shapes of benchmarks/bench.py.
READ, SKETCH, PASSES = 0.28, 0.06, 0.22
#: Resident bytes, measured at the same shapes: of the program, of an integer while it is read and after that, of a bit.
BASE, READING, RESTING, PER_BIT = 120e6, 9.0, 2.5, 620.0


@dataclass(frozen=True)
class Speed:
    """Seconds to commit to one integer, and to prove one bit of the bit string."""

    integer: float
    bit: float


@dataclass(frozen=True)
class Estimate:
    """Seconds of each stage, and bytes of memory."""

    quantise: float
    sketch: float
    commit: float
    prove: float
    memory: float

    @property
    def total(self) -> float:
        """Seconds from the files to the bundle."""
        return self.quantise + self.sketch + self.commit + self.prove


def measure(profile: str, layers: int) -> Speed:
    """Measure this machine, for models of which `layers` layers are taken."""
    shape = Shape(512, 8, 8, 64, 512, tuple(range(min(layers, 2))), _TOKENS)
    sizes, rng = Sizes(profile, shape), np.random.default_rng(0)
    matrices = [rng.integers(-500, 501, (rows, shape.hidden), np.int16) for rows in sizes.matrices]
    weights = _native.Weights.from_integers(profile, shape.native(), matrices)
    seed = bytes(32)  # protects nothing: the weights are drawn
    _native.commit(weights, seed)  # derives the generators, once in a process
    start = time.perf_counter()
    rows = _native.commit(weights, seed)
    committed = time.perf_counter()
    _native.prove(weights, seed, rows)
    proved = time.perf_counter()
    return Speed((committed - start) / sizes.integers, (proved - committed) / sizes.bits)


def estimate(sizes: Sizes, speed: Speed) -> Estimate:
    """What a model of these sizes takes at that speed."""
    commit = sizes.integers * speed.integer
    return Estimate(
        quantise=READ * commit,
        sketch=SKETCH * commit,
        commit=commit,
        prove=sizes.bits * speed.bit + PASSES * commit,
        memory=BASE + max(READING * sizes.integers, RESTING * sizes.integers + PER_BIT * sizes.bits),
    )
