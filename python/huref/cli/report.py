"""The report of a verification for people: what holds, what is only claimed, what was not checked."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from ..artefacts.blocks import blocks
from ..artefacts.drift_lines import bound_words
from ..artefacts.report import Report
from ..artefacts.words import seconds, short
from ..errors import TABLE
from ..verifier.batch import Outcome, Outcomes
from .failure import sentence
from .show import Out, paragraphs


def show(report: Report, name: str, out: Out) -> None:
    """The report: on stdout if verified; a refusal for people goes to stderr. `quiet` shows refusals only."""
    if out.style == "json":
        out.result(report, "")
    elif report.failure is None:
        out.result(report, f"VERIFIED {name} in {seconds(report.verifier.seconds)}", *blocks(report))
    else:
        click.echo(f"huref: {name}: {report.code}: {report.failure.detail}", err=True)
        if out.style == "human":
            row = TABLE[report.code]
            why = [("check", report.failure.check), ("meaning", f"{row.title}."), ("what to do", row.remedy)]
            paragraphs(f"REFUSED {name}", ("", why), *blocks(report), stderr=True)


def show_many(outcomes: Sequence[Outcome], took: float, out: Out) -> None:
    """Many bundles: a line for each on stdout, or one JSON document; `quiet` names those refused, on stderr."""
    verified = sum(outcome.ok for outcome in outcomes)
    if out.style == "json":
        out.result(Outcomes(ok=verified == len(outcomes), verified=verified, bundles=tuple(outcomes)), "")
    elif out.style == "human":
        click.echo(_table(outcomes), nl=False)
        click.echo(f"{verified} of {len(outcomes)} bundles verified in {seconds(took)}")
    else:
        for outcome in outcomes:
            if not outcome.ok:
                click.echo(f"huref: {outcome.name}: {outcome.code}: {sentence(outcome.detail or '')}", err=True)


def _table(outcomes: Sequence[Outcome]) -> str:
    """A line for each bundle: name, verdict, and the vector that is proved or the reason why none is."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("Bundle", "Verdict", "Vector, or what is wrong", box=None, pad_edge=False)
    for outcome in outcomes:
        if outcome.ok and outcome.report is not None:
            verdict, what = Text("verified", "green"), _shows(outcome.report)
        else:
            verdict, what = Text(outcome.code, "red"), sentence(outcome.detail or "")
        table.add_row(Text(sentence(outcome.name)), verdict, Text(what))
    # a pipe has no width: there each bundle is one line, however long
    console = Console(width=None if sys.stdout.isatty() else 1 << 16)
    with console.capture() as text:
        console.print(table)
    return text.get()


def _shows(report: Report) -> str:
    """What a report verifies, in a few words."""
    near = report.verified.nearness
    if near is not None:
        return f"nearness ({near.answer}) to vectors of digest {short(near.digest)}"
    if report.verified.drift is not None:
        return f"drift of at most {bound_words(report.verified.drift)}"
    return f"{report.verified.vector_digest or '':.16}…"
