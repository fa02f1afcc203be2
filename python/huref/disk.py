"""Files: read within bounds, written completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .absent import absent
from .errors import InputError, OutputError

#: Largest file that is read at all. The commitment to every layer of a 405B model has 40 MB.
MAX_BYTES = 128 << 20


def read(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file of at most `limit` bytes.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file cannot be read, or is larger.

    """
    return read_with_status(path, limit)[0]


def read_with_status(path: Path, limit: int) -> tuple[bytes, os.stat_result]:
    """The bytes of a file of at most `limit` bytes, and the status of the very file that was read. Errors as for
    `read`.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise absent(path) from None
    except OSError as why:
        raise InputError(f"{path}: cannot be read ({why.strerror})") from None
    if len(data) > limit:
        raise InputError(f"{path}: larger than {limit} bytes, so it cannot be the kind of file that is expected here")
    return data, status


def must_be_private(path: Path, status: os.stat_result) -> None:
    """InputError unless a file of that status is this user's own and nobody else may read or write it."""
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        raise InputError(f"{path}: a secret file of another user, who knows what is in it; use one of your own")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"{path}: others on this machine may read or change this secret; run: chmod 600 {path}")


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise OutputError(f"{path}: exists already and is not overwritten; choose another name") from None
    except OSError as why:
        raise OutputError(f"{path}: cannot be written ({why.strerror}); choose another place for the output") from None


def write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file completely or not at all; an older file of that name is replaced. Arguments and errors as for
    `replacing`.
    """
    with replacing(path, private=private) as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file to write to. It takes that name if the block ends without an error, and is removed otherwise.

    `private`: only its owner may read it.

    Raises:
        OutputError: the folder does not exist, is not writable or is full.

    """
    with _writing(path):
        if path.exists() and not path.is_file():  # a device or pipe is written to, never replaced
            with path.open("wb") as file:
                yield file
            return
        target = destination(path)
        partial = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        with _new(partial, 0o600 if private else 0o666) as file:
            yield file
        try:
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def destination(path: Path) -> Path:
    """The file that a path stands for: a symbolic link stays one. OSError if links go in a circle."""
    try:
        return path.resolve()
    except RuntimeError:  # until Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


def write_private(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read, completely or not at all. An existing file is never touched.

    Raises:
        OutputError: the name is taken; the folder does not exist, is not writable or is full.

    """
    with _writing(path):
        partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with _new(partial, 0o600) as file:
            file.write(data)
        try:
            os.link(partial, path)  # which, unlike a renaming, replaces nothing
        finally:
            partial.unlink()


@contextlib.contextmanager
def _new(path: Path, mode: int) -> Iterator[BinaryIO]:
    """A file that did not exist, written through to the disk; removed if the block fails."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
