"""Token list: the byte strings of selected tokens in a file of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .. import disk
from . import kinds, strict


def read(path: Path) -> tuple[bytes, ...]:
    """The tokens of a token-list file.

    Raises:
        NotFoundError: there is no such file.
        InputError: the file is not a token list, or its digest does not fit.

    """
    return parse(disk.read(path), str(path))


def write(path: Path, tokens: Sequence[bytes]) -> None:
    """Writes a token-list file. OutputError if it cannot be written."""
    disk.write(path, strict.dump({"mediaType": kinds.TOKENS.media_type, "tokens": strict.token_list(tokens)}))


def parse(data: bytes, where: str = "token list") -> tuple[bytes, ...]:
    """The tokens of a file; `where` names it in messages. InputError if it is no token list, or its digest is wrong."""
    fields = kinds.opened(kinds.TOKENS, data, where)
    tokens = fields.tokens("tokens")
    fields.done()
    return tokens
