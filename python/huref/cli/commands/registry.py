"""`huref registry`: the dated log, its witnesses and its monitors."""

from __future__ import annotations

import click

from ..registry import append, feed, fsck, key, monitor, proof, pull, vkey, witness


@click.group()
def command() -> None:
    """Keep a log that dates commitments, bundles and attestations; witness one; watch one.

    A log is append-only, in the formats of C2SP (tlog-tiles and others). Witnesses cosign what it publishes, with the
    time, so that nobody needs to trust the log. 'huref verify --log-proof' checks its proofs offline.
    """


for part in (key, vkey, append, proof, feed, witness, monitor, pull, fsck):
    command.add_command(part.command)
