"""The index in files of this machine, made from the table of vectors: it follows that before each scan.

Several services may share the folder. What does not go together with the table any more is made again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from ...errors import StoreError
from ...profile import named
from ...similarity.stored import Owner, Stored
from ..store.vectors import Group, Row, Vectors
from . import MOST, Near

if TYPE_CHECKING:
    from ..pool import Pool

#: Bundles that are taken in at once.
_STEP = 1000


def faults(folder: Path, vectors: Vectors) -> Iterator[str]:
    """A sentence for each group of which the index has other records than the table of vectors says. What it has not
    taken in yet is no fault. StoreError: the table cannot be read.
    """
    for group in vectors.counts():
        stored = Stored(_stem(folder, group), named(group[0]).outputs) if group[0] else None
        at, last = 0, 0
        while stored is not None and at < len(stored):
            owners = list(map(_owner, vectors.behind(group, last, _STEP)))
            while owners and at + sum(len(rows) for _, _, rows in owners) > len(stored):
                owners.pop()  # not taken in yet
            if not owners or not stored.has(at, owners):
                yield f"{folder}: the index does not belong to the table of vectors; remove it, and it is made again"
                break
            at, last = at + sum(len(rows) for _, _, rows in owners), owners[-1][0]


class Files:
    """`Index` in a folder, which is made when something is written to it."""

    filters = True

    def __init__(self, folder: Path, vectors: Vectors, pool: Pool) -> None:
        self._folder, self._vectors, self._pool = folder, vectors, pool
        #: What was seen of each group: the number of its last row, and how many vectors there are.
        self._seen: dict[Group, tuple[int, int]] = {}
        self._following = threading.Lock()

    async def size(self, group: Group) -> int:
        """See `Index`."""
        return await asyncio.to_thread(self._follow, group)

    async def near(self, group: Group, vectors: NDArray[np.int32], least: float, *, by_signs: bool) -> Near:
        """See `Index`."""
        asked = {"stem": str(_stem(self._folder, group)), "length": vectors.shape[1], "least": least, "most": MOST}
        for attempt in range(2):
            size = await self.size(group)
            fields = json.dumps(asked | {"size": size, "bySigns": by_signs}).encode()
            answer = await self._pool.do("scan", fields, np.ascontiguousarray(vectors, "<i4").tobytes())
            if answer.code == "verified":
                return Near(tuple(number for number, _ in answer.found["best"]), answer.found["count"])
            if answer.code != StoreError.code or attempt:
                break
            self._seen.pop(group, None)  # somebody removed the files
        raise StoreError(f"the index was not scanned: {answer.detail}")

    def _follow(self, group: Group) -> int:
        """Take in what the table has more; how many vectors there are then."""
        with self._following, self._failing():
            last, size = self._seen.get(group, (0, 0))
            if last and not self._vectors.behind(group, last, 1):
                return size
            self._folder.mkdir(mode=0o700, exist_ok=True)
            stored = Stored(_stem(self._folder, group), named(group[0]).outputs)
            with FileLock(self._folder / ".lock"):
                last = self._settled(stored, group)
                while rows := self._vectors.behind(group, last, _STEP):
                    stored.append(list(map(_owner, rows)))
                    last = rows[-1].number
                size = len(stored)
            self._seen[group] = last, size
            return size

    def _settled(self, stored: Stored, group: Group) -> int:
        """The number up to which files and table go together, once everything behind is cut off."""
        size = len(stored)
        stored.cut(size)
        last, sha256, records = stored.tail()
        if last == 0:
            return 0
        row = next(iter(self._vectors.numbered([last])), None)
        same = row is not None and (row.sha256, (row.common.profile, row.common.digest)) == (sha256.hex(), group)
        if row is not None and same and records == len(row.common.layers):
            return last
        stored.cut(size - records if same else 0)  # a crash, or another database
        return self._settled(stored, group)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as why:
            raise StoreError(f"{self._folder}: the index cannot be written ({why.strerror})") from None


def _stem(folder: Path, group: Group) -> Path:
    return folder / "-".join(group)


def _owner(row: Row) -> Owner:
    return row.number, bytes.fromhex(row.sha256), row.common.vectors
