"""A file on the Hub of which parts are here: what is missing is fetched when it is read, and kept.

The parts are in a file of full size with holes in it, beside a map of its blocks that are there. It is named after the
digest of its content, so that one content is fetched once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import disk
from ...progress import fetched

#: Bytes of a block; what lies between two pieces is fetched too where it is no longer than GAP; of one request.
BLOCK, GAP, LARGEST = 1 << 12, 1 << 16, 1 << 23
#: Requests at a time.
THREADS = 16
#: Blocks after which the map is written, so that an interrupted run goes on where it was.
OFTEN = 1 << 14

#: Places from and up to which bytes are fetched.
Span = tuple[int, int]
_known: dict[Path, Remote] = {}
_counting: list[Count] = []
#: The upper byte of a number of no unusual size, in each type of two or four bytes.
MADE_UP = 0x3C


@dataclass(frozen=True)
class Remote:
    """A file on the Hub: its name in messages, address, bytes, and SHA-256 as the Hub states it. `at`: the file of
    parts.
    """

    name: str
    url: str
    size: int
    sha256: str
    at: Path
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def stands_behind(self, pointer: Path) -> None:
        """From now on, in this process, whoever reads the pointer reads this file."""
        _known[pointer] = self

    def fill(self, pieces: Iterable[tuple[int, NDArray[np.uint8]]]) -> None:
        """Bytes into each array, as many as it has, from that offset.

        Raises:
            HubError: they cannot be fetched.
            OutputError: they cannot be kept.

        """
        wanted = list(pieces)
        if _counting:
            _counting[-1].add(self, wanted)
            return
        with self._lock:
            self._fetch(wanted)
        with self.at.open("rb", buffering=0) as file:
            for offset, data in wanted:
                file.seek(offset)
                left = data.data
                while left:
                    left = left[file.readinto(left) :]

    @property
    def _map(self) -> Path:
        return self.at.with_name(f"{self.at.name}.map")

    def _fetch(self, pieces: Sequence[tuple[int, NDArray[np.uint8]]]) -> None:
        there = self.blocks()
        wanted = np.zeros_like(there)
        _mark(wanted, pieces)
        spans = list(_spans(wanted & ~there, self.size))
        if not spans:
            return
        with disk.writing(self.at):
            self.at.parent.mkdir(parents=True, exist_ok=True)
            self.at.touch()
            with self.at.open("r+b", buffering=0) as file, ThreadPoolExecutor(THREADS) as pool:
                file.truncate(self.size)
                self._keep(file, spans, there, pool)

    def _keep(
        self, file: Any, spans: list[tuple[int, int]], there: NDArray[np.bool_], pool: ThreadPoolExecutor
    ) -> None:
        noted = 0
        try:
            for (start, end), data in zip(spans, pool.map(self._get, spans), strict=True):
                file.seek(start)
                left = memoryview(data)
                while left:
                    left = left[file.write(left) :]
                there[start // BLOCK : -(-end // BLOCK)] = True
                noted += -(-(end - start) // BLOCK)
                for report in fetched:
                    report(end - start)
                if noted > OFTEN:
                    self._note(there)
                    noted = 0
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            self._note(there)

    def blocks(self) -> NDArray[np.bool_]:
        """Which blocks are there. Without the file of parts, none is."""
        count = -(-self.size // BLOCK)
        with suppress(OSError):
            if self.at.stat().st_size == self.size:
                packed = np.frombuffer(self._map.read_bytes(), np.uint8)
                if len(packed) == -(-count // 8):
                    return np.unpackbits(packed, count=count).astype(bool)
        return np.zeros(count, bool)

    def _note(self, there: NDArray[np.bool_]) -> None:
        disk.write(self._map, np.packbits(there).tobytes())

    def _get(self, span: Span) -> bytes:
        """The bytes from a place up to another."""
        from .requests import part

        return part(self.url, self.name, span, self.size, self.sha256)


class Count:
    """What would be fetched."""

    def __init__(self) -> None:
        self._wanted: dict[Path, tuple[Remote, NDArray[np.bool_]]] = {}

    @property
    def bytes(self) -> int:
        """Bytes, those left out that are here."""
        spans = (_spans(wanted & ~one.blocks(), one.size) for one, wanted in self._wanted.values())
        return sum(end - start for parts in spans for start, end in parts)

    def add(self, remote: Remote, pieces: Sequence[tuple[int, NDArray[np.uint8]]]) -> None:
        """Pieces of a file; they get numbers that are made up, so that who asks for them goes on."""
        _, wanted = self._wanted.setdefault(remote.at, (remote, np.zeros_like(remote.blocks())))
        _mark(wanted, pieces)
        for offset, data in pieces:
            if len(data) < LARGEST:  # of larger ones nobody looks at the numbers
                data[:] = np.random.default_rng(offset).integers(0, 64, len(data), np.uint8)
                data[1::2] = MADE_UP


@contextmanager
def counted() -> Iterator[Count]:
    """Inside, nothing is fetched from a hub in this process: it is counted."""
    _counting.append(Count())
    try:
        yield _counting[-1]
    finally:
        _counting.pop()


def behind(path: Path) -> Remote | None:
    """The file on the Hub that a pointer stands for in this process; None for all others."""
    return _known.get(path)


def _mark(wanted: NDArray[np.bool_], pieces: Sequence[tuple[int, NDArray[np.uint8]]]) -> None:
    """The blocks in which pieces are."""
    for offset, data in pieces:
        wanted[offset // BLOCK : -(-(offset + len(data)) // BLOCK)] = True


def _spans(missing: NDArray[np.bool_], size: int) -> Iterator[Span]:
    """Places from and up to which bytes are fetched: near ones joined, long ones cut."""
    blocks = np.flatnonzero(missing)
    if not len(blocks):
        return
    for run in np.split(blocks, np.flatnonzero(np.diff(blocks) > 1 + GAP // BLOCK) + 1):
        first, last = int(run[0]) * BLOCK, min((int(run[-1]) + 1) * BLOCK, size)
        for start in range(first, last, LARGEST):
            yield start, min(start + LARGEST, last)
