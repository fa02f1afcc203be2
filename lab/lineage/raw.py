"""Terms of the embedding as it is, for comparison with those of the product.

Profile robust-2 counts the long directions of the embedding inversely to their length. Here X is only centred, and no
row is longer than the median row. A few directions are long: how frequent a token is, how it is spelt; and independent
models that learnt one text have these in common.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from huref.model import Model, open_model
from huref.profile import named
from huref.stages.quantise import quantise
from huref.stages.terms import Array, Term, factors
from huref.stages.tokens import Selection, shared

RULES = named("robust-2")


def ics(a: Path, b: Path) -> float:
    """The mean correlation of the terms of the last two layers, over the tokens that both have."""
    one, other = open_model(a), open_model(b)
    ours, theirs, _ = shared(one, other, RULES)
    pairs = zip(_terms(one, ours), _terms(other, theirs), strict=True)
    return float(np.mean([_correlation(p, q) for p, q in pairs]))


def _terms(model: Model, selection: Selection) -> list[Term]:
    rows: Array = model.embedding(selection.ids).astype(np.float64)
    if model.architecture.layer_norm:
        rows -= rows.mean(axis=1, keepdims=True)
    rows -= rows.mean(axis=0)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.maximum(lengths / np.sort(lengths, axis=0)[(len(rows) - 1) // 2], 1)
    rows -= rows.mean(axis=0)
    quantised = quantise(model, selection, model.default_layers(RULES.layers), RULES)
    return list(factors(quantised, rows, rows))


def _correlation(a: Term, b: Term) -> float:
    """Terms of centred embeddings are centred, so this is the cosine; no K x K matrix is needed for it."""

    def product(one: Term, other: Term) -> float:
        return float(np.vdot(one.left.T @ other.left, one.right.T @ other.right))

    return product(a, b) / float(np.sqrt(product(a, a) * product(b, b)))
