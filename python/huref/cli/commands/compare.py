"""`huref compare`."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..app import Command
from ..bar import progress
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("a", type=_PATH)
@click.argument("b", type=_PATH)
@options.device
@formatted
def command(a: Path, b: Path, device: str, out: Out) -> None:
    """How related are two models? Cosine, p-value and a verdict.

    A and B are each a model folder, a file of 'huref fingerprint' or a bundle. Bundles are verified first. The verdict
    is related, unrelated or inconclusive; the exit code is 0 for each of them.
    """
    from ... import pipeline

    with progress(out) as stages:
        found = pipeline.compare(a, b, device=device, progress=stages)
    lines = [
        ("cosine", f"{found.cosine:+.4f} (1: the same, independent models: 0 ± {found.null_width:.2f})"),
        ("chance", f"p = {found.p_value:.2g}: how often independent models are this alike"),
        ("tokens", f"{found.tokens_shared:,} shared; a verdict needs {found.tokens_needed:,}"),
        ("why", found.reason),
    ]
    out.result({"ok": True, **found.as_dict()}, f"{found.verdict.capitalize()}: {a} and {b}", ("", lines))
