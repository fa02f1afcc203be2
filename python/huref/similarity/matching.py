"""Layers of two models matched with each other, whatever was dropped, inserted, shared or reordered.

Every term of every layer is sketched to r x r numbers, S = P M P'^T, with the same Gaussian P and P' for both models;
the cosine of two sketches estimates the correlation of the two terms with standard error about 1/r (twice that for
terms of low rank). The terms are never formed, and a model is read one layer at a time: K d r + 2 r d (h e + g e + f)
operations a layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..model import Model
from ..profile import Profile
from ..progress import Progress, silent
from ..stages.quantise import quantise
from ..stages.terms import centred, factors
from ..stages.tokens import Selection
from .assignment import best_assignment

Array = NDArray[np.float64]

#: r
SKETCH = 64


def sketches(
    model: Model,
    selection: Selection,
    places: NDArray[np.int64],
    layers: Sequence[int],
    *,
    profile: Profile,
    progress: Progress = silent,
) -> Array:
    """Sketches of the terms a, b, f of those layers, scaled to length 1: layers x 3 x r^2. A term that is zero, though
    its matrices are not, stays zero: it is like no other.

    `places`: over which of the selected tokens; for equal numbers of them P and P' are equal.

    Raises:
        ModelError: as for `quantise`.

    """
    rng = np.random.default_rng(0)
    p, other = rng.standard_normal((2, SKETCH, len(places)))
    found = []
    for done, layer in enumerate(layers, 1):
        quantised = quantise(model, selection, [layer], profile)
        x = centred(quantised)[places]
        terms = np.stack([term.matrix().ravel() for term in factors(quantised, p @ x, other @ x)])
        norms = np.linalg.norm(terms, axis=1, keepdims=True)
        found.append(terms / np.where(norms > 0, norms, 1))
        progress("layers", done, len(layers))
    return np.stack(found)


def similarities(a: Array, b: Array) -> Array:
    """Estimated correlations of every layer of one model with every layer of another: m x n x 3."""
    found: Array = np.einsum("ikr,jkr->ijk", a, b, optimize=True)
    return found


def match(similarity: Array) -> list[tuple[int, int]]:
    """The one-to-one matching of rows and columns of largest total, the mean of the three terms counted, best first."""
    gain = similarity.mean(axis=2)
    return sorted(best_assignment(gain), key=lambda pair: -gain[pair])
