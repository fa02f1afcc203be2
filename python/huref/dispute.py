"""Two owners who do not trust each other: a challenge between their commitments, and their answers.

What is bound when: both commitments are published; then the beacon is; the challenge follows from the three. So neither
owner could fit weights to the sketches (specification, "draws").
"""

from __future__ import annotations

from pathlib import Path

from .artefacts import context as contexts
from .artefacts import kinds
from .artefacts.bundle import Bundle
from .artefacts.challenge import Challenge, between
from .artefacts.commitment import Commitment
from .artefacts.context import Context
from .artefacts.opening import Opening
from .artefacts.report import Report
from .artefacts.statement import Statement
from .errors import ChallengeMismatchError, ContextMismatchError, IncomparableError, UsageError, shown
from .similarity.compare import Fixed

Folder = str | Path


def challenge(
    a: Folder | Bundle | Commitment, b: Folder | Bundle | Commitment, *, beacon: bytes | None = None
) -> Challenge:
    """The challenge between two commitments, each given by a bundle or commitment, in a file or at hand, in any order.

    `beacon`: 32 to 64 random bytes that were published after both commitments; without it they are drawn here, and
    the other side has to trust the caller. `huref.artefacts.challenge.write` writes the file.
    Proofs are not verified: a
    commitment is fixed by its rows, whether or not something was proved about it.

    Raises:
        NotFoundError, InputError, MalformedBundleError, UnsupportedVersionError: a file is missing or cannot be read.
        IncomparableError: the profiles differ.
        UsageError: both are the same commitment, or the beacon is too short or too long.

    """
    (first, profile), (second, other) = _commitment(a), _commitment(b)
    if profile != other:
        raise IncomparableError(
            f"one commitment has profile {profile}, the other {other}: answers to a challenge could not be compared; "
            "commit to both models under one profile"
        )
    return between(first, second, beacon)


def _commitment(side: Folder | Bundle | Commitment) -> tuple[str, str]:
    """Id and profile."""
    if isinstance(side, str | Path):
        return _commitment(kinds.load(Path(side), kinds.COMMITMENT, kinds.BUNDLE))
    found = side if isinstance(side, Commitment) else side.statement.commitment
    return found.id, found.profile


def must_name_commitment(challenge: Challenge, opening: Opening | None) -> None:
    """Check that the owner of this opening can answer that challenge, before minutes of work.

    Raises:
        UsageError: there is no opening.
        ChallengeMismatchError: the challenge does not name the commitment of the opening.

    """
    if opening is None:
        raise UsageError("an answer to a challenge needs a commitment that was made before; give its opening too")
    if opening.commitment not in challenge.commitments:
        a, b = (name[:16] for name in challenge.commitments)
        raise ChallengeMismatchError(
            f"the challenge is between commitments {a}... and {b}..., "
            f"the opening is that of {opening.commitment[:16]}..."
        )


def must_answer(report: Report, statement: Statement, demanded: Challenge) -> Report:
    """The report on a bundle of that statement, refused unless it answers the challenge that was demanded."""
    if not report.ok:
        return report.not_reached("challenge")
    if statement.challenge == demanded:
        return report.without("challenge")
    found = "answers no challenge"
    if statement.challenge is not None:
        found = f"answers {statement.challenge.seed.hex()[:16]}..."
    why = f"challenge {demanded.seed.hex()[:16]}... was demanded; the bundle {found}"
    return report.refused(ChallengeMismatchError(why), "challenge")


def must_be_for(report: Report, context: Context, expected: Context) -> Report:
    """The report on a proof made for `context`, refused unless each part of `expected` that is given is in it."""
    if not report.ok:
        return report.not_reached("context")
    demanded = contexts.to_fields(expected)
    made = contexts.to_fields(context)
    for name, value in demanded.items():
        if made.get(name) != value:
            found = f"names {shown(made[name])}" if name in made else "names none"
            why = f"{name} {shown(value)} was expected; the proof {found}"
            return report.refused(ContextMismatchError(why), "context")
    return report.expecting(tuple(demanded))


def two_sides(a: Fixed, b: Fixed) -> None:
    """Check that two bundles that answer a challenge answer for both of its commitments. IncomparableError.

    Each bundle's own commitment is one that its challenge names, or it would not have been read.
    """
    if a.challenge is not None and a.challenge == b.challenge and a.commitment == b.commitment:
        first, second = (name[:16] for name in a.challenge.commitments)
        raise IncomparableError(
            f"both bundles answer for commitment {str(a.commitment)[:16]}...; the challenge is between {first}... and "
            f"{second}..., and needs an answer of each"
        )
