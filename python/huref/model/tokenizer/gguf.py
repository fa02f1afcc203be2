"""The vocabulary of a GGUF file, which is part of its metadata."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from reprlib import repr as shown
from typing import Any

from ...errors import ModelError
from .pieces import BERT_CONTROL, BYTE_PIECE, SPACE, Token, byte_level, plain, sentencepiece

#: Types of tokens: those that are learnt, and bytes. Unknown, control, added and unused ones are left out.
NORMAL, BYTE = 1, 6


def gguf_vocabulary(path: Path, metadata: Mapping[str, Any]) -> list[Token]:
    """The ordinary tokens of a GGUF file, by its metadata.

    Raises:
        ModelError: there is no vocabulary, or it is of a kind that is not read.

    """
    kind, pieces = metadata.get("tokenizer.ggml.model"), metadata.get("tokenizer.ggml.tokens")
    if not (isinstance(kind, str) and isinstance(pieces, list) and all(isinstance(piece, str) for piece in pieces)):
        raise ModelError(f"{path}: GGUF: no tokenizer in its metadata")
    if kind not in GGUF_DECODERS:
        raise ModelError(f"{path}: GGUF: a tokenizer of the kind {shown(kind)}, which is not read")
    types = metadata.get("tokenizer.ggml.token_type")
    if types is None or len(types) != len(pieces):
        types = [NORMAL] * len(pieces)
    try:
        return list(_tokens(pieces, types, GGUF_DECODERS[kind]))
    except UnicodeEncodeError as why:
        raise ModelError(f"{path}: GGUF: the token {why.object!a} is not Unicode text") from None


def _tokens(pieces: Sequence[str], types: Sequence[int], decode: Callable[[str, int], Token | None]) -> Iterator[Token]:
    for number, (piece, type_) in enumerate(zip(pieces, types, strict=True)):
        byte = BYTE_PIECE.fullmatch(piece) if type_ == BYTE else None
        if byte:
            yield Token(number, bytes.fromhex(byte[1]), fallback=True)
        elif type_ == NORMAL and (token := decode(piece, number)):
            yield token


def _gguf_wordpiece(piece: str, number: int) -> Token | None:
    """llama.cpp marks the beginnings of words instead of what continues them; control tokens are in brackets."""
    if piece in BERT_CONTROL or re.fullmatch(r"\[unused\d+\]", piece):
        return None
    return plain(piece.removeprefix(SPACE) if piece.startswith(SPACE) else "##" + piece, number)


GGUF_DECODERS: dict[str, Callable[[str, int], Token | None]] = {
    "llama": sentencepiece,
    "t5": sentencepiece,
    "gemma4": sentencepiece,
    "gpt2": byte_level,
    "bert": _gguf_wordpiece,
}
