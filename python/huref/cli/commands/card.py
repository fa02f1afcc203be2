"""`huref card`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ... import image as images
from ...artefacts import policy as policies
from ...artefacts.document import RESULTS, Result
from ...artefacts.portrait import portrayed
from ...errors import UsageError
from ...verifier.check import check, no_portrait, security_bits
from .. import options
from ..app import Command
from ..files import check_writable, load_bundle, place, write
from ..show import Out, formatted
from ..streams import STDOUT

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Card(Result):
    """What `huref card` prints beside the card: where the files are."""

    schema: str = f"{RESULTS}/card/v1"
    card: str
    image: str | None = None
    badge: str | None = None


@click.command(cls=Command)
@options.named_bundle
@options.commitments
@click.option(
    "-o",
    "--output",
    type=_PATH,
    metavar="FILE",
    default=STDOUT,
    show_default="standard output",
    help="The card: front matter in YAML and a section in Markdown.",
)
@click.option("--image", type=_PATH, metavar="PNG", callback=options.only_file, help="The portrait; the card shows it.")
@click.option("--badge", type=_PATH, metavar="SVG", callback=options.only_file, help="A badge with the commitment.")
@formatted
def command(
    *,
    bundle_path: Path,
    commitments: tuple[Path, ...],
    output: Path,
    image: Path | None,
    badge: Path | None,
    out: Out,
) -> None:
    """Write the section of a model card that leads to a bundle, its portrait and a badge.

    The bundle must verify. Put the front matter and the section into README.md beside the bundle; both name the bundle
    and the portrait by their file names. The text says what to run to check the bundle, and claims nothing that the
    proof does not show.
    """
    from ...attest import card

    check_writable(output, image, badge)
    bundle = load_bundle(str(bundle_path), policies.DEFAULT.max_bundle_bytes, commitments)
    check(bundle).raise_for_status()
    vector = portrayed(bundle.statement)
    if image is not None:
        if vector is None:
            raise UsageError(f"{bundle_path}: {no_portrait(bundle.statement)}; leave out --image")
        write(image, images.png(images.render(vector)))
    if badge is not None:
        write(badge, card.badge(bundle.statement.commitment.id).encode())
    text = card.section(
        bundle, security_bits(bundle.statement), bundle_path.name, None if image is None else image.name
    )
    write(output, text.encode())
    document = Card(
        card=str(output), image=None if image is None else str(image), badge=None if badge is None else str(badge)
    )
    lines = [(word, str(path)) for word, path in (("portrait", image), ("badge", badge)) if path is not None]
    out.result(document, f"Card in {place(output)}", ("", lines))
