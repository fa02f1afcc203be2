"""What a service keeps: rows in a database (SQLite or PostgreSQL), bytes and the log in a folder or an object store.

An object becomes visible in three steps, each of which can be done again: its bytes are written; its row; its place in
the log, which is then noted in the row. What a crash left behind the second step is finished by the next that comes.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

from ... import disk
from ...errors import LogError, NotFoundError, OutputError, StoreError
from ...registry import keys, policy
from ...registry.blobs import Blobs, opened
from ...registry.entry import Entry as LogEntry
from ...registry.entry import Kind
from ...registry.feed import Feed
from ...registry.log import Log
from ...registry.policy import Party, Policy
from ...registry.reader import CHECKPOINT, HEAD
from ..common import Common
from ..settings import Settings
from .database import Database, address_of, revision
from .entries import Entries, Entry
from .reports import Reports
from .tokens import Tokens
from .vectors import Vectors

Picture = Literal["portrait", "thumbnail"]
_logger = logging.getLogger(__name__)


class Store:
    """Everything that is kept. Several services may have one store. Methods raise StoreError."""

    def __init__(
        self, database: Database, objects: Blobs, log: Log, reports: int, witnesses: Feed | None = None
    ) -> None:
        """`witnesses`: those whom the log asks."""
        self.database, self._objects, self.log, self.witnesses = database, objects, log, witnesses
        self.vectors = Vectors(database)
        self.entries = Entries(database, self.vectors)
        self.reports, self.tokens = Reports(database, reports), Tokens(database)
        self._publishing = threading.Lock()
        size, end = log.published().size, self.entries.end()
        if size < end:  # going on would give two entries one place
            raise LogError(
                f"the log has {size} entries and the rows know of {end}; restore the log that belongs to them"
            )
        self._publish()

    @classmethod
    def of(cls, settings: Settings, *, begin: bool = True) -> Self | None:
        """The store of these settings; None if nothing is kept. `begin`: what there is none of is begun.

        Raises:
            OutputError, StoreError, LogError: it cannot be used.
            UsageError, InputError, NotFoundError: the settings lead to no database, object store, key or policy, or,
                unless it may begin, to no log or no database that was begun.

        """
        folder = settings.data
        if folder is None:
            return None
        blobs = log_of(settings)
        begun = blobs.get(HEAD) is not None
        if not (begun or begin):
            raise NotFoundError(f"{folder}: no log is there; give the folder of a service, or restore its log")
        if not begin and revision(address_of(settings))[0] is None:
            raise NotFoundError(
                f"{folder}: no database is there; give the folder of a service, or restore its database"
            )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as why:
            raise OutputError(f"{folder}: cannot be made ({why.strerror}); choose another folder") from None
        secret = _key(key_of(settings), new=not begun)
        feed = None if settings.log_policy is None else Feed(policy.read(settings.log_policy))
        database = Database(address_of(settings))
        log = Log(blobs, [secret], table=folder / "log.sqlite3", witnesses=feed)
        return cls(database, opened(objects_of(settings)), log, settings.reports, feed)

    def keep(
        self, kind: Kind, found: Mapping[str, Any], data: bytes, common: Common | None = None
    ) -> tuple[Entry, bool]:
        """The entry of an object of which a job found this, and whether it is new. `common`: vectors of a bundle."""
        sha256 = found["sha256"]
        known = self.entries.get(sha256)
        if known is not None:
            return known, False
        self._objects.create(_name(kind, sha256), data)
        kept = self._objects.get(_name(kind, sha256)) or b""  # another spelling of it may have been faster
        new = self.entries.add(kind, found, hashlib.sha256(kept).hexdigest(), len(kept), common)
        self._publish()
        entry = self.entries.get(sha256)
        if entry is None:
            raise StoreError(f"{kind} {sha256}: was written and is not there")
        return entry, new

    def bytes_of(self, entry: Entry) -> bytes:
        """The bytes of an entry, as they were accepted. StoreError also: they are gone, or others."""
        data = self._objects.get(_name(entry.kind, entry.sha256))
        if data is None or hashlib.sha256(data).hexdigest() != entry.file:
            raise StoreError(f"{entry.kind} {entry.sha256}: its bytes are not those that were accepted")
        return data

    def picture(self, kind: Picture, entry: Entry) -> bytes | None:
        """A picture of a bundle, if it was made before."""
        return self._objects.get(_name(kind, entry.sha256))

    def keep_picture(self, kind: Picture, entry: Entry, data: bytes) -> None:
        """Keep a picture of a bundle; that it cannot be kept is no reason to withhold it."""
        with contextlib.suppress(StoreError):
            self._objects.create(_name(kind, entry.sha256), data)

    def check(self) -> None:
        """Return if all parts answer."""
        self.entries.page(0, 1)
        self._objects.get(_name("probe", "0" * 64))
        self.log.published()

    def policy(self, address: str = "") -> Policy:
        """Under which the log's proofs are checked: the log's keys, with the address of the log, and the witnesses that
        it asks, without theirs, which are the operator's own.
        """
        asked = Policy((), {}, {}, None) if self.witnesses is None else self.witnesses.policy
        witnesses = {name: Party(one.key) for name, one in asked.witnesses.items()}
        return replace(asked, logs=tuple(Party(key, address) for key in self.log.keys), witnesses=witnesses)

    def is_cosigned(self) -> bool:
        """Whether the published checkpoint has the cosignatures that the policy demands."""
        return self.witnesses is None or self.witnesses.suffice(self.log.note(CHECKPOINT))

    def close(self) -> None:
        """Close all connections."""
        self.log.close()
        self.database.close()

    def _publish(self) -> None:
        """Give every row its place in the log."""
        with self._publishing:
            rows = self.entries.unpublished()
            if rows:
                positions = self.log.append([logged(row) for row in rows])
                self.entries.publish({row.sha256: at for row, at in zip(rows, positions, strict=True)})
                if self.witnesses is not None and not self.is_cosigned():
                    _logger.warning("the checkpoint lacks cosignatures: %s", self.witnesses.answers)


def log_of(settings: Settings) -> Blobs:
    """Where the log of these settings is kept."""
    return opened(f"{settings.objects or settings.data}/log")


def objects_of(settings: Settings) -> str:
    """The place of the objects of these settings."""
    return f"{settings.objects or settings.data}/objects"


def key_of(settings: Settings) -> Path:
    """The secret key of the log of these settings, which keep something."""
    return settings.log_key or (settings.data or Path()) / "log.key"


def logged(row: Entry) -> LogEntry:
    """The entry of the log that belongs to a row."""
    return LogEntry(row.kind, row.sha256, (row.vector or "") if row.kind == "bundle" else "")


def _key(path: Path, *, new: bool) -> keys.Secret:
    """The key of the log; of a new log a new one, if there is none. Its name, the log's origin, stays for good."""
    if new and not path.exists():
        fresh = keys.Secret(f"huref.{secrets.token_hex(8)}", "ed25519", secrets.token_bytes(32))
        with contextlib.suppress(OutputError):  # another service may have been faster
            disk.write_private(path, fresh.dump())
    return keys.read_secret(path)


def _name(kind: str, sha256: str) -> str:
    return f"{kind}/{sha256[:2]}/{sha256}"
