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
from .foreign import foreign

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
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
        larger = f"larger than {limit} bytes, so it cannot be the kind of file that is expected here"
        raise InputError(f"{path}: {foreign(data) or larger}")
    return data, status


def must_be_private(path: Path, status: os.stat_result) -> None:
    """InputError unless a file of that status is this user's own and nobody else may read or write it.

    Windows keeps that elsewhere; there nothing is checked.
    """
    if not hasattr(os, "getuid"):
        return
    if status.st_uid != os.getuid():
        raise InputError(f"{path}: a secret file of another user, who knows what is in it; use one of your own")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"{path}: others on this machine may read or change this secret; run: chmod 600 {path}")


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Errors of the system inside the block become OutputError."""
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
    with awaited(path, private=private) as file:
        file.write(data)


class Awaited:
    """A file that is written at the end of long work. It takes its name when it is whole."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file, self._reserved = path, file, False

    def reserve(self, size: int) -> None:
        """Take room for so many bytes, if the disk can do that. OutputError: there is less."""
        if not hasattr(os, "posix_fallocate"):
            return
        try:
            os.posix_fallocate(self._file.fileno(), 0, size)
            self._reserved = True
        except OSError as why:  # others than these: a device, or a disk that keeps no room
            if why.errno in _FULL:
                raise OutputError(
                    f"{self._path}: there is no room for the {size / 1e6:.1f} MB that it may have ({why.strerror}); "
                    "make room, or choose another place for the output"
                ) from None

    def write(self, data: bytes) -> None:
        """Write everything, once. OutputError."""
        with writing(self._path):
            self._file.write(data)
            if self._reserved:
                self._file.truncate()


@contextlib.contextmanager
def awaited(path: Path, *, private: bool = False) -> Iterator[Awaited]:
    """As `replacing`, for a file that is written in one piece."""
    with replacing(path, private=private) as file:
        yield Awaited(path, file)


@contextlib.contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file to write to, inside `writing`. It takes that name if the block ends without an error, and is removed
    otherwise; where the system can do that, it has no name before.

    `private`: only its owner may read it.

    Raises:
        OutputError: the folder does not exist, is not writable or is full.

    """
    partial = None
    with writing(path):
        if path.exists() and not path.is_file():  # a device or pipe is written to, never replaced
            file: BinaryIO = path.open("wb")
        else:
            target = destination(path)
            partial = _beside(target)
            file = _new(partial, 0o600 if private else 0o666)
    try:
        yield file
        with writing(path):
            if partial is None:
                file.close()
            else:
                _complete(file, partial)
                partial.replace(target)
    except BaseException:
        _drop(file, partial)
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
    with writing(path):
        partial = _beside(path)
        file = _new(partial, 0o600)
        try:
            file.write(data)
            _complete(file, partial)
            os.link(partial, path)  # which, unlike a renaming, replaces nothing
        finally:
            _drop(file, partial)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _new(path: Path, mode: int) -> BinaryIO:
    """A file that did not exist. It may be without a name, so that nothing can leave it behind, until `_complete`."""
    try:
        handle = os.open(path.parent, os.O_WRONLY | os.O_TMPFILE, mode)
        if not _link(handle).exists():
            os.close(handle)
            raise FileNotFoundError
    except (AttributeError, OSError):  # unknown to some systems and disks
        binary = getattr(os, "O_BINARY", 0)  # without it, Windows changes the ends of lines
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, mode)
    return os.fdopen(handle, "wb")


def _complete(file: BinaryIO, path: Path) -> None:
    """Write a file of `_new` through to the disk, give it its name and close it."""
    file.flush()
    handle = file.fileno()
    os.fsync(handle)
    if os.fstat(handle).st_nlink == 0:
        os.link(_link(handle), path, src_dir_fd=handle)  # with a folder's handle, links are followed
    file.close()


def _link(handle: int) -> Path:
    return Path(f"/proc/self/fd/{handle}")


def _drop(file: BinaryIO, path: Path | None) -> None:
    with contextlib.suppress(OSError):  # what is buffered has no place
        file.close()
    if path is not None:
        path.unlink(missing_ok=True)


def cache() -> Path:
    """Where this program keeps what it could find out again: a folder of the user's, which may not be there."""
    given = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        return (Path(given) if given else Path.home() / ".cache") / "huref"
    except RuntimeError:  # nobody's home
        return Path(os.devnull) / "huref"
