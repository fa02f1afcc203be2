"""A file of weights, read into memory of our own, a piece at a time.

The file is never mapped: a mapped file that becomes shorter ends the program by a signal, from whatever thread touches
it, and a mapping of all files counts against a limit of address space. A file that is not as it was when it was first
looked at is refused by name.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from ...beside import beside
from ...errors import ModelError
from ..hub.remote import behind
from ..tensor import Tensor

#: Bytes that two threads read sooner than one.
MANY = 1 << 23


class File:
    """An ordinary file that must stay as it is. `path`; `size` in bytes."""

    def __init__(self, path: Path) -> None:
        """ModelError for a file that cannot be looked at, or is a device or pipe."""
        self.path = path
        try:
            status = path.stat()
        except OSError as why:
            raise ModelError(f"{path}: cannot be read: {why.strerror or why}") from None
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            # opening a pipe would wait for its writer
            raise ModelError(f"{path}: a device or pipe; weights are read from ordinary files")
        self.size, self._time = status.st_size, status.st_mtime_ns
        self._remote = behind(path)
        if self._remote is not None:
            self.size = self._remote.size
        # parts of one fused tensor share what was read of it, as long as one of them is in use
        self._in_use: WeakValueDictionary[tuple[int, int], NDArray[np.uint8]] = WeakValueDictionary()

    @property
    def stated(self) -> str:
        """SHA-256 of a file on a hub as that states it, in hexadecimal digits; empty where it is to be made."""
        return "" if self._remote is None else self._remote.sha256

    def fill(self, pieces: Iterable[tuple[int, NDArray[np.uint8]]]) -> None:
        """Reads bytes into each array, as many as it has, from that offset.

        Raises:
            ModelError: the file has changed, or cannot be read.
            HubError: it is on a hub, and the bytes cannot be fetched.

        """
        if self._remote is not None:
            self._remote.fill(pieces)
            return
        try:
            with self.path.open("rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                if (status.st_size, status.st_mtime_ns) != (self.size, self._time):
                    self._changed(status.st_size)
                for offset, data in pieces:
                    self._fill(file, offset, data.data)
        except OSError as why:
            raise ModelError(f"{self.path}: cannot be read: {why.strerror or why}") from None

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes from there, or as many as there are."""
        data = np.empty(max(0, min(size, self.size - offset)), np.uint8)
        self.fill([(offset, data)])
        return data.tobytes()

    def _fill_halves(self, start: int, data: NDArray[np.uint8]) -> None:
        """Reads many bytes by two threads: memory that nobody has touched takes longer than reading into it."""
        half = len(data) // 2 if len(data) >= MANY else 0
        first = beside(lambda: self.fill([(start, data[:half])])) if half else None
        self.fill([(start + half, data[half:])])
        if first is not None:
            first.result()

    def _fill(self, file: Any, offset: int, left: memoryview) -> None:
        file.seek(offset)
        while left:
            count = file.readinto(left)
            if not count:
                self._changed(os.fstat(file.fileno()).st_size)
            left = left[count:]

    def _changed(self, size: int) -> NoReturn:
        raise ModelError(
            f"{self.path}: changed while it was read: it had {self.size} bytes, and now has {size}; give a folder that "
            "nobody writes to, or start again when the file is whole"
        )

    def plain(self, start: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Tensor:
        """A tensor whose numbers follow each other from that offset. All of them read at once are read-only, because
        parts of them may be in use elsewhere; rows are read run by run.
        """
        size = math.prod(shape[1:]) * dtype.itemsize

        def whole() -> NDArray[Any]:
            wanted = start, math.prod(shape) * dtype.itemsize
            data = self._in_use.get(wanted)
            if data is None:
                data = np.empty(wanted[1], np.uint8)
                self._fill_halves(start, data)
                data.flags.writeable = False
                self._in_use[wanted] = data
            return data.view(dtype).reshape(shape)

        def rows(ids: NDArray[np.int64]) -> NDArray[Any]:
            found = np.empty((len(ids), *shape[1:]), dtype)
            self.fill_rows(start, size, ids, found.reshape(-1).view(np.uint8))
            return found

        return Tensor(shape, whole, rows if shape else None)

    def fill_rows(self, start: int, size: int, ids: NDArray[np.int64], data: NDArray[np.uint8]) -> None:
        """Reads rows of `size` bytes, the first of which begins at `start`: as many reads as there are runs of rows
        that follow each other.
        """
        done, pieces = 0, []
        for run in np.split(ids, np.flatnonzero(np.diff(ids) != 1) + 1) if len(data) else ():
            pieces.append((start + int(run[0]) * size, data[done : done + len(run) * size]))
            done += len(run) * size
        self.fill(pieces)
