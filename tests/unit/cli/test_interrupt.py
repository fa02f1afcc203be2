"""A signal at every step of the first and the last moments: as each function begins, and as each builtin returns."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

import pytest

from huref.cli.interrupt import Interrupted, interruptible

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process of its own for each step")


def _struck_at(step: int) -> tuple[int, bool]:
    """Exit code of work that a signal strikes at this step, and whether it was struck."""
    left, handlers = step, (signal.SIG_DFL, signal.SIG_IGN)

    def strike(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal left
        if event in {"call", "c_return"} and signal.getsignal(signal.SIGINT) not in handlers:
            left -= 1
            if not left:
                signal.raise_signal(signal.SIGINT)

    def work() -> int:
        return len("work")

    sys.setprofile(strike)
    try:
        code = interruptible(work, lambda _: None)
    except Interrupted as stopped:
        code = stopped.exit_code
    finally:
        sys.setprofile(None)
    return code, left <= 0


def test_at_every_step(tmp_path: Path) -> None:
    codes, step, struck = [], 0, True
    while struck:
        step += 1
        said = tmp_path / str(step)
        if not (child := os.fork()):
            os.dup2(os.open(said, os.O_CREAT | os.O_WRONLY), 2)
            sys.stderr = os.fdopen(2, "w", closefd=False)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            code, struck = _struck_at(step)
            os._exit(code if struck else 77)
        status = os.waitpid(child, 0)[1]
        struck = os.waitstatus_to_exitcode(status) != 77
        codes.append(os.waitstatus_to_exitcode(status))
        assert said.read_text() == "", said.read_text()
    # before and in the work it is stopped; after it, what it returned stands
    assert set(codes[:-1]) == {130, len("work")}
    assert codes[:-1] == sorted(codes[:-1], reverse=True)
