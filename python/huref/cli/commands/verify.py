"""`huref verify`."""

from __future__ import annotations

from pathlib import Path

import click

from ...errors import TABLE
from ...verify import policy as policies
from ...verify.verifiers import CHOICES, Choice
from .. import options
from ..app import Command
from ..bar import progress
from ..files import load_bundle
from ..report import show
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("bundle_path", metavar="BUNDLE", type=click.Path(allow_dash=True))
@click.option("--weights", type=_PATH, metavar="MODEL", help="Compare with this model folder too.")
@options.opening
@click.option("--challenge", type=_PATH, metavar="FILE", help="The challenge that the bundle must answer.")
@click.option("--image", type=_PATH, metavar="PNG", help="Compare the pixels of this picture too.")
@click.option("--policy", type=_PATH, metavar="FILE", help="What is accepted.  [default: robust-1, 120 bits]")
@click.option(
    "--verifier",
    type=click.Choice(CHOICES),
    default="rust",
    show_default=True,
    help="Who checks the proof: the core, the independent verifier in pure Python, or both.",
)
@formatted
@click.pass_context
def command(
    ctx: click.Context,
    *,
    bundle_path: str,
    weights: Path | None,
    opening: Path | None,
    challenge: Path | None,
    image: Path | None,
    policy: Path | None,
    verifier: Choice,
    out: Out,
) -> None:
    """Check a bundle: the proof, and that the image is the portrait of the proved vector.

    Needs no weights, no network and no secret. BUNDLE may be - for stdin. The exit code is 0 only if everything
    that was asked for holds.

    With --weights the fingerprint is computed again from a model folder; with --opening too, the commitment is made
    again, row by row. With --challenge the bundle must be the answer to that challenge.
    """
    from ... import pipeline

    if opening is not None and weights is None:
        raise click.UsageError("--opening needs --weights: the commitment is made again from the weights")
    rules = policies.DEFAULT if policy is None else policies.read(policy)
    bundle = load_bundle(bundle_path, rules.max_bundle_bytes)
    with progress(out) as stages:
        report = pipeline.verify(
            bundle,
            policy=rules,
            weights=weights,
            opening=opening,
            challenge=challenge,
            image=image,
            verifier=verifier,
            progress=stages,
        )
    show(report, bundle_path, out)
    if not report.ok:
        ctx.exit(TABLE[report.code].exit)
