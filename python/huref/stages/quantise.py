"""Stage "quantise": canonical form and rounding of layers, in the Rust core (specification, "canonical form").

A model is read piece by piece: the embeddings of the selected tokens are the first piece, each layer is one more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .. import _native
from ..artefacts.shape import LAYER, Shape
from ..errors import ModelError
from ..model import Model
from ..profile import Profile
from ..progress import Progress, silent
from .base import Base
from .tokens import Selection


@dataclass(frozen=True)
class Quantised:
    """A model in canonical form, rounded. `weights` is secret and not shown."""

    profile: Profile
    shape: Shape
    weights: _native.Weights = field(repr=False)

    def matrix(self, position: int, name: str) -> NDArray[np.int16]:
        """A copy of matrix `name` (of `LAYER`) of the layer at that place in the shape, rows x hidden. Secret."""
        return self.weights.matrix(1 + len(LAYER) * position + LAYER.index(name))

    def pieces(self) -> Iterator[_native.Piece]:
        """The embeddings, then every layer: copies, one at a time. Secret."""
        return map(self.weights.piece, range(1 + len(self.shape.layers)))


@dataclass(frozen=True)
class Source:
    """The part of a model that a statement is about: made by `choose`, read piece by piece. `base`: what its attention
    is aligned to.
    """

    model: Model
    selection: Selection
    layers: tuple[int, ...]
    profile: Profile
    base: Base | None = None

    @cached_property
    def shape(self) -> Shape:
        """What is public of it."""
        a = self.model.architecture
        return Shape(a.hidden, a.heads, a.kv_heads, a.head_dim, a.ffn, self.layers, self.selection.tokens)

    @property
    def count(self) -> int:
        """Number of pieces: the embeddings, and the layers."""
        return 1 + len(self.layers)

    @property
    def rows(self) -> int:
        """Rows of a commitment."""
        return self.shape.commitment_rows(self.profile.name)

    def aligned_to(self, model: Model, expected: str | None = None) -> Source:
        """The same, aligned to that model; `expected`: the digest of its integers. ModelError as for `Base`."""
        return replace(self, base=Base(model, self.shape, expected))

    def pieces(self) -> Iterator[_native.Piece]:
        """All pieces in order, each read when it is asked for. ModelError as for `piece`."""
        memory = _native.Memory()
        return (self.piece(index, memory=memory) for index in range(self.count))

    def piece(self, index: int, progress: Progress = silent, memory: _native.Memory | None = None) -> _native.Piece:
        """The integers of piece `index`; those of layer `layers[index - 1]` if it is not 0. Secret. `memory`: that of
        the layer before.

        Bit for bit the same on every machine and for every number of threads.

        Raises:
            ModelError: a tensor is missing, has the wrong shape or type, holds NaN or infinity, or is all zero. The
            message names file and tensor.
            WeightsMismatchError: the base is not the one that was expected.

        """
        name, shape, a = self.profile.name, self.shape, self.model.architecture
        try:
            if index == 0:
                rows = self.model.embedding(self.selection.ids)
                return _native.quantise_embedding(name, shape, rows, a.layer_norm, a.unit_rows, progress)
            number = self.layers[index - 1]
            base = None if self.base is None else self.base.attention(name, number, memory)
            layer = self.model.layer(number)
            return _native.quantise_layer(name, shape, number, layer, a.layer_norm, progress, memory, base)
        except ValueError as why:
            raise ModelError(f"{self.model.path}: {why}") from None

    def alone(self, index: int, progress: Progress = silent) -> Quantised:
        """The embeddings and layer `layers[index]`, as if it were the only one. ModelError as for `piece`."""
        shape = replace(self.shape, layers=(self.layers[index],))
        pieces = [self.piece(0), self.piece(1 + index, progress)]
        return Quantised(self.profile, shape, _native.Weights.from_pieces(self.profile.name, shape, pieces))

    def whole(self, progress: Progress = silent) -> Quantised:
        """All pieces together, two bytes for each integer. ModelError as for `piece`."""
        a = self.model.architecture
        sizes = [len(self.selection.tokens), *[2 * (a.query_rows + a.kv_rows + a.ffn)] * len(self.layers)]
        pieces, memory = [], _native.Memory()
        for index, rows in enumerate(sizes):
            # each piece counts in units of its own; all of them together in rows
            def report(stage: str, done: int, total: int, before: int = sum(sizes[:index]), rows: int = rows) -> None:
                progress(stage, before + rows * done // max(total, 1), sum(sizes))

            pieces.append(self.piece(index, report, memory))
        weights = _native.Weights.from_pieces(self.profile.name, self.shape, pieces)
        return Quantised(self.profile, self.shape, weights)


def choose(model: Model, selection: Selection, layers: Sequence[int], profile: Profile) -> Source:
    """`layers` (any order, each once) and the embeddings of the selected tokens. Reads headers only.

    Raises:
        ModelError: a layer is given twice or does not exist; a tensor is missing or has the wrong shape or type.

    """
    if len(set(layers)) != len(layers) or not layers:
        raise ModelError(f"{model.path}: layers {list(layers)}: expected at least one, each once")
    chosen = tuple(sorted(layers))
    for index in chosen:
        model.check_layer(index)
    return Source(model, selection, chosen, profile)


def quantise(
    model: Model, selection: Selection, layers: Sequence[int], profile: Profile, progress: Progress = silent
) -> Quantised:
    """The integers of `layers` and of the embeddings of the selected tokens. ModelError as for `choose` and `piece`."""
    return choose(model, selection, layers, profile).whole(progress)
