"""`huref train-encoder`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from ... import disk
from ...extras import require
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable
from ..show import Out, formatted, seconds, size


@click.command(cls=Command)
@options.output(
    callback=options.only_file,
    required=True,
    text="Write the encoder there, and a plot of its losses beside it.",
    metavar="SAFETENSORS",
)
@click.option("--steps", type=click.IntRange(1, 1_000_000), default=1000, help="Number of training steps.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 2), default=1, help="Everything random follows from it.")
@formatted
def command(*, output: Path, steps: int, seed: int, out: Out) -> None:
    """Train an encoder of kind 'cnn' on synthetic sketches, and measure it.

    The defaults are those with which the encoder of the package was made (docs/reference/encoder.md). Needs torch, but
    no data. An interrupted training resumes from SAFETENSORS.checkpoint when the same command is given again.
    """
    require("torch")
    from ...cnn.measure import measure, of_network
    from ...cnn.plot import svg
    from ...cnn.train import train

    checkpoint, plot = output.with_name(f"{output.name}.checkpoint"), output.with_suffix(".svg")
    check_writable(output, checkpoint, plot)
    with progress(out) as stages:
        network, state = train(checkpoint, steps, seed, stages)
        stages("measure", 0, 1)
        found = measure(of_network(network))
    data = network.to_bytes()
    disk.write(output, data)
    disk.write(plot, svg(state.losses).encode())
    digest = hashlib.sha256(data).hexdigest()
    document = {
        "ok": True,
        "encoder": {"sha256": digest, "bytes": len(data), "steps": steps, "seed": seed},
        "kept": {str(correlation): value for correlation, value in found.kept.items()},
        "nullWidth": found.null_width,
        "largestOfIndependent": found.largest,
        "notGaussian": found.rejected,
        "seconds": stages.seconds,
    }
    kept = ", ".join(f"{value:.3f} of {correlation}" for correlation, value in found.kept.items())
    lines = [
        ("encoder", f"{output}, {size(len(data))}, after {steps:,} steps in {seconds(stages.seconds['train'])}"),
        ("digest", digest),
        ("plot", str(plot)),
        ("kept", f"cosine of copies: {kept}"),
        ("null", f"independent models: 0 ± {found.null_width:.4f}, at most {found.largest:.2f}"),
        ("Gaussian", f"{found.rejected:.1%} of the coordinates are not, by a test at a level of 1 %"),
    ]
    out.result(document, f"Trained {output}", ("", lines))
