"""`huref page`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Result
from .. import options
from ..app import Command
from ..files import check_writable, place, write
from ..show import Out, formatted


@dataclass(frozen=True, kw_only=True)
class Written(Result):
    """What `huref page` prints: the file, how many bytes it has, and its SHA-256."""

    schema: str = f"{RESULTS}/page/v1"
    file: str
    bytes: int
    sha256: str


@click.command(cls=Command)
@options.output(required=True, text="The page, such as verify.html.")
@formatted
def command(output: Path, out: Out) -> None:
    """Write a page that verifies bundles in a browser: one file, which needs no server and no network.

    It opens from disk and is the same page as that of 'huref serve'. Its own policy forbids it every connection. The
    bytes are the same for the same release: 'huref version' prints their SHA-256, with which a copy from elsewhere can
    be compared.
    """
    from ...serve.single import build

    check_writable(output)
    page = build()
    write(output, page)
    digest = hashlib.sha256(page).hexdigest()
    document = Written(file=str(output), bytes=len(page), sha256=digest)
    lines = [("bytes", f"{len(page):,}"), ("SHA-256", digest)]
    out.result(document, f"Page in {place(output)}", ("", lines))
