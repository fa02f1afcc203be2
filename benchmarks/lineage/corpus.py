"""Text and tokenizers: the documentation strings of Python's standard library."""

from __future__ import annotations

import ast
import sysconfig
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers


@cache
def texts() -> tuple[str, ...]:
    """Documentation strings of more than 40 letters, in the order of files and definitions."""
    found = []
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                if len(text) > 40:
                    found.append(text)
    return tuple(found)


@cache
def tokenizer(size: int) -> Tokenizer:
    """A byte-level tokenizer with that many tokens, trained on the texts."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        texts(), trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    )
    return made


@cache
def ids(size: int, start: float, end: float) -> tuple[int, ...]:
    """A part of the corpus, from share `start` to share `end`, as token ids of the tokenizer of that size."""
    numbers = tokenizer(size).encode("\n\n".join(texts())).ids
    return tuple(numbers[int(start * len(numbers)) : int(end * len(numbers))])
