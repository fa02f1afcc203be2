"""The vocabulary of a model folder as byte strings: what each token id stands for in the text itself.

Byte-level markers (GPT-2's letters for bytes) and sentencepiece's marker for a space are undone, byte-fallback tokens
become their byte, WordPiece keeps its `##`. Control tokens and added tokens are left out: they are no part of the
learnt vocabulary, and whether an added token is called special is a switch that anyone can turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ...errors import ModelError
from .. import strict
from .byte_lists import is_tiktoken, tekken, tiktoken
from .files import LARGEST, byte_level_json, sentencepiece_model, tokenizer_json, wordpiece_lines
from .gguf import gguf_vocabulary
from .pieces import LETTERS, Token


def read_vocabulary(folder: Path) -> tuple[list[Token], Path]:
    """The ordinary tokens of a model folder, in no particular order, and the file they came from.

    The first of `READERS` that exists is read.

    Raises:
        ModelError: there is no tokenizer, or it cannot be read.

    """
    for pattern, read in READERS.items():
        path = next(iter(sorted(folder.glob(pattern))), folder)
        if path.is_file():
            try:
                if path.stat().st_size > LARGEST:
                    raise ModelError(
                        f"{path}: larger than the {LARGEST // strict.MEBIBYTE} MiB allowed for a tokenizer"
                    )
                return list(read(path)), path
            except OSError as why:
                raise ModelError(f"{path}: cannot be read: {why.strerror or why}") from None
            except UnicodeEncodeError as why:
                raise ModelError(f"{path}: the token {why.object!a} is not Unicode text") from None
    raise ModelError(f"{folder}: no tokenizer; expected one of {', '.join(READERS)} beside the weights")


def _tokenizer_model(path: Path) -> Iterator[Token]:
    """A name that sentencepiece and tiktoken share."""
    return tiktoken(path) if is_tiktoken(path) else sentencepiece_model(path)


#: Names of files -> reader.
READERS: dict[str, Callable[[Path], Iterator[Token]]] = {
    "tokenizer.json": tokenizer_json,
    "tokenizer.model": _tokenizer_model,
    "vocab.txt": wordpiece_lines,
    "vocab.json": byte_level_json,
    "spiece.model": sentencepiece_model,
    "tekken.json": tekken,
    "tiktoken.model": tiktoken,
    "*.tiktoken": tiktoken,
}

__all__ = ["LETTERS", "READERS", "Token", "gguf_vocabulary", "read_vocabulary"]
