"""Runs the command line for tests: in a process of its own, or here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from huref.cli.start import run
from tests.support.schemas import validated

HUREF = [sys.executable, "-m", "huref"]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What `--json` printed: it follows its schema."""
        return validated(self.out)


def process(*arguments: object, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Ran:
    """In a process of its own."""
    command = [*HUREF, *map(str, arguments)]
    done = subprocess.run(
        command, input=stdin, capture_output=True, env=os.environ | (env or {}), timeout=300, check=False
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def running(
    *arguments: object, stdin: bool = False, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that goes on meanwhile, its stderr in a pipe; killed at the end, however the test went."""
    command = [*HUREF, *map(str, arguments)]
    given = subprocess.PIPE if stdin else None
    with subprocess.Popen(
        command, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ | (env or {})
    ) as program:
        try:
            yield program
        finally:
            program.kill()


class Here:
    """In this process, output captured."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Ran:
        self._capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)


def assert_sentence(ran: Ran, code: int, *words: str) -> None:
    """That exit code, nothing on stdout, one line on stderr that holds these words; no traceback."""
    assert ran.code == code, ran
    assert ran.out == ""
    lines = ran.err.splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("huref: ")
    for word in words:
        assert word in lines[0]


def contents(folder: Path) -> set[str]:
    """Everything in a folder, hidden files included."""
    return {path.name for path in folder.iterdir()}
