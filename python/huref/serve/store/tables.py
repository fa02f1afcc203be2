"""The tables. A change of one needs a migration in `migrations/versions`; a test compares the two.

Times are texts, YYYY-MM-DDTHH:MM:SSZ in UTC, so that both databases sort and show them alike.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

_DIGEST, _TIME = String(64), String(20)
#: SQLite counts by itself only in a column of exactly this type.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"}
)

#: Every object that was accepted, in the order of acceptance. `sha256` names it: the content digest of a bundle, the id
#: of a commitment, the digest of an attestation's file; `file` is the digest of the bytes that are kept. `position`:
#: where it stands in the log; until it has one, nobody sees it.
entries = Table(
    "entries",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("sha256", _DIGEST, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("accepted", _TIME, nullable=False),
    Column("file", _DIGEST, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("commitment", _DIGEST, nullable=False),
    Column("vector", _DIGEST),
    Column("bundle", _DIGEST),
    Column("about", JSON, nullable=False),
    Column("position", BigInteger),
    UniqueConstraint("sha256"),
    Index(None, "commitment"),
    Index(None, "vector"),
    Index(None, "bundle"),
    Index(None, "position"),
    sqlite_autoincrement=True,
)

#: The common vectors of every bundle, which a search compares: profile, digest of the list of tokens, layers, and the
#: numbers of all layers, signed integers of 32 bits, little-endian. A bundle without common vectors has a row with
#: empty texts and no numbers. Rows are written one after the other, so that no number appears below one that was seen.
vectors = Table(
    "vectors",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("sha256", _DIGEST, nullable=False),
    Column("profile", String(32), nullable=False),
    Column("tokens", _DIGEST, nullable=False),
    Column("layers", JSON, nullable=False),
    Column("numbers", LargeBinary, nullable=False),
    UniqueConstraint("sha256"),
    Index(None, "profile", "tokens", "number"),
    sqlite_autoincrement=True,
)

#: The lists of tokens that vectors were made over, by their digests, as `tokens.packed` writes them.
lists = Table(
    "lists",
    metadata,
    Column("digest", _DIGEST, primary_key=True),
    Column("tokens", LargeBinary, nullable=False),
)

#: Reports on verified bundles by the digest of the file, each by one release under one policy.
reports = Table(
    "reports",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("file", _DIGEST, nullable=False),
    Column("verifier", String(100), nullable=False),
    Column("report", JSON, nullable=False),
    UniqueConstraint("file", "verifier"),
    sqlite_autoincrement=True,
)

#: Who may write. `digest` of the secret part of a token; what is None does not end, or is not withdrawn.
tokens = Table(
    "tokens",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("digest", _DIGEST, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created", _TIME, nullable=False),
    Column("expires", _TIME),
    Column("revoked", _TIME),
)
