"""How alike two fingerprints are: the cosine of their vectors, judged by `verdict`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..artefacts.fingerprint import Fingerprint
from ..errors import IncomparableError
from ..profile import named
from .verdict import ENOUGH, FEWEST, RELATED, Comparison, null_width, of_vectors, p_value

if TYPE_CHECKING:
    from ..artefacts.challenge import Challenge


def cosine(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Cosine of two vectors of integers of the same length, neither of them zero."""
    product = sum(x * y for x, y in zip(a, b, strict=True))
    squares = sum(x * x for x in a) * sum(y * y for y in b)
    return max(-1.0, min(1.0, product / math.sqrt(squares)))


def compare_vectors(a: Fingerprint, b: Fingerprint, vocabulary: int | None = None, tries: int = 1) -> Comparison:
    """Compare two fingerprints of one profile.

    `vocabulary`: how many tokens the two could have shared, where their lists do not show it (two models compared over
    what they share have equal lists); it decides how many a verdict needs. `tries`: of how many cosines
    this one is the largest; the verdict's p-value is multiplied by it (Bonferroni).

    Raises:
        IncomparableError: the profiles differ, or the challenges that the vectors answer; or the token lists of two
            fixed vectors (`vocabulary` None) differ so much that equal models would not be recognised.

    """
    if a.profile != b.profile:
        raise IncomparableError(
            f"one fingerprint has profile {a.profile}, the other {b.profile}: vectors of different rules have nothing "
            "in common; make both under one profile"
        )
    if a.challenge != b.challenge:
        raise IncomparableError(
            f"one vector is {_origin(a.challenge)}, the other {_origin(b.challenge)}: vectors of different sketches "
            "have nothing in common; let both owners answer one challenge: huref prove --challenge FILE"
        )
    shared, fixed = len(set(a.tokens) & set(b.tokens)), vocabulary is None
    vocabulary = min(len(a.tokens), len(b.tokens)) if vocabulary is None else vocabulary
    needed = min(ENOUGH, max(FEWEST, vocabulary // 2))
    value, width = cosine(a.vector, b.vector), null_width(named(a.profile))
    # of two identical models whose vectors share only some tokens, the expected cosine is about this
    reach = shared * shared / (len(a.tokens) * len(b.tokens))
    if fixed and (shared == 0 or (shared >= needed and reach < 1 and p_value(reach, width) >= RELATED)):
        raise IncomparableError(
            f"one fingerprint was computed over the token list {a.token_digest[:16]}, the other over "
            f"{b.token_digest[:16]}, and they share {shared} of {len(a.tokens)} and {len(b.tokens)} tokens: even equal "
            "models would not be recognised; compare the model folders, or one folder with the other's fingerprint"
        )
    p = p_value(value, width)
    corrected = min(1.0, tries * p)
    verdict, reason = of_vectors(value, corrected, width, shared=shared, needed=needed, reach=reach)
    seed = None if a.challenge is None else a.challenge.seed.hex()
    return Comparison(
        cosine=value,
        p_value=p,
        verdict=verdict,
        tokens_shared=shared,
        tokens_needed=needed,
        null_width=width,
        profile=a.profile,
        reason=reason,
        corrected_p_value=corrected,
        challenge=seed,
    )


def _origin(challenge: Challenge | None) -> str:
    if challenge is None:
        return "a fingerprint"
    a, b = (name[:16] for name in challenge.commitments)
    return f"an answer to challenge {challenge.seed.hex()[:16]}... between commitments {a}... and {b}..."
