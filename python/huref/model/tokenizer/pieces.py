"""Tokens, and how the pieces of vocabularies become the bytes that they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

SPACE = "\u2581"
BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
#: What BERT's vocab.txt holds besides words; the file itself does not mark them.
BERT_CONTROL = frozenset({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})


@dataclass(frozen=True)
class Token:
    """An id and the bytes it stands for; `fallback`: one byte, used where no ordinary piece fits."""

    id: int
    text: bytes
    fallback: bool = False


def _letters() -> dict[str, int]:
    """GPT-2's letters for bytes: printable ones stand for themselves, the others for U+0100 and following, in order."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


LETTERS = _letters()
#: For `str.translate`: every letter becomes its byte's character, and no other character becomes, or stays, one.
_CHARACTERS = dict.fromkeys(range(256), chr(256)) | {ord(letter): chr(byte) for letter, byte in LETTERS.items()}


def byte_level(piece: str, number: int) -> Token | None:
    """A piece in letters for bytes; None for one that stands for no bytes: it can never be produced from text."""
    try:
        return Token(number, piece.translate(_CHARACTERS).encode("latin-1"))
    except UnicodeEncodeError:
        return None


def sentencepiece(piece: str, number: int) -> Token:
    """A piece in which a mark stands for each space."""
    return Token(number, piece.replace(SPACE, " ").encode())


def plain(piece: str, number: int) -> Token:
    """A piece that stands for itself."""
    return Token(number, piece.encode())
