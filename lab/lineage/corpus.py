"""Text and tokenizers: documentation strings of Python's standard library, and of packages that huref works with.

Nothing of the one text is in the other. Which versions are installed decides about the texts, so their digest belongs
to everything that is made from them.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

PACKAGES = ("click", "hypothesis", "jsonschema", "numpy", "pydantic", "rich")
#: Name of a tokenizer -> the text it is trained on, its number of tokens.
TOKENIZERS = {"first": ("python", 1500), "other": ("packages", 1200)}


@cache
def texts(name: str) -> tuple[str, ...]:
    """Documentation strings of more than 40 letters, each once, in the order of files and definitions.

    `name`: "python" or "packages".
    """
    found: dict[str, None] = {}
    for path in _files(name):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                if len(text) > 40:
                    found[text] = None
    return tuple(found)


def _files(name: str) -> Iterator[Path]:
    if name == "python":
        library = Path(sysconfig.get_paths()["stdlib"])
        strange = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3"}
        yield from (path for path in sorted(library.rglob("*.py")) if not strange & set(path.parts))
    else:
        for package in PACKAGES:
            spec = importlib.util.find_spec(package)
            assert spec is not None
            assert spec.origin is not None
            yield from (path for path in sorted(Path(spec.origin).parent.rglob("*.py")) if "tests" not in path.parts)


@cache
def digest() -> str:
    """SHA-256 of both texts."""
    return hashlib.sha256(json.dumps([texts("python"), texts("packages")]).encode()).hexdigest()


@cache
def tokenizer(name: str) -> Tokenizer:
    """A byte-level tokenizer of `TOKENIZERS`."""
    text, size = TOKENIZERS[name]
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        texts(text), trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    )
    return made


def ids(tokens: Tokenizer, name: str) -> list[int]:
    """The whole of a text as token ids."""
    return _ids(tokens.to_str(), name)


@cache
def _ids(tokens: str, name: str) -> list[int]:
    found = Tokenizer.from_str(tokens).encode_batch_fast(list(texts(name)))
    return [number for text in found for number in text.ids]
