"""The work folder of a commitment under way: finished parts are kept, so that an interrupted commitment resumes.

Two files, in a folder that only its owner may enter (docs/decisions/0005):

    job.json  what the commitment is to (profile, shape, files): fixed before the first sum is stored
    sums      records: digest of the integers of a block of rows, number of rows, their sums, checksum

A sum is found by the digest of the very integers that it belongs to: a sum of other weights is never used, whatever
happened to the files. A record that was cut off by a crash fails its length or checksum; it and what follows are
dropped.

Both are secret: weights can be guessed against sums without blinds. The seed is not here: it is drawn after the last
sum.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from ... import disk
from ...artefacts import kinds, strict
from ...artefacts import shape as shapes
from ...artefacts.commitment import POINT
from ...errors import HurefError, OutputError, UsageError
from ...model import Model
from ..quantise import Source

if sys.platform != "win32":
    import fcntl

#: Most rows of a block: what is summed, recognised and stored together. Many at once are cheapest; two cores need some
#: seconds for one. And the leaves of the weights' digest that such a block has, each of 256 rows.
BLOCK = 1 << 13
LEAVES = BLOCK >> 8
JOB, SUMS = "job.json", "sums"
#: Bytes of a record's digest, number of rows, checksum.
_DIGEST, _COUNT, _CHECK = 32, 4, 16
#: A job names the files of a model.
_MAX_JOB = 1 << 20


def blocks(leaves: Sequence[bytes]) -> list[bytes]:
    """What each block of a piece is recognised by: SHA-256 of its leaves. Secret."""
    return [
        hashlib.sha256(b"huref/block/v1" + b"".join(leaves[start : start + LEAVES])).digest()
        for start in range(0, len(leaves), LEAVES)
    ]


class Store:
    """The sums of blocks that are known already. This one keeps none."""

    def find(self, digest: bytes) -> bytes | None:  # noqa: ARG002
        """The sums of the block whose integers have that digest, 33 bytes for each row."""
        return None

    def add(self, digest: bytes, sums: bytes) -> None:
        """Keeps the sums of a block."""


class Work(Store):
    """A store in a work folder. Made by `at`."""

    def __init__(self, folder: Path, job: dict[str, Any]) -> None:
        self._folder, self._job = folder, job
        self._known: dict[bytes, bytes] = {}
        self._file: FileIO | None = None

    @classmethod
    @contextmanager
    def at(cls, folder: Path, source: Source) -> Iterator[Work]:
        """The store in that folder; the folder itself is made when the first block is finished.

        Raises:
            UsageError: the folder belongs to a different commitment, user or purpose, or is in use.
            InputError, OutputError: it cannot be read or written.

        """
        job = _job(source)
        begun = (folder.exists() or folder.is_symlink()) and _is_begun(folder, job)
        work = cls(folder, job)
        try:
            if begun:
                work._file = work._open()
            yield work
        finally:
            if work._file is not None:
                work._file.close()

    def find(self, digest: bytes) -> bytes | None:
        """The sums of the block whose integers have that digest."""
        return self._known.get(digest)

    def add(self, digest: bytes, sums: bytes) -> None:
        """Keeps the sums of a block, on the disk when this returns. OutputError."""
        record = digest + (len(sums) // POINT).to_bytes(_COUNT, "big") + sums
        record += _check(record)
        try:
            if self._file is None:
                self._file = self._make()
            if self._file.write(record) != len(record):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file.fileno())
        except OSError as why:
            raise self._unwritable(why) from None
        self._known[digest] = sums

    def _make(self) -> FileIO:
        """The folder, and in it the job; then an empty file for sums."""
        try:
            self._folder.mkdir(mode=0o700)
        except FileExistsError:
            raise UsageError(f"{self._folder}: another process has just begun a commitment there") from None
        try:
            fields = {"mediaType": kinds.WORK.media_type, "job": self._job}
            disk.write_private(self._folder / JOB, strict.dump(fields))
            return self._open()
        except HurefError:
            discard(self._folder)
            raise

    def _open(self) -> FileIO:
        """The file of sums, locked and read, and cut where the first record that is not whole begins."""
        path = self._folder / SUMS
        try:
            file = FileIO(path, "a", opener=lambda name, flags: os.open(name, flags, 0o600))
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            whole = 0
            for digest, sums, end in _records(path.read_bytes()):
                self._known[digest], whole = sums, end
            file.truncate(whole)
            return file
        except BlockingIOError:
            raise UsageError(f"{self._folder}: another process is using it; wait until that process is done") from None
        except OSError as why:
            raise self._unwritable(why) from None

    def _unwritable(self, why: OSError) -> OutputError:
        return OutputError(
            f"{self._folder}: cannot be written ({why.strerror}); make room or choose another work folder"
        )


def discard(folder: Path) -> None:
    """Removes a work folder, the job first; nothing if there is none. OutputError if it cannot be removed."""
    try:
        (folder / JOB).unlink(missing_ok=True)
        for path in folder.iterdir() if folder.is_dir() else ():
            if _is_ours(path):
                path.unlink()
        if folder.is_dir():
            folder.rmdir()
    except OSError as why:
        raise OutputError(f"{folder}: cannot be removed ({why.strerror}), though it is no longer needed") from None


def _is_ours(path: Path) -> bool:
    """One of the two files, or what is left of one that was about to be written."""
    return path.name in (JOB, SUMS) or path.name.startswith(f".{JOB}.")


def _job(source: Source) -> dict[str, Any]:
    """What a commitment is to, as far as that can be told without reading weights."""
    shape = shapes.to_fields(source.shape)
    files = {"files": _files(source.model)}
    if source.base is not None:
        files["base"] = _files(source.base.model)
    return {"profile": source.profile.name, "tokens": source.shape.token_digest, **files, **shape}


def _files(model: Model) -> dict[str, int]:
    """The files of a model, and their sizes."""
    return {path.name: path.stat().st_size for path in model.files()}


def _is_begun(folder: Path, job: dict[str, Any]) -> bool:
    """Whether that job is in a folder of ours; if there was none in it, the folder is gone now."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
        raise UsageError(f"{folder}: not a folder that belongs to you; choose another work folder")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"{folder}: others may enter it, and a work folder holds secrets; run: chmod 700 {folder}")
    path = folder / JOB
    if not path.exists():
        if not all(map(_is_ours, folder.iterdir())):
            raise UsageError(f"{folder}: not a work folder of huref; choose another folder")
        discard(folder)
        return False
    fields = kinds.opened(kinds.WORK, disk.read(path, _MAX_JOB), str(path))
    begun = fields.take_value("job")
    fields.done()
    if begun != job:
        there = begun if isinstance(begun, dict) else {}
        differs = sorted(key for key in job.keys() | there.keys() if there.get(key) != job.get(key))
        raise UsageError(
            f"{folder}: an unfinished commitment with other {', '.join(differs)} is kept there; finish it with the "
            "model and the options that it was begun with, or remove the folder"
        )
    return True


def _check(record: bytes) -> bytes:
    return hashlib.sha256(record).digest()[:_CHECK]


def _records(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Digest, sums and end of each record, up to the first that is cut off or damaged."""
    start = 0
    while True:
        head = start + _DIGEST + _COUNT
        tail = head + POINT * int.from_bytes(data[head - _COUNT : head], "big")
        end = tail + _CHECK
        if end > len(data) or data[tail:end] != _check(data[start:tail]):
            return
        yield data[start : start + _DIGEST], data[head:tail], end
        start = end
