"""What a proof of drift shows, as a part of a report."""

from __future__ import annotations

from dataclasses import dataclass

from .document import Part
from .drift import Drift, Partition


@dataclass(frozen=True)
class Spoken(Part):
    """A matrix that the statement speaks of: X, or such as `4.q`; the first model's is multiplied by `2^exponent`."""

    name: str
    exponent: int


@dataclass(frozen=True)
class Drifted(Part):
    """How far the second model is from the first: in every block by at most `bound`/1024 of the norm of the first.

    `partition`: what a block is, a commitment row, a matrix or the whole; `matrices` that are spoken of, `left_out`:
    those that are not; `later`: the id of the second commitment, or `public`: the digest of the integers of a public
    model.
    """

    bound: int
    partition: Partition
    matrices: tuple[Spoken, ...]
    left_out: tuple[str, ...]
    later: str | None = None
    public: str | None = None


def shown(statement: Drift) -> Drifted:
    """What a statement says, for a report."""
    named = list(zip(statement.shape.matrix_names(), statement.exponents, strict=True))
    return Drifted(
        bound=statement.bound,
        partition=statement.partition,
        later=statement.commitments[1].id if len(statement.commitments) > 1 else None,
        public=statement.public,
        matrices=tuple(Spoken(name, exponent) for name, exponent in named if exponent is not None),
        left_out=tuple(name for name, exponent in named if exponent is None),
    )
