"""`huref registry fsck`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ...artefacts.document import RESULTS, Document
from ...artefacts.words import count
from ...errors import Exit
from ..app import Command
from ..failure import sentence
from ..show import Out, formatted
from . import places


@dataclass(frozen=True, kw_only=True)
class Checked(Document):
    """What `huref registry fsck` prints: a sentence for each fault; none if all is well."""

    schema: str = f"{RESULTS}/registry-fsck/v1"
    ok: bool
    faults: tuple[str, ...]


@click.command("fsck", cls=Command)
@places.log
@click.option(
    "--log-policy",
    type=places.PATH,
    metavar="FILE",
    help="Check signatures by the keys of the logs in this policy too.",
)
@formatted
@click.pass_context
def command(ctx: click.Context, *, log_place: str, log_policy: Path | None, out: Out) -> None:
    """Check a log as it is kept: all tiles, entries and checkpoints, against each other. Nothing is changed.

    What a writer left undone is no fault: the next one finishes it. The exit code is 1 if there is a fault.
    """
    places.need_registry()
    from ...registry import blobs, policy
    from ...registry.fsck import faults

    known = () if log_policy is None else tuple(log.key for log in policy.read(log_policy).logs)
    found = tuple(faults(blobs.opened(log_place), known))
    headline = f"{count(len(found), 'fault')} in the log" if found else "No fault in the log"
    out.result(Checked(ok=not found, faults=found), headline, ("", [("fault", sentence(one)) for one in found]))
    if found:
        ctx.exit(Exit.REJECTED)
