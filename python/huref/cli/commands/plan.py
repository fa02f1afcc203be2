"""`huref plan`."""

from __future__ import annotations

from pathlib import Path

import click

from ...artefacts.words import count, listed, seconds, size
from .. import options
from ..app import Command
from ..show import Out, formatted


@click.command(cls=Command)
@options.model
@click.argument("other", type=click.Path(path_type=Path), required=False, metavar="[OTHER]")
@options.profile
@options.layers
@options.tokens
@formatted
def command(
    *, model: Path, other: Path | None, profile: str, layers: options.Layers, tokens: Path | None, out: Out
) -> None:
    """Estimate time, memory and file sizes of a proof before it starts; or what a comparison costs.

    Sizes follow from the model's shape. Time and memory are estimated: those of 'huref commit', which reads layer by
    layer, and those of 'huref prove' from the files to the bundle, on cores that do nothing else. The speed of the
    machine is measured once, in a second, and kept in the user's cache. Of a model on the Hub only headers are fetched,
    and the bytes that a fingerprint, commitment or proof would fetch are counted.
    """
    from ... import pipeline

    if other is not None:
        _comparison(model, other, out)
        return
    found = pipeline.plan(model, profile=profile, layers=layers, tokens=tokens)
    spent, memory = found.seconds, found.memory_bytes
    lines = [
        ("layers", f"{listed(found.layers)} of {found.model_layers}"),
        ("weights", f"{found.integers:,} integers in {count(found.rows, 'row')}"),
        ("commitment", size(found.sizes.commitment)),
        ("proof", f"about {size(found.sizes.proof)}"),
        ("commit", f"about {seconds(spent.quantise + spent.commit)}, {size(memory.commit)} of memory"),
        ("prove", f"about {seconds(spent.total)}, {size(memory.prove)} of memory: it holds all integers"),
    ]
    if found.fetching is not None:
        to_come, whole = found.fetching.bytes, found.fetching.weights
        lines.insert(0, ("to fetch", f"about {size(to_come)} of the {size(whole)} on the Hub, {to_come / whole:.1%}"))
    out.result(found, f"Plan for {model}: an estimate", ("", lines))


def _comparison(a: Path, b: Path, out: Out) -> None:
    from ... import pipeline

    found = pipeline.plan_comparison(a, b)
    lines = [
        ("if related", f"about {seconds(found.seconds_related)}"),
        ("otherwise", f"about {seconds(found.seconds_unrelated)}: every test is made"),
        ("memory", f"about {size(found.memory_bytes)}"),
        ("reading", f"about {size(found.read_bytes)}, which comes on top where files are not in memory"),
    ]
    out.result(found, f"Plan for comparing {a} and {b}: an estimate", ("", lines))
