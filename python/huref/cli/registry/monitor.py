"""`huref registry monitor`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...artefacts.document import RESULTS, Part, Result
from ...errors import ServiceError
from ..app import Command
from ..failure import sentence
from ..show import Out, formatted
from . import places

if TYPE_CHECKING:
    from ...registry.monitor import Monitor


@dataclass(frozen=True)
class Followed(Part):
    """A log: its largest head, with which all others go together, and what could not be looked at."""

    log: str
    size: int
    root: str
    missed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Watched(Result):
    """What `huref registry monitor` prints after it looked at each log once."""

    schema: str = f"{RESULTS}/registry-monitor/v1"
    logs: tuple[Followed, ...]


@click.command("monitor", cls=Command)
@places.policy
@places.data
@click.option("--every", type=click.IntRange(1), metavar="SECONDS", help="Go on, and look again after so many seconds.")
@formatted
def command(*, log_policy: Path, data: Path, every: int | None, out: Out) -> None:
    """Follow logs: what each shows now, to its witnesses too, must go on from what it showed before.

    Where it shows no tree that has both of two signed heads, these are kept in DIR/evidence, for anybody to check, and
    the exit code is 8, at once.
    """
    places.need_registry()
    from ...registry import policy
    from ...registry.blobs import Folder
    from ...registry.monitor import Monitor

    monitor = Monitor(policy.read(log_policy), Folder(data))
    while True:
        try:
            _once(monitor, out)
        except ServiceError as why:
            if every is None:
                raise
            out.warning(sentence(str(why)))
        if every is None:
            return
        time.sleep(every)


def _once(monitor: Monitor, out: Out) -> None:
    found = []
    for log in monitor.logs:
        head, missed = monitor.follow(log)
        found.append(Followed(head.origin, head.size, head.root.hex(), tuple(missed)))
    lines = [(log.log, f"{log.size:,} entries, root {log.root}") for log in found]
    lines += [("not seen", sentence(words)) for log in found for words in log.missed]
    out.result(Watched(logs=tuple(found)), "Every head goes on from those before", ("", lines))
