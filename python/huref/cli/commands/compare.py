"""`huref compare`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import click
import numpy as np

from ... import pipeline
from ...artefacts import kinds
from ...artefacts.blocks import reason
from ...artefacts.document import RESULTS, Part, Result
from ...artefacts.words import Block, count, listed
from ...errors import IncomparableError
from ...profile import DEFAULT, PAPER
from ...similarity import chance as chances
from ...similarity import chart, lineage
from ...similarity.findings import Evidence
from ...similarity.lineage import Tree
from ...similarity.summary import lines
from ...similarity.verdict import Comparison
from .. import options
from .. import paper as authors
from ..app import Command
from ..bar import progress
from ..files import check_writable, write
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)
_MARKS = {"related": "*", "alike": "~", "fitted": "!", "inconclusive": "?", "no relation shown": " ", "unrelated": " "}


@dataclass(frozen=True)
class Pair(Part):
    """Two models of a table."""

    a: str
    b: str
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class ComparisonTable(Result):
    """What `huref compare --table` prints. Rows of `similarity` and members of `tree` are in the order of `models`."""

    schema: str = f"{RESULTS}/compare-table/v1"
    models: tuple[str, ...]
    similarity: Sequence[Sequence[float]]
    pairs: tuple[Pair, ...]
    tree: Tree


@click.command(cls=Command)
@options.stored
@click.argument("models", type=_PATH, nargs=-1, required=True, metavar="A B")
@click.option(
    "--profile",
    type=click.Choice([DEFAULT, PAPER]),
    help="paper: vectors and ICS of HuRef's authors, without a verdict.  "
    f"[default: that of the fingerprints, {DEFAULT}]",
)
@click.option(
    "--tokens",
    type=_PATH,
    metavar="FILE",
    multiple=True,
    help="Profile paper: the frequency list of both models; given twice, one list for each.",
)
@options.commitments
@options.device
@click.option("--table", is_flag=True, help="Compare any number of models, each with every other.")
@click.option("-o", "--output", type=_PATH, metavar="SVG", help="With --table: draw the table and a family tree.")
@formatted
def command(
    models: tuple[Path, ...],
    profile: str | None,
    tokens: tuple[Path, ...],
    commitments: tuple[Path, ...],
    device: str,
    *,
    table: bool,
    output: Path | None,
    out: Out,
) -> None:
    """Compare two models: cosines of their layers, p-value, and a verdict on whether they are related.

    A and B are each a model folder, a file of 'huref fingerprint' or a bundle. Bundles are verified first. Two folders
    give the most evidence: their layers are matched, and terms and neurons of matched layers are compared; the verdict
    is related, unrelated or inconclusive. Of vectors alone it is never unrelated, because a side chooses its layers:
    'no relation shown' says what is known; and common vectors alone are at most 'alike', because weights can be fitted
    to them. A folder against a bundle with own vectors can be related, or fitted. The exit code is 0 for every verdict.
    """
    if profile is None and kinds.PAPER in map(kinds.at, models):
        profile = PAPER
    if tokens and profile != PAPER:
        raise click.UsageError("--tokens is for --profile paper; otherwise all tokens that both models have are used")
    if table:
        if profile == PAPER:
            raise click.UsageError("--table: profile paper has no verdicts to tabulate; leave out --profile paper")
        _table(models, commitments, device, output, out)
        return
    if len(models) != 2:
        raise click.UsageError(f"compare takes two models, {len(models)} given; for more than two, add --table")
    if output is not None:
        raise click.UsageError("-o draws a table; give --table too")
    if profile == PAPER:
        authors.compare(models, tokens, out)
        return
    with progress(out) as stages:
        found = pipeline.compare(*models, commitments=commitments, device=device, progress=stages)
    if profile not in (None, found.profile):
        raise IncomparableError(f"profile {profile} was asked for, but the fingerprints have profile {found.profile}")
    a, b = models
    blocks = [("", summary(found)), *(_blocks(found.evidence) if found.evidence else ())]
    if found.not_checked:
        blocks.append(("Not checked", [(entry.what, reason(entry.why, entry.how)) for entry in found.not_checked]))
    out.result(found, f"{found.verdict.capitalize()}: {a} and {b}", *blocks)


def _table(models: tuple[Path, ...], commitments: tuple[Path, ...], device: str, output: Path | None, out: Out) -> None:
    """Every pair, the matrix of similarities, the tree that average linkage makes of it."""
    if len(models) < 2:
        raise click.UsageError("--table needs at least two models")
    check_writable(output)
    with progress(out) as stages:
        found = {
            (i, j): pipeline.compare(models[i], models[j], commitments=commitments, device=device, progress=stages)
            for i, j in combinations(range(len(models)), 2)
        }
    matrix = np.eye(len(models))
    for (i, j), comparison in found.items():
        matrix[i, j] = matrix[j, i] = comparison.similarity
    tree = lineage.tree(matrix)
    names = [str(model) for model in models]
    if output is not None:
        verdicts = {pair: comparison.verdict for pair, comparison in found.items()}
        write(output, chart.svg(names, matrix, verdicts, tree).encode())
    pairs = tuple(Pair(names[i], names[j], comparison) for (i, j), comparison in found.items())
    document = ComparisonTable(models=tuple(names), similarity=matrix.tolist(), pairs=pairs, tree=tree)
    out.result(document, f"{count(len(models), 'model')}, {count(len(found), 'pair')}", *_matrix(names, found))


def _matrix(names: list[str], found: dict[tuple[int, int], Comparison]) -> Iterator[Block]:
    yield "", [(str(i), name) for i, name in enumerate(names, 1)]

    def row(i: int) -> str:
        return "  ".join(
            f"{comparison.similarity:+.2f}{_MARKS[comparison.verdict]}"
            for comparison in (found[j, i] for j in range(i))
        )

    yield "Similarity", [(str(i + 1), row(i)) for i in range(1, len(names))]
    marks = "* related, ~ alike, ! fitted, ? inconclusive, otherwise unrelated, or no relation shown"
    yield "", [("marks", marks)]


def summary(found: Comparison) -> list[tuple[str, str]]:
    """Lines about one comparison."""
    return [*lines(found), *_folders(found)]


def _folders(found: Comparison) -> Iterator[tuple[str, str]]:
    """What is known of two folders beside their vectors."""
    if found.shared is not None:
        yield "shared", ", ".join(f"{part}: {word}" for part, word in found.shared.items())
    if found.pcs is not None:
        yield authors.parameters(found.pcs)
    if found.evidence is not None:
        log = found.log10_p_value
        chance = "0 (the same numbers)" if log is None else chances.shown(log * chances.TEN)
        yield "p-value", f"{chance}, corrected for all that was looked at; decided by: {found.decided_by}"


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
    tests = [(finding.name, f"p = {finding.shown}: {finding.sentence}") for finding in evidence.tests if finding.ran]
    if evidence.terms is not None:
        how_well = f"shuffled tokens do as well with p at most {evidence.terms.shown}"
        tests.append(("terms", f"{evidence.terms.sentence}; {how_well}"))
    if evidence.notes:
        yield "Notes", [("note", note) for note in evidence.notes]
    yield "Evidence", [("equal", _equal(evidence)), *tests]
    left_out = [(finding.name, finding.sentence) for finding in evidence.tests if not finding.ran]
    if left_out:
        yield "Tests that were not made", left_out


def _equal(evidence: Evidence) -> str:
    """Equal tensors, in a line."""
    found = evidence.equal
    others = f"; others: {', '.join(found.others)}" if found.others else ""
    return (
        f"{found.equal} of {found.counting} matrices of equal name and shape are the same, "
        f"{found.same} of them bit for bit{others}"
    )
