"""Two owners who do not trust each other: a challenge between their commitments, and their answers.

What is bound when: both commitments are published; then the beacon is; the challenge follows from the three. So neither
owner could fit weights to the sketches (specification, "draws").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from .artefacts import context as contexts
from .artefacts import kinds
from .artefacts.bundle import Bundle
from .artefacts.challenge import Challenge, between
from .artefacts.commitment import Commitment
from .artefacts.context import Context
from .artefacts.dispute import Dated, Dispute, Party, must_be_closed
from .artefacts.intervals import Theirs
from .artefacts.nearness import Nearness
from .artefacts.opening import Opening
from .artefacts.policy import Policy
from .artefacts.report import Report
from .artefacts.tokens import digest as token_digest
from .errors import (
    ChallengeMismatchError,
    ContextMismatchError,
    HurefError,
    IncomparableError,
    NearnessMismatchError,
    UsageError,
    shown,
)
from .verifier.check import check

if TYPE_CHECKING:
    from .similarity.compare import Fixed

#: Where a file is.
Place = str | Path


def challenge(
    a: Place | Bundle | Commitment, b: Place | Bundle | Commitment, *, beacon: bytes | None = None
) -> Challenge:
    """The challenge between two commitments, each given by a bundle or commitment, in a file or at hand, in any order.

    `beacon`: 32 to 64 random bytes that were published after both commitments; without it they are drawn here, and the
    other side has to trust the caller. `huref.artefacts.challenge.write` writes the file. Proofs are not verified: a
    commitment is fixed by its rows, whether or not something was proved about it.

    Raises:
        NotFoundError, InputError, MalformedBundleError, UnsupportedVersionError: a file is missing or cannot be read.
        IncomparableError: the profiles differ.
        UsageError: both are the same commitment, or the beacon is too short or too long.

    """
    _, first, second = parties(a, b)
    return between(first.commitment, second.commitment, beacon)


def open_dispute(
    a: Place | Bundle | Commitment,
    b: Place | Bundle | Commitment,
    *,
    source: str,
    period: str,
    layers: Sequence[int] | None = None,
    published: tuple[Dated | None, Dated | None] = (None, None),
) -> Dispute:
    """A dispute between two commitments, to be decided by that round of that beacon, which is still to come.

    `layers`: those that are demanded of both sides, by default all that both committed to; `published`: when each of
    them was published, as the parties say. `huref.artefacts.dispute.write` writes the file.

    Raises:
        IncomparableError: the profiles differ, or the commitments have no layer in common that is demanded.
        UsageError: both are the same commitment.
        NotFoundError, InputError, MalformedBundleError, UnsupportedVersionError: as for `challenge`.

    """
    profile, *both = parties(a, b)
    first, second = (replace(party, published=when) for party, when in zip(both, published, strict=True))
    between(first.commitment, second.commitment)
    demanded = tuple(sorted(set(first.layers) & set(second.layers) if layers is None else layers))
    for party in (first, second):
        missing = sorted(set(demanded) - set(party.layers))
        if missing or not demanded:
            what = f"layers {', '.join(map(str, missing))}" if missing else "any layer of the other side"
            raise IncomparableError(f"commitment {party.commitment[:16]}... was not made to {what}")
    low, high = sorted((first, second), key=attrgetter("commitment"))
    return Dispute(profile, (low, high), demanded, source, period)


def parties(a: Place | Bundle | Commitment, b: Place | Bundle | Commitment) -> tuple[str, Party, Party]:
    """Both sides, and their common profile. Errors as for `challenge`."""
    (profile, first), (other, second) = _party(a), _party(b)
    if profile != other:
        raise IncomparableError(
            f"one commitment has profile {profile}, the other {other}: answers to a challenge could not be compared; "
            "commit to both models under one profile"
        )
    return profile, first, second


def doubts(first: Party, second: Party) -> list[str]:
    """What both parties should know before they answer: where the commitments differ in what they cover."""
    found = []
    for party in (first, second):
        if party.model_layers is not None and len(party.layers) < party.model_layers:
            found.append(
                f"commitment {party.commitment[:16]}... covers {len(party.layers)} layers; the config claims "
                f"{party.model_layers}: a copy can hide in the others"
            )
    if first.layers != second.layers:
        found.append("the commitments cover different layers: a copy can hide in those of one side alone")
    if first.token_digest != second.token_digest:
        found.append("the commitments have different token lists: answers over few shared tokens decide nothing")
    return found


def _party(side: Place | Bundle | Commitment) -> tuple[str, Party]:
    if isinstance(side, str | Path):
        return _party(kinds.load(Path(side), kinds.COMMITMENT, kinds.BUNDLE))
    commitment, claimed = (
        (side, None) if isinstance(side, Commitment) else (side.statement.commitment, side.claims.model_layers)
    )
    layers, tokens = commitment.shape.layers, commitment.shape.tokens
    return commitment.profile, Party(commitment.id, layers, len(tokens), token_digest(tokens), claimed)


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


def must_settle(report: Report, commitment: Commitment, challenge: Challenge | None, dispute: Dispute) -> Report:
    """The report on an answer for that commitment, refused unless its challenge is that of a closed dispute, with what
    the dispute's file says.

    What the file says about the commitment must be so: only the commitment shows which layers and tokens it covers.

    Raises:
        UsageError: the dispute has no beacon yet.

    """
    report = replace(must_answer(report, challenge, must_be_closed(dispute)), dispute=dispute)
    profile, found = _party(commitment)
    said = next((party for party in dispute.parties if party.commitment == found.commitment), found)
    if report.ok and (dispute.profile, _covered(said)) != (profile, _covered(found)):
        why = f"the file of the dispute says other things than commitment {found.commitment[:16]}... itself"
        return report.refused(ChallengeMismatchError(f"{why}: profile, layers or tokens differ"), "challenge")
    return report


def _covered(party: Party) -> tuple[tuple[int, ...], int, str]:
    """What a commitment covers."""
    return party.layers, party.tokens, party.token_digest


def must_answer(report: Report, answered: Challenge | None, demanded: Challenge) -> Report:
    """The report on a bundle that answers a challenge or none, refused unless it is the one that was demanded."""
    if not report.ok:
        return report.not_reached("challenge")
    if answered == demanded:
        return report.now_checked("challenge")
    found = "answers no challenge"
    if answered is not None:
        found = f"answers {answered.seed.hex()[:16]}..."
    why = f"challenge {demanded.seed.hex()[:16]}... was demanded; the bundle {found}"
    return report.refused(ChallengeMismatchError(why), "challenge")


def must_be_near(report: Report, statement: Nearness, theirs: Bundle, policy: Policy) -> Report:
    """The report on a proof of nearness, refused unless its vectors are those of the other side's answer, and that
    verifies under what the policy demands of proofs; with what the cosines are worth.
    """
    from .similarity.nearness import judge

    near = report.verified.nearness
    if near is None or not report.ok:
        return report.not_reached("theirs")
    try:
        must_be_theirs(theirs, statement.challenge, statement.committed.id, policy)
    except HurefError as why:
        return report.refused(why.within("the other side's bundle"), "theirs")
    found = theirs.statement
    if (found.profile, found.outputs[0].vectors) != (statement.profile, statement.vectors):
        others = f"the other side's bundle has others, {found.outputs[0].digest[:16]}..."
        about = f"the proof is about vectors {statement.theirs_digest[:16]}..."
        return report.refused(NearnessMismatchError(f"{about}; {others}"), "theirs")
    side = Theirs(theirs.digest, found.commitment.id, found.shape.layers, found.context.owner or None)
    report = report.now_checked("theirs")
    try:
        return report.near(replace(near, theirs=side, judged=judge(statement, found)))
    except IncomparableError as why:
        return report.near(replace(near, theirs=side)).not_known("verdict", str(why))


def must_be_theirs(theirs: Bundle, challenge: Challenge | None, own: str, policy: Policy) -> Challenge:
    """The challenge that a bundle of the other side answers, which names commitment `own` (an id) too.

    `challenge`: the one that it must be; None for any. `policy`: what its proof must meet, but for demands on parties.

    Raises:
        ProofRejectedError, PolicyError, MalformedBundleError: the bundle does not verify.
        ChallengeMismatchError: it answers none, or another one, or for the same commitment.

    """
    check(theirs, policy.of_proofs).raise_for_status()
    answered, commitment = theirs.statement.challenge, theirs.statement.commitment.id
    if answered is None:
        raise ChallengeMismatchError("it answers no challenge; ask the other side for one that does")
    name = f"it answers challenge {answered.seed.hex()[:16]}..."
    if own not in answered.commitments:
        raise ChallengeMismatchError(f"{name}, which does not name commitment {own[:16]}...")
    if challenge is not None and answered != challenge:
        raise ChallengeMismatchError(f"{name}, which is another one")
    if commitment == own:
        raise ChallengeMismatchError(f"it is about commitment {own[:16]}... itself, not that of the other side")
    return answered


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
