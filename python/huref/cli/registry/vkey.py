"""`huref registry vkey`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Result
from ..app import Command
from ..show import Out, formatted
from . import places


@dataclass(frozen=True, kw_only=True)
class Vkey(Result):
    """What `huref registry vkey` prints: the name of a key, its type, and the line for policies."""

    schema: str = f"{RESULTS}/registry-vkey/v1"
    name: str
    type: str
    vkey: str


@click.command("vkey", cls=Command)
@click.argument("path", metavar="SECRET", type=places.PATH)
@formatted
def command(*, path: Path, out: Out) -> None:
    """Print the public half of a secret key, a line for policies.

    That of the log that a service keeps: 'huref registry vkey DIR/log.key', where DIR is its folder.
    """
    places.need_registry()
    from ...registry.keys import read_secret

    key = read_secret(path).key
    out.result(Vkey(name=key.name, type=key.kind, vkey=key.text), key.text)
