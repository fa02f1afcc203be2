"""`huref compare`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options
from ..app import Command
from ..bar import progress
from ..show import Block, Out, formatted, listed

if TYPE_CHECKING:
    from ...similarity import Comparison
    from ...similarity.evidence import Evidence

_PATH = click.Path(path_type=Path)
_SIDES = {
    "model folder": "a model folder",
    "verified bundle": "a bundle, verified",
    "fingerprint": "a fingerprint, as its maker says",
}


@click.command(cls=Command)
@click.argument("a", type=_PATH)
@click.argument("b", type=_PATH)
@options.device
@formatted
def command(a: Path, b: Path, device: str, out: Out) -> None:
    """How related are two models? Cosine of their vectors, how likely chance makes it, and a verdict.

    A and B are each a model folder, a file of 'huref fingerprint' or a bundle. Bundles are verified first. Two folders
    tell most: their layers are matched, and terms and neurons of matched layers compared. The verdict is related,
    unrelated or inconclusive; the exit code is 0 for each of them.
    """
    from ... import pipeline

    with progress(out) as stages:
        found = pipeline.compare(a, b, device=device, progress=stages)
    blocks = [("", _summary(found)), *(_blocks(found.evidence) if found.evidence else ())]
    out.result({"ok": True, **found.as_dict()}, f"{found.verdict.capitalize()}: {a} and {b}", *blocks)


def _summary(found: Comparison) -> list[tuple[str, str]]:
    chance = f"p = {found.p_value:.2g}: how often independent models are this alike"
    lines = [
        ("cosine", f"{found.cosine:+.4f} (1: the same, independent models: 0 ± {found.null_width:.2f})"),
        ("chance", chance),
        ("compared", " and ".join(_SIDES[side] for side in found.sides)),
        ("tokens", f"{found.tokens_shared:,} shared; a verdict needs {found.tokens_needed:,}"),
        ("why", found.reason),
    ]
    if found.evidence is None:
        return lines
    decided = f"{found.decided_by}, p = {found.corrected_p_value:.2g}, corrected for all that was looked at"
    return [*lines, ("strongest", decided)]


def _blocks(evidence: Evidence) -> Iterator[Block]:
    matched = [
        (
            f"{pair.a} - {pair.b}",
            f"M_a {pair.M_a:+.4f}, M_b {pair.M_b:+.4f}, M_f {pair.M_f:+.4f}{'' if pair.exact else ' (estimated)'}",
        )
        for pair in evidence.layers
    ]
    others = (
        ("only A", evidence.single_a, "no counterpart"),
        ("only B", evidence.single_b, "no counterpart"),
        ("left out, A", evidence.left_out_a, "a matrix is zero"),
        ("left out, B", evidence.left_out_b, "a matrix is zero"),
    )
    rest = [(name, f"{listed(layers)}: {why}") for name, layers, why in others if layers]
    yield "Layers of A and B, best matching, correlations of their terms", [*matched, *rest]
    findings = [(finding.name, f"p = {finding.p_value:.2g}: {finding.sentence}") for finding in evidence.findings]
    tokens = f"p = {evidence.tokens_p_value:.2g}: how often shuffled tokens make the best matched layers as alike"
    yield "Evidence", [*findings, ("tokens", tokens)]
