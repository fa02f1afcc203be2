"""The index as a column of PostgreSQL, where the operator installed the extension vector: scanned as a whole, since an
approximate index would not find everything.
"""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ...errors import StoreError, TimeLimitError
from ..store.vectors import Group, Row, Vectors
from . import MOST, Near

#: Which lock lets one service at a time take in what is new.
_LOCK = 0x696E6478
#: Bundles that are taken in at once.
_STEP = 500
#: More than sums of floating-point numbers of 32 bits can be wrong by.
_SUMS = 1e-4
#: What PostgreSQL says of a statement that took too long.
_CANCELLED = "57014"
#: A change here needs another name of the table. Long values would be kept apart, which makes a scan slow.
_MADE = """
CREATE TABLE IF NOT EXISTS vector_index (
    profile varchar(32) NOT NULL,
    tokens varchar(64) NOT NULL,
    number bigint NOT NULL REFERENCES vectors (number) ON DELETE CASCADE,
    numbers vector NOT NULL
);
ALTER TABLE vector_index ALTER COLUMN numbers SET STORAGE PLAIN;
CREATE INDEX IF NOT EXISTS ix_vector_index_profile ON vector_index (profile, tokens, number);
"""
_IS_THERE = sa.text("SELECT 1 FROM pg_extension WHERE extname = 'vector'")
_LAST = sa.text("SELECT max(number), count(*) FROM vector_index WHERE profile = :profile AND tokens = :tokens")
_ADD = sa.text(
    "INSERT INTO vector_index SELECT :profile, :tokens, number, CAST(numbers AS vector) "
    "FROM unnest(CAST(:owners AS bigint[]), CAST(:vectors AS text[])) AS new (number, numbers)"
)
_NEAR = sa.text(
    "SELECT number, max(abs(1 - (numbers <=> CAST(wanted AS vector)))) AS likeness "
    "FROM vector_index, unnest(CAST(:wanted AS text[])) AS asked (wanted) "
    "WHERE profile = :profile AND tokens = :tokens AND abs(1 - (numbers <=> CAST(wanted AS vector))) >= :least "
    "GROUP BY number ORDER BY likeness DESC"
)


class Columns:
    """`Index` in the database of these vectors. It is always exact."""

    filters = False

    def __init__(self, vectors: Vectors, seconds: float) -> None:
        """`seconds`: how long a scan may take. StoreError: the table cannot be made."""
        self._vectors, self._database, self._seconds = vectors, vectors.database, seconds
        self._following = threading.Lock()
        with self._database.writing() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            for statement in _MADE.split(";")[:-1]:
                connection.execute(sa.text(statement))

    @staticmethod
    def is_there(vectors: Vectors) -> bool:
        """Whether the database is PostgreSQL with the extension. StoreError."""
        with vectors.database.reading() as connection:
            return connection.dialect.name == "postgresql" and connection.execute(_IS_THERE).first() is not None

    async def size(self, group: Group) -> int:
        """See `Index`."""
        return await asyncio.to_thread(self._follow, group)

    async def near(self, group: Group, vectors: NDArray[np.int32], least: float, *, by_signs: bool) -> Near:  # noqa: ARG002
        """See `Index`. TimeLimitError: the scan takes too long."""
        await self.size(group)
        return await asyncio.to_thread(self._near, group, vectors, least)

    def _near(self, group: Group, vectors: NDArray[np.int32], least: float) -> Near:
        asked = _named(group) | {"wanted": list(map(_text, vectors)), "least": least - _SUMS}
        try:
            with self._database.reading() as connection:
                connection.execute(sa.text(f"SET LOCAL statement_timeout = {int(1000 * self._seconds)}"))
                found = connection.execute(_NEAR, asked).all()
        except StoreError as why:
            if _CANCELLED in str(why):
                raise TimeLimitError("this takes more time than allowed") from None
            raise
        return Near(tuple(row.number for row in found[:MOST]), len(found))

    def _follow(self, group: Group) -> int:
        """Take in what the table of vectors has more; how many vectors there are then."""
        with self._following:
            while True:
                with self._database.reading() as connection:
                    last, count = connection.execute(_LAST, _named(group)).one()
                rows = self._vectors.behind(group, last or 0, _STEP)
                if not rows:
                    return int(count)
                self._add(group, last or 0, rows)

    def _add(self, group: Group, last: int, rows: list[Row]) -> None:
        """Take in these rows, unless somebody else does."""
        owned = [(row.number, _text(vector)) for row in rows for vector in row.common.vectors]
        with self._database.writing() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            if (connection.execute(_LAST, _named(group)).one()[0] or 0) == last:
                owners, texts = zip(*owned, strict=True)
                connection.execute(_ADD, _named(group) | {"owners": list(owners), "vectors": list(texts)})


def _named(group: Group) -> dict[str, object]:
    return dict(zip(("profile", "tokens"), group, strict=True))


def _text(vector: NDArray[np.int32]) -> str:
    """A vector as the extension reads it."""
    return f"[{','.join(map(str, vector.tolist()))}]"
