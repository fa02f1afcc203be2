"""An index in files, which grows at its end and is read in pieces, so that memory does not grow with it.

Three files hold a record for each vector: its signs, its numbers as bytes, and its head (who owns it, and what the
bytes are worth). It can be made again from the vectors at any time. One process writes at a time; those who read know
how many records there are.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .index import Index, Vectors
from .signs import Signs

#: The number and the digest of what owns a vector, and what `Index` has beside a row.
HEAD = np.dtype([("owner", "<i8"), ("sha256", "V32"), ("step", "<f4"), ("error", "<f4")])
#: Number, digest of 32 bytes, vectors.
Owner = tuple[int, bytes, Vectors]
_FILES: dict[str, np.dtype[Any]] = {"signs": np.dtype("<u8"), "rows": np.dtype("i1"), "heads": HEAD}
#: Vectors that are mapped at once; no owner has so many.
BLOCK = 1 << 16


@dataclass(frozen=True)
class Stored:
    """The index of vectors of `length` numbers, a multiple of 64, in the files that begin with `stem`."""

    stem: Path
    length: int

    def __len__(self) -> int:
        """How many records are whole."""
        return min(self._size(name) // self._record(name) for name in _FILES)

    def tail(self) -> tuple[int, bytes, int]:
        """Of the last owner: number, digest, and how many records it has; 0, nothing and 0 if there is none."""
        size = len(self)
        start = max(0, size - BLOCK)
        heads = self._mapped("heads", start, size)
        if not size:
            return 0, b"", 0
        last = heads[-1]
        return int(last["owner"]), bytes(last["sha256"]), int(np.count_nonzero(heads["owner"] == last["owner"]))

    def append(self, owners: Sequence[Owner]) -> None:
        """More owners, at least one: numbers, which ascend and are above all others, digests of 32 bytes, and vectors,
        none of which is zero. OSError.
        """
        for name, data in _records(owners).items():
            with self._path(name).open("ab") as file:
                file.write(data.tobytes())

    def has(self, start: int, owners: Sequence[Owner]) -> bool:
        """Whether the records from `start` on are those that `append` writes for these owners."""
        end = start + sum(len(vectors) for _, _, vectors in owners)
        return end <= len(self) and all(
            data.tobytes() == self._mapped(name, start, end).tobytes() for name, data in _records(owners).items()
        )

    def cut(self, size: int) -> None:
        """Keep the first records alone, as after a crash that wrote some of the files. OSError."""
        for name in _FILES:
            if self._size(name) > size * self._record(name):
                with self._path(name).open("r+b") as file:
                    file.truncate(size * self._record(name))

    def candidates(
        self, size: int, vectors: Vectors, least: float, most: int, *, by_signs: bool
    ) -> tuple[list[tuple[int, float]], int]:
        """Of the first `size` records: owners of which a vector has a cosine of that size with one of these, and
        perhaps of a few more, each with the most that this can be, the largest first; at most so many, and how many
        there are. `by_signs`: with the filter, which misses some and finds none that is opposed.

        OSError, ValueError: the files are shorter than that.
        """
        best: dict[int, float] = {}
        for start in range(0, size, BLOCK):
            end = min(size, start + BLOCK)
            heads, rows = self._mapped("heads", start, end), self._mapped("rows", start, end)
            if by_signs:
                near = Signs(self._mapped("signs", start, end)).near(vectors, least)
                heads, rows = heads[near], rows[near]
            bounds = Index(rows, heads["step"], heads["error"]).bounds(vectors)
            for at in np.flatnonzero(bounds >= least):
                owner = int(heads["owner"][at])
                best[owner] = max(best.get(owner, 0.0), float(bounds[at]))
        return heapq.nlargest(most, best.items(), key=lambda one: one[1]), len(best)

    def _mapped(self, name: str, start: int, end: int) -> NDArray[Any]:
        if start == end:
            return np.empty(0, _FILES[name])
        shape = (end - start, *((self._record(name) // _FILES[name].itemsize,) if name != "heads" else ()))
        return np.memmap(self._path(name), _FILES[name], "r", offset=start * self._record(name), shape=shape)

    def _record(self, name: str) -> int:
        """Bytes of a record in a file."""
        return {"signs": self.length // 8, "rows": self.length, "heads": HEAD.itemsize}[name]

    def _size(self, name: str) -> int:
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError:
            return 0

    def _path(self, name: str) -> Path:
        return self.stem.with_name(f"{self.stem.name}.{name}")


def _records(owners: Sequence[Owner]) -> dict[str, NDArray[Any]]:
    """What each file has of these owners."""
    index = Index.together([Index.of(vectors) for _, _, vectors in owners])
    heads = np.empty(len(index), HEAD)
    counts = [len(vectors) for _, _, vectors in owners]
    heads["owner"] = np.repeat([number for number, _, _ in owners], counts)
    heads["sha256"] = np.repeat(np.array([np.void(sha256) for _, sha256, _ in owners]), counts)
    heads["step"], heads["error"] = index.steps, index.errors
    return {
        "signs": np.concatenate([Signs.of(vectors).bits for _, _, vectors in owners]),
        "rows": index.rows,
        "heads": heads,
    }
