"""A report in lines for people: what holds, what is only claimed, what was not checked."""

from __future__ import annotations

from collections.abc import Iterator

from .dispute import Dispute, Party
from .drift_lines import drift_lines
from .near_lines import judged_lines, near_lines
from .report import Dated, Drawn, Logged, MadeFor, Report, Verified
from .words import Block, count, files, listed, short


def blocks(report: Report) -> tuple[Block, ...]:
    """The blocks; those of what holds are left out when nothing does."""
    holds, signed = list(_verified(report)), list(_signed(report))
    claimed = report.claimed
    named = [
        ("model", claimed.model_name),
        ("made", f"{claimed.proved_at} by {claimed.prover}; this date is claimed only"),
        *files(claimed.files),
        *([] if claimed.their_bundle is None else [("vectors", f"taken from bundle {claimed.their_bundle}")]),
    ]
    said: tuple[Block, ...] = ()
    if report.dispute is not None:
        said = (("The dispute, as its file says: dates are claimed", dispute_lines(report.dispute)),)
    left = [(entry.what, reason(entry.why, entry.how)) for entry in report.not_checked]
    first: tuple[Block, ...] = (("Verified: mathematics, no trust needed", holds),) if holds else ()
    near = report.verified.nearness
    if near is not None and near.judged is not None:
        first = (*first, ("What the cosines are worth", judged_lines(near.judged)))
    if signed:
        first = (
            *first,
            ("Signed: as far as the keys, identities, authorities and witnesses count that you named", signed),
        )
    return (*first, ("Claimed: written by the bundle's maker, not proved", named), *said, ("Not checked", left))


def party_lines(party: Party) -> Iterator[tuple[str, str]]:
    """One side of a dispute or challenge."""
    yield "commitment", party.commitment  # whole: people compare it with a published one
    named = "" if party.model_layers is None else f" of {party.model_layers} that its config claims"
    yield "", f"layers {listed(party.layers)}{named}; {party.tokens:,} tokens"


def dispute_lines(dispute: Dispute) -> Iterator[tuple[str, str]]:
    """What a dispute file says."""
    for party in dispute.parties:
        yield from party_lines(party)
        when = party.published
        yield "", "published: not said" if when is None else f"published {when.time}, {when.source}, as its owner says"
    yield "demanded", f"layers {listed(dispute.layers)} of both"
    yield "beacon", f"{dispute.source}, {dispute.round}: {dispute.beacon or 'not known yet'}"


def _verified(report: Report) -> Iterator[tuple[str, str]]:
    holds = report.verified
    if holds.proof is not None:
        yield "proof", f"{_shows(holds)} ({holds.proof.security_bits} bits of security)"
        layers = ", ".join(map(str, holds.proof.layers))
        yield "profile", f"{holds.proof.profile}, over {holds.proof.tokens:,} tokens and layers {layers}"
    if holds.commitment is not None:
        yield "commitment", holds.commitment  # whole: people compare it with a published one
    for draw in holds.draws or ():
        yield from _draw(draw)
    if holds.nearness is not None:
        yield from near_lines(holds.nearness)
    if holds.drift is not None:
        yield from drift_lines(holds.drift)
    yield from made_for_lines(holds.made_for)
    if holds.vector_digest is not None:
        yield "portrait of", f"vector {short(holds.vector_digest)}, from the common vectors of all layers"
    if holds.image is not None:
        drawn = "the portrait" if holds.image.generator is None else "drawn by the generator from the vector"
        where = drawn if holds.image.in_bundle else "none in the bundle; drawn by the verifier"
        yield "image", f"{where}, pixels {short(holds.image.sha256)}"
        if holds.image.generator is not None:
            yield "generator", f"sha256 {holds.image.generator}"  # whole: which one it is decides what the image says
    if holds.given_image is not None:
        yield "given image", "the same picture, pixel by pixel"
    if holds.weights is not None:
        opened = "; the commitment was made again from it" if holds.weights.commitment else ""
        yield "given model", f"has these vectors{opened}"


def _shows(holds: Verified) -> str:
    """What a proof shows, in a few words."""
    if holds.nearness is not None:
        return "the cosines are those of vectors of the committed weights"
    if holds.drift is not None:
        return "the committed weights differ by no more than this"
    return "the vectors are those of the committed weights"


def _signed(report: Report) -> Iterator[tuple[str, str]]:
    """What holds under keys, identities and authorities that the caller trusts."""
    attestation = report.verified.attestation
    if attestation is not None:
        yield "signed by", attestation.signer  # whole: people compare it with a key that they trust
        state = "verified" if report.ok else "but not verified"
        yield "", f"{state}; {bound(attestation.bound)}"
        if attestation.files is not None:
            yield "files", f"all {attestation.files} in the folder are as signed"
    for dated in report.verified.dates or ():
        yield "dated", f"the {dated.what} existed by {dated.by}, {_source(dated)}"
    logged = report.verified.logged
    if logged is not None:
        yield "in log", in_log(logged)
        yield "", f"the {logged.what} is entry {logged.index:,} of {logged.size:,}"


def bound(is_owner: bool) -> str:
    """What a signature says of its signer, whom the proof names as its owner or not."""
    if is_owner:
        return "bound: the proof names this signer as its owner, so they knew the weights"
    return "not bound: a signer need not know the weights"


def _source(dated: Dated) -> str:
    if dated.source == "log":
        return "by a transparency log"
    named = ", ".join(dated.authorities)
    return f"by {len(dated.authorities)} of {count(dated.tokens, 'authority', 'authorities')}: {named}"


def in_log(logged: Logged) -> str:
    """A log, and since when by its witnesses."""
    if logged.by is None:
        return f"{logged.log}; since when is not known: no witness of the policy counts"
    return f"{logged.log}, {existed(logged)}: {', '.join(logged.witnesses)}"


def existed(logged: Logged) -> str:
    """Since when an entry is known, by how many witnesses; some cosigned it."""
    return f"existed by {logged.by}, {len(logged.witnesses)} of {count(logged.known, 'witness', 'witnesses')}"


def _draw(draw: Drawn) -> Iterator[tuple[str, str]]:
    p, q = draw.sides
    tokens = f"digest {short(draw.digest)}, {p:,} and {q:,} tokens on the sides"
    match draw.kind:
        case "common":
            yield "common", f"vectors that can be compared with anyone's: {tokens}"
        case "own":
            yield "own", f"vectors whose sketches follow from the commitment: {tokens}"
        case "challenge":
            a, b = map(short, draw.commitments or ())
            yield "challenge", f"{short(draw.seed or '')}, between commitments {a} and {b}: {tokens}"
        case "custom":
            yield "custom", f"vectors by an encoder not of this release: {tokens}"
            yield "network", draw.network or ""
    if draw.beacon is not None:
        yield "beacon", draw.beacon  # whole: people compare it with the published one


def made_for_lines(made_for: MadeFor | None) -> Iterator[tuple[str, str]]:
    """Whom a proof was made for."""
    if made_for is None:
        return
    parts = (("owner (as the prover says)", made_for.owner), ("audience", made_for.audience), ("nonce", made_for.nonce))
    named = [
        f"{name} {value}{', as expected' if name.split()[0] in made_for.expected else ''}"
        for name, value in parts
        if value
    ]
    yield "made for", f"{'; '.join(named)}: by somebody who knows the committed weights"


def reason(why: str, how: str | None) -> str:
    """What was not checked, and how to check it."""
    return why if how is None else f"{why}; use: {how}"
