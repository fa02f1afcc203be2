"""Ctrl-C and SIGTERM: unwind; if that takes longer than a moment, leave at once.

A Python signal handler runs only when the interpreter is next at work, and a long step of the core or a blocked read
may keep it waiting. So a thread watches as well: the system's own handler writes the number of each signal to a pipe.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
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
def interruptible(last_words: Callable[[Interrupted], object]) -> Iterator[None]:
    """Inside, signals raise `Interrupted`; where that has no effect within GRACE, the process ends after `last_words`.

    Code inside may install handlers of its own; their signals are then left to them.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    stopped = threading.Event()

    def stop(signum: int, _frame: FrameType | None) -> None:
        raise Interrupted(signum)

    def watch() -> None:
        with os.fdopen(reader, "rb", buffering=0) as numbers:
            while number := numbers.read(1):
                if signal.getsignal(number[0]) is stop and not stopped.wait(GRACE):
                    error = Interrupted(number[0])
                    last_words(error)
                    os._exit(error.exit_code)

    threading.Thread(target=watch, daemon=True).start()
    handlers = {signum: signal.signal(signum, stop) for signum in (signal.SIGINT, signal.SIGTERM)}
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        stopped.set()
        signal.set_wakeup_fd(wakeup)
        for signum, handler in handlers.items():
            signal.signal(signum, handler)
        os.close(writer)
