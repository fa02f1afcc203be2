"""What to say about a file that is none of ours: what it is, by its first bytes, and what to do with it."""

from __future__ import annotations

import re
from pathlib import Path

#: Bytes by which a file is recognised.
HEAD = 4096
_TABLE = (
    (rb"\x89PNG", "a PNG picture", "`huref verify --image` compares it with a portrait"),
    (rb".{5}\0{3}\{", "a file of weights", "verbs that read a model take its folder"),
    (rb"GGUF", "a GGUF model", "verbs that read a model take it as MODEL"),
    (
        rb"PK\x03\x04.{26}[^/]{0,200}/?data\.pkl|\x80[\x02-\x05]",
        "a file of pickled weights",
        "they can run code when they are opened and are not read; convert them to *.safetensors where you trust them",
    ),
    (
        rb"\x08[\x01-\x20](\x12.{0,40}[\x1a\x22\x28\x32\x3a]|\x1a|\x3a)",
        "a model in ONNX",
        "give the model that it was exported from",
    ),
    (rb"PK\x03\x04", "a zip archive", "unpack it first"),
    (rb"\x1f\x8b", "a gzip file", "unpack it first"),
    (rb".{257}ustar", "a tar archive", "unpack it first"),
    (rb"\x89HDF\r\n", "an HDF5 file", "verbs that read a model take a folder with *.safetensors"),
    (rb"(?i:(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml))", "a web page", "download the file that it is about"),
    (rb"version https://git-lfs", "a pointer of Git LFS", "fetch the file that it stands for: git lfs pull"),
    (
        rb'\s*\{.*"(architectures|model_type)"\s*:',
        "the config.json of a model",
        "verbs that read a model take its folder",
    ),
    (rb'\s*\{.*"(truncation|added_tokens)"\s*:', "the file of a tokenizer", "verbs that read a model take its folder"),
)


def foreign(data: bytes) -> str | None:
    """What a file is and what it is for, as a sentence without its end; None for files that are not recognised."""
    found = (f"this is {words}; {used}" for first, words, used in _TABLE if re.match(first, data[:HEAD], re.DOTALL))
    return next(found, None)


def foreign_at(path: Path) -> str | None:
    """As `foreign`, for the file there; None also for what cannot be read."""
    try:
        with path.open("rb") as file:
            return foreign(file.read(HEAD))
    except OSError:  # the reader of the file says so
        return None
