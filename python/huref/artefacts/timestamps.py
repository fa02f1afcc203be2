"""Timestamps: what time-stamp authorities (RFC 3161) signed about one file.

The file is named by its SHA-256. A token is kept as the authority sent it, a whole response; it has no name of its own,
because some of its bytes can be changed without breaking it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import disk
from . import kinds, strict

#: Most tokens of a file, and the largest of them. Those of authorities today have 1 to 8 KB.
MOST, MAX_TOKEN = 16, 1 << 16
MAX_FILE = 2 * MOST * MAX_TOKEN


@dataclass(frozen=True)
class Timestamps:
    """`sha256` of the file, in hexadecimal digits, and the response of each authority."""

    sha256: str
    tokens: tuple[bytes, ...]


def dump(timestamps: Timestamps) -> bytes:
    """The bytes of a file of timestamps."""
    return strict.dump(
        {
            "mediaType": kinds.TIMESTAMPS.media_type,
            "sha256": timestamps.sha256,
            "tokens": strict.encoded(timestamps.tokens),
        }
    )


def parse(data: bytes, where: str = "timestamps") -> Timestamps:
    """The timestamps of a file; `where` names it in messages. InputError: not such a file. No token is looked into."""
    fields = kinds.opened(kinds.TIMESTAMPS, data, where)
    sha256 = fields.hexadecimal("sha256", 32).hex()
    tokens = fields.base64_strings("tokens", MAX_TOKEN)
    if not 1 <= len(tokens) <= MOST or len(set(tokens)) < len(tokens):
        fields.refuse(f"field 'tokens' must have 1 to {MOST} items, each once")
    fields.done()
    return Timestamps(sha256, tokens)


def read(path: Path) -> Timestamps:
    """The timestamps in a file. NotFoundError if it is missing, InputError if it cannot be read."""
    return parse(disk.read(path, MAX_FILE), str(path))
