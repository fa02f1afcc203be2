"""Runs the command line on a terminal, as a person at the keyboard does."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.cli import HUREF

CTRL_C = b"\x03"
SHOW, HIDE = "\x1b[?25h", "\x1b[?25l"


class Terminal:
    """A program and the terminal that it runs on; `screen` is all that it wrote."""

    def __init__(self, program: subprocess.Popen[bytes], master: int) -> None:
        self.program, self._master = program, master
        self.screen = ""
        # a letter may come in two parts, and the echo of Ctrl-C can fall between them
        self._text = codecs.getincrementaldecoder("utf-8")("replace")

    def press(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def until(self, seen: Callable[[], bool], seconds: float = 120) -> None:
        """Reads what the program writes until `seen`; AssertionError if it ends or `seconds` pass before."""
        end = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < end, self.screen
            assert self._read(0.02) or self.program.poll() is None, self.screen

    def end(self, seconds: float = 60) -> int:
        """Reads until the program has ended; its exit code."""
        end = time.monotonic() + seconds
        while self.program.poll() is None:
            assert time.monotonic() < end, self.screen
            self._read(0.05)
        while self._read(0):
            pass
        return self.program.wait()

    def handles_signals(self) -> bool:
        """Whether the program has handlers of its own: SIGTERM is caught. Before that it is the bare interpreter."""
        status = Path(f"/proc/{self.program.pid}/status").read_text()
        caught = int(status.split("SigCgt:")[1].split()[0], 16)
        return bool(caught >> 14 & 1)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # the last process that had the terminal has closed it
            return False
        self.screen += self._text.decode(data)
        return bool(data)


@contextmanager
def terminal(*arguments: object) -> Iterator[Terminal]:
    """The command line on a terminal of its own; killed at the end, however the test went."""
    master, slave = pty.openpty()

    def take() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    command = [*HUREF, *map(str, arguments)]
    env = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, preexec_fn=take, env=env) as program:
        os.close(slave)
        try:
            yield Terminal(program, master)
        finally:
            program.kill()
            os.close(master)
