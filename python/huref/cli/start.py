"""The first and the last steps of the program: from a bare interpreter to `entry`, and to an exit status.

Next to nothing is imported before signals are handled, so that whatever happens, from the first moment on, ends in one
sentence for people or one JSON document for machines.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from functools import partial
from typing import NoReturn

from ..memory import must_start
from . import streams
from .interrupt import interruptible


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and leave the process. Exit codes: docs/reference/cli.md, "Exit codes"."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # which would show a traceback
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    streams.prepare()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run the command line; the exit code. No exception gets out."""
    try:
        code = interruptible(partial(_work, arguments), partial(_report, arguments))
        sys.stdout.flush()
    except BaseException as error:  # a panic of the core is no Exception, and must not show a traceback either
        return _report(arguments, error)
    else:
        return code


def _work(arguments: list[str]) -> int:
    must_start()
    gc.set_threshold(50_000)  # of what is made while modules are imported nothing is garbage
    from .entry import invoke

    return invoke([*arguments])  # click consumes its list


def _report(arguments: list[str], error: BaseException) -> int:
    """Print what went wrong; the exit code."""
    try:
        from . import failure, show

        return failure.report(error, json=show.wants_json(arguments))
    except BaseException:  # not even the modules that say it could be imported
        stopped = isinstance(error, KeyboardInterrupt)
        os.write(2, b"huref: stopped\n" if stopped else b"huref: the program could not start: too little memory\n")
        return getattr(error, "exit_code", 6)
