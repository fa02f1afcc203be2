"""Entries: every object that was accepted, found by digest, commitment or vector; the earliest comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...artefacts.claims import time_text
from .database import Database
from .tables import entries

Kind = Literal["bundle", "commitment", "attestation"]


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


@dataclass(frozen=True)
class Claim:
    """A commitment under which a vector was shown: since when it is known here, and by which bundles."""

    commitment: str
    since: str
    bundles: tuple[str, ...]


class Entries:
    """The entries of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        kind: Kind,
        sha256: str,
        file: str,
        size: int,
        commitment: str,
        vector: str | None,
        bundle: str | None,
        about: dict[str, Any],
    ) -> tuple[Entry, bool]:
        """The entry of an object, which is new or was there; and whether it is new. StoreError."""
        row: dict[str, Any] = {
            "sha256": sha256,
            "kind": kind,
            "accepted": time_text(datetime.now(UTC)),
            "file": file,
            "size": size,
            "commitment": commitment,
            "vector": vector,
            "bundle": bundle,
            "about": about,
        }
        try:
            with self._database.writing() as connection:
                if connection.dialect.name == "postgresql":  # numbers become visible in their order
                    connection.execute(sa.text("LOCK TABLE entries IN SHARE ROW EXCLUSIVE MODE"))
                number = connection.execute(entries.insert().returning(entries.c.number), row).scalar_one()
            return Entry(number, **row), True
        except IntegrityError:  # somebody was faster
            found = self.get(sha256)
            assert found is not None  # noqa: S101 (nothing is ever deleted)
            return found, False

    def get(self, sha256: str) -> Entry | None:
        """The entry of that digest. StoreError."""
        found = self._select(entries.c.sha256 == sha256, limit=1)
        return found[0] if found else None

    def page(self, after: int, limit: int, **equal: str | None) -> Sequence[Entry]:
        """At most `limit` entries behind number `after` whose columns have these values, where one is given."""
        where = [entries.c[name] == value for name, value in equal.items() if value is not None]
        return self._select(entries.c.number > after, *where, limit=limit)

    def claims(self, vector: str) -> Sequence[Claim]:
        """Every commitment under which that vector was shown, the earliest first. StoreError."""
        shown = sa.select(entries.c.commitment).where(entries.c.vector == vector, entries.c.kind == "bundle")
        rows = self._select(entries.c.commitment.in_(shown))
        found: dict[str, list[Entry]] = {}
        for row in rows:
            found.setdefault(row.commitment, []).append(row)
        return [
            Claim(name, of[0].accepted, tuple(entry.sha256 for entry in of if entry.kind == "bundle"))
            for name, of in found.items()
        ]

    def _select(self, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Entry]:
        query = sa.select(entries).where(*where).order_by(entries.c.number).limit(limit)
        with self._database.reading() as connection:
            return [Entry(**row) for row in connection.execute(query).mappings()]
