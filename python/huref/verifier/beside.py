"""Work beside other work: on another core, if there is one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def beside(job: Callable[[], Result]) -> Callable[[], Result]:
    """Start a job in a thread; what waits for it and returns, or raises, what it did.

    Where no thread can be started, the job is done when its result is asked for. A job whose result nobody asks for
    still ends before the program does.
    """
    done: Future[Result] = Future()

    def work() -> None:
        try:
            done.set_result(job())
        except BaseException as why:  # for the one who waits
            done.set_exception(why)

    try:
        threading.Thread(target=work, name="huref-beside").start()
    except RuntimeError:  # too many threads, or no memory for the stack of one
        return job
    return done.result
