"""Bundles from files or stdin; and, before minutes of work: can its outputs be written at all?"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .. import disk
from ..artefacts import bundle, proved
from ..artefacts.bundle import MAX_BYTES, Bundle
from ..artefacts.commitment import read as read_commitment
from ..artefacts.proved import Proved
from ..errors import OutputError
from . import streams


def load_bundle(path: str, max_bytes: int = MAX_BYTES, commitments: Sequence[Path] = ()) -> Bundle:
    """The bundle in a file or, for "-", from stdin. `commitments`: files, among them that of the one that it names by
    id alone.

    Errors as for `bundle.load` and `commitment.read`.
    """
    known = [read_commitment(path) for path in commitments]
    return bundle.load(sys.stdin.buffer if path == "-" else Path(path), max_bytes, known)


def load_proved(path: str, max_bytes: int = MAX_BYTES, commitments: Sequence[Path] = ()) -> Proved:
    """As `load_bundle`, of a bundle or a nearness file."""
    known = [read_commitment(path) for path in commitments]
    return proved.load(sys.stdin.buffer if path == "-" else Path(path), max_bytes, known)


def write(path: Path, data: bytes) -> None:
    """Write an output: to a file, completely or not at all, or for "-" to standard output. OutputError."""
    if path == streams.STDOUT:
        streams.write(data)
    else:
        disk.write(path, data)


@contextmanager
def awaited(path: Path) -> Iterator[disk.Awaited]:
    """An output of long work: before it, its room can be reserved; it is written at the end or not at all."""
    if path == streams.STDOUT:
        buffer = io.BytesIO()
        yield disk.Awaited(path, buffer)
        streams.write(buffer.getvalue())
    else:
        with disk.awaited(path) as file:
            yield file


def check_writable(*paths: Path | None) -> None:
    """OutputError unless a file can be made at each of the paths; None is an output nobody asked for."""
    for path in paths:
        if path is None or path == streams.STDOUT:
            continue
        try:
            if path.is_dir():
                raise OutputError(f"{path}: is a folder; name a file in it")
            if not is_device(path):
                with tempfile.NamedTemporaryFile(dir=disk.destination(path).parent, prefix=f".{path.name}."):
                    pass
        except OSError as why:
            raise OutputError(f"{path}: cannot be written ({why.strerror}); choose another place for it") from None


def check_new(path: Path) -> None:
    """OutputError unless a *new* file can be made there: secrets are never overwritten."""
    check_writable(path)
    if path.exists() or path.is_symlink():
        raise OutputError(f"{path}: exists already and is not overwritten; choose another name")


def place(path: Path) -> str:
    """An output in a result for people."""
    return "standard output" if path == streams.STDOUT else str(path)


def is_device(path: Path) -> bool:
    """Standard output, a device or a pipe: written to, never replaced."""
    return path == streams.STDOUT or (path.exists() and not path.is_file())
