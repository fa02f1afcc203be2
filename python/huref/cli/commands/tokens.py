"""`huref tokens`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Result
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable, place, write
from ..show import Out, count, formatted

_PATH = click.Path(path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Counted(Result):
    """What `huref tokens` prints: `tokens` in the list, tokens `counted` in how many `texts`."""

    schema: str = f"{RESULTS}/tokens/v1"
    tokens: int
    counted: int
    texts: int
    file: str


@click.command(cls=Command)
@options.model
@click.option(
    "--corpus",
    type=_PATH,
    metavar="TEXTS",
    multiple=True,
    required=True,
    help="A UTF-8 text file; can be given several times.",
)
@options.output(required=True, text="The list: one token id a line, most frequent first.")
@formatted
def command(*, model: Path, corpus: tuple[Path, ...], output: Path, out: Out) -> None:
    """Count the tokens of texts with a model's tokenizer, to find the rarest.

    Profile paper takes its tokens from the end of the resulting list. Control tokens, added tokens and tokens that
    never occur are left out, so the texts should be long; the authors counted the English Wikipedia.
    """
    from ...model import open_model
    from ...paper.terms import PAPER_TOKENS
    from ...stages import frequency

    check_writable(output)
    with progress(out) as stages:
        ids, counted = frequency.count(open_model(model), corpus, stages)
    write(output, frequency.dump_ids(ids))
    document = Counted(tokens=len(ids), counted=counted, texts=len(corpus), file=str(output))
    lines = [
        ("texts", f"{count(len(corpus), 'file')}, {count(counted, 'token')} counted"),
        ("list", f"{count(len(ids), 'token id')}, of which profile paper takes the last {min(PAPER_TOKENS, len(ids))}"),
        ("file", place(output)),
    ]
    out.result(document, f"Token frequencies for {model}", ("", lines))
