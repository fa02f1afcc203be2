"""Where the registry keeps its bytes: a folder, or an object store that speaks S3. Names to bytes, nothing else.

A name is 1 to 12 parts with slashes between them; a part has 1 to 100 letters, digits, dots, underscores and dashes,
and starts with no dot. So no name leaves its folder. What was written is on the disk, or in the store, when the call
returns; a reader sees all of it or none.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import InputError, StoreError, UsageError, shown
from ..extras import require

if TYPE_CHECKING:
    from obstore.store import S3Store

_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"
_NAME = re.compile(rf"{_PART}(?:/{_PART}){{0,11}}")
#: Seconds after which a file that never got its name was left by a process that ended.
_LEFT = 3600.0


class Blobs(Protocol):
    """All methods raise InputError for what is no name, and StoreError where the place cannot be read or written."""

    def get(self, name: str) -> bytes | None:
        """The bytes of that name; None: there is no such name."""

    def put(self, name: str, data: bytes, *, lasting: bool = True) -> None:
        """Give the bytes that name, whatever had it before. Not `lasting`: a loss of power may undo it."""

    def create(self, name: str, data: bytes) -> bool:
        """Give the bytes that name if it is free; whether it was. Of two callers at once one gets it."""

    def swap(self, name: str, before: bytes | None, data: bytes, *, lasting: bool = True) -> bool:
        """Give the bytes that name if it now has the bytes `before` (None: if it is free); whether it had.

        `lasting`: as for `put`. Of two callers at once with the same `before` one succeeds. Where a connection breaks
        off, a caller may be answered False though it succeeded: read what is there.
        """

    def names(self, folder: str = "", after: str = "") -> Iterator[str]:
        """The names in a folder and its folders that are greater than `after`, in ascending order."""

    def delete(self, *names: str) -> None:
        """Take names away; nothing happens where there is none."""


def is_name(text: str) -> bool:
    """Whether a text can be the name of bytes."""
    return _NAME.fullmatch(text) is not None


def opened(place: str) -> Blobs:
    """The folder of that path, made when something is written, or the bucket and prefix of an address `s3://BUCKET/PREFIX`.

    Region, endpoint and credentials of S3 come from the variables AWS_REGION, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and
    so on. UsageError: another kind of address, or the extra is missing.
    """
    if place.startswith("s3://"):
        require("obstore")
        from obstore.store import S3Store

        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        try:
            store = S3Store.from_url(
                place,
                retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
                client_options={"timeout": "10s", "allow_http": plain},
            )
            return Objects(store)
        except Exception as why:  # its errors have no other base
            raise UsageError(f"{shown(place)}: no S3 store ({shown(str(why))})") from None
    if "://" in place:
        raise UsageError(f"{shown(place)}: give a folder, or s3://BUCKET/PREFIX")
    return Folder(Path(place))


class Folder:
    """A folder of this machine: `Blobs`. Several processes may use it at once; readers need not be able to write."""

    def __init__(self, root: Path) -> None:
        """The folder is made when something is written. StoreError: there is a file of that name."""
        self.root = root
        self._new = root / ".new"
        with _failing(root):
            if root.exists() and not root.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with contextlib.suppress(OSError):  # what a process left that ended, unless this one may not remove it
            for left in self._new.iterdir():
                if time.time() - left.stat().st_mtime > _LEFT:
                    left.unlink(missing_ok=True)

    def get(self, name: str) -> bytes | None:
        """See `Blobs`."""
        path = self._path(name)
        with _failing(path):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def put(self, name: str, data: bytes, *, lasting: bool = True) -> None:
        """See `Blobs`."""
        path = self._path(name)
        with self._written(path, data, lasting) as new:
            new.replace(path)

    def create(self, name: str, data: bytes, *, lasting: bool = True) -> bool:
        """See `Blobs`."""
        path = self._path(name)
        with self._written(path, data, lasting) as new:
            try:
                os.link(new, path)  # which, unlike a renaming, replaces nothing
            except FileExistsError:
                return False
            finally:
                new.unlink()
        return True

    def swap(self, name: str, before: bytes | None, data: bytes, *, lasting: bool = True) -> bool:
        """See `Blobs`. UsageError: the package filelock is missing."""
        if before is None:
            return self.create(name, data, lasting=lasting)
        require("filelock")
        from filelock import FileLock

        with _failing(self.root):
            _make(self.root)
        with _failing(self.root), FileLock(self.root / ".lock"):
            if self.get(name) != before:
                return False
            self.put(name, data, lasting=lasting)
            return True

    def names(self, folder: str = "", after: str = "") -> Iterator[str]:
        """See `Blobs`."""
        path = self.root if folder == "" else self._path(folder)
        with _failing(path):
            yield from _walk(path, f"{folder}/" if folder else "", after)

    def delete(self, *names: str) -> None:
        """See `Blobs`."""
        paths = [self._path(name) for name in names]
        with _failing(self.root):
            for path in paths:
                path.unlink(missing_ok=True)
            for folder in {path.parent for path in paths}:
                _settle(folder)

    def _path(self, name: str) -> Path:
        return self.root / _checked(name)

    @contextlib.contextmanager
    def _written(self, path: Path, data: bytes, lasting: bool) -> Iterator[Path]:
        """A file with these bytes, for the block to give it its name. If they shall last, both are on the disk then."""
        with _failing(path):
            new = self._new / secrets.token_hex(16)
            _make(self._new)
            try:
                with new.open("xb") as file:
                    file.write(data)
                    file.flush()
                    if lasting:
                        os.fsync(file.fileno())
                _make(path.parent)
                yield new
                if lasting:
                    _settle(path.parent)
            except BaseException:
                new.unlink(missing_ok=True)
                raise


class Objects:
    """An object store with conditional writes (`If-None-Match`, `If-Match`), as S3 has them: `Blobs`."""

    def __init__(self, store: S3Store) -> None:
        """Asks nothing of the store yet."""
        self._store = store

    def get(self, name: str) -> bytes | None:
        """See `Blobs`."""
        found = self._got(name)
        return None if found is None else found[0]

    def put(self, name: str, data: bytes, *, lasting: bool = True) -> None:  # noqa: ARG002 - a store has no other way
        """See `Blobs`."""
        import obstore

        with _asking(name):
            obstore.put(self._store, _checked(name), data)

    def create(self, name: str, data: bytes) -> bool:
        """See `Blobs`."""
        return self.swap(name, None, data)

    def swap(self, name: str, before: bytes | None, data: bytes, *, lasting: bool = True) -> bool:  # noqa: ARG002
        """See `Blobs`."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        found = None if before is None else self._got(name)
        if (None if found is None else found[0]) != before:
            return False
        with _asking(name):
            try:
                tag = None if found is None else found[1]
                obstore.put(self._store, _checked(name), data, mode="create" if tag is None else {"e_tag": tag})
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                return False
        return True

    def names(self, folder: str = "", after: str = "") -> Iterator[str]:
        """See `Blobs`."""
        import obstore

        with _asking(folder):
            for page in obstore.list(self._store, prefix=_checked(folder) if folder else None, offset=after or None):
                for found in page:
                    yield found["path"]

    def delete(self, *names: str) -> None:
        """See `Blobs`."""
        import obstore

        paths = list(map(_checked, names))
        if paths:
            with _asking(paths[0]), contextlib.suppress(FileNotFoundError):
                obstore.delete(self._store, paths)

    def _got(self, name: str) -> tuple[bytes, str | None] | None:
        """Bytes and their tag."""
        import obstore

        with _asking(name):
            try:
                found = obstore.get(self._store, _checked(name))
                return bytes(found.bytes()), found.meta["e_tag"]
            except FileNotFoundError:
                return None


