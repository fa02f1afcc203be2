"""The plan of a comparison of two folders: what it will cost, before a weight is read.

Nearly all time goes into products of matrices in float32, whose number follows from the sizes; what one costs is
measured on a small one. Reading adds what the disk needs, which is not known.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from ..artefacts.document import RESULTS, Result
from ..model import Model
from ..model.architecture import Architecture
from ..similarity import blind, blocks, embedding, evidence, full, layers, neurons, rotation
from .calibrate import elapsed
from .memory import BASE, STREAMED

#: What decompositions of d x d take, in products of that size; what every number that is read takes, in multiplications
#: (it is made float32 and looked at).
DECOMPOSED, READ = 25, 100
#: Bytes that a comparison holds at most, for each number of its largest block, table and set of embedding rows.
HELD = 12


@dataclass(frozen=True, kw_only=True)
class ComparisonPlan(Result):
    """What `huref compare` on two folders costs on this machine; everything is an estimate.

    `seconds`: on cores that do nothing else, with files at hand: if the models are related, and if nothing is found, so
    that every test is made. `memory_bytes`: at most. `read_bytes`: of both models' files, as often as they are read.
    """

    schema: str = f"{RESULTS}/plan-compare/v1"
    estimate: bool = True
    seconds_related: float
    seconds_unrelated: float
    memory_bytes: int
    read_bytes: int


def plan(a: Model, b: Model) -> ComparisonPlan:
    """The plan for two models whose headers were read. The machine is measured, in less than a second."""
    one, other, speed = a.architecture, b.architecture, _seconds_of_a_multiplication()
    sides = (one, other)
    experts = _experts(a), _experts(b)
    neurons_of = one.ffn // experts[0], other.ffn // experts[1]
    embeddings, deep = _embeddings(one, other), _invariants(one, other, neurons_of)
    always = sum(_signatures(side) + READ * _weights(side) for side in sides)
    pair = _pair(one, other, neurons_of)
    exact = _exact(one, other) if max(one.ffn, other.ffn) <= full.MOST else 0.0
    related = speed * (always + embeddings + pair + exact)
    unrelated = speed * (always + embeddings + evidence.PAIRS * (pair + exact) + deep)
    rows = max(embedding.TOKENS, rotation.PER_DIMENSION * max(one.hidden, other.hidden))
    held = max(4 * count * side.hidden for count, side in zip(neurons_of, sides, strict=True))
    vectors = max(STREAMED * _layer(side) for side in sides) if max(one.ffn, other.ffn) <= full.MOST else 0.0
    table = HELD * neurons.MOST * max(neurons_of)
    return ComparisonPlan(
        seconds_related=round(elapsed(related), 2),
        seconds_unrelated=round(elapsed(unrelated), 2),
        memory_bytes=round(BASE + max(vectors, HELD * rows * max(one.hidden, other.hidden), 4 * held + table)),
        read_bytes=sum(3 * 2 * int(_weights(side)) for side in sides),
    )


def _seconds_of_a_multiplication() -> float:
    """Of one core, within a product of two matrices."""
    matrix = np.random.default_rng(0).standard_normal((1024, 1024), np.float32)
    matrix @ matrix
    start = time.process_time()
    matrix @ matrix
    return (time.process_time() - start) / 1024**3


def _layer(a: Architecture) -> float:
    """Weights of a layer, without gates."""
    return 2.0 * a.hidden * (a.query_rows + a.kv_rows + a.ffn)


def _weights(a: Architecture) -> float:
    return a.layers * (_layer(a) + a.hidden * a.ffn) + a.vocab * a.hidden


def _experts(model: Model) -> int:
    return len(model.gate(0)) or 1


def _signatures(a: Architecture) -> float:
    return a.layers * 2 * blocks.SKETCH * _layer(a)


def _embeddings(a: Architecture, b: Architecture) -> float:
    d = max(a.hidden, b.hidden)
    tokens = min(a.vocab, b.vocab, rotation.PER_DIMENSION * d)
    return 4.0 * tokens * d**2 + (DECOMPOSED + 4) * d**3 + min(a.vocab, b.vocab, embedding.TOKENS) * d**2


def _pair(a: Architecture, b: Architecture, size: tuple[int, int]) -> float:
    """Units of a pair of layers: two pairs of blocks of those sizes in two frames."""
    d = max(a.hidden, b.hidden)
    smaller, larger = min(*size, neurons.MOST), max(size)
    tables = blocks.PAIRS * 4 * smaller * larger * (d + embedding.FRAME_TOKENS)
    seen = blocks.PAIRS * 2 * embedding.FRAME_TOKENS * d * sum(size)
    heads = 4 * min(a.heads, layers.HEADS) * b.heads * a.head_dim * b.head_dim * (d + embedding.FRAME_TOKENS)
    return float(tables + seen + heads + 6 * 2048 * d**2)


def _invariants(a: Architecture, b: Architecture, size: tuple[int, int]) -> float:
    if a.hidden != b.hidden:
        return 0.0
    pairs, tried = (blind.WIDE_PAIRS, 1) if a.hidden >= blind.WIDE else (blind.PAIRS, blind.BLOCKS)
    tried = min(tried, a.ffn // size[0] * (b.ffn // size[1]))
    return pairs * tried * 7.0 * 2 * (min(*size, neurons.MOST) + max(size)) * a.hidden**2


def _exact(a: Architecture, b: Architecture) -> float:
    """Canonical form and full terms of a pair, in double precision."""
    n = embedding.FILTERED
    return 2.0 * sum(2 * n * _layer(side) + 3 * n * n * side.ffn for side in (a, b))
