"""Bearer tokens: who may write what, until when. Only a digest of the secret part is kept.

A token is `huref_ID_SECRET`; the secret has 256 bits from the operating system, so a plain SHA-256 hides it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from ...artefacts.claims import time_text
from ...errors import NotFoundError, UsageError
from ...registry.entry import KINDS
from .database import Database
from .tables import tokens

#: What a token may allow: to send objects of that kind; to have models of the operator proved.
SCOPES: tuple[str, ...] = (*KINDS, "proof")
_TOKEN = re.compile(r"huref_([0-9a-f]{16})_([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class Token:
    """A token without its secret. Times as YYYY-MM-DDTHH:MM:SSZ."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: str
    expires: str | None
    revoked: str | None

    def holds(self, now: str) -> bool:
        """Whether it counts at that time."""
        return self.revoked is None and (self.expires is None or now < self.expires)


class Tokens:
    """The tokens of a database. All methods raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, scopes: Sequence[str], days: int | None) -> tuple[Token, str]:
        """A new token, and its text, which is not kept. `days`: how long it counts. UsageError: no such name."""
        if not (0 < len(name) <= 200 and name.isprintable()):
            raise UsageError("the name of a token must have 1 to 200 printable characters")
        now, secret = datetime.now(UTC), secrets.token_hex(32)
        token = Token(
            secrets.token_hex(8),
            name,
            tuple(scopes),
            time_text(now),
            None if days is None else time_text(now + timedelta(days=days)),
            None,
        )
        with self._database.writing() as connection:
            connection.execute(tokens.insert(), vars(token) | {"scopes": list(scopes), "digest": _digest(secret)})
        return token, f"huref_{token.id}_{secret}"

    def find(self, text: str) -> Token | None:
        """The token of that text, if it counts now."""
        parts = _TOKEN.fullmatch(text)
        if parts is None:
            return None
        found = self._select(tokens.c.id == parts[1])
        if not found or not hmac.compare_digest(found[0][1], _digest(parts[2])):
            return None
        token = found[0][0]
        return token if token.holds(time_text(datetime.now(UTC))) else None

    def every(self) -> Sequence[Token]:
        """All tokens, also those that count no more, the oldest first."""
        return [token for token, _ in self._select()]

    def revoke(self, name: str) -> Token:
        """Let the token of that id count no more. NotFoundError."""
        now = time_text(datetime.now(UTC))
        with self._database.writing() as connection:
            connection.execute(
                tokens.update().where(tokens.c.id == name, tokens.c.revoked.is_(None)).values(revoked=now)
            )
        found = self._select(tokens.c.id == name)
        if not found:
            raise NotFoundError(f"there is no token {name!a}; `huref serve token list` shows all")
        return found[0][0]

    def _select(self, *where: sa.ColumnElement[bool]) -> list[tuple[Token, str]]:
        """Tokens, each with the digest of its secret."""
        columns = [column for column in tokens.c if column.name != "digest"]
        query = sa.select(*columns, tokens.c.digest).where(*where).order_by(tokens.c.created, tokens.c.id)
        with self._database.reading() as connection:
            rows = [dict(row) for row in connection.execute(query).mappings()]
        return [
            (Token(**row | {"scopes": tuple(row["scopes"])}), digest) for row in rows if (digest := row.pop("digest"))
        ]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
