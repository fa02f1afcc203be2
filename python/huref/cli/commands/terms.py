"""`huref terms`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Result
from ...profile import DEFAULT, PAPER, PROFILES
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable
from ..show import Out, formatted


@dataclass(frozen=True, kw_only=True)
class Terms(Result):
    """What `huref terms` prints: the names of the terms in the file, each `tokens` x `tokens`."""

    schema: str = f"{RESULTS}/terms/v1"
    profile: str
    tokens: int
    terms: tuple[str, ...]
    file: str


@click.command(cls=Command)
@options.model
@click.option(
    "--profile",
    type=click.Choice([*PROFILES, PAPER]),
    default=DEFAULT,
    help="paper: the definition of HuRef's authors, on the weights as they are in the files.",
)
@click.option(
    "--tokens",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Token list; or token ids, most frequent first, of which the last 4096 are used. Profile paper needs one.",
)
@options.layers
@options.output(
    callback=options.only_file,
    required=True,
    text="The terms: a numpy .npz file of float64 arrays layerL.M_a, layerL.M_b, layerL.M_f.",
)
@formatted
def command(*, model: Path, profile: str, tokens: Path | None, layers: options.Layers, output: Path, out: Out) -> None:
    """Write the full invariant terms of a model, K x K, for research.

    Terms reveal much about the weights: publish them only for a model that is public.
    """
    from ...model import open_model
    from ...paper import terms as paper
    from ...stages import terms

    check_writable(output)
    with progress(out) as stages:
        opened = open_model(model)
        found = (
            paper.terms(opened, tokens, layers, stages)
            if profile == PAPER
            else terms.terms(opened, profile, tokens, layers, stages)
        )
        sizes = terms.write(output, found)
    k = next(iter(sizes.values()))
    lines = [
        ("profile", profile),
        ("terms", ", ".join(sizes)),
        ("size", f"{k:,} x {k:,} tokens"),
        ("file", str(output)),
    ]
    document = Terms(profile=profile, tokens=k, terms=tuple(sizes), file=str(output))
    out.result(document, f"Terms of {model}", ("", lines))
