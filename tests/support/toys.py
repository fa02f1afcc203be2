"""Quantised toy models of small random integers: no files, no floats."""

from __future__ import annotations

import numpy as np

from huref import _native, profile
from huref.artefacts.opening import Seed
from huref.artefacts.shape import Shape
from huref.stages.commit import commit_whole
from huref.stages.quantise import Quantised

SHAPE = Shape(6, 4, 2, 2, 12, layers=(0, 1), tokens=tuple(b"token-%d" % i for i in range(16)))


def matrices(shape: Shape, seed: int = 1, largest: int = 2047) -> list[np.ndarray]:
    """X, then q, k, v, oT, up, downT of each layer; int16, all with `hidden` columns."""
    random = np.random.default_rng(seed)
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    rows = (len(shape.tokens), *(queries, keys, keys, queries, shape.ffn, shape.ffn) * len(shape.layers))
    return [random.integers(-largest, largest + 1, (count, shape.hidden), dtype=np.int16) for count in rows]


def quantised(seed: int = 1, shape: Shape = SHAPE, name: str = "toy-2", largest: int = 2047) -> Quantised:
    """A model of that profile; of toy-2 a commitment and a proof take hundredths of a second."""
    weights = _native.Weights.from_integers(name, shape, matrices(shape, seed, largest))
    return Quantised(profile.named(name), shape, weights)


def rows(name: str, shape: Shape, weights: _native.Weights, seed: bytes) -> bytes:
    """The rows of the commitment to these weights under that seed."""
    commitment, _ = commit_whole(Quantised(profile.named(name), shape, weights), seed=Seed(seed))
    return commitment.rows
