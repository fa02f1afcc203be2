"""`huref decompose`."""

from __future__ import annotations

from pathlib import Path

import click

from ... import pipeline
from .. import options
from ..app import Command
from ..bar import progress
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)
#: Layers that are listed; of more, those evenly between.
_MOST = 12


@click.command(cls=Command)
@click.argument("suspect", type=_PATH, metavar="SUSPECT")
@click.argument("parents", type=_PATH, nargs=-1, required=True, metavar="A B...")
@click.option(
    "--base", type=_PATH, metavar="MODEL", help="What the parents were made from: weights are of the changes."
)
@options.family
@options.pickles
@formatted
def command(suspect: Path, parents: tuple[Path, ...], base: Path | None, out: Out) -> None:
    """Find of what a merged model is made: how much of each parent is in every layer.

    SUSPECT, A, B and so on are model folders of the same sizes. Their layers are compared entry by entry, so a model
    that was disguised after merging is not recognised; 'huref compare' recognises it. What is left shows whether
    something was added to the merge, such as further training.
    """
    with progress(out) as stages:
        found = pipeline.decompose(suspect, parents, base=base, progress=stages)
    names = [(f"{number}", str(parent)) for number, parent in enumerate(parents, 1)]
    lines = [("all", _row(found.weights, found.left, found.kept))]
    step = -(-len(found.layers) // _MOST)
    lines += [(f"layer {layer.layer}", _row(layer.weights, layer.left, layer.base)) for layer in found.layers[::step]]
    title = f"{found.made.capitalize()}: {suspect}"
    out.result(found, title, ("", [("why", found.reason)]), ("Parents", names), ("Weights of the parents", lines))


def _row(weights: tuple[float, ...], left: float, kept: float | None) -> str:
    parts = ", ".join(f"{weight:+.3f}" for weight in weights)
    return f"{parts}; left {left:.1%}" + ("" if kept is None else f", entries of the base {kept:.1%}")
