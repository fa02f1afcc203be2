"""The vocabulary of a model folder as byte strings: what each token id stands for in the text itself.

Byte-level markers (GPT-2's letters for bytes) and sentencepiece's marker for a space are undone, byte-fallback tokens
become their byte, WordPiece keeps its `##`. Control tokens and added tokens are left out: they are no part of the
learnt vocabulary, and whether an added token is called special is a switch that anyone can turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shown
from typing import Any

from ..errors import ModelError
from . import strict

SPACE = "\u2581"
LARGEST = 256 * strict.MEBIBYTE
BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
#: What BERT's vocab.txt holds besides words; the file itself does not mark them.
BERT_CONTROL = frozenset({"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})


@dataclass(frozen=True)
class Token:
    """An id and the bytes it stands for; `fallback`: one byte, used where no ordinary piece fits."""

    id: int
    text: bytes
    fallback: bool = False


def read_vocabulary(folder: Path) -> tuple[list[Token], Path]:
    """The ordinary tokens of a model folder, in no particular order, and the file they came from.

    The first of these that exists is read: tokenizer.json, tokenizer.model (sentencepiece), vocab.txt (WordPiece),
    vocab.json (byte-level BPE).

    Raises:
        ModelError: there is no tokenizer, or it cannot be read.

    """
    for name, read in READERS.items():
        path = folder / name
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


def _letters() -> dict[str, int]:
    """GPT-2's letters for bytes: printable ones stand for themselves, the others for U+0100 and following, in order."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


LETTERS = _letters()


def _byte_level(piece: str, number: int) -> Token | None:
    """None for a piece that stands for no bytes: it can never be produced from text."""
    try:
        return Token(number, bytes(LETTERS[letter] for letter in piece))
    except KeyError:
        return None


def _sentencepiece(piece: str, number: int) -> Token:
    return Token(number, piece.replace(SPACE, " ").encode())


def _plain(piece: str, number: int) -> Token:
    return Token(number, piece.encode())


def _tokenizer_json(path: Path) -> Iterator[Token]:
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
        return _byte_level
    return _sentencepiece if SPACE in parts else _plain


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


def _sentencepiece_model(path: Path) -> Iterator[Token]:
    """Sentencepiece's own format, which marks control, unknown, unused and byte pieces."""
    import sentencepiece

    try:
        model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as why:
        raise ModelError(f"{path}: not a sentencepiece model: {why}") from None
    for number, piece in enumerate(model.id_to_piece(list(range(model.vocab_size())))):
        if model.is_control(number) or model.is_unknown(number) or model.is_unused(number):
            continue
        yield (
            Token(number, bytes([int(piece[3:5], 16)]), True)
            if model.is_byte(number)
            else _sentencepiece(piece, number)
        )


def _wordpiece_lines(path: Path) -> Iterator[Token]:
    """BERT's vocab.txt: one piece a line, the id is the line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError:
        raise ModelError(f"{path}: not UTF-8") from None
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines):
        piece = line.removesuffix("\r")
        if piece not in BERT_CONTROL:
            yield _plain(piece, number)


def _byte_level_json(path: Path) -> Iterator[Token]:
    """GPT-2's vocab.json; control tokens are those that special_tokens_map.json names, and `<|endoftext|>`."""
    marks = path.with_name("special_tokens_map.json")
    control = {"<|endoftext|>", *_walk(strict.read_object(marks, LARGEST) if marks.is_file() else {})}
    for piece, number in _pieces(path, strict.read_object(path, LARGEST)):
        token = None if piece in control else _byte_level(piece, number)
        if token:
            yield token


READERS: dict[str, Callable[[Path], Iterator[Token]]] = {
    "tokenizer.json": _tokenizer_json,
    "tokenizer.model": _sentencepiece_model,
    "vocab.txt": _wordpiece_lines,
    "vocab.json": _byte_level_json,
}


# GGUF

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
    found = []
    for number, (piece, type_) in enumerate(zip(pieces, types, strict=True)):
        byte = BYTE_PIECE.fullmatch(piece) if type_ == BYTE else None
        if byte:
            found.append(Token(number, bytes.fromhex(byte[1]), fallback=True))
        elif type_ == NORMAL and (token := GGUF_DECODERS[kind](piece, number)):
            found.append(token)
    return found


def _gguf_wordpiece(piece: str, number: int) -> Token | None:
    """llama.cpp marks the beginnings of words instead of what continues them; control tokens are in brackets."""
    if piece in BERT_CONTROL or re.fullmatch(r"\[unused\d+\]", piece):
        return None
    return _plain(piece.removeprefix(SPACE) if piece.startswith(SPACE) else "##" + piece, number)


GGUF_DECODERS: dict[str, Callable[[str, int], Token | None]] = {
    "llama": _sentencepiece,
    "t5": _sentencepiece,
    "gemma4": _sentencepiece,
    "gpt2": _byte_level,
    "bert": _gguf_wordpiece,
}
