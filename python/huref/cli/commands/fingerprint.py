"""`huref fingerprint`."""

from __future__ import annotations

from pathlib import Path

import click

from ...artefacts import portrait
from ...artefacts.fingerprint import dump
from ...artefacts.words import count, listed
from ...errors import ModelError
from ...profile import PAPER, named
from .. import options
from .. import paper as authors
from ..app import Command
from ..bar import progress
from ..files import check_writable, place, write
from ..show import Out, formatted


@click.command(cls=Command)
@options.model
@options.profile
@options.layers
@options.tokens
@options.encoder_file
@options.device
@click.option(
    "--image",
    type=click.Path(path_type=Path),
    callback=options.only_file,
    metavar="PNG",
    help="Write the portrait, or the image of --image-by, there.",
)
@options.image_by
@options.output(required=False, text="Write the fingerprint there; 'huref compare' reads it.")
@formatted
def command(
    *,
    model: Path,
    profile: str,
    layers: options.Layers,
    tokens: Path | None,
    encoder_file: Path | None,
    device: str,
    image: Path | None,
    image_by: str,
    generator: Path | None,
    output: Path | None,
    out: Out,
) -> None:
    """Compute the fingerprint of a model: 512 numbers for each layer and a portrait, no proof.

    --json and the file of -o contain profile, layers, tokens, the vectors of all layers, and the one of the portrait.
    --profile paper computes the vector of HuRef's authors, for comparison with published results; its --tokens is a
    frequency list as written by 'huref tokens --corpus'. Vectors by an --encoder-file are never compared or searched.
    """
    from ... import image as images
    from ... import pipeline

    if encoder_file is not None and profile == PAPER:
        raise click.UsageError("--encoder-file: profile paper has no sketches for it; leave out one of both")
    if encoder_file is not None and image is not None:
        raise click.UsageError("--image: vectors by an encoder file have no portrait")
    if profile == PAPER:
        authors.fingerprint(model, tokens, layers, image, output, out)
        return
    outputs = named(profile).outputs
    if image is not None and outputs != portrait.OUTPUTS:
        raise click.UsageError(f"--image: profile {profile} has vectors of {outputs} numbers, which have no portrait")
    if image is None and (image_by != "portrait" or generator is not None):
        raise click.UsageError("--image-by and --generator are about an image: name its file with --image")
    check_writable(output, image)
    if image is not None and output is not None and image.resolve() == output.resolve():
        raise click.UsageError("-o and --image name the same file")
    artist = images.renderer(image_by, generator)
    with progress(out) as stages:
        found = pipeline.fingerprint(
            model,
            profile=profile,
            layers=layers,
            tokens=tokens,
            encoder=encoder_file,
            device=device,
            progress=stages,
        )
    data = dump(found)
    if image is not None:
        if found.vector is None:
            raise ModelError(f"{model}: the vectors of its layers cancel, so there is no portrait; choose other layers")
        write(image, images.png(artist.draw(found.vector)))
    if output is not None:
        write(output, data)
    picture = "portrait" if artist.generator is None else "image"
    first = " ".join(f"{value / found.units:+.3f}" for value in found.vectors[-1][:6])
    written = [(name, place(path)) for name, path in (("fingerprint", output), (picture, image)) if path is not None]
    lines = [
        ("profile", found.profile),
        *([] if found.network is None else [("encoder", f"not of this release, network {found.network}")]),
        ("layers", listed(found.layers)),
        ("tokens", f"{len(found.tokens):,}, digest {found.token_digest[:16]}"),
        ("vectors", f"{count(len(found.vectors[-1]), 'number')} a layer; the last: {first} …"),
        *written,
        *([] if artist.generator is None else [("generator", f"sha256 {artist.generator}")]),
    ]
    out.result(data, f"Fingerprint of {model}", ("", lines))
