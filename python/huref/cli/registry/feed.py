"""`huref registry feed`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Document
from ...errors import Exit
from ..app import Command
from ..show import Out, formatted
from . import places


@dataclass(frozen=True, kw_only=True)
class Fed(Document):
    """What `huref registry feed` prints: the log, its size, what witnesses answered; `ok` if the cosignatures suffice.

    A witness that had cosigned this checkpoint before was not asked again.
    """

    schema: str = f"{RESULTS}/registry-feed/v1"
    ok: bool
    log: str
    size: int
    witnesses: Mapping[str, str]


@click.command("feed", cls=Command)
@places.log
@places.keys
@places.policy
@click.option("--every", type=click.IntRange(1), metavar="SECONDS", help="Go on, and ask again after so many seconds.")
@formatted
@click.pass_context
def command(
    ctx: click.Context, *, log_place: str, key_paths: tuple[Path, ...], log_policy: Path, every: int | None, out: Out
) -> None:
    """Ask the witnesses that have not cosigned the published checkpoint yet, and publish it with what they sign.

    The exit code is 0 if the checkpoint then has the cosignatures that the policy demands, and 7 otherwise. With
    --every it runs until Ctrl-C or SIGTERM, beside a service that keeps the log, and says what has changed.
    """
    log, feed = places.opened(log_place, key_paths, log_policy)
    assert feed is not None  # noqa: S101 - the policy was given
    last = None
    while True:
        suffices = feed.suffice(log.feed())
        size = log.published().size
        found = Fed(ok=suffices, log=log.origin, size=size, witnesses=dict(feed.answers))
        if found != last:
            words = "has the cosignatures that the policy demands" if suffices else "lacks cosignatures"
            out.result(found, f"Log {log.origin} of {size:,} entries {words}", ("", places.witness_lines(feed)))
        if every is None:
            ctx.exit(Exit.OK if suffices else Exit.NETWORK)
        last = found
        time.sleep(every)
