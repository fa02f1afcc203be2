"""`huref train-generator`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Result
from ...artefacts.words import size
from ...errors import UsageError
from ...extras import require
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable, place, write
from ..show import Out, formatted

#: Pixels along a side for which a generator can be trained.
SIDES = ("16", "32", "64", "128", "256", "512")


@dataclass(frozen=True, kw_only=True)
class Trained(Result):
    """What `huref train-generator` prints: SHA-256 of the generator's file, pixels along a side of its images, steps of
    the training, and the bytes of the file.
    """

    schema: str = f"{RESULTS}/train-generator/v1"
    generator: str
    resolution: int
    steps: int
    bytes: int


@click.command(cls=Command)
@click.argument("work", type=click.Path(path_type=Path))
@options.output(required=True, text="The generator, for --generator of other verbs.", metavar="NAME.safetensors")
@click.option("--resolution", type=click.Choice(SIDES), default="64", help="Pixels along a side of its images.")
@click.option("--steps", type=click.IntRange(1, 10_000_000), default=40_000, help="Steps, of 8 portraits each.")
@click.option(
    "--portraits",
    type=click.IntRange(250, 1_000_000),
    default=10_000,
    help="Different portraits to learn from; a multiple of 250.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, help="What vectors and weights are drawn from.")
@options.device
@formatted
def command(
    *,
    work: Path,
    output: Path,
    resolution: str,
    steps: int,
    portraits: int,
    seed: int,
    device: str,
    out: Out,
) -> None:
    """Train a generator of images, on portraits of random vectors.

    WORK is a folder for portraits, sheets of samples (sheet-STEPS.png: portraits that were never learned from, each
    above the generator's image of the same vector) and the state of the training. The same command goes on where an
    interrupted one was.
    """
    require("torch")
    require("safetensors")
    from ...image.stylegan2.generator import Generator
    from ...image.training import run
    from ...image.training.loop import Plan
    from ...image.training.samples import CHUNK

    if portraits % CHUNK:
        raise click.UsageError(f"--portraits: {portraits} is no multiple of {CHUNK}")
    check_writable(output)
    plan = Plan(run.design(int(resolution)), steps, portraits, seed)
    with progress(out) as stages:
        data = run.train(plan, work, _device(device), stages).to_bytes()
    found = Generator.from_bytes(data, str(output))
    write(output, data)
    document = Trained(generator=found.sha256, resolution=int(resolution), steps=steps, bytes=len(data))
    lines = [
        ("generator", f"{place(output)}, {size(len(data))}, images of {resolution} x {resolution} pixels"),
        ("digest", f"sha256 {found.sha256}"),
        ("look at", str(work / f"sheet-{steps:07d}.png")),
    ]
    out.result(document, f"Trained a generator in {steps:,} steps", ("", lines))


def _device(name: str) -> str:
    import torch

    there = torch.cuda.is_available()
    if name == "cuda" and not there:
        raise UsageError("--device cuda: torch finds no GPU here")
    return "cuda" if there and name != "cpu" else "cpu"
