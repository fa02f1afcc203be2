"""What the program says. Results go to stdout; progress, warnings and errors to stderr."""

from __future__ import annotations

import functools
import json
import os
import shutil
import textwrap
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from ..artefacts.document import Document
from ..artefacts.words import Block
from ..errors import ModelWarning
from .failure import sentence
from .streams import STDOUT

#: Column where the text of a line begins.
_INDENT = 15
STYLES = ("human", "json", "quiet")


@dataclass(frozen=True)
class Out:
    """How results are shown: `human` text, `json` (one document), `quiet` (the exit code says it).

    `aside`: standard output carries a file, and text goes to stderr.
    """

    style: str
    aside: bool = False

    def result(self, document: Document | bytes, headline: str, *blocks: Block) -> None:
        """Show a result: for machines the document, or the bytes of an artefact; for people headline and blocks."""
        if self.style == "json":
            text = document.decode() if isinstance(document, bytes) else f"{json.dumps(document.to_json())}\n"
            click.echo(text, nl=False)
        elif self.style == "human":
            paragraphs(headline, *blocks, stderr=self.aside)

    def warning(self, text: str) -> None:
        """Print something that must not be overlooked, on stderr; JSON documents contain it themselves."""
        if self.style == "human":
            click.echo(f"huref: warning: {text}", err=True)


def formatted(function: Callable[..., object]) -> Callable[..., object]:
    """Give a command the options --format and --json, and the parameter `out`."""

    @click.option("--format", type=click.Choice(STYLES), default="human", help="How the result is shown.")
    @click.option("--json", is_flag=True, help="The same as --format json.")
    @functools.wraps(function)
    def command(*arguments: Any, **parameters: Any) -> object:
        style, as_json = parameters.pop("format"), parameters.pop("json")
        out = Out("json" if as_json else style, aside=parameters.get("output") == STDOUT)
        if out.aside and out.style == "json":
            raise click.UsageError("-o - and --json both write to standard output; leave one of them out")
        with _warnings(out):
            return function(*arguments, out=out, **parameters)

    return command


@contextmanager
def _warnings(out: Out) -> Iterator[None]:
    """What a model's reader warns of is said once, in the words of the program."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", ModelWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any) -> None:
            if issubclass(category, ModelWarning):
                out.warning(sentence(str(message)))
            else:
                others(message, category, *where)

        warnings.showwarning = show  # type: ignore[assignment]
        yield


def wants_json(arguments: list[str]) -> bool:
    """Whether a JSON document is expected, known before (and when) the arguments cannot be parsed."""
    verb = next((a for a in arguments if not a.startswith("-")), "").upper().replace("-", "_")
    asked = os.environ.get(f"HUREF_{verb}_JSON", "") not in ("", "0", "false")
    style = os.environ.get(f"HUREF_{verb}_FORMAT", "")
    for before, argument in zip(["", *arguments], arguments, strict=False):
        asked |= argument == "--json"
        if before == "--format":
            style = argument
        elif argument.startswith("--format="):
            style = argument.removeprefix("--format=")
    return asked or style == "json"


def paragraphs(headline: str, *blocks: Block, stderr: bool = False) -> None:
    """A headline, then titled blocks of aligned lines, wrapped to the terminal (80 columns where there is none)."""
    width = shutil.get_terminal_size((80, 24)).columns
    click.echo(_bold(headline), err=stderr)
    for title, lines in blocks:
        click.echo("", err=stderr)
        if title:
            click.echo(_bold(title), err=stderr)
        for name, text in lines:
            click.echo(_line(name, text, width), err=stderr)


def _bold(text: str) -> str:
    return text if "NO_COLOR" in os.environ else click.style(text, bold=True)


def _line(name: str, text: str, width: int) -> str:
    hanging = " " * _INDENT
    first = f"  {name}".ljust(_INDENT - 2) + "  "
    # a long word, such as the name of a key, stays whole: people copy it
    wrapper = textwrap.TextWrapper(
        max(width, 2 * _INDENT), first, hanging, break_on_hyphens=False, break_long_words=False
    )
    return wrapper.fill(text)
