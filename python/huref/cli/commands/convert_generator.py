"""`huref convert-generator`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Result
from ...artefacts.words import size
from ...extras import require
from .. import options
from ..app import Command
from ..files import check_writable, place, write
from ..show import Out, formatted


@dataclass(frozen=True, kw_only=True)
class Converted(Result):
    """What `huref convert-generator` prints: SHA-256 of the checkpoint and of the generator's file, pixels along a side
    of its images, and the bytes of its file.
    """

    schema: str = f"{RESULTS}/convert-generator/v1"
    checkpoint: str
    generator: str
    resolution: int
    bytes: int


@click.command(cls=Command)
@click.argument("checkpoint", type=click.Path(path_type=Path))
@options.output(required=True, text="The generator, for --generator of other verbs.", metavar="NAME.safetensors")
@formatted
def command(*, checkpoint: Path, output: Path, out: Out) -> None:
    """Convert a public checkpoint of StyleGAN2 to a generator, once.

    CHECKPOINT is a *.pkl of StyleGAN2 or StyleGAN2-ADA, for TensorFlow or PyTorch; the generator with averaged weights
    is taken. Such files hold programs beside weights. Nothing of them is run: what a checkpoint does not need is
    refused. The generator must take 512 numbers and no labels.
    """
    require("safetensors")
    from ...image.stylegan2.conversion import convert
    from ...image.stylegan2.generator import Generator

    check_writable(output)
    converted = convert(checkpoint)
    data = converted.to_bytes()
    found = Generator.from_bytes(data, str(output))
    write(output, data)
    document = Converted(
        checkpoint=converted.recipe["converted"]["sha256"],
        generator=found.sha256,
        resolution=found.design.resolution,
        bytes=len(data),
    )
    side = found.design.resolution
    lines = [
        ("generator", f"{place(output)}, {size(len(data))}, images of {side} x {side} pixels"),
        ("digest", f"sha256 {found.sha256}"),
        ("of", f"a checkpoint with sha256 {document.checkpoint}"),
    ]
    out.result(document, f"Converted {checkpoint}", ("", lines))
