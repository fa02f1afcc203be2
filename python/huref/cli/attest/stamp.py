"""`huref attest stamp`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ... import disk
from ...artefacts.document import RESULTS, Result
from ...extras import require
from .. import options
from ..app import Command
from ..bar import progress
from ..files import check_writable, place, write
from ..show import Out, formatted


@dataclass(frozen=True, kw_only=True)
class Stamped(Result):
    """What `huref attest stamp` prints: the file of tokens, the digest they are over, and how many there are.

    `checked`: whether the certificates of the authorities were at hand, and each token is one of theirs.
    """

    schema: str = f"{RESULTS}/attest-stamp/v1"
    timestamps: str
    sha256: str
    tokens: int
    checked: bool


@click.command("stamp", cls=Command)
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@options.tsa(required=True)
@options.authorities
@options.output(required=True, text="The tokens of all authorities in one file: public.")
@formatted
def command(*, path: Path, tsa: tuple[str, ...], authorities: Path | None, output: Path, out: Out) -> None:
    """Ask time-stamp authorities to sign the SHA-256 of FILE, a commitment or a bundle.

    That shows later that the file existed by then. Only the digest is sent (RFC 3161). A date counts as much as the
    authorities do that signed it, so name several. If one of them fails, nothing is written.

    'huref verify BUNDLE --timestamp OUTPUT --authorities PEM' checks the date, without the network.
    """
    require("rfc3161_client")
    from ...artefacts import timestamps
    from ...attest.authorities import read
    from ...attest.stamping import stamped

    check_writable(output)
    trusted = None if authorities is None else read(authorities)
    with progress(out) as stages:
        made = stamped(disk.read(path), tsa, trusted, stages)
    write(output, timestamps.dump(made))
    document = Stamped(timestamps=str(output), sha256=made.sha256, tokens=len(made.tokens), checked=trusted is not None)
    unchecked = "answered; who signed is checked where the date is: give --authorities to check it now"
    lines = [
        ("sha256", made.sha256),
        ("authorities", f"{len(made.tokens)}, {'all of them trusted' if document.checked else unchecked}"),
    ]
    out.result(document, f"Timestamps in {place(output)}", ("", lines))
