"""The common vectors of all bundles that are kept, and how many there are of which kind."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ...artefacts import tokens
from ..common import Common
from .database import Database
from .tables import entries, lists, vectors

#: Which lock of PostgreSQL lets one row be written after the other, so that no number appears below one that was seen.
_LOCK = 0x76656374
#: Profile and digest of the list of tokens: what vectors must share to be compared as they are.
Group = tuple[str, str]


@dataclass(frozen=True)
class Row:
    """The vectors of a bundle, under the number of their row."""

    number: int
    sha256: str
    common: Common


class Vectors:
    """The vectors of a database. All methods raise StoreError."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._counts, self._last, self._counting = Counter[Group](), 0, threading.Lock()
        self._listed = lru_cache(64)(self._read)

    def insert(self, connection: sa.Connection, sha256: str, common: Common) -> None:
        """Write down the vectors of a bundle, as a part of what the connection does."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        row = {"sha256": sha256, "profile": common.profile, "tokens": common.digest}
        connection.execute(vectors.insert(), row | {"layers": list(common.layers), "numbers": common.numbers})
        known = sa.select(lists.c.digest).where(lists.c.digest == common.digest)
        if common.listed and connection.execute(known).first() is None:
            connection.execute(lists.insert(), {"digest": common.digest, "tokens": common.listed})

    def add(self, sha256: str, common: Common) -> None:
        """Write down the vectors of a bundle, unless they are there."""
        try:
            with self.database.writing() as connection:
                self.insert(connection, sha256, common)
        except IntegrityError:  # they are there
            return

    def missing(self) -> Sequence[str]:
        """The digests of all bundles whose vectors are not here."""
        known = sa.select(vectors.c.sha256).where(vectors.c.sha256 == entries.c.sha256)
        query = sa.select(entries.c.sha256).where(entries.c.kind == "bundle", ~known.exists())
        with self.database.reading() as connection:
            return list(connection.execute(query.order_by(entries.c.number)).scalars())

    def counts(self) -> Mapping[Group, int]:
        """How many bundles there are of each group; those without common vectors are of group ("", "")."""
        with self._counting:
            group, number = (vectors.c.profile, vectors.c.tokens), vectors.c.number
            if self._last == 0:
                query = sa.select(*group, sa.func.count(), sa.func.max(number)).group_by(*group)
            else:  # few; grouped, SQLite would go through all
                query = sa.select(*group, sa.literal(1), number).where(number > self._last)
            with self.database.reading() as connection:
                for profile, digest, count, last in connection.execute(query):
                    self._counts[profile, digest] += count
                    self._last = max(self._last, last)
            return dict(self._counts)

    def behind(self, group: Group, number: int, limit: int) -> list[Row]:
        """The first rows of a group whose numbers are above that one."""
        of_group = (vectors.c.profile == group[0], vectors.c.tokens == group[1], vectors.c.number > number)
        return self._rows(*of_group, limit=limit)

    def numbered(self, numbers: Sequence[int]) -> list[Row]:
        """The rows of these numbers."""
        return self._rows(vectors.c.number.in_(numbers))

    def get(self, sha256: str) -> Row | None:
        """The vectors of a bundle; None if they are not here."""
        return next(iter(self._rows(vectors.c.sha256 == sha256)), None)

    def listed(self, digest: str) -> tuple[bytes, ...] | None:
        """The list of tokens of that digest; None: it is not here."""
        try:
            return self._listed(digest)
        except LookupError:
            return None

    def _read(self, digest: str) -> tuple[bytes, ...]:
        """As `listed`. LookupError: it is not here, which is not remembered."""
        with self.database.reading() as connection:
            data = connection.execute(sa.select(lists.c.tokens).where(lists.c.digest == digest)).scalar()
        if data is None:
            raise LookupError(digest)
        return tokens.unpacked(data)

    def _rows(self, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Row]:
        query = sa.select(vectors).where(*where).order_by(vectors.c.number).limit(limit)
        with self.database.reading() as connection:
            return [
                Row(row.number, row.sha256, Common(row.profile, row.tokens, tuple(row.layers), row.numbers))
                for row in connection.execute(query)
            ]
