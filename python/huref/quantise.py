"""Stage "quantise": canonical form and rounding of layers, in the Rust core (specification, "canonical form")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from . import _native
from .errors import ModelError
from .profile import Profile
from .progress import Progress, silent
from .statement import Shape
from .tokens import Selection
from .weights import Model


@dataclass(frozen=True)
class Quantised:
    """A model in canonical form, rounded. `weights` is secret and not shown."""

    profile: Profile
    shape: Shape
    weights: _native.Weights = field(repr=False)


def quantise(
    model: Model, selection: Selection, layers: Sequence[int], profile: Profile, progress: Progress = silent
) -> Quantised:
    """Canonical form of `layers` (any order, each once) and of the embeddings of the selected tokens, rounded to
    integers.

    Bit for bit the same on every machine and for every number of threads.

    Raises:
        ModelError: a layer twice or not there; a tensor missing, of the wrong shape or type, with NaN or infinity, or
            all zero. The message names file and tensor.

    """
    if len(set(layers)) != len(layers) or not layers:
        raise ModelError(f"{model.path}: layers {list(layers)}: expected at least one, each once")
    chosen = tuple(sorted(layers))
    a = model.architecture
    shape = Shape(a.hidden, a.heads, a.kv_heads, a.head_dim, a.ffn, chosen, selection.tokens)
    tensors = [model.layer(index) for index in chosen]
    embedding = model.embedding(selection.ids)
    try:
        weights = _native.quantise(
            profile.name, shape.native(), embedding, tensors, a.layer_norm, a.unit_rows, progress=progress
        )
    except ValueError as why:
        raise ModelError(f"{model.path}: {why}") from None
    return Quantised(profile, shape, weights)
