"""Ctrl-C and SIGTERM: unwind; if that takes longer than a moment, leave at once, with the terminal in order.

A Python signal handler runs only when the interpreter is next at work, and a long step of the core or a blocked read
may keep it waiting. So a thread watches as well: the system's own handler writes the number of each signal to a pipe.
Only the first signal raises; the watching thread sees to it that one is enough.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

#: Seconds that the work under way may take to stop in good order, and then the terminal to be put in order.
GRACE = 0.7
#: What puts the terminal in order, the latest last.
_tidy: list[Callable[[], object]] = []


class Interrupted(KeyboardInterrupt):
    """A signal asked the program to stop."""

    def __init__(self, signum: int = signal.SIGINT) -> None:
        super().__init__("stopped by a signal")
        self.exit_code = 128 + signum


@contextmanager
def tidied(tidy: Callable[[], object]) -> Iterator[None]:
    """`tidy` is called at the end of the block; or, where a signal has no effect in time, by the thread that ends the
    process meanwhile.
    """
    _tidy.append(tidy)
    try:
        yield
    finally:
        tidy()
        _tidy.remove(tidy)


def interruptible(work: Callable[[], int], last_words: Callable[[Interrupted], object]) -> int:
    """The exit code of `work`. Meanwhile the first signal raises `Interrupted`, whatever is made of it on its way out;
    where that has no effect within GRACE, the process ends after `last_words`.

    `work` may install handlers of its own; their signals are then left to them. Signals that the program was started to
    ignore, as in the background of a script, are ignored.

    This is one function, because a signal may strike between any two: a context manager could be dropped at its `yield`
    before it hears of the exception, and what it raised then nobody could catch.
    """
    reader, writer = os.pipe()
    if hasattr(os, "set_blocking"):  # not on Windows, before Python 3.12
        os.set_blocking(writer, False)
    seen: list[int] = []
    leaving, over = threading.Lock(), threading.Event()

    def stop(signum: int, _frame: FrameType | None) -> None:
        if not seen:
            seen.append(signum)
            raise Interrupted(signum)

    def watch() -> None:
        with os.fdopen(reader, "rb", buffering=0) as numbers:
            while number := numbers.read(1):
                if signal.getsignal(number[0]) is stop and not over.wait(GRACE):
                    with leaving:
                        if over.is_set():
                            return
                        _put_in_order()
                        error = Interrupted(number[0])
                        last_words(error)
                        os._exit(error.exit_code)

    def unraisable(lost: sys.UnraisableHookArgs) -> None:
        if not isinstance(lost.exc_value, Interrupted):  # raised where it has no effect: the thread ends the process
            sys.__unraisablehook__(lost)

    threading.Thread(target=watch, daemon=True).start()
    sys.unraisablehook = unraisable
    heeded = (number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN)
    handlers = {signum: signal.signal(signum, stop) for signum in heeded}
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        return work()
    except BaseException as error:
        if seen and not isinstance(error, Interrupted):
            raise Interrupted(seen[0]) from error
        raise
    finally:
        seen.append(0)  # the first step: from here on signals raise nothing
        with leaving:  # or the process ends here
            over.set()
        signal.set_wakeup_fd(wakeup)
        for signum, handler in handlers.items():
            signal.signal(signum, signal.SIG_IGN if len(seen) > 1 else handler)  # one is enough
        sys.unraisablehook = sys.__unraisablehook__
        os.close(writer)


def _put_in_order() -> None:
    """Calls what is to be called, for no longer than GRACE: the main thread may be in the middle of writing."""

    def tidy() -> None:
        for call in reversed(_tidy):
            call()

    caller = threading.Thread(target=tidy, daemon=True)
    caller.start()
    caller.join(GRACE)
