"""`huref registry key`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from ... import disk
from ...artefacts.document import RESULTS, Result
from ...errors import UsageError, shown
from .. import options
from ..app import Command
from ..files import check_new, check_writable, place, write
from ..show import Out, formatted
from . import places


@dataclass(frozen=True, kw_only=True)
class LogKeyMade(Result):
    """What `huref registry key` prints: where both halves are, and the public one as policies have it."""

    schema: str = f"{RESULTS}/registry-key/v1"
    private: str
    public: str
    vkey: str


@click.command("key", cls=Command)
@click.argument("name", metavar="NAME")
@options.output(
    required=True, callback=options.only_file, text="The private key, a secret; the public half goes to FILE.pub."
)
@click.option(
    "--type",
    "kind",
    type=click.Choice(["log", "witness", "ml-dsa-44"]),
    default="log",
    show_default=True,
    help="Whose it is: Ed25519 of a log, Ed25519 of a witness, or ML-DSA-44, for a witness or as a log's second key.",
)
@formatted
def command(*, name: str, output: Path, kind: Literal["log", "witness", "ml-dsa-44"], out: Out) -> None:
    """Make a key of a log or of a witness.

    NAME says whose it is, such as example.org/log: an address without https://, which nothing needs to answer. It is
    the origin of a log, and stands in all that is signed. The public key is a line for policies.
    """
    places.need_registry()
    from ...registry.checkpoint import is_origin
    from ...registry.keys import Secret, parse

    if not is_origin(name):
        raise UsageError(f"{shown(name)}: a name has 1 to 255 bytes that can be printed, no spaces and no plus")
    public = output.with_name(output.name + ".pub")
    check_new(output)
    check_writable(public)
    made = Secret(name, parse_kind(kind), secrets.token_bytes(32))
    vkey = parse(made.key.text).text
    disk.write_private(output, made.dump())
    write(public, f"{vkey}\n".encode())
    document = LogKeyMade(private=str(output), public=str(public), vkey=vkey)
    out.result(document, f"Key in {place(output)}: keep it secret", ("", [("public", place(public)), ("vkey", vkey)]))


def parse_kind(kind: str) -> Literal["ed25519", "cosignature", "ml-dsa-44"]:
    """The type of a key by its word on the command line."""
    return "ed25519" if kind == "log" else "cosignature" if kind == "witness" else "ml-dsa-44"
