"""The full invariant terms, K x K in float64, of the canonical, rounded model that is committed and proved.

They are the products M_a, M_b, M_f (never the gate) over X less its mean, each up to a power of two that rounding
divided out (docs/explanation/invariant-terms.md). `huref.paper.terms` has those of HuRef's authors.

A term has rank at most P, the number of positions between its two factors, and is kept as these factors.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .. import disk
from ..model import Model
from ..profile import DEFAULT, named
from ..progress import Progress, silent
from .quantise import Quantised, quantise
from .tokens import chosen, select

Array = NDArray[np.float64]
Kind = Literal["a", "b", "f"]


@dataclass(frozen=True, eq=False)
class Term:
    """The term of that kind of a layer (counted from 0): M = left right^T, both factors K x P, float64."""

    layer: int
    kind: Kind
    left: Array
    right: Array

    @property
    def name(self) -> str:
        """Its name in files: `layer5.M_a`."""
        return f"layer{self.layer}.M_{self.kind}"

    def matrix(self) -> Array:
        """The K x K matrix."""
        return self.left @ self.right.T


def terms(
    model: Model,
    profile: str = DEFAULT,
    tokens: Path | None = None,
    layers: Sequence[int] | Literal["all"] | None = None,
    progress: Progress = silent,
) -> Iterator[Term]:
    """The terms a, b, f of layer after layer, one at a time, so that never two K x K matrices are needed.

    `tokens`: a file that `huref.stages.tokens.chosen` reads (default: the profile's choice). `layers`: default the last
    two active ones.

    Raises:
        UnsupportedVersionError: the profile is unknown.
        NotFoundError, InputError: the file of tokens is missing or cannot be read.
        ModelError: a tensor or token id is missing, has the wrong shape or type, or is not finite.

    """
    rules = named(profile)
    selection = select(model, rules) if tokens is None else chosen(model, tokens, rules)
    numbers = model.chosen_layers(layers, rules.layers)
    return canonical(quantise(model, selection, numbers, rules, progress), progress)


def canonical(quantised: Quantised, progress: Progress = silent) -> Iterator[Term]:
    """The terms of a canonical, rounded model, centred."""
    x = centred(quantised)
    return factors(quantised, x, x, progress)


def centred(quantised: Quantised) -> Array:
    """Embedding rows of the selected tokens less their mean, K x d: multiples of 1/K."""
    x: Array = quantised.weights.matrix(0).astype(np.float64)
    x -= x.mean(axis=0)
    return x


def float64(matrix: NDArray[np.generic]) -> Array:
    """A matrix of integers as the products take it."""
    return matrix.astype(np.float64)


def factors(
    quantised: Quantised,
    x: Array,
    y: Array,
    progress: Progress = silent,
    put: Callable[[NDArray[np.generic]], Array] = float64,
) -> Iterator[Term]:
    """Terms with `x` (m x d) in the place of the first X and `y` (n x d) in that of the second, so m x n.

    `put` makes of a matrix of weights something that `x` and `y` can be multiplied with: where those are torch tensors
    on a GPU, another one.
    """
    shape = quantised.shape
    spread = Spread(shape.heads, shape.kv_heads, shape.head_dim)
    for position, layer in enumerate(shape.layers):

        def seen(by: Array, name: str, position: int = position) -> Array:
            return by @ put(quantised.matrix(position, name)).T

        yield Term(layer, "a", seen(x, "q"), spread(seen(y, "k")))
        yield Term(layer, "b", spread(seen(x, "v")), seen(y, "o"))
        yield Term(layer, "f", seen(x, "up"), seen(y, "down"))
        progress("terms", position + 1, len(shape.layers))


def write(path: Path, found: Iterable[Term]) -> dict[str, int]:
    """Write the K x K matrices as an .npz file of float64 arrays, one at a time; returns their names with K.

    Raises:
        OutputError: the file cannot be written; nothing is left of it.

    """
    sizes = {}
    with disk.replacing(path) as file, disk.writing(path), zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        for term in found:
            with archive.open(term.name + ".npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, term.matrix(), allow_pickle=False)
            sizes[term.name] = len(term.left)
    return sizes


@dataclass(frozen=True)
class Spread:
    """From the columns of key/value heads to those of query heads: each query head sees its own key/value head."""

    heads: int
    kv_heads: int
    head_dim: int

    def __call__(self, columns: Array) -> Array:
        """Columns of query heads, from those of key/value heads."""
        if self.heads == self.kv_heads:
            return columns
        own = np.arange(self.heads) * self.kv_heads // self.heads
        return columns[:, (own[:, None] * self.head_dim + np.arange(self.head_dim)).ravel()]
