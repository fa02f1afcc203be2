"""Where an entry stands: a table on this machine, made from the log's entries and made again if it does not fit."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import StoreError
from . import entry, tree
from .tiles import WIDTH, Tiles

_TABLE = """
CREATE TABLE IF NOT EXISTS entries (position INTEGER PRIMARY KEY, leaf BLOB NOT NULL, sha256 TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS by_leaf ON entries (leaf);
CREATE INDEX IF NOT EXISTS by_sha256 ON entries (sha256);
"""
#: How often a busy file is opened, and seconds in between.
_TRIES, _PAUSE = 50, 0.1


class Lookup:
    """Leaf hashes and digests of entries -> positions. For threads, and for processes that share the file."""

    def __init__(self, path: Path | None = None) -> None:
        """`path`: a file that keeps the table; without it, it lives in memory. StoreError: it cannot be written."""
        self._path, self._lock = path, threading.RLock()
        self._table = self._open()

    @property
    def size(self) -> int:
        """How many entries it has taken in."""
        with self._lock, self._failing():
            (last,) = self._table.execute("SELECT max(position) FROM entries").fetchone()
        return 0 if last is None else int(last) + 1

    def follow(self, tiles: Tiles) -> None:
        """Take in what a tree has more than the table. LogError: a tile is missing or damaged. StoreError."""
        with self._lock, self._working():
            size = self.size
            if size == tiles.size:
                return
            if size > tiles.size or (size and self.at(tiles.node(0, size - 1)) != size - 1):  # of another log
                self._table.execute("DELETE FROM entries")
                size = 0
            for number in range(size // WIDTH, -(-tiles.size // WIDTH)):
                found = tiles.entries(number)
                self._add(range(number * WIDTH, tiles.size), found)
                tiles.kept.pop(("entries", number), None)

    def add(self, first: int, entries: Sequence[bytes]) -> None:
        """Entries that stand in the log from position `first` on; nothing happens if those before are not here yet."""
        with self._lock, self._working():
            if self.size == first:
                self._add(range(first, first + len(entries)), entries)

    def at(self, leaf: bytes) -> int | None:
        """The position of a leaf hash."""
        return self._one("SELECT position FROM entries WHERE leaf = ?", leaf)

    def first(self, sha256: str) -> int | None:
        """The lowest position of an entry with that digest, in hexadecimal digits."""
        return self._one("SELECT min(position) FROM entries WHERE sha256 = ?", sha256)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._table.close()

    def _one(self, question: str, value: bytes | str) -> int | None:
        with self._lock, self._failing():
            found = self._table.execute(question, (value,)).fetchone()
        return None if found is None else found[0]

    def _add(self, positions: range, entries: Sequence[bytes]) -> None:
        rows = [
            (position, tree.leaf(data), entry.parse(data).sha256)
            for position, data in zip(positions, entries, strict=False)
        ]
        self._table.executemany("INSERT OR IGNORE INTO entries VALUES (?, ?, ?)", rows)

    def _open(self) -> sqlite3.Connection:
        """The table; a file that is none is made again, since nothing is lost with it."""
        made_again = False
        for attempt in range(_TRIES):
            with self._failing():
                if self._path is not None:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                table = sqlite3.connect(self._path or ":memory:", isolation_level=None, check_same_thread=False)
                try:
                    table.execute("PRAGMA journal_mode = WAL")
                    table.execute("PRAGMA synchronous = NORMAL")
                    table.executescript(_TABLE)
                except sqlite3.OperationalError as why:
                    table.close()
                    # who changes the mode of a file does not wait for those who open it, whatever the timeout says
                    if why.sqlite_errorcode != sqlite3.SQLITE_BUSY or attempt == _TRIES - 1:
                        raise
                    time.sleep(_PAUSE)
                except sqlite3.DatabaseError:
                    table.close()
                    if made_again or self._path is None:
                        raise
                    self._path.unlink()
                    made_again = True
                else:
                    return table
        raise AssertionError

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """A change: all of it or nothing."""
        with self._failing():
            self._table.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._table.execute("ROLLBACK")
                raise
            self._table.execute("COMMIT")

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as why:
            raise StoreError(f"{self._path or 'the table of entries'}: {why}") from None
