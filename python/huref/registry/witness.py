"""A witness: it cosigns a checkpoint if the tree only grew since the last one that it cosigned, and remembers that.

What it knows is on the disk before it answers: one row for each log, changed in one transaction.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import LogError, StoreError, UsageError
from . import checkpoint, request, tree
from .keys import LAST, Secret
from .policy import Policy
from .request import SIZE_TYPE, Request

TEXT = "text/plain; charset=utf-8"
_TABLE = """
CREATE TABLE IF NOT EXISTS logs
(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL)
"""


@dataclass(frozen=True)
class Answer:
    """A status of HTTP, the body, and its media type."""

    status: int
    body: bytes
    media_type: str = TEXT


class Witness:
    """What a witness answers. For threads; several processes may share the file."""

    def __init__(self, path: Path, secrets: Sequence[Secret], policy: Policy) -> None:
        """`path`: the file that keeps what was cosigned; `policy`: the logs whose checkpoints are cosigned.

        Raises:
            UsageError: no key, or one that signs no time. StoreError: the file cannot be written.

        """
        if not secrets or any(secret.kind == "ed25519" for secret in secrets):
            raise UsageError("a witness signs by keys of type witness or ml-dsa-44, which say the time")
        self._path, self._secrets, self._policy = path, tuple(secrets), policy
        self._lock = threading.Lock()
        try:
            self._table = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._table.execute("PRAGMA synchronous = FULL")
            self._table.execute(_TABLE)
        except sqlite3.Error as why:
            raise StoreError(f"{path}: {why}") from None

    def add(self, body: bytes) -> Answer:
        """The answer to `add-checkpoint`. StoreError: what it would sign cannot be kept, so it signs nothing."""
        try:
            asked = request.parse(body)
        except LogError as why:
            return _refused(400, why)
        known = self._policy.of(asked.head.origin)
        if not known:
            return _refused(404, "this log is not known here")
        try:
            signers = asked.note.times(known)
        except LogError as why:
            return _refused(403, why)
        if not signers:
            return _refused(403, "no key that is known here signed this checkpoint")
        names = {(key.name, key.id) for key in known}
        only = tuple(line for line in asked.note.lines if (line.name, line.id) in names)
        asked = replace(asked, note=replace(asked.note, lines=only))
        try:
            with self._lock, self._table:
                self._table.execute("BEGIN IMMEDIATE")
                return self._answer(asked)
        except sqlite3.Error as why:
            raise StoreError(f"{self._path}: {why}") from None

    def last(self, origin_hash: str) -> bytes | None:
        """The checkpoint that was cosigned last of the log whose origin has that SHA-256, in hexadecimal digits."""
        try:
            with self._lock:
                rows = self._table.execute("SELECT origin, note FROM logs").fetchall()
        except sqlite3.Error as why:
            raise StoreError(f"{self._path}: {why}") from None
        return next((note for origin, note in rows if checkpoint.digest(origin) == origin_hash), None)

    def close(self) -> None:
        """Close the file."""
        self._table.close()

    def _answer(self, asked: Request) -> Answer:
        """Compare with what is kept, keep the new checkpoint, and sign: inside a transaction."""
        head = asked.head
        row = self._table.execute("SELECT size, root FROM logs WHERE origin = ?", (head.origin,)).fetchone()
        size, root = (0, tree.EMPTY) if row is None else row
        if asked.old != size:
            return Answer(409, f"{size}\n".encode(), SIZE_TYPE)
        if head.size == 0 and head.root != tree.EMPTY:
            return _refused(422, "the root of an empty tree is another one")
        if not tree.is_consistent(size, root, head.size, head.root, asked.path):
            return _refused(422, "the proof does not lead from what was cosigned to this checkpoint")
        signed = asked.note
        for secret in self._secrets:
            signed = signed.signed(secret, max(1, min(LAST, int(time.time()))))
        row = (head.origin, head.size, head.root, signed.data)
        self._table.execute("INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?)", row)
        return Answer(200, "".join(line.text for line in signed.lines[len(asked.note.lines) :]).encode())


def _refused(status: int, why: object) -> Answer:
    return Answer(status, f"{why}\n".encode())
