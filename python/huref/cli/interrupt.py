"""Ctrl-C and SIGTERM: unwind; if that takes longer than a moment (a long step of the core), leave at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: Seconds that the work under way may take to stop in good order.
GRACE = 0.7


class Interrupted(KeyboardInterrupt):
    """A signal asked the program to stop."""

    def __init__(self, signum: int = signal.SIGINT) -> None:
        super().__init__("stopped by a signal")
        self.exit_code = 128 + signum


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, signals raise `Interrupted`; where that has no effect within GRACE, the process ends."""
    timers: list[threading.Timer] = []

    def stop(signum: int, _frame: FrameType | None) -> None:
        error = Interrupted(signum)
        timers.append(threading.Timer(GRACE, os._exit, (error.exit_code,)))
        timers[-1].daemon = True
        timers[-1].start()
        raise error

    before = {signum: signal.signal(signum, stop) for signum in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for signum, handler in before.items():
            signal.signal(signum, handler)
