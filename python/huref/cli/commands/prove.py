"""`huref prove`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from ...artefacts import bundle as bundles
from ...artefacts import kinds
from ...artefacts.blocks import made_for_lines
from ...artefacts.challenge import Challenge
from ...artefacts.commitment import read as read_commitment
from ...artefacts.context import Context
from ...artefacts.dispute import Dispute, must_be_closed
from ...artefacts.document import RESULTS, Part, Result
from ...artefacts.opening import read as read_opening
from ...artefacts.report import Drawn, Identity, MadeFor
from ...artefacts.words import listed, seconds, size
from ...planning.sizes import Sizes
from ...profile import DEFAULT
from ...verifier.check import drawn, made_for
from .. import counting, options
from ..app import Command
from ..bar import progress
from ..files import awaited, check_writable, place
from ..show import Out, formatted

FORGOTTEN = "not kept; use 'huref commit' first to keep one and prove against the same commitment again"


@dataclass(frozen=True)
class ProvedSizes(Part):
    """Bytes of the whole file, of the proof, of the commitment's rows."""

    file: int
    proof: int
    commitment: int


@dataclass(frozen=True, kw_only=True)
class Proved(Result):
    """What `huref prove` prints. `draws`: the vectors that are proved; `seconds` of each stage."""

    schema: str = f"{RESULTS}/prove/v1"
    bundle: Identity
    profile: str
    layers: tuple[int, ...]
    integers: int
    commitment: str
    draws: tuple[Drawn, ...]
    made_for: MadeFor | None = None
    vector_digest: str | None = None
    sizes: ProvedSizes
    seconds: Mapping[str, float]


