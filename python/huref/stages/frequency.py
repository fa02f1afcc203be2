"""Frequency lists, the token lists of profile "paper": one token id a line, most frequent first, as the authors of
HuRef publish them. The last K are used: the rarest tokens, whose embeddings training moves least.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from ..absent import absent
from ..errors import InputError, ModelError
from ..model import Model
from ..progress import Progress, silent

#: Lines that are tokenised at a time.
LINES = 4096
#: Largest part of a line that is tokenised at once, in characters; a corpus without line ends stays within memory.
LONGEST = 1 << 16
Encode = Callable[[list[str]], Iterator[Sequence[int]]]


def parse_ids(data: bytes, path: Path) -> list[int]:
    """The ids of a frequency list, in its order. InputError if it is not one id a line."""
    lines = data.decode("ascii", "replace").split()
    if not lines or not all(line.isdecimal() and len(line) <= 9 for line in lines):
        raise InputError(f"{path}: neither a token list (JSON) nor one token id a line")
    return list(map(int, lines))


def dump_ids(ids: Sequence[int]) -> bytes:
    """The file of a frequency list."""
    return "".join(f"{number}\n" for number in ids).encode("ascii")


def count(model: Model, corpus: Sequence[Path], progress: Progress = silent) -> tuple[list[int], int]:
    """The ordinary tokens of a model from the most to the least frequent in the texts of `corpus`, and how many tokens
    of text were counted. As in the authors' lists, equally frequent tokens are in descending order of their ids, and
    tokens that never occur are left out: nobody knows how rare they are.

    Texts are read line by line as UTF-8; a token never spans two lines.

    Raises:
        NotFoundError: a text is missing.
        InputError: a text cannot be read or is not UTF-8, or no text has an ordinary token.
        ModelError: there is no tokenizer, or it cannot be used.

    """
    vocabulary, source = model.vocabulary()
    encode = _encoder(source)
    seen: Counter[int] = Counter()
    for done, path in enumerate(corpus):
        progress("count", done, len(corpus))
        lines = _lines(path)
        while texts := list(islice(lines, LINES)):
            for ids in encode(texts):
                seen.update(ids)
    progress("count", len(corpus), len(corpus))
    ordinary = {token.id for token in vocabulary}
    found = sorted(ordinary & seen.keys(), key=lambda number: (-seen[number], -number))
    if not found:
        raise InputError(f"{', '.join(map(str, corpus))}: no ordinary token of {model.path} in it; give longer texts")
    return found, seen.total()


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while line := file.readline(LONGEST):
                yield line
    except UnicodeDecodeError as why:
        raise InputError(f"{path}: not UTF-8 (byte {why.object[why.start]:#04x})") from None
    except FileNotFoundError:
        raise absent(path) from None
    except OSError as why:
        raise InputError(f"{path}: cannot be read ({why.strerror})") from None


def _encoder(path: Path) -> Encode:
    """Texts -> ids, without control tokens around them, by the tokenizer of that file. No code of the model is run."""
    if path.suffix == ".gguf":
        raise ModelError(f"{path}: texts are counted with a tokenizer's own files; give the folder of the model")
    if path.name == "tokenizer.json":
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as why:  # the library raises nothing more particular
            raise ModelError(f"{path}: cannot be used: {why}") from None
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return lambda texts: (encoded.ids for encoded in tokenizer.encode_batch_fast(texts, add_special_tokens=False))
    from transformers import AutoTokenizer

    try:
        slow = AutoTokenizer.from_pretrained(path.parent, local_files_only=True, trust_remote_code=False)
    except Exception as why:  # whatever a tokenizer's class makes of its files
        raise ModelError(f"{path.parent}: its tokenizer cannot be used: {why}") from None
    return lambda texts: iter(slow(texts, add_special_tokens=False)["input_ids"])
