"""Progress on stderr: a bar with stage, rate and time left on a terminal; one line for each stage otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

import click

from ..artefacts.words import seconds, size
from ..progress import fetched
from .interrupt import tidied
from .show import Out

if TYPE_CHECKING:
    from rich.progress import TaskID

#: What a stage does, for people.
STAGES = {
    "read": "reading the weights",
    "quantise": "bringing weights to canonical form",
    "sketch": "sketching the terms",
    "parameters": "comparing parameters",
    "layers": "matching layers",
    "evidence": "comparing layers",
    "invariants": "matching neurons without tokens",
    "terms": "multiplying the terms",
    "count": "counting tokens",
    "commit": "committing to the weights",
    "prove": "proving",
    "image": "painting the portrait",
    "pull": "fetching what is kept",
    "portraits": "painting portraits to learn from",
    "train": "training the generator",
    "stamp": "asking time-stamp authorities",
    "verify": "verifying",
}
#: Bytes that come from a hub, beside whatever stage they are for.
FETCHING = "fetching from the Hub"


class Stages:
    """A progress function that prints nothing and keeps the time: `seconds` of each stage that has ended."""

    def __init__(self) -> None:
        self.fetched = 0
        self.seconds: dict[str, float] = {}
        self._stage = ""
        self._start = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """One report of the work: a `Progress`."""
        if stage != self._stage:
            self.end()
            self._stage, self._start = stage, time.monotonic()
            self.begun(stage)
        self.moved(done, total)

    def end(self) -> None:
        """The stage under way is complete."""
        if self._stage:
            took = time.monotonic() - self._start
            self.seconds[self._stage] = round(self.seconds.get(self._stage, 0) + took, 3)
            self.ended(self._stage, took)
            self._stage = ""

    def came(self, count: int) -> None:
        """So many bytes have come from a hub."""
        self.fetched += count

    @property
    def total(self) -> float:
        """Seconds of all stages that have ended."""
        return sum(self.seconds.values())

    def begun(self, stage: str) -> None:
        """A stage begins."""

    def moved(self, done: int, total: int) -> None:
        """`done` of `total` units are done."""

    def ended(self, stage: str, took: float) -> None:
        """A stage is complete."""

    def open(self) -> None:
        """Reports will come."""

    def close(self) -> None:
        """No more reports, whether or not all went well. May be called more than once, and from another thread."""


class _Lines(Stages):
    """Prints one line when a stage ends, with its time."""

    def ended(self, stage: str, took: float) -> None:
        click.echo(f"huref: {STAGES.get(stage, stage)}: {seconds(took)}", err=True)

    def close(self) -> None:
        if self.fetched:
            click.echo(f"huref: {FETCHING}: {size(self.fetched)}", err=True)
            self.fetched = 0


class _Bars(Stages):
    """A bar for each stage: words, share, units a second, time left (at the end: time taken)."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        super().__init__()
        self._fetching: TaskID | None = None
        self._lock = Lock()
        self._bars = Progress(
            TextColumn("{task.description:<33}"),
            BarColumn(bar_width=16),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]:>11}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=Console(stderr=True),
        )

    def open(self) -> None:
        self._bars.start()

    def begun(self, stage: str) -> None:
        self._task = self._bars.add_task(STAGES.get(stage, stage), total=None, rate="")

    def moved(self, done: int, total: int) -> None:
        speed = self._bars.tasks[self._task].speed
        self._bars.update(self._task, completed=done, total=total or None, rate=f"{speed:,.0f}/s" if speed else "")

    def came(self, count: int) -> None:
        with self._lock:
            super().came(count)
            if self._fetching is None:
                self._fetching = self._bars.add_task(FETCHING, total=None, rate="")
            self._bars.update(self._fetching, completed=self.fetched, rate=size(self.fetched))

    def ended(self, stage: str, took: float) -> None:  # noqa: ARG002
        self._bars.update(self._task, completed=1, total=1, rate="")

    def close(self) -> None:
        self._bars.stop()


@contextmanager
def progress(out: Out) -> Iterator[Stages]:
    """The progress function for a job that is shown in this style."""
    kind = Stages if out.style == "quiet" else _Bars if sys.stderr.isatty() else _Lines
    stages = kind()
    fetched.append(stages.came)
    try:
        with tidied(stages.close):
            stages.open()
            yield stages
            stages.end()
    finally:
        fetched.remove(stages.came)
