"""What a proof of nearness shows, as parts of a report: intervals of cosines, whose vectors, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .document import Part
from .nearness import ONE, AnswerKind, Nearness


@dataclass(frozen=True)
class Interval(Part):
    """Where the cosine of one pair lies, in multiples of 1/256: from `low` to below `high`, in "at-least" up to 1. In
    "below" neither end belongs to it.

    `vector`: the place, from 0, of the other side's vector; `layer`: the number of the own layer.
    """

    vector: int
    layer: int
    low: float
    high: float


@dataclass(frozen=True)
class Theirs(Part):
    """The other side's bundle, verified: its content digest, its commitment, the layers of its vectors, in their order,
    and its owner, as its prover says.
    """

    sha256: str
    commitment: str
    layers: tuple[int, ...]
    owner: str | None = None


@dataclass(frozen=True)
class Judged(Part):
    """What the cosines are worth, in the words of `huref compare`.

    `cosine`: the end of an interval that the verdict rests on: the cosine of the most alike layers is at least this
    (`related`, and `inconclusive` unless nothing but an upper end is known), or less than this (`no relation shown`).
    `p_value`: probability that two independent layers reach it; `corrected_p_value`: times the number of `pairs`. All
    else as in a comparison.
    """

    verdict: Literal["related", "inconclusive", "no relation shown"]
    reason: str
    cosine: float
    end: Literal["low", "high"]
    p_value: float
    pairs: int
    corrected_p_value: float
    tokens_shared: int
    tokens_on_sides: tuple[int, int]
    tokens_needed: int
    null_width: float


@dataclass(frozen=True)
class Near(Part):
    """How near the committed weights come to the other side's vectors.

    `answer`: which kind; `vectors`: how many the other side has, and `digest` their digest; `intervals`: what is said
    of each pair. `seed`, `beacon` and `commitments` are those of the challenge, `sides` how many tokens P and Q have
    under it. `theirs` and `judged`: None unless the other side's bundle was given, and has these vectors.
    """

    answer: AnswerKind
    vectors: int
    digest: str
    intervals: tuple[Interval, ...]
    seed: str
    beacon: str
    commitments: tuple[str, str]
    sides: tuple[int, int]
    theirs: Theirs | None = None
    judged: Judged | None = None


def shown(statement: Nearness) -> Near:
    """What a statement says, for a report."""
    challenge = statement.challenge
    return Near(
        answer=statement.answer.kind,
        vectors=len(statement.vectors),
        digest=statement.theirs_digest,
        intervals=intervals(statement),
        seed=challenge.seed.hex(),
        beacon=challenge.beacon.hex(),
        commitments=challenge.commitments,
        sides=statement.sides,
    )


def intervals(statement: Nearness) -> tuple[Interval, ...]:
    """What the answer says of each pair that it speaks of."""
    answer, layers = statement.answer, statement.shape.layers
    if answer.pair is not None:
        vector, place = answer.pair
        return (Interval(vector, layers[place], answer.cosines[0] / ONE, 1.0),)
    pairs = [(vector, layer) for vector in range(len(statement.vectors)) for layer in layers]
    if answer.kind == "below":
        (top,) = answer.cosines
        return tuple(Interval(*pair, -top / ONE, top / ONE) for pair in pairs)
    return tuple(Interval(*pair, k / ONE, (k + 1) / ONE) for pair, k in zip(pairs, answer.cosines, strict=True))
