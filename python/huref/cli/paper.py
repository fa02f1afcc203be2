"""Profile paper on the command line: fingerprints and comparisons by the definition of HuRef's authors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..artefacts.words import count, listed
from . import options
from .bar import progress
from .files import check_writable, place, write
from .show import Out

if TYPE_CHECKING:
    from ..paper.compare import PaperComparison
    from ..similarity.findings import Pcs


def fingerprint(
    model: Path, tokens: Path | None, layers: options.Layers, image: Path | None, output: Path | None, out: Out
) -> None:
    """`huref fingerprint --profile paper`."""
    from ..artefacts.paper import UNITS, dump
    from ..model import open_model
    from ..paper import mean_pool as paper

    if image is not None:
        raise click.UsageError("--image: vectors of profile paper have no portrait")
    check_writable(output)
    with progress(out) as stages:
        found = paper.fingerprint(open_model(model), tokens, layers, stages)
    data = dump(found)
    if output is not None:
        write(output, data)
    first = " ".join(f"{value / UNITS:+.3f}" for value in found.vector[:6])
    lines = [
        ("profile", "paper: mean-pooled, as HuRef's authors compute it; it cannot be proved"),
        ("layers", listed(found.layers)),
        ("tokens", f"{found.tokens:,}, digest {found.token_digest[:16]}"),
        ("vector", f"{count(len(found.vector), 'number')}: {first} …"),
        *([] if output is None else [("fingerprint", place(output))]),
    ]
    out.result(data, f"Fingerprint of {model}", ("", lines))


def compare(models: tuple[Path, ...], tokens: tuple[Path, ...], out: Out) -> None:
    """`huref compare --profile paper`: two folders, or fingerprints of that profile. Never a verdict."""
    from ..paper import compare as paper

    if len(tokens) > len(models):
        raise click.UsageError("--tokens: give one list for both models, or one for each of them")
    first, second = (tokens * 2)[:2] if tokens else (None, None)
    with progress(out) as stages:
        found = paper.compare(models[0], models[1], (first, second), progress=stages)
    out.warning(found.reason)
    out.result(found, f"Inconclusive: {models[0]} and {models[1]}", ("", _summary(found)))


def _summary(found: PaperComparison) -> Iterator[tuple[str, str]]:
    yield "cosine", f"{found.cosine:+.4f}, of mean-pooled vectors (1: the same; independent models: up to 0.97)"
    if found.ics is not None and found.terms is not None:
        yield "ICS", f"{found.ics:+.4f}: mean correlation of the terms"
        yield "terms", ", ".join(f"{name} {value:+.4f}" for name, value in found.terms.items())
    if found.pcs is not None:
        yield parameters(found.pcs)
    lists = "the same list" if found.same_tokens else "two lists, rank by rank"
    yield "tokens", f"{found.tokens:,}, {lists}"


def parameters(found: Pcs) -> tuple[str, str]:
    """The line on PCS."""
    left = f"; {found.left_out:,} tensors have no counterpart" if found.left_out else ""
    return (
        "parameters",
        f"PCS {found.value:+.4f} over {found.parameters:,} in {count(found.tensors, 'tensor')}{left}; near 1: a copy "
        "that nobody disguised; a lower value says nothing",
    )