def _checked(name: str) -> str:
    if not is_name(name):
        raise InputError(f"{shown(name)}: nothing can be kept under this name")
    return name


@contextlib.contextmanager
def _failing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as why:
        raise StoreError(f"{path}: cannot be read or written ({why.strerror})") from None


@contextlib.contextmanager
def _asking(name: str) -> Iterator[None]:
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError, ValueError) as why:
        reason = ascii(str(why).partition("\n")[0][:200])
        raise StoreError(f"object {shown(name)}: the store did not do what was asked ({reason})") from None


def _make(folder: Path) -> None:
    """The folder and those above it, each on the disk."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _settle(folder.parent)


def _settle(folder: Path) -> None:
    """Bring the names in a folder to the disk. Windows does that by itself."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _walk(folder: Path, prefix: str, after: str) -> Iterator[str]:
    try:
        found = {entry.name + "/" * entry.is_dir(): entry for entry in os.scandir(folder) if entry.name[0] != "."}
    except FileNotFoundError:
        return
    for name in sorted(found):  # with the slash, the order of folders is that of the names in them
        if not name.endswith("/"):
            if prefix + name > after:
                yield prefix + name
        elif prefix + name > after or after.startswith(prefix + name):
            yield from _walk(folder / name, prefix + name, after)
