"""The order of hidden dimensions: how many have their best counterpart under the same number in the other model.

Null: exact, as for `order` of neurons. Hidden dimensions are numbered at random at the start, for the whole model at
once; permuting them at the start permutes them at the end. So, for models of independent starts, the number of a
dimension is uniform given everything else. Rotating or permuting the hidden space hides from this.

    dims/embedding   columns of the two embeddings over the tokens that both have
    dims/body        the signed cosines of columns, summed over the matrices of two layers

Dimensions without variance take no part, nor do those that others equal. Where both models' dimensions are sorted by
size (rows rotated into principal components) the null does not hold, and `sorted_alike` says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .chance import CERTAIN, Log, fixed_points
from .mutual import Array, partners, rank_correlation, unit, without_equals
from .neurons import Agreement

#: Rows of a matrix that are looked at.
ROWS = 2048
#: Dimensions smaller than this share of others are without variance.
IDLE = 1e-6


def of_embeddings(x: Array, y: Array) -> Agreement | None:
    """The test `dims/embedding` on rows of shared tokens, K x d each; None if the widths differ."""
    if x.shape[1] != y.shape[1]:
        return None
    first, second = _columns(x), _columns(y)
    alone = without_equals(first)[:, None] & without_equals(second)
    return _same_numbers(np.abs(first @ second.T) * alone)


def of_body(a: Sequence[Array], b: Sequence[Array]) -> Agreement | None:
    """The test `dims/body` on matrices of two layers, rows x d; None if the widths differ, or no two shapes agree."""
    table: Array | None = None
    for x, y in zip(a, b, strict=False):  # attention, and a block where both have one
        if x.shape == y.shape:
            rows = np.unique(np.linspace(0, len(x) - 1, min(len(x), ROWS)).astype(np.int64))
            cosines = _used(x[rows].T) @ _used(y[rows].T).T
            table = cosines if table is None else table + cosines
    return None if table is None else _same_numbers(np.abs(table))


def rank(x: Array) -> float:
    """Rank correlation between the number of a dimension and its standard deviation, of rows K x d."""
    return rank_correlation(x.std(axis=0))


def _same_numbers(table: Array) -> Agreement:
    partner = partners(iter([table]))
    places = np.flatnonzero(partner >= 0)
    k, m = int((partner[places] == places).sum()), len(places)
    p: Log = fixed_points(k, m, len(table)) if m else CERTAIN
    return Agreement(k, m, len(table), p)


def _used(columns: Array) -> Array:
    """Columns of a matrix as rows of length 1; those of dimensions that it hardly sees are zero."""
    lengths = np.linalg.norm(columns, axis=1, keepdims=True)
    return unit(columns * (lengths > IDLE * np.median(lengths)))


def _columns(x: Array) -> Array:
    """Columns less their mean, as rows of length 1; those that are constant are zero."""
    centred = (x - x.mean(axis=0, dtype=np.float64)).astype(np.float32)
    still = np.abs(centred).max(axis=0, initial=0) <= IDLE * np.abs(x).max(initial=0)
    centred[:, still] = 0
    return unit(centred.T)
