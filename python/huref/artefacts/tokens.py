"""Token list: the byte strings of selected tokens, as an object of other files and as a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import _native, disk
from . import kinds, strict

#: Most tokens of a list.
MAX_TOKENS = 1 << 16


def digest(tokens: Sequence[bytes]) -> str:
    """SHA-256, in hexadecimal digits, over the tokens: of each its length (32 bits, big-endian) and its bytes."""
    return _native.token_digest(list(tokens)).hex()


def packed(tokens: Sequence[bytes]) -> bytes:
    """The bytes of which `digest` is the SHA-256."""
    return b"".join(len(token).to_bytes(4, "big") + token for token in tokens)


def unpacked(data: bytes) -> tuple[bytes, ...]:
    """The tokens in what `packed` returned."""
    found, at = [], 0
    while at < len(data):
        start = at + 4
        at = start + int.from_bytes(data[at:start], "big")
        found.append(data[start:at])
    return tuple(found)


def to_fields(tokens: Sequence[bytes]) -> dict[str, Any]:
    """The object of a token list in files: count, digest, and the tokens in hexadecimal digits."""
    return {"count": len(tokens), "digest": digest(tokens), "list": [token.hex() for token in tokens]}


def from_fields(fields: strict.Fields) -> tuple[bytes, ...]:
    """The tokens of such an object; refused if count, digest and list disagree."""
    count = fields.integer("count", 1, MAX_TOKENS)
    stated = fields.hexadecimal("digest", 32).hex()
    tokens = fields.byte_strings("list", count)
    fields.done()
    if len(set(tokens)) != count:
        fields.refuse("a token stands in the list twice")
    if digest(tokens) != stated:
        fields.refuse("field 'digest' is not that of the list")
    return tokens


def dump(tokens: Sequence[bytes]) -> bytes:
    """The bytes of a token-list file."""
    return strict.dump({"mediaType": kinds.TOKENS.media_type, "tokens": to_fields(tokens)})


def parse(data: bytes, where: str = "token list") -> tuple[bytes, ...]:
    """The tokens of a file; `where` names it in messages. InputError if it is no token list, or its digest is wrong."""
    fields = kinds.opened(kinds.TOKENS, data, where)
    tokens = from_fields(fields.fields("tokens"))
    fields.done()
    return tokens


def read(path: Path) -> tuple[bytes, ...]:
    """The tokens of a token-list file.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file is not a token list, or its digest does not fit.

    """
    return parse(disk.read(path), str(path))


def write(path: Path, tokens: Sequence[bytes]) -> None:
    """Writes a token-list file. OutputError if it cannot be written."""
    disk.write(path, dump(tokens))
