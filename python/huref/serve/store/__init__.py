"""What a service keeps: rows in a database (SQLite or PostgreSQL), bytes in a folder or an object store."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any, Self

from ...errors import OutputError, StoreError
from ...registry.blobs import Blobs, opened
from ..settings import Settings
from .database import Database, beside
from .entries import Entries, Entry, Kind
from .reports import Reports
from .tokens import Tokens


class Store:
    """Both halves. Bytes are written before their row: what has a row is whole, and what has none is not there."""

    def __init__(self, database: Database, objects: Blobs, reports: int) -> None:
        self._database, self._objects = database, objects
        self.entries, self.reports, self.tokens = Entries(database), Reports(database, reports), Tokens(database)

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The store of these settings; None if nothing is kept. OutputError, StoreError: it cannot be used."""
        folder = settings.data
        if folder is None:
            return None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as why:
            raise OutputError(f"{folder}: cannot be made ({why.strerror}); choose another folder") from None
        database = Database(settings.database or beside(folder))
        return cls(database, opened(settings.objects or str(folder / "objects")), settings.reports)

    def keep(self, kind: Kind, found: dict[str, Any], data: bytes) -> tuple[Entry, bool]:
        """The entry of an object that was found to be good, and whether it is new. StoreError."""
        known = self.entries.get(found["sha256"])
        if known is not None:
            return known, False
        self._objects.create(_name(kind, found["sha256"]), data)
        kept = self._objects.get(_name(kind, found["sha256"])) or b""  # another spelling may have been faster
        return self.entries.add(kind, **found, file=hashlib.sha256(kept).hexdigest(), size=len(kept))

    def bytes_of(self, entry: Entry) -> bytes:
        """The bytes of an entry, as they were accepted. StoreError: they are gone, or others."""
        data = self._objects.get(_name(entry.kind, entry.sha256))
        if data is None or hashlib.sha256(data).hexdigest() != entry.file:
            raise StoreError(f"{entry.kind} {entry.sha256}: its bytes are not those that were accepted")
        return data

    def portrait(self, entry: Entry) -> bytes | None:
        """The portrait of a bundle, if it was drawn before. StoreError."""
        return self._objects.get(_name("portrait", entry.sha256))

    def keep_portrait(self, entry: Entry, png: bytes) -> None:
        """Keep the portrait of a bundle; that it cannot be kept is no reason to withhold it."""
        with contextlib.suppress(StoreError):
            self._objects.create(_name("portrait", entry.sha256), png)

    def check(self) -> None:
        """Return if both halves answer. StoreError."""
        self.entries.page(after=0, limit=1)
        self._objects.get(_name("probe", "0" * 64))

    def close(self) -> None:
        """Close all connections."""
        self._database.close()


def _name(kind: str, sha256: str) -> str:
    return f"{kind}/{sha256[:2]}/{sha256}"
