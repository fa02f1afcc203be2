"""Units of two models that are each other's best match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Places = NDArray[np.int64]

#: Rows of a table of cosines that are in memory at the same time.
BLOCK = 1024
#: Rows are equal up to sign and scale from this |cosine| on.
SAME = 1 - 1e-6
#: Shadows of equal rows differ by rounding alone, as a share of the longest.
NEAR = 1e-5


def unit(rows: Array) -> Array:
    """Rows scaled to length 1; zeros stay zero."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1)


def cosines(a: Array, b: Array) -> Iterator[Array]:
    """|cosine| of every row of a with every one of b, both of length 1, block of rows by block of rows."""
    for start in range(0, len(a), BLOCK):
        yield np.abs(a[start : start + BLOCK] @ b.T)


def partners(table: Iterable[Array]) -> Places:
    """For each row the column that is its best match and whose best match it is, and above 0; -1 if there is none."""
    choice: list[Places] = []
    best: Array = np.zeros(0)
    chooser: Places = np.zeros(0, dtype=np.int64)
    for block in table:
        start = sum(map(len, choice))
        if not choice:
            best, chooser = np.zeros(block.shape[1]), np.full(block.shape[1], -1)
        rows = block.argmax(axis=0)
        top = block[rows, np.arange(block.shape[1])]
        chooser = np.where(top > best, rows + start, chooser)
        best = np.maximum(best, top)
        choice.append(block.argmax(axis=1))
    chosen = np.concatenate(choice)
    return np.where(chooser[chosen] == np.arange(len(chosen)), chosen, -1)


def first_of_equals(rows: Array) -> NDArray[np.bool_]:
    """Which rows of length 1 have no equal, up to sign, among the rows above them.

    Doubled units would find partners by their place in the file. Equal rows have equal shadows on a random line, so
    only neighbours there are looked at.
    """
    one, other = _equals(rows)
    first = np.ones(len(rows), dtype=bool)
    first[np.maximum(one, other)] = False
    return first


def without_equals(rows: Array) -> NDArray[np.bool_]:
    """Which rows of length 1 have no equal, up to sign, in the whole."""
    alone = np.ones(len(rows), dtype=bool)
    alone[np.concatenate(_equals(rows))] = False
    return alone


def _equals(rows: Array) -> tuple[Places, Places]:
    line = np.random.default_rng(1).standard_normal((rows.shape[1], 1), dtype=np.float32)
    shadow = np.abs(rows @ line)[:, 0]
    order = np.argsort(shadow, kind="stable")
    near = np.flatnonzero(np.diff(shadow[order]) <= NEAR * shadow.max(initial=0))
    one, other = order[near], order[near + 1]
    equal = np.abs(np.einsum("ij,ij->i", rows[one], rows[other])) >= SAME
    return one[equal], other[equal]


def rank_correlation(values: Array) -> float:
    """Spearman's, between the number of a unit and a value of it; 0 where all values are equal."""
    if len(values) < 3 or float(values.max()) == float(values.min()):
        return 0.0
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return float(np.corrcoef(ranks, np.arange(len(values)))[0, 1])
