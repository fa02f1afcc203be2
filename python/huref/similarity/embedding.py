"""The embeddings of two models over the tokens that both have, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..model import Model
from ..profile import Profile
from ..stages.tokens import Selection, shared
from . import dims, rotation
from .findings import Finding
from .frames import Frame
from .mutual import Array, unit
from .neurons import sorted_alike
from .parts import SURE

#: Tokens that are looked at, at most, unless the hidden size is a quarter of that or more; tokens that the filter of
#: a frame is made of, and those over which units are compared.
TOKENS, FILTERED, FRAME_TOKENS = 1 << 14, 1 << 12, 1024
#: From so many hidden dimensions on a rotation is not fitted (a minute) where their order says enough.
WIDE = 2048


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Rows of shared tokens, K x d and K x d', float32; None where too few are shared. `raw`: whether hidden dimensions
    may be compared as they are numbered, and otherwise `why_not`.
    """

    rows: tuple[Array, Array] | None
    raw: bool
    why_not: str

    @cached_property
    def frames(self) -> tuple[Frame, Frame] | None:
        """The frame of shared tokens, for each model."""
        if self.rows is None:
            return None
        one, other = (Frame(rotation.filtered(side[:FILTERED])[:FRAME_TOKENS]) for side in self.rows)
        return one, other


def shared_tokens(a: Model, b: Model, profile: Profile) -> tuple[Selection, Selection]:
    """Tokens that both have, in the profile's order, as many as the embedding tests look at; the profile's own first.

    ModelError as for `huref.stages.tokens.shared`.
    """
    most = max(TOKENS, profile.tokens, rotation.PER_DIMENSION * max(a.architecture.hidden, b.architecture.hidden))
    first, second, _ = shared(a, b, profile, most)
    return first, second


def read(a: Model, b: Model, selections: tuple[Selection, Selection] | None) -> Embeddings:
    """The rows of tokens that are shared, None if too few are. ModelError as for `Model.embedding`."""
    why_not, raw = "", a.architecture.hidden == b.architecture.hidden
    shared_rows = None if selections is None else (rows(a, selections[0].ids), rows(b, selections[1].ids))
    if not raw:
        why_not = f"the hidden sizes differ: {a.architecture.hidden} and {b.architecture.hidden}"
    elif sorted_alike(*map(dims.rank, shared_rows or (_first(a), _first(b)))):
        raw, why_not = False, "the hidden dimensions of both are sorted by size, so their numbers show nothing"
    return Embeddings(shared_rows, raw, why_not)


def rows(model: Model, ids: NDArray[np.int64]) -> Array:
    """Embedding rows, float32, as the layers see them: less their mean where norms subtract it."""
    found = np.array(model.embedding(ids), dtype=np.float32)
    if model.architecture.layer_norm:
        found -= found.mean(axis=1, keepdims=True)
    return unit(found) if model.architecture.unit_rows else found


def findings(given: Embeddings, few: str) -> tuple[Finding, Finding]:
    """The tests `dims/embedding` and `rotation`. `few`: why there are no rows, if there are none."""
    if given.rows is None:
        return Finding.none("dims/embedding", few), Finding.none("rotation", few)
    order = _order(given)
    if order.p < SURE and given.rows[0].shape[1] >= WIDE:
        return order, Finding.none("rotation", "the order of hidden dimensions says it already")
    return order, _turned(*given.rows)


def _order(given: Embeddings) -> Finding:
    found = dims.of_embeddings(*given.rows) if given.raw and given.rows is not None else None
    if found is None:
        return Finding.none("dims/embedding", given.why_not)
    sentence = (
        f"{found.agreeing:,} of {found.smaller:,} hidden dimensions of the embedding have their counterpart under the "
        "same number; of independent models about one has"
    )
    return Finding.of("dims/embedding", found.p, sentence, (found.agreeing, found.smaller))


def _turned(x: Array, y: Array) -> Finding:
    found = rotation.compare(x, y)
    if found is None:
        return Finding.none("rotation", f"{len(x):,} shared tokens are too few for the hidden size")
    sentence = (
        f"embeddings agree at {found.likeness:.3f} up to a rotation, over {found.tokens:,} tokens; those of "
        f"independent models at most at {rotation.MEAN:.2f}"
    )
    return Finding.of("rotation", found.p, sentence)


def _first(model: Model) -> Array:
    """Rows of the first tokens, where none are shared."""
    return rows(model, np.arange(min(model.architecture.vocab, TOKENS), dtype=np.int64))
