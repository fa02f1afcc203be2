"""Standard streams: all three are there, a reader may leave, and a letter that the terminal lacks is no error."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

from ..errors import OutputError

#: What `-o -` names: standard output.
STDOUT = Path("-")


class _Abandoned(io.FileIO):
    """A file descriptor whose reader may leave, as `| head` does: what nobody reads is dropped."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def write(data: bytes) -> None:
    """Write all of an artefact to standard output. OutputError, also when the reader left before the end."""
    try:
        sys.stdout.flush()
        with open(sys.stdout.fileno(), "wb", closefd=False) as stdout:
            stdout.write(data)
    except OSError as why:
        raise OutputError(f"standard output: cannot be written ({why.strerror})") from None


def prepare() -> None:
    """Replace what Python made of the standard streams. An exit code then says what was found, whoever reads it."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by the process that started the program
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, closefd=False))
    sys.stdout, sys.stderr = _patient(sys.stdout), _patient(sys.stderr)


def _patient(stream: Any) -> Any:
    buffer = getattr(stream, "buffer", None)
    if type(getattr(buffer, "raw", buffer)) is not io.FileIO:  # a console of Windows, or a test's
        return stream
    raw = _Abandoned(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(
        raw if type(buffer) is io.FileIO else io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
