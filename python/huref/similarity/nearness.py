"""What a proof of nearness is worth, in the words and by the thresholds of `huref compare`.

The cosines are known up to intervals. At the low end of each the models are as unlike as the proof allows, at the high
end as alike. `related` is said only if it is true at the low ends, `no relation shown` only if it is true at the high
ends: never more than is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..artefacts import tokens as token_lists
from ..artefacts.intervals import Judged, intervals
from ..artefacts.nearness import Nearness
from ..artefacts.statement import Statement
from .vectors import of_table
from .verdict import Comparison, Side, conclude, strength, too_few

_SIDES: tuple[Side, Side] = ("verified bundle", "verified bundle")
_UNDATED = "it acquits nobody while nobody knows that both commitments are older than the beacon"


@dataclass(frozen=True)
class _Made:
    """What the vectors of one side were made of."""

    profile: str
    layers: tuple[int, ...]
    tokens: tuple[bytes, ...]
    seed: bytes

    @property
    def token_digest(self) -> str:
        """Digest of the token list."""
        return token_lists.digest(self.tokens)


def judge(statement: Nearness, theirs: Statement) -> Judged:
    """What the cosines of a statement are worth; `theirs`: that of the other side's answer to the same challenge, whose
    vectors these are.

    Raises:
        IncomparableError: the token lists differ so much that equal models would not be recognised.

    """
    seed, kind = statement.challenge.seed, statement.answer.kind
    a, b = (_Made(side.profile, side.shape.layers, side.shape.tokens, seed) for side in (theirs, statement))
    low, high = _ends(statement)
    floor, _, reach = of_table(low, a, b, sides=_SIDES, draw="challenge")
    ceiling, _, _ = of_table(high, a, b, sides=_SIDES, draw="challenge")
    least = float(low.min())
    at_low, why = strength(floor, least, reach)
    if at_low == "alike":
        return _judged(conclude(floor, at_low, why, reach), "low")
    at_high, why_not = strength(ceiling, least, reach)
    if at_high == "nothing":
        reason = f"{why_not}; {_UNDATED}" if kind == "below" else why_not
        return _judged(conclude(ceiling, at_high, reason, reach), "high")
    few = too_few(floor.tokens_shared, floor.tokens_needed, min(floor.tokens_on_sides))
    if kind == "below":
        reason = few or f"layers of one origin can have cosines below {ceiling.cosine:.2f}; {_UNDATED}"
        return _judged(conclude(ceiling, "inconclusive", reason, reach), "high")
    if at_low == "nothing":
        why = why_not if kind == "rounded" else "independent layers reach this too, and no upper end was said"
    return _judged(conclude(floor, "inconclusive", why, reach), "low")


def _ends(statement: Nearness) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The low and the high end of every pair's cosine: a row for each vector of theirs, a column for each layer."""
    shape = len(statement.vectors), len(statement.shape.layers)
    low, high = np.full(shape, -1.0), np.full(shape, 1.0)
    place = {layer: j for j, layer in enumerate(statement.shape.layers)}
    for known in intervals(statement):
        at = known.vector, place[known.layer]
        low[at], high[at] = known.low, known.high
    return low, np.minimum(high, 1.0)


def _judged(found: Comparison, end: Literal["low", "high"]) -> Judged:
    return Judged(
        verdict=found.verdict,  # type: ignore[arg-type]  # of answers to a challenge there are no other words
        reason=found.reason,
        cosine=found.cosine,
        end=end,
        p_value=found.p_value,
        pairs=found.pairs,
        corrected_p_value=found.corrected_p_value,
        tokens_shared=found.tokens_shared,
        tokens_on_sides=found.tokens_on_sides,
        tokens_needed=found.tokens_needed,
        null_width=found.null_width,
    )
