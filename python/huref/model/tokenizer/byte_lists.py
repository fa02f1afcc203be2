"""Lists of byte strings: tiktoken's, and the tekken.json of Mistral."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path
from reprlib import repr as shown

from ...errors import ModelError
from .. import strict
from .files import LARGEST
from .pieces import Token

#: Of tekken.json, where its configuration does not say so: ids begin behind these control tokens.
CONTROL = 1000


def is_tiktoken(path: Path) -> bool:
    """Whether the first line is a token in base64 and its id."""
    with path.open("rb") as file:
        words = file.readline(4096).split()
    return len(words) == 2 and words[1].isdigit() and _bytes(words[0]) is not None


def tiktoken(path: Path) -> Iterator[Token]:
    """One token a line: base64, a space, its id. Control tokens stand elsewhere."""
    for line in path.read_bytes().splitlines():
        words = line.split()
        text = _bytes(words[0]) if len(words) == 2 and words[1].isdigit() and len(words[1]) < 10 else None
        if text is None:
            raise ModelError(f"{path}: {shown(line)} is no line of tiktoken: base64, a space and a number")
        yield Token(int(words[1]), text)


def tekken(path: Path) -> Iterator[Token]:
    """Tokens with their ranks; ids are ranks behind the control tokens, up to the size of the vocabulary."""
    whole = strict.read_object(path, LARGEST)
    config, vocabulary = whole.get("config"), whole.get("vocab")
    if not isinstance(config, dict) or not isinstance(vocabulary, list):
        raise ModelError(f"{path}: no vocabulary")
    control, size = config.get("default_num_special_tokens", CONTROL), config.get("default_vocab_size", len(vocabulary))
    if type(control) is not int or type(size) is not int or control < 0:
        raise ModelError(f"{path}: config: default_num_special_tokens and default_vocab_size must be whole numbers")
    for entry in vocabulary:
        rank = entry.get("rank") if isinstance(entry, dict) else None
        word = entry.get("token_bytes") if isinstance(entry, dict) else None
        text = _bytes(word.encode()) if isinstance(word, str) else None
        if type(rank) is not int or rank < 0 or text is None:
            raise ModelError(f"{path}: {shown(entry)} is no token")
        if rank + control < size:
            yield Token(rank + control, text)


def _bytes(word: bytes) -> bytes | None:
    try:
        return base64.b64decode(word, validate=True)
    except binascii.Error:
        return None
