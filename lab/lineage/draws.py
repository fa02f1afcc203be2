"""Vectors under several draws of P, Q and R: the one that is the same for every model, and further ones.

A figure of one draw depends on luck; the mean and the worst of several say how much. Under a further draw the layers of
two models are those that the common one matched, as for the own vectors of a bundle.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huref.model import open_model
from huref.profile import named
from huref.similarity.assignment import best_assignment
from huref.similarity.vectors import cosine, cosines
from huref.stages.encode import encode
from huref.stages.quantise import quantise
from huref.stages.sketch import sketch
from huref.stages.tokens import match, shared

RULES = named("robust-2")
#: None is the common draw.
SEEDS = (None, *(hashlib.sha256(b"huref lab, draw %d" % number).digest() for number in range(1, 7)))
#: As many tokens as the models of the lab have hidden dimensions: K / d = 1.
FEW = 64

Array = NDArray[np.float64]


def compare(a: Path, b: Path) -> list[dict[str, Any]]:
    """For each draw: `table`, the cosines of all layers with all; `best`, of the two layers most alike; `mean`, over
    the layers that the common draw matched; `summed`, of the vectors that portraits are drawn from; `few`, the best
    over the first 64 tokens only.
    """
    tokens = shared(open_model(a), open_model(b), RULES)[0].tokens
    found: list[dict[str, Any]] = []
    matched: list[tuple[int, int]] = []
    both = (zip(_vectors(a, some), _vectors(b, some), strict=True) for some in (tokens, tokens[:FEW]))
    for ((ours, whole), (theirs, other)), ((few, _), (fewer, _)) in zip(*both, strict=True):
        table = cosines(ours, theirs)
        matched = matched or best_assignment(table)
        found.append(
            {
                "table": table.tolist(),
                "best": _best(table),
                "mean": float(np.mean([table[pair] for pair in matched])),
                "summed": cosine(whole, other),
                "few": _best(cosines(few, fewer)),
            }
        )
    return found


def _best(table: Array) -> float:
    return max(float(table[pair]) for pair in best_assignment(table))


@cache
def _vectors(folder: Path, tokens: tuple[bytes, ...]) -> list[tuple[Any, Any]]:
    """For each draw the vectors of the last two layers, and that of both together."""
    model = open_model(folder)
    quantised = quantise(model, match(model, tokens), model.default_layers(RULES.layers), RULES)
    found = [encode(quantised, *one) for one in zip(sketch(quantised, "cpu", seeds=SEEDS), SEEDS, strict=True)]
    return [(one.vectors, one.vector) for one in found]
