"""A definition that huref does not have: terms of a whitened embedding.

Robust-1 takes the embedding X as it is, and a few directions of it are long: how frequent a token is, how it is
spelt. Independent models that learnt one text have these in common. Here X = U S V^T, centred, is replaced by U V^T
(every direction counts alike), or by U' V'^T without the six longest directions. Rotations of the hidden dimensions,
which are all that the canonical form leaves free, change neither term.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from huref.model import Model, open_model
from huref.profile import named
from huref.stages.quantise import quantise
from huref.stages.terms import Term, centred, factors
from huref.stages.tokens import Selection, shared

#: How many of the longest directions are left out.
DROPPED = (0, 6)
RULES = named("robust-2")


def whitened(a: Path, b: Path) -> list[float]:
    """The mean correlation of the terms of the last two layers, for each of `DROPPED`."""
    one, other = open_model(a), open_model(b)
    ours, theirs, _ = shared(one, other, RULES)
    pairs = zip(_terms(one, ours), _terms(other, theirs), strict=True)
    return [float(np.mean([_correlation(p, q) for p, q in zip(first, second, strict=True)])) for first, second in pairs]


def _terms(model: Model, selection: Selection) -> list[list[Term]]:
    quantised = quantise(model, selection, model.default_layers(RULES.layers), RULES)
    left, _, right = np.linalg.svd(centred(quantised), full_matrices=False)
    return [
        list(factors(quantised, left[:, dropped:] @ right[dropped:], left[:, dropped:] @ right[dropped:]))
        for dropped in DROPPED
    ]


def _correlation(a: Term, b: Term) -> float:
    """Terms of centred embeddings are centred, so this is the cosine; no K x K matrix is needed for it."""

    def product(one: Term, other: Term) -> float:
        return float(np.vdot(one.left.T @ other.left, one.right.T @ other.right))

    return product(a, b) / np.sqrt(product(a, a) * product(b, b))
