"""Entries: every object that was accepted, found by digest, commitment or vector, in the order of the log.

A row is seen by others only when it has its position in the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...artefacts.claims import time_text
from ...registry.entry import Kind
from ..common import Common
from .database import Database
from .tables import entries
from .vectors import Vectors

_PUBLISHED = entries.c.position.is_not(None)


@dataclass(frozen=True)
class Entry:
    """A row of `tables.entries`."""

    number: int
    sha256: str
    kind: Kind
    accepted: str
    file: str
    size: int
    commitment: str
    vector: str | None
    bundle: str | None
    about: dict[str, Any]
    position: int | None


@dataclass(frozen=True)
class Claim:
    """A commitment under which a vector was shown: since when it is known here, and by which bundles."""

    commitment: str
    since: str
    bundles: tuple[str, ...]


class Entries:
    """The entries of a database. All methods raise StoreError."""

    def __init__(self, database: Database, vectors: Vectors) -> None:
        self._database, self._vectors = database, vectors

    def add(self, kind: Kind, found: Mapping[str, Any], file: str, size: int, common: Common | None = None) -> bool:
        """Write down an object, of which a job found this, and the common vectors of a bundle; whether it is new.
        Nobody sees it before it is published.
        """
        row = {"bundle": None, **found, "kind": kind, "file": file, "size": size}
        row["accepted"] = time_text(datetime.now(UTC))
        try:
            with self._database.writing() as connection:
                connection.execute(entries.insert(), row)
                if common is not None:
                    self._vectors.insert(connection, row["sha256"], common)
        except IntegrityError:  # it is there
            return False
        return True

    def unpublished(self) -> Sequence[Entry]:
        """Rows that have no position yet, the earliest first."""
        return self._select(entries.c.position.is_(None), order=entries.c.number)

    def publish(self, positions: Mapping[str, int]) -> None:
        """Give rows, by their digests, their positions in the log."""
        with self._database.writing() as connection:
            for sha256, position in positions.items():
                connection.execute(entries.update().where(entries.c.sha256 == sha256).values(position=position))

    def get(self, sha256: str) -> Entry | None:
        """The entry of that digest."""
        found = self._select(entries.c.sha256 == sha256, _PUBLISHED, limit=1)
        return found[0] if found else None

    def page(self, start: int, limit: int, **equal: str | None) -> Sequence[Entry]:
        """At most `limit` entries from position `start` on, whose columns have these values, where one is given."""
        return self._select(entries.c.position >= start, *_equal(equal), limit=limit)

    def before(self, end: int, limit: int, **equal: str | None) -> Sequence[Entry]:
        """At most `limit` entries before position `end`, the latest first; columns as for `page`."""
        latest = entries.c.position.desc()
        return self._select(entries.c.position < end, *_equal(equal), limit=limit, order=latest)

    def end(self) -> int:
        """The position behind the last entry."""
        with self._database.reading() as connection:
            last = connection.execute(sa.select(sa.func.max(entries.c.position))).scalar()
        return 0 if last is None else last + 1

    def claims(self, vector: str) -> Sequence[Claim]:
        """Every commitment under which that vector was shown, the earliest first."""
        shown = sa.select(entries.c.commitment).where(
            entries.c.vector == vector, entries.c.kind == "bundle", _PUBLISHED
        )
        found: dict[str, list[Entry]] = {}
        for row in self._select(entries.c.commitment.in_(shown), _PUBLISHED):
            found.setdefault(row.commitment, []).append(row)
        return [
            Claim(name, of[0].accepted, tuple(entry.sha256 for entry in of if entry.kind == "bundle"))
            for name, of in found.items()
        ]

    def _select(
        self,
        *where: sa.ColumnElement[bool],
        limit: int | None = None,
        order: sa.ColumnElement[Any] = entries.c.position,
    ) -> list[Entry]:
        query = sa.select(entries).where(*where).order_by(order).limit(limit)
        with self._database.reading() as connection:
            return [Entry(**row) for row in connection.execute(query).mappings()]


def _equal(values: Mapping[str, str | None]) -> list[sa.ColumnElement[bool]]:
    return [entries.c[name] == value for name, value in values.items() if value is not None]
