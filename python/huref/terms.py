"""The full invariant terms, K x K in float64, of one of two definitions (docs/explanation/invariant-terms.md).

Profile **paper**: what the authors of HuRef compute (arXiv 2312.04828, section 4) on models as they stand. X are the
rows of the input embedding of the K rarest tokens, heads are summed over, each query head with its own key/value head:

    M_a = X W_q^T W_k X^T        M_b = X W_v^T W_o^T X^T
    M_f = X W_up^T W_down^T X^T,      of gated models  X ((W_gate^T o W_up^T) W_down^T) X^T    (o: entry by entry)

Nothing is folded in and nothing is centred, so the terms of a disguised model differ: this profile is for comparison
with published results. Profile **robust-1**: the same three products (never the gate) of the canonical, rounded model
that is committed and proved, X less its mean, each up to a power of two that rounding divided out.

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

from . import jsonfile
from .errors import ModelError, UsageError
from .profile import DEFAULT, PAPER, named
from .progress import Progress, silent
from .quantise import Quantised, quantise
from .tokens import chosen, select
from .tokens.frequency import parse_ids
from .weights import Architecture, Model

Array = NDArray[np.float64]
Kind = Literal["a", "b", "f"]

#: Tokens and layers of profile paper: the last of the list, the last of the model.
PAPER_TOKENS, PAPER_LAYERS = 4096, 2


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

    `tokens`: for profile paper a frequency list, or a token list in JSON; for others whatever `huref.tokens.chosen`
    reads (default: the profile's choice). `layers`: default the last two that do something.

    Raises:
        UsageError: profile paper without tokens.
        UnsupportedVersionError: unknown profile.
        NotFoundError, InputError: the file of tokens is missing or cannot be read.
        ModelError: a tensor or token id is missing, of the wrong shape or type, or not finite.

    """
    if profile == PAPER:
        ids = paper_ids(model, tokens)
        numbers = model.chosen_layers(layers, PAPER_LAYERS)
        return paper(model, ids, numbers, progress)
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
    shape, weights = quantised.shape, quantised.weights
    spread = _Spread(shape.heads, shape.kv_heads, shape.head_dim)
    for position, layer in enumerate(shape.layers):
        q, k, v, o, up, down = range(6 * position + 1, 6 * position + 7)

        def seen(by: Array, index: int) -> Array:
            return by @ put(weights.matrix(index)).T

        yield Term(layer, "a", seen(x, q), spread(seen(y, k)))
        yield Term(layer, "b", spread(seen(x, v)), seen(y, o))
        yield Term(layer, "f", seen(x, up), seen(y, down))
        progress("terms", position + 1, len(shape.layers))


def paper(model: Model, ids: NDArray[np.int64], layers: Sequence[int], progress: Progress = silent) -> Iterator[Term]:
    """The authors' terms, for the tokens of those ids in that order. ModelError as for `terms`."""
    x = model.embedding(ids).astype(np.float64)
    a: Architecture = model.architecture
    spread = _Spread(a.heads, a.kv_heads, a.head_dim)
    for done, layer in enumerate(layers, 1):
        plain = model.layer(layer)

        def read(values: NDArray[np.generic], what: str, layer: int = layer) -> Array:
            if not np.isfinite(values).all():
                raise ModelError(f"{model.path}: layer {layer}: NaN or infinity in {what}")
            return values.astype(np.float64)

        q, k, v = (x @ read(plain[part], plain["names"][part]).T for part in "qkv")
        yield from (
            Term(layer, "a", q, spread(k)),
            Term(layer, "b", spread(v), x @ read(plain["o"], plain["names"]["o"])),
        )
        del q, k, v
        up = np.concatenate([read(expert, plain["names"]["up"]) for expert in plain["up"]])
        if gates := model.gate(layer):
            up *= np.concatenate([read(gate.values, gate.name) for gate in gates])
        down = np.concatenate([read(expert, plain["names"]["down"]) for expert in plain["down"]], axis=1)
        yield Term(layer, "f", x @ up.T, x @ down)
        model.release()
        progress("terms", done, len(layers))


def write(path: Path, found: Iterable[Term]) -> dict[str, int]:
    """Writes the K x K matrices as an .npz file of float64 arrays, one at a time; their names with K.

    Raises:
        OutputError: the file cannot be written; nothing is left of it.

    """
    sizes = {}
    with jsonfile.replacing(path) as file, zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        for term in found:
            with archive.open(term.name + ".npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, term.matrix(), allow_pickle=False)
            sizes[term.name] = len(term.left)
    return sizes


@dataclass(frozen=True)
class _Spread:
    """From the columns of key/value heads to those of query heads: each query head sees its own key/value head."""

    heads: int
    kv_heads: int
    head_dim: int

    def __call__(self, columns: Array) -> Array:
        if self.heads == self.kv_heads:
            return columns
        own = np.arange(self.heads) * self.kv_heads // self.heads
        return columns[:, (own[:, None] * self.head_dim + np.arange(self.head_dim)).ravel()]


def paper_ids(model: Model, tokens: Path | None) -> NDArray[np.int64]:
    """The token ids of profile paper: the last 4096 of a frequency list, or those of a token list in JSON.

    Raises:
        UsageError: no list.
        NotFoundError, InputError: it is missing or cannot be read.
        ModelError: the model has none of the tokens of a list in JSON.

    """
    if tokens is None:
        raise UsageError(
            "profile paper takes its tokens from a frequency list: give --tokens; 'huref tokens' makes one from texts"
        )
    data = jsonfile.read(tokens)
    if data.lstrip()[:1] == b"{":
        return chosen(model, tokens, named(DEFAULT)).ids
    return np.array(parse_ids(data, tokens)[-PAPER_TOKENS:], dtype=np.int64)
