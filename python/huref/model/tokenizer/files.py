"""Tokenizers of model folders: files of the libraries tokenizers and sentencepiece, and lists of pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from reprlib import repr as shown
from typing import Any

from ...errors import ModelError
from ...foreign import foreign_at
from .. import strict
from .pieces import BERT_CONTROL, BYTE_PIECE, SPACE, Token, byte_level, plain, sentencepiece

LARGEST = 256 * strict.MEBIBYTE


def tokenizer_json(path: Path) -> Iterator[Token]:
    """The `tokenizers` library's format: BPE, Unigram, WordPiece or WordLevel, with its pre-tokenizer and decoder."""
    whole = strict.read_object(path, LARGEST)
    model, added = whole.get("model"), whole.get("added_tokens") or []
    if not isinstance(model, dict):
        raise ModelError(f"{path}: no model")
    if not isinstance(added, list) or not all(isinstance(token, dict) for token in added):
        raise ModelError(f"{path}: added_tokens is not a list of objects")
    # by content and by id: the two could disagree
    left_out = [token.get(key) for token in added for key in ("content", "id")]
    left_out += [model.get("unk_token"), model.get("unk_id")]
    control = {value for value in left_out if isinstance(value, str | int)}
    decode = _decoder([whole.get(part) for part in ("normalizer", "pre_tokenizer", "decoder")])
    for piece, number in _pieces(path, model.get("vocab")):
        if piece in control or number in control:
            continue
        byte = BYTE_PIECE.fullmatch(piece) if model.get("byte_fallback") else None
        token = Token(number, bytes.fromhex(byte[1]), fallback=True) if byte else decode(piece, number)
        if token:
            yield token


def _pieces(path: Path, vocabulary: Any) -> Iterator[tuple[str, int]]:
    """Pieces with their ids: an object of them; for Unigram a list of pieces with scores, where the place is the id."""
    if isinstance(vocabulary, dict):
        pairs = list(vocabulary.items())
    elif isinstance(vocabulary, list):
        pairs = [(entry[0] if isinstance(entry, list) and entry else None, i) for i, entry in enumerate(vocabulary)]
    else:
        raise ModelError(f"{path}: no vocabulary")
    for piece, number in pairs:
        if not isinstance(piece, str) or type(number) is not int or number < 0:
            raise ModelError(f"{path}: {shown(piece)} with id {shown(number)} is not a token")
        yield piece, number


def _decoder(surroundings: list[Any]) -> Callable[[str, int], Token | None]:
    """How pieces are turned back into text: determined by what surrounds the model in the file."""
    parts = list(_walk(surroundings))
    if "ByteLevel" in parts:
        return byte_level
    return sentencepiece if SPACE in parts else plain


def _walk(value: Any) -> Iterator[str]:
    """Every string inside a JSON value, however deep."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)


def sentencepiece_model(path: Path) -> Iterator[Token]:
    """Sentencepiece's own format, which marks control, unknown, unused and byte pieces."""
    from sentencepiece import SentencePieceProcessor

    try:
        model = SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as why:
        raise ModelError(f"{path}: {foreign_at(path) or f'not a sentencepiece model: {why}'}") from None
    for number, piece in enumerate(model.id_to_piece(list(range(model.vocab_size())))):
        if model.is_control(number) or model.is_unknown(number) or model.is_unused(number):
            continue
        yield (
            Token(number, bytes([int(piece[3:5], 16)]), True) if model.is_byte(number) else sentencepiece(piece, number)
        )


def wordpiece_lines(path: Path) -> Iterator[Token]:
    """BERT's vocab.txt: one piece a line, the id is the line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError:
        raise ModelError(f"{path}: not UTF-8") from None
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines):
        piece = line.removesuffix("\r")
        if piece not in BERT_CONTROL:
            yield plain(piece, number)


def byte_level_json(path: Path) -> Iterator[Token]:
    """GPT-2's vocab.json; control tokens are those that special_tokens_map.json names, and `<|endoftext|>`."""
    marks = path.with_name("special_tokens_map.json")
    control = {"<|endoftext|>", *_walk(strict.read_object(marks, LARGEST) if marks.is_file() else {})}
    for piece, number in _pieces(path, strict.read_object(path, LARGEST)):
        token = None if piece in control else byte_level(piece, number)
        if token:
            yield token
