"""Profile paper: the fingerprint as the authors of HuRef compute it, for comparison with published results.

Definition (arXiv 2312.04828, and the authors' published code). The terms M_a, M_b, M_f of the last two layers
(`huref.paper.terms`: the K = 4096 rarest tokens, weights as they stand, the gate in M_f of gated models) lie on top of
each other, layer after layer: 6 K rows of K numbers. Read row after row they are cut into 512 runs of equal length,
for K = 4096 each 48 whole rows; the vector is the mean of each run, less the mean of all and divided by their standard
deviation (of a sample: the sum of squares over 511).

At other K, or another number T of terms, run i is the entries from floor(i N / 512) to floor((i + 1) N / 512),
N = T K^2; the authors' code refuses these, so there are no published numbers for them. Vectors of different K are not
comparable.

A run's sum needs no K x K matrix: with M = L R^T, the sum of whole rows is (sum of rows of L) . (sum of rows of R).

What such a vector is worth: little. Nothing is centred, so it measures the common direction of a model's embeddings,
and two models that have nothing to do with each other can reach 0.97. It is never proved, and decides nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ..artefacts.paper import OUTPUTS, UNITS, PaperFingerprint
from ..errors import ModelError
from ..progress import Progress, silent

if TYPE_CHECKING:
    from ..model import Model
    from ..stages.terms import Array, Term


class MeanPool:
    """Takes the terms of a model in order, `terms` of them over `tokens` tokens, and gives their vector."""

    def __init__(self, tokens: int, terms: int) -> None:
        """ModelError: fewer entries than runs."""
        self._entries = tokens * tokens
        if terms * self._entries < OUTPUTS:
            raise ModelError(f"{tokens} tokens are too few for a vector of {OUTPUTS} numbers; give a longer list")
        self._edges = np.arange(OUTPUTS + 1) * (terms * self._entries) // OUTPUTS
        self._sums, self._seen = np.zeros(OUTPUTS), 0

    def add(self, term: Term) -> None:
        """The next term."""
        places = np.clip(self._edges - self._seen * self._entries, 0, self._entries)
        self._sums += np.diff(_leading_sums(term, places))
        self._seen += 1

    def vector(self) -> Array:
        """512 numbers in float64 with mean 0 and standard deviation 1. ModelError if all means are the same."""
        means = self._sums / np.diff(self._edges)
        spread = means.std(ddof=1)
        if not spread > 0:
            raise ModelError("the model has no fingerprint of profile paper: its terms are constant")
        standardised: Array = (means - means.mean()) / spread
        return standardised


def _leading_sums(term: Term, places: NDArray[np.int64]) -> Array:
    """For every place p the sum of the first p entries of the term, read row after row."""
    size = len(term.left)
    above = np.concatenate([[0.0], np.cumsum(term.left @ term.right.sum(axis=0))])
    rows, columns = np.divmod(places, size)
    found: Array = above[rows]
    for i in np.flatnonzero(columns):
        found[i] += term.left[rows[i]] @ term.right[: columns[i]].sum(axis=0)
    return found


def fingerprint(
    model: Model, tokens: Path | None, layers: Sequence[int] | Literal["all"] | None = None, progress: Progress = silent
) -> PaperFingerprint:
    """The mean-pooled vector of a model over the last 4096 tokens of a frequency list.

    Raises:
        UsageError, NotFoundError, InputError, ModelError: as for `huref.paper.terms.terms`; or too few tokens.

    """
    from .terms import paper, paper_ids

    ids = paper_ids(model, tokens)
    numbers = chosen_layers(model, layers)
    pool = MeanPool(len(ids), 3 * len(numbers))
    for term in paper(model, ids, numbers, progress):
        pool.add(term)
    return rounded(pool, numbers, ids)


def chosen_layers(model: Model, layers: Sequence[int] | Literal["all"] | None) -> tuple[int, ...]:
    """Those layers, or all active ones; by default the last two of them."""
    from .terms import PAPER_LAYERS

    return model.chosen_layers(layers, PAPER_LAYERS)


def rounded(pool: MeanPool, layers: tuple[int, ...], ids: NDArray[np.int64]) -> PaperFingerprint:
    """The fingerprint of a pool that has seen the terms of those layers over those tokens."""
    digest = hashlib.sha256("".join(f"{number}\n" for number in ids).encode("ascii")).hexdigest()
    return PaperFingerprint(layers, len(ids), digest, tuple(int(x) for x in np.rint(pool.vector() * UNITS)))
