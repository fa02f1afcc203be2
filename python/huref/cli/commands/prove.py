"""`huref prove`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts import bundle as bundles
from ...artefacts.challenge import read as read_challenge
from ...artefacts.document import RESULTS, Part, Result
from ...artefacts.opening import read as read_opening
from ...artefacts.report import Identity
from ...planning.sizes import Sizes
from .. import options
from ..app import Command
from ..bar import progress
from ..files import awaited, check_writable, place
from ..show import Out, formatted, listed, seconds, size

FORGOTTEN = "not kept; use 'huref commit' first to keep one and prove against the same commitment again"


@dataclass(frozen=True)
class ProvedSizes(Part):
    """Bytes of the whole file, of the proof, of the commitment's rows."""

    file: int
    proof: int
    commitment: int


@dataclass(frozen=True, kw_only=True)
class Proved(Result):
    """What `huref prove` prints. `challenge`: the seed of the one that is answered; `seconds` of each stage."""

    schema: str = f"{RESULTS}/prove/v1"
    bundle: Identity
    profile: str
    layers: tuple[int, ...]
    integers: int
    commitment: str
    vector_digest: str
    challenge: str | None = None
    sizes: ProvedSizes
    seconds: Mapping[str, float]


@click.command(cls=Command)
@options.model
@options.output(required=True, text="The bundle: public, everything that a verifier needs.", metavar="NAME.huref.json")
@click.option(
    "--opening",
    type=click.Path(path_type=Path),
    metavar="SECRET",
    help="Prove against the commitment of this opening.  [default: a new commitment]",
)
@click.option(
    "--challenge",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answer this challenge of 'huref challenge' for the commitment of the opening.",
)
@options.profile
@options.layers
@options.tokens
@click.option("--no-image", is_flag=True, help="Leave out the portrait, most of a bundle; verifiers draw it anyway.")
@formatted
def command(
    *,
    model: Path,
    output: Path,
    opening: Path | None,
    challenge: Path | None,
    profile: str,
    layers: options.Layers,
    tokens: Path | None,
    no_image: bool,
    out: Out,
) -> None:
    """Prove that a fingerprint is that of a model, without giving away a weight.

    Computes the fingerprint, commits to the weights and writes a bundle that anyone can check with 'huref verify'. With
    --opening, give the same profile, layers and tokens as to 'huref commit'. With --challenge the vector comes from
    fresh sketches of the same weights; it can only be compared with the other side's answer.
    """
    from ... import pipeline

    if challenge is not None and opening is None:
        raise click.UsageError("--challenge needs --opening: a challenge is between commitments that exist")
    check_writable(output)
    answered = None if challenge is None else read_challenge(challenge)
    secret = None if opening is None else read_opening(opening)
    with awaited(output) as file:
        with progress(out) as stages:
            bundle = pipeline.prove(
                model,
                opening=secret,
                challenge=answered,
                profile=profile,
                layers=layers,
                tokens=tokens,
                image=not no_image,
                reserve=file.reserve,
                progress=stages,
            )
        data = bundles.dump(bundle)
        file.write(data)
    statement = bundle.statement
    sizes = Sizes(statement.profile, statement.shape)
    document = Proved(
        bundle=Identity(bundle.digest, bundle.version),
        profile=statement.profile,
        layers=statement.shape.layers,
        integers=sizes.integers,
        commitment=statement.commitment_id,
        vector_digest=statement.public.vector_digest,
        challenge=None if answered is None else answered.seed.hex(),
        sizes=ProvedSizes(len(data), len(bundle.proof), len(statement.commitment)),
        seconds=stages.seconds,
    )
    lines = [
        ("bundle", f"{place(output)}, {size(len(data))}"),
        ("digest", bundle.digest),
        ("layers", listed(statement.shape.layers)),
        ("proof", f"{size(len(bundle.proof))} about {sizes.integers:,} integers, in {seconds(stages.total)}"),
        ("commitment", statement.commitment_id),
        ("opening", FORGOTTEN if opening is None else str(opening)),
        *([] if answered is None else [("answers", f"challenge {answered.seed.hex()}")]),
        ("check it", f"huref verify {output}{'' if challenge is None else f' --challenge {challenge}'}"),
    ]
    out.result(document, f"Proved {model}", ("", lines))