@click.command(cls=Command)
@options.model
@options.output(required=True, text="The bundle: public, everything that a verifier needs.", metavar="NAME.huref.json")
@click.option(
    "--opening",
    type=click.Path(path_type=Path),
    metavar="SECRET",
    help="Prove against the commitment of this opening, its profile, layers and tokens.  [default: a new commitment]",
)
@click.option(
    "--commitment",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The commitment of the opening: its rows are taken from there and not made again.",
)
@options.aligned_to
@click.option("--by-reference", is_flag=True, help="Name the commitment by its id alone; verifiers need its file too.")
@click.option("--no-own", is_flag=True, help="Prove the common vectors alone, to which weights could be fitted.")
@click.option(
    "--beacon",
    callback=options.hexadecimal,
    metavar="HEX",
    help="32 to 64 random bytes, published after the commitment, that the own vectors depend on too.",
)
@click.option(
    "--challenge",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Answer this challenge, or that of this closed dispute, for the commitment of the opening.",
)
@options.owner("Who you are: ed25519:HEX, 'https://ISSUER SUBJECT' or name:NAME. Part of the proof.")
@options.audience("Whom the proof is for. Part of the proof.")
@options.nonce("16 to 64 bytes that a verifier asked for. Part of the proof.")
@click.option("--profile", help=f"The set of rules; see 'huref profiles'.  [default: {DEFAULT}, or the opening's]")
@options.layers
@options.tokens
@options.encoder_file
@click.option("--no-image", is_flag=True, help="Leave out the portrait, most of a bundle; verifiers draw it anyway.")
@options.image_by
@formatted
def command(
    *,
    model: Path,
    output: Path,
    opening: Path | None,
    commitment: Path | None,
    aligned_to: Path | None,
    by_reference: bool,
    no_own: bool,
    beacon: bytes | None,
    challenge: Path | None,
    owner: str,
    audience: str,
    nonce: bytes | None,
    profile: str | None,
    layers: options.Layers,
    tokens: Path | None,
    encoder_file: Path | None,
    no_image: bool,
    image_by: str,
    generator: Path | None,
    out: Out,
) -> None:
    """Prove that vectors are those of a model, without giving away a weight.

    Computes the fingerprint, commits to the weights and writes a bundle that anyone can check with 'huref verify'.
    Beside the common vectors it proves own vectors, whose sketches follow from the commitment, so that nobody can say
    that weights were fitted to them. With --challenge the vectors come from fresh sketches of the same weights; they
    can only be compared with the other side's answer. With --encoder-file the common vectors give way to custom ones,
    which only verifiers who have that file accept; they are never compared or searched.
    """
    from ... import image as images
    from ... import pipeline

    if challenge is not None and opening is None:
        raise click.UsageError("--challenge needs --opening: a challenge is between commitments that exist")
    new = (("--commitment", commitment), ("--aligned-to", aligned_to), ("--by-reference", by_reference or None))
    for option, given in new:
        if given is not None and opening is None:
            raise click.UsageError(f"{option} needs --opening: without it the commitment is new")
    for option, chosen in (("--profile", profile), ("--layers", layers), ("--tokens", tokens)):
        if chosen is not None and opening is not None:
            raise click.UsageError(f"{option}: the opening says what was committed to; leave it out")
    if no_image and (image_by != "portrait" or generator is not None):
        raise click.UsageError("--no-image leaves out what --image-by and --generator are about; drop one or the other")
    if encoder_file is not None and challenge is not None:
        raise click.UsageError("--encoder-file: an answer to a challenge has an encoder that nobody knew before")
    if encoder_file is not None and (image_by != "portrait" or generator is not None):
        raise click.UsageError("--encoder-file: custom vectors have no image; leave out --image-by and --generator")
    check_writable(output)
    artist = images.renderer(image_by, generator)
    answered = None if challenge is None else _asked(challenge)
    secret = None if opening is None else read_opening(opening)
    if answered is not None and opening is not None:  # now, not after minutes of work
        counting.check(opening)
    known = None if commitment is None else read_commitment(commitment)
    with awaited(output) as file:
        with progress(out) as stages:
            bundle = pipeline.prove(
                model,
                opening=secret,
                commitment=known,
                aligned_to=aligned_to,
                challenge=answered,
                own=not no_own,
                beacon=beacon or b"",
                context=Context(owner, audience, nonce or b""),
                profile=profile or DEFAULT,
                layers=layers,
                tokens=tokens,
                encoder=encoder_file,
                image=None if no_image else artist,
                reserve=file.reserve,
                progress=stages,
            )
        if answered is not None and opening is not None:
            counting.count(opening, answered, "seeds", out)
        bundle = replace(bundle, by_reference=by_reference)
        data = bundles.dump(bundle)
        file.write(data)
    statement = bundle.statement
    sizes = Sizes(statement.profile, statement.shape, len(statement.draws))
    document = Proved(
        bundle=Identity(bundle.digest, bundle.file_digest, bundle.version),
        profile=statement.profile,
        layers=statement.shape.layers,
        integers=sizes.integers,
        commitment=statement.commitment.id,
        draws=drawn(statement),
        made_for=made_for(statement.context),
        vector_digest=statement.vector_digest,
        sizes=ProvedSizes(len(data), len(bundle.proof), len(statement.commitment.rows)),
        seconds=stages.seconds,
    )
    needed = ""
    if challenge is not None:
        needed = f" --{'dispute' if kinds.at(challenge) is kinds.DISPUTE else 'challenge'} {challenge}"
    needed += "" if encoder_file is None else f" --encoder-file {encoder_file}"
    needed += f" --commitment {commitment or 'FILE'}" if by_reference else ""
    lines = [
        ("bundle", f"{place(output)}, {size(len(data))}"),
        ("digest", bundle.digest),
        ("layers", listed(statement.shape.layers)),
        ("vectors", " and ".join(draw.kind for draw in statement.draws)),
        ("proof", f"{size(len(bundle.proof))} about {sizes.integers:,} integers, in {seconds(stages.total)}"),
        *([] if bundle.image is None or artist.generator is None else [("image", f"by {generator}")]),
        ("commitment", statement.commitment.id),
        ("opening", FORGOTTEN if opening is None else str(opening)),
        *([] if answered is None else [("answers", f"challenge {answered.seed.hex()}")]),
        *made_for_lines(document.made_for),
        ("check it", f"huref verify {output}{needed}"),
    ]
    out.result(document, f"Proved {model}", ("", lines))


def _asked(path: Path) -> Challenge:
    """The challenge in a file, or that of a closed dispute."""
    found: Challenge | Dispute = kinds.load(path, kinds.CHALLENGE, kinds.DISPUTE)
    return found if isinstance(found, Challenge) else must_be_closed(found, str(path))
