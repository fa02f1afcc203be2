"""Memory of the verbs, and whether there is enough of it: asked before the work."""

from __future__ import annotations

from ..errors import MemoryLimitError
from ..memory import available
from .sizes import Sizes

#: Resident bytes, measured at the shapes of benchmarks/shapes.py: of the program; of an integer of the piece that is
#: read while the one before is summed, and of one that is read alone; of an integer that is held, and that is proved;
#: of a bit of the proof.
BASE, STREAMED, READ, HELD, PROVED, PER_BIT = 130e6, 14.5, 10.5, 2.0, 2.5, 620.0
#: What is less than this part of an estimate does not suffice, however much the estimate is wrong.
SURE = 0.6


def streaming(sizes: Sizes) -> float:
    """Bytes that `commit`, `fingerprint` and `compare` need, about: they hold one piece of a model at a time."""
    return BASE + STREAMED * _piece(sizes)


def alone(sizes: Sizes) -> float:
    """Bytes that a worker of a cluster needs, about: it holds one piece, and reads none meanwhile."""
    return BASE + READ * _piece(sizes)


def proving(sizes: Sizes) -> float:
    """Bytes that `prove` needs, about: it holds all integers, and then the proof's bits."""
    read, proved = HELD * sizes.integers + READ * _piece(sizes), PROVED * sizes.integers + PER_BIT * sizes.bits
    return BASE + max(read, proved)


def drifting(sizes: Sizes) -> float:
    """Bytes that `drift` needs, about: it holds the integers of two models."""
    return proving(sizes) + HELD * sizes.integers


def must_suffice(needed: float, work: str) -> None:
    """MemoryLimitError if this process can certainly not have what some work needs, bytes; `work` names it."""
    left = available()
    if left < SURE * needed:
        raise MemoryLimitError(
            f"{work} needs about {needed / 1e6:,.0f} MB of memory, and {left / 1e6:,.0f} MB can be had; choose fewer "
            "layers or tokens, or a machine or limit with more"
        )


def _piece(sizes: Sizes) -> int:
    """Integers of the largest piece: the embeddings, or a layer."""
    first, *layer = sizes.shape.matrices()[:7]
    return max(first, sum(layer)) * sizes.shape.hidden
