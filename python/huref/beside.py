"""Work beside other work: on another core, if there is one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def alone() -> bool:
    """Whether this process was given one thread, as a worker is that shares the cores with others of its kind. Work
    beside other work then costs more than work after it.
    """
    return os.environ.get("RAYON_NUM_THREADS") == "1"


def beside(job: Callable[[], Result]) -> Future[Result]:
    """Start a job in a thread of its own; where none can be started, it is done here and now.

    A program that ends does not wait for it: the job must leave nothing behind that is half done.
    """
    done: Future[Result] = Future()

    def work() -> None:
        try:
            done.set_result(job())
        except BaseException as why:  # for the one who waits
            done.set_exception(why)

    try:
        threading.Thread(target=work, name="huref-beside", daemon=True).start()
    except RuntimeError:  # too many threads, or no memory for the stack of one
        work()
    return done
