"""`huref check-card`."""

from __future__ import annotations

from pathlib import Path

import click

from ... import pipeline
from ...errors import TABLE
from .. import options
from ..app import Command
from ..bar import progress
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("model", type=_PATH, metavar="MODEL")
@click.option("--parent", type=_PATH, metavar="MODEL", required=True, help="Folder of the parent that the card names.")
@options.family
@options.pickles
@options.device
@formatted
@click.pass_context
def command(ctx: click.Context, model: Path, parent: Path, device: str, out: Out) -> None:
    """Check the parent that a model card names against that parent's folder.

    The card is README.md in the model folder; its field base_model names the parent. The two folders are compared as by
    'huref compare'. The exit code is 0 if the card is consistent with the weights, 8 if they contradict it, and 9 if
    the card names no parent or the comparison is inconclusive. Which folder is the named parent's, you have to know.
    """
    with progress(out) as stages:
        found = pipeline.check_card(model, parent, device=device, progress=stages)
    lines = [
        ("card", ", ".join(found.claimed) or "names no base model"),
        ("compared with", str(parent)),
        ("comparison", found.comparison.verdict),
        ("why", found.reason),
    ]
    out.result(found, f"{found.checked.capitalize()}: the card of {model}", ("", lines))
    if found.code is not None:
        ctx.exit(TABLE[found.code].exit)
