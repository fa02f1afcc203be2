"""What a safetensors file of huref's own says of itself: the entry `huref` of its metadata, a JSON object."""

from __future__ import annotations

import json
from typing import Any

#: Brackets in a file of ours: its lists, and those that people write in a recipe. A parser that calls itself for each
#: level breaks the interpreter where some package has raised the recursion limit.
MAX_BRACKETS = 64


def read(data: bytes) -> dict[str, Any]:
    """The facts in a file that safetensors can read. KeyError, TypeError, ValueError: it has none."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    text = header["__metadata__"]["huref"]
    if text.count("[") + text.count("{") > MAX_BRACKETS:
        raise ValueError("its metadata has more brackets than any of huref")
    facts = json.loads(text)
    if not isinstance(facts, dict):
        raise TypeError("its metadata is no JSON object")
    return facts
