"""`huref attest key`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from ... import disk
from ...artefacts.document import RESULTS, Result
from ...errors import UsageError
from ...extras import require
from .. import options
from ..app import Command
from ..files import check_writable, place, write
from ..show import Out, formatted

#: Where the passphrase of an encrypted key stands: an argument would be seen by everybody on the machine.
PASSPHRASE = "HUREF_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, kw_only=True)
class KeyMade(Result):
    """What `huref attest key` prints: where both halves are, and the name of the key."""

    schema: str = f"{RESULTS}/attest-key/v1"
    private: str
    public: str
    name: str


@click.command("key", cls=Command)
@options.output(required=True, text="The private key, a secret; the public half goes to FILE.pub.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(["p256", "ed25519", "ml-dsa-44"]),
    default="p256",
    show_default=True,
    help="A proof can name an ed25519 key: 'huref prove --owner ed25519:HEX'. One of ml-dsa-44 withstands quantum "
    "computers; verifiers must name it in a policy.",
)
@formatted
def command(*, output: Path, kind: Literal["p256", "ed25519", "ml-dsa-44"], out: Out) -> None:
    """Make a key that signs. With a passphrase in HUREF_KEY_PASSPHRASE it is encrypted."""
    require("cryptography")
    from ...attest import keys

    public = output.with_name(output.name + ".pub")
    check_writable(output)
    check_writable(public)
    made = keys.fresh(kind)
    disk.write(output, made.pem(passphrase()), private=True)
    write(public, made.public.pem)
    document = KeyMade(private=str(output), public=str(public), name=made.public.name)
    lines = [
        ("public", place(public)),
        ("name", made.public.name),
        ("then", f"huref attest sign --key {output} BUNDLE"),
    ]
    out.result(document, f"Key in {place(output)}: keep it secret", ("", lines))


def passphrase() -> bytes | None:
    """The passphrase of an encrypted key, if one is set. UsageError: it is empty."""
    value = os.environ.get(PASSPHRASE)
    if value == "":
        raise UsageError(f"{PASSPHRASE} is empty; set it to the passphrase, or do not set it")
    return value.encode() if value is not None else None
