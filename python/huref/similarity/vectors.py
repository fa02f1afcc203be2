"""How alike the vectors of two models are, layer against layer; `verdict` judges it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..artefacts import draw as draws
from ..artefacts.draw import Kind
from ..artefacts.fingerprint import FOREIGN, Fingerprint
from ..artefacts.outputs import Vector
from ..errors import IncomparableError
from ..profile import Profile, named
from .assignment import best_assignment
from .verdict import (
    DESCENT,
    ENOUGH,
    FEWEST,
    RELATED,
    TRIED,
    Comparison,
    Matched,
    Side,
    conclude,
    null_width,
    of_own,
    p_value,
    strength,
)


def cosine(a: Vector, b: Vector) -> float:
    """Cosine of two vectors of integers of the same length, neither of them zero."""
    return float(cosines((a,), (b,))[0, 0])


def cosines(a: tuple[Vector, ...], b: tuple[Vector, ...]) -> NDArray[np.float64]:
    """Cosines of all vectors of one side with all of the other, in [-1, 1].

    Products of what fingerprints hold stay below 2^53 and are exact, so that equal vectors have cosine 1.
    """
    left, right = np.array(a, dtype=np.float64), np.array(b, dtype=np.float64)
    squares = np.outer((left**2).sum(axis=1), (right**2).sum(axis=1))
    found: NDArray[np.float64] = np.clip(left @ right.T / np.sqrt(squares), -1.0, 1.0)
    return found


def compare_vectors(
    a: Fingerprint,
    b: Fingerprint,
    vocabulary: int | None = None,
    *,
    sides: tuple[Side, Side] = ("fingerprint", "fingerprint"),
    draw: Kind = "common",
    beacon: bool = False,
    own: tuple[Fingerprint, Fingerprint] | None = None,
) -> Comparison:
    """Compare the vectors of two models under one profile and one draw.

    `vocabulary`: how many tokens the two could have shared, where their lists do not show it (two models compared over
    what they share have equal lists); it decides how many a verdict needs. `draw` says what the vectors were made
    under, `own` are those of both sides under the own draw of one of them, and `beacon` says whether an own draw has
    one.

    Raises:
        IncomparableError: the profiles differ, or the seeds of the draws; or the token lists of two fixed vectors
            (`vocabulary` None) differ so much that equal models would not be recognised.

    """
    _must_fit(a, b)
    table = cosines(a.vectors, b.vectors)
    found, matched, reach = of_table(table, a, b, vocabulary, sides=sides, draw=draw, beacon=beacon)
    common, why = strength(found, float(table.min()), reach)
    if own is not None:
        found = _with_own(found, matched, cosines(own[0].vectors, own[1].vectors), beacon)
    return conclude(found, common, why, reach)


class Made(Protocol):
    """What vectors were made of, as a fingerprint says it."""

    @property
    def profile(self) -> str: ...  # noqa: D102
    @property
    def layers(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def tokens(self) -> tuple[bytes, ...]: ...  # noqa: D102
    @property
    def token_digest(self) -> str: ...  # noqa: D102
    @property
    def seed(self) -> bytes | None: ...  # noqa: D102


def of_table(
    table: NDArray[np.float64],
    a: Made,
    b: Made,
    vocabulary: int | None = None,
    *,
    sides: tuple[Side, Side],
    draw: Kind,
    beacon: bool = False,
) -> tuple[Comparison, list[tuple[int, int, float]], float]:
    """The comparison of vectors that have these cosines, before anything is said of them; the layers that match, by
    their places; and the cosine that equal models would have. Arguments as for `compare_vectors`, of one profile and
    one seed.

    Raises:
        IncomparableError: the token lists differ too much.

    """
    profile, fixed = named(a.profile), vocabulary is None
    shared, sides_of_sketch = _overlap(a.tokens, b.tokens, a.profile, a.seed)
    vocabulary = min(len(a.tokens), len(b.tokens)) if vocabulary is None else vocabulary
    need, width = needed(vocabulary), null_width(profile)
    # of two identical models whose vectors share only some tokens, the expected cosine is about this
    reach = shared * shared / (len(a.tokens) * len(b.tokens))
    if fixed and (shared == 0 or (shared >= need and reach < 1 and p_value(reach, width) >= RELATED)):
        raise IncomparableError(
            f"one fingerprint was computed over the token list {a.token_digest[:16]}, the other over "
            f"{b.token_digest[:16]}, and they share {shared} of {len(a.tokens)} and {len(b.tokens)} tokens: even equal "
            "models would not be recognised; compare the model folders, or one folder with the other's fingerprint"
        )
    matched = [(i, j, float(table[i, j])) for i, j in best_assignment(table)]
    value = max(likeness for _, _, likeness in matched)
    p = p_value(value, width)
    tried = table.size * (TRIED if draw == "own" and not beacon else 1.0)
    found = Comparison(
        cosine=value,
        p_value=p,
        verdict="inconclusive",
        layers=tuple(Matched(a.layers[i], b.layers[j], likeness) for i, j, likeness in matched),
        pairs=table.size,
        tokens_shared=shared,
        tokens_on_sides=sides_of_sketch,
        tokens_needed=need,
        null_width=width,
        profile=a.profile,
        reason="",
        corrected_p_value=min(1.0, tried * p),
        draw=draw,
        challenge=None if draw != "challenge" or a.seed is None else a.seed.hex(),
        sides=sides,
    )
    return found, matched, reach


def without_vectors(tokens: Sequence[bytes], vocabulary: int, profile: Profile) -> Comparison:
    """Two folders whose layers are too large for vectors, over those shared tokens; `vocabulary` as above."""
    need = needed(vocabulary)
    few = f"the two share {len(tokens)} tokens; a verdict needs {need}"
    return Comparison(
        cosine=0.0,
        p_value=1.0,
        verdict="inconclusive",
        layers=(),
        pairs=0,
        tokens_shared=len(tokens),
        tokens_on_sides=draws.sides(tokens, profile, None),
        tokens_needed=need,
        null_width=null_width(profile),
        profile=profile.name,
        reason=few if len(tokens) < need else "",
        corrected_p_value=1.0,
        sides=("model folder", "model folder"),
    )


@lru_cache(16)  # a search compares over the same two lists many times
def _overlap(
    a: tuple[bytes, ...], b: tuple[bytes, ...], profile: str, seed: bytes | None
) -> tuple[int, tuple[int, int]]:
    """How many tokens two lists share, and how many of these each side of the sketch has."""
    tokens = sorted(set(a) & set(b))
    return len(tokens), draws.sides(tokens, named(profile), seed)


def needed(vocabulary: int) -> int:
    """Shared tokens that a verdict needs, of vocabularies of which the smaller has so many."""
    return min(ENOUGH, max(FEWEST, vocabulary // 2))


def _with_own(
    found: Comparison, matched: list[tuple[int, int, float]], own: NDArray[np.float64], beacon: bool
) -> Comparison:
    """With what the own vectors say over the pairs that the common vectors matched: those alike, or all if none is."""
    alike = [(i, j) for i, j, likeness in matched if likeness >= DESCENT] or [(i, j) for i, j, _ in matched]
    said = of_own([float(own[i, j]) for i, j in alike], found.null_width, beacon=beacon)
    layers = (replace(pair, own=float(own[i, j])) for pair, (i, j, _) in zip(found.layers, matched, strict=True))
    return replace(found, layers=tuple(layers), own=said)


def _must_fit(a: Fingerprint, b: Fingerprint) -> None:
    if a.network is not None or b.network is not None:
        raise IncomparableError(FOREIGN)
    if a.profile != b.profile:
        raise IncomparableError(
            f"one fingerprint has profile {a.profile}, the other {b.profile}: vectors of different rules have nothing "
            "in common; make both under one profile"
        )
    if a.seed != b.seed:
        raise IncomparableError(
            f"one vector is {_origin(a)}, the other {_origin(b)}: vectors of different sketches have nothing in "
            "common; let both owners answer one challenge: huref prove --challenge FILE"
        )


def _origin(side: Fingerprint) -> str:
    return "of the common draw" if side.seed is None else f"of the draw with seed {side.seed.hex()[:16]}..."
