"""The base of an aligned commitment: a model towards which attention is turned (specification, "aligned form")."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .. import _native
from ..artefacts.opening import Opening
from ..artefacts.shape import Shape
from ..errors import ModelError, UsageError, WeightsMismatchError
from ..model import Model

#: More rows than attention has: all are one block.
_ALL = 1 << 40


class Base:
    """The attention of some layers of a model, each read when it is asked for; digests of what was given are kept."""

    def __init__(self, model: Model, shape: Shape, expected: str | None = None) -> None:
        """For models of that shape. `expected`: the digest that it must have.

        Raises:
            ModelError: its attention has other sizes, or it lacks a layer.

        """
        a = model.architecture
        sizes = ("hidden", "heads", "kv_heads", "head_dim")
        pairs = [(name, getattr(a, name), getattr(shape, name)) for name in sizes]
        other = [f"{name} is {got} instead of {wanted}" for name, got, wanted in pairs if got != wanted]
        if shape.layers[-1] >= a.layers:
            other.append(f"it has {a.layers} layers, and layer {shape.layers[-1]} was chosen")
        if other:
            raise ModelError(f"{model.path}: no model of this shape can be aligned to it: {', '.join(other)}")
        for number in shape.layers:
            model.check_layer(number)
        self.model = model
        self._shape, self._expected = shape, expected
        self._given: dict[int, bytes] = {}

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal digits, of what it has given: that of each layer's integers, in ascending order."""
        return hashlib.sha256(b"".join(self._given[number] for number in sorted(self._given))).hexdigest()

    def attention(self, profile: str, number: int, memory: _native.Memory | None = None) -> _native.Piece:
        """The integers of q, k, v and oT of a layer.

        Raises:
            ModelError: as for `huref.stages.quantise.Source.piece`.
            WeightsMismatchError: with this layer all were given, and their digest is not the one that was expected.

        """
        model = self.model
        try:
            piece = _native.quantise_attention(
                profile, self._shape, number, model.layer(number), model.architecture.layer_norm, memory
            )
        except ValueError as why:
            raise ModelError(f"{model.path}: {why}") from None
        (self._given[number],) = piece.digests(_ALL)
        if self._expected not in (None, self.digest) and len(self._given) == len(self._shape.layers):
            raise WeightsMismatchError(
                f"{model.path}: not the base that the commitment was aligned to; give the folder that was given to "
                "`huref commit --aligned-to`"
            )
        return piece


def must_fit(opening: Opening, base: str | Path | None) -> None:
    """UsageError unless a base was given for an opening of an aligned commitment, and for no other."""
    name = f"commitment {opening.commitment[:16]}..."
    if base is None and opening.aligned_to is not None:
        raise UsageError(
            f"{name} was aligned to a base and cannot be made again without it; give the base's folder: --aligned-to"
        )
    if base is not None and opening.aligned_to is None:
        raise UsageError(f"{name} was not aligned to a base; leave {base} out")
