"""`huref answer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import click

from ... import pipeline
from ...artefacts import answers, nearness
from ...artefacts import policy as policies
from ...artefacts.blocks import made_for_lines
from ...artefacts.commitment import read as read_commitment
from ...artefacts.context import Context
from ...artefacts.document import RESULTS, Result
from ...artefacts.intervals import Near, shown
from ...artefacts.near_lines import interval_lines
from ...artefacts.nearness import ANSWERS, ONE, AnswerKind
from ...artefacts.opening import read as read_opening
from ...artefacts.report import Identity, MadeFor
from ...artefacts.words import listed, seconds, size
from ...errors import UsageError
from ...verifier.check import made_for
from .. import counting, options
from ..app import Command
from ..bar import progress
from ..files import awaited, check_writable, load_bundle, place
from ..show import Out, formatted
from .prove import ProvedSizes

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Answered(Result):
    """What `huref answer` prints: all that the file says; `their_bundle`: the content digest of the other side's
    bundle; `seconds` of each stage.
    """

    schema: str = f"{RESULTS}/answer/v1"
    nearness: Identity
    profile: str
    layers: tuple[int, ...]
    commitment: str
    said: Near
    their_bundle: str
    made_for: MadeFor | None = None
    sizes: ProvedSizes
    seconds: Mapping[str, float]


def _reveal(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[AnswerKind, int]:
    """`at-least:0.5` -> ("at-least", 128)."""
    kind, _, bound = value.partition(":")
    if kind in ANSWERS and (kind == "rounded") == (bound == ""):
        try:
            parts = ONE * Fraction(bound or "0")
        except (ValueError, ZeroDivisionError):
            parts = Fraction(-1)
        if parts.denominator == 1 and (kind == "rounded" or 1 <= parts <= ONE):
            return kind, int(parts)  # type: ignore[return-value]  # one of the three
    raise click.BadParameter(
        f"{value[:60]!r} is not rounded, at-least:T or below:T, with a cosine T above 0 up to 1 such as 0.5"
    )


@click.command(cls=Command)
@options.model
@options.output(required=True, text="The answer: public, everything that a verifier needs.", metavar="NAME.huref.json")
@click.option("--opening", type=_PATH, required=True, metavar="SECRET", help="That of your commitment.")
@click.option("--commitment", type=_PATH, metavar="FILE", help="Your commitment: its rows are not made again then.")
@options.aligned_to
@click.option("--near", type=_PATH, required=True, metavar="BUNDLE", help="The other side's answer to the challenge.")
@click.option(
    "--their-commitment",
    type=_PATH,
    metavar="FILE",
    help="That of the other side's bundle, if it names it by its id alone.",
)
@click.option(
    "--reveal",
    default="rounded",
    show_default=True,
    metavar="WHAT",
    callback=_reveal,
    help="rounded: every cosine, down to the next 1/256; at-least:T: that one pair of layers reaches T; "
    "below:T: that all stay below T. T is 0.125, 0.25, 0.5 or 0.75.",
)
@click.option("--by-reference", is_flag=True, help="Name the commitment by its id alone; verifiers need its file too.")
@click.option("--again", is_flag=True, help="Answer though this challenge was answered so before: it tells more.")
@options.owner("Who you are: ed25519:HEX, 'https://ISSUER SUBJECT' or name:NAME. Part of the proof.")
@options.audience("Whom the proof is for. Part of the proof.")
@options.nonce("16 to 64 bytes that a verifier asked for. Part of the proof.")
@click.option(
    "--policy", type=_PATH, metavar="FILE", help="What the other side's proof must meet, and which T are allowed."
)
@formatted
def command(
    *,
    model: Path,
    output: Path,
    opening: Path,
    commitment: Path | None,
    aligned_to: Path | None,
    near: Path,
    their_commitment: Path | None,
    reveal: tuple[AnswerKind, int],
    by_reference: bool,
    again: bool,
    owner: str,
    audience: str,
    nonce: bytes | None,
    policy: Path | None,
    out: Out,
) -> None:
    """Answer a challenge without vectors: prove how near a model comes to the other side's, and nothing else.

    With 'huref prove --challenge' the answer has vectors, and anybody can compare them with those of every open model.
    Here the file holds cosines with the vectors of one bundle, that of the other side, or a bound of them. That bundle
    is verified first. Answer once in a dispute: two answers tell more than each, and a bound that follows the cosine
    tells as much as the cosine.
    """
    check_writable(output)
    secret, rules = read_opening(opening), policies.DEFAULT if policy is None else policies.read(policy)
    known = None if commitment is None else read_commitment(commitment)
    answered = counting.check(opening)
    theirs = load_bundle(str(near), rules.max_bundle_bytes, () if their_commitment is None else (their_commitment,))
    challenge = theirs.statement.challenge
    if challenge is not None and challenge.seed.hex() in answered.near and not again:
        known_by = f"challenge {challenge.seed.hex()[:16]}... was answered by nearness before"
        raise UsageError(
            f"{known_by} ({answers.beside(opening)}); two answers tell more than one: send the first, or give --again"
        )
    with awaited(output) as file:
        with progress(out) as stages:
            bundle = pipeline.answer(
                model,
                near=theirs,
                opening=secret,
                commitment=known,
                aligned_to=aligned_to,
                reveal=reveal,
                policy=rules,
                context=Context(owner, audience, nonce or b""),
                reserve=file.reserve,
                progress=stages,
            )
        counting.count(opening, bundle.statement.challenge, "near", out)
        bundle = replace(bundle, by_reference=by_reference)
        data = nearness.dump(bundle)
        file.write(data)
    statement = bundle.statement
    document = Answered(
        nearness=Identity(bundle.digest, bundle.file_digest, bundle.version),
        profile=statement.profile,
        layers=statement.shape.layers,
        commitment=statement.committed.id,
        said=shown(statement),
        their_bundle=theirs.digest,
        made_for=made_for(statement.context),
        sizes=ProvedSizes(len(data), len(bundle.proof), len(statement.commitment)),
        seconds=stages.seconds,
    )
    needed = f" --commitment {commitment or 'FILE'}" if by_reference else ""
    lines = [
        ("answer", f"{place(output)}, {size(len(data))}"),
        ("digest", bundle.digest),
        ("layers", listed(statement.shape.layers)),
        *interval_lines(document.said, theirs.statement.shape.layers),
        ("proof", f"{size(len(bundle.proof))}, in {seconds(stages.total)}"),
        ("commitment", statement.committed.id),
        ("answers", f"challenge {document.said.seed}, to bundle {theirs.digest}"),
        *made_for_lines(document.made_for),
        ("check it", f"huref verify {output} --near {near}{needed}"),
    ]
    out.result(document, f"Answered for {model}", ("", lines))
