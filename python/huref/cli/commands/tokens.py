"""`huref tokens`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Result
from ...artefacts.tokens import dump
from ...artefacts.words import count
from ...profile import named
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable, place, write
from ..show import Out, formatted

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Listed(Result):
    """What `huref tokens` prints: how many `tokens` the list has. Of a selection its `digest` and `profile`; of a
    frequency list how many tokens were `counted` in how many `texts`.
    """

    schema: str = f"{RESULTS}/tokens/v1"
    tokens: int
    file: str
    profile: str | None = None
    digest: str | None = None
    counted: int | None = None
    texts: int | None = None


@click.command(cls=Command)
@options.model
@options.profile
@click.option(
    "--corpus",
    type=_PATH,
    metavar="TEXTS",
    multiple=True,
    help="Count the tokens of this UTF-8 text file instead; can be given several times.",
)
@options.output(required=True, text="The list.")
@formatted
def command(*, model: Path, profile: str, corpus: tuple[Path, ...], output: Path, out: Out) -> None:
    """Write the list of tokens that a profile selects from a model, or count the tokens of texts.

    A selection is what '--tokens' of other verbs takes, so that two models are looked at over the same tokens.

    With --corpus the list is for profile paper, which takes its tokens from the end: one token id a line, most frequent
    first. Control tokens, added tokens and tokens that never occur are left out, so the texts should be long; the
    authors counted the English Wikipedia.
    """
    check_writable(output)
    if corpus:
        _count(model, corpus, output, out)
    else:
        _select(model, profile, output, out)


def _select(model: Path, profile: str, output: Path, out: Out) -> None:
    from ...model import open_model
    from ...stages.tokens import select

    found = select(open_model(model), named(profile))
    write(output, dump(found.tokens))
    document = Listed(tokens=len(found.tokens), file=str(output), profile=profile, digest=found.digest)
    lines = [
        ("profile", profile),
        ("list", f"{count(len(found.tokens), 'token')}, digest {found.digest[:16]}"),
        ("file", place(output)),
    ]
    out.result(document, f"Tokens of {model}", ("", lines))


def _count(model: Path, corpus: tuple[Path, ...], output: Path, out: Out) -> None:
    from ...model import open_model
    from ...paper.terms import PAPER_TOKENS
    from ...stages import frequency

    with progress(out) as stages:
        ids, counted = frequency.count(open_model(model), corpus, stages)
    write(output, frequency.dump_ids(ids))
    document = Listed(tokens=len(ids), file=str(output), counted=counted, texts=len(corpus))
    lines = [
        ("texts", f"{count(len(corpus), 'file')}, {count(counted, 'token')} counted"),
        ("list", f"{count(len(ids), 'token id')}, of which profile paper takes the last {min(PAPER_TOKENS, len(ids))}"),
        ("file", place(output)),
    ]
    out.result(document, f"Token frequencies for {model}", ("", lines))
