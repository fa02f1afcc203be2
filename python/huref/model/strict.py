"""JSON files of a model folder, read strictly: bounded size, UTF-8, one object, no name twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from ..foreign import foreign

MEBIBYTE = 1 << 20
#: Bounds on a whole document, checked before it is parsed: an empty list of two bytes becomes 64 in memory. The largest
#: tokenizers have a million of each, the headers of mixtures with 100 000 tensors 300 000 brackets.
MAX_BRACKETS, MAX_COMMAS = 1 << 22, 1 << 24
#: A parser that calls itself for each level breaks the interpreter where some package has raised the recursion limit.
MAX_DEPTH = 200
_OTHERS = bytes(set(range(256)) - set(b'"[]{}'))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"the name {twice!r} is there twice")
    return names


def parse_object(data: bytes, where: str) -> dict[str, Any]:
    """The JSON object in `data`. ModelError, which names `where`, if it is not one or has a name twice."""
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS or data.count(b",") > MAX_COMMAS:
        raise ModelError(f"{where}: has more parts than any file of a model")
    if _depth(data) > MAX_DEPTH:
        raise ModelError(f"{where}: nested too deeply")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique)
    except RecursionError:  # whoever called was deep already
        raise ModelError(f"{where}: nested too deeply") from None
    except ValueError as why:
        raise ModelError(f"{where}: {foreign(data) or f'not valid JSON: {why}'}") from None
    if not isinstance(value, dict):
        raise ModelError(f"{where}: expected a JSON object")
    return value


def _depth(data: bytes) -> int:
    """How deep the brackets of a JSON document are nested, up to the place where it is none."""
    signs = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _OTHERS)
    codes = np.frombuffer(signs, np.uint8)
    outside = ~np.logical_xor.accumulate(codes == ord('"'))
    opening, closing = np.isin(codes, list(b"[{")), np.isin(codes, list(b"]}"))
    steps = (opening & outside).astype(np.int8) - (closing & outside)
    return int(steps.cumsum(dtype=np.int32).max(initial=0))


def read_object(path: Path, limit: int) -> dict[str, Any]:
    """The JSON object in a file of at most `limit` bytes; ModelError otherwise."""
    try:
        if path.stat().st_size > limit:
            raise ModelError(f"{path}: larger than the {limit // MEBIBYTE} MiB allowed for such a file")
        data = path.read_bytes()
    except OSError as why:
        raise ModelError(f"{path}: cannot be read: {why.strerror}") from None
    return parse_object(data, str(path))
