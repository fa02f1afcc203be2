"""Progress of long jobs: an interface with a silent default."""

from __future__ import annotations

from collections.abc import Callable

#: `(stage, done, total)`: stage is one of the stage words, done and total count units of that stage. An exception
#: raised here stops the job.
Progress = Callable[[str, int, int], object]


def silent(_stage: str, _done: int, _total: int) -> None:
    """Reports nothing: the default."""


#: Called with the bytes of each piece of a model that has come from a hub, from any thread.
fetched: list[Callable[[int], object]] = []
