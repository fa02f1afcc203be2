"""`huref attest`: a publisher's signature over a bundle and the files of a release."""

from __future__ import annotations

import click

from ..attest import key, predicate, sbom, sign, stamp


@click.group()
def command() -> None:
    """Sign a bundle and the files of a release, so that others can see who publishes them.

    'huref verify BUNDLE --attestation FILE' checks what is signed here, with --key, or with --identity and --issuer.
    """


for part in (key, sign, stamp, predicate, sbom):
    command.add_command(part.command)
