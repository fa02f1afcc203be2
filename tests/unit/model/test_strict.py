"""Strict reading of the JSON of strangers."""

import sys

import pytest

from huref.errors import ModelError
from huref.model import strict


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        (b"{}", 1),
        (b'{"a": [[1], [2, {"b": 3}]]}', 4),
        (b'{"[[[[": "]]{{\\\\", "\\"[[[": [1]}', 2),
        (b'{"a\\\\\\"[[[": "[\\n[", "b": {}}', 2),
        (b"]]]]{}", 0),
        (b"", 0),
    ],
)
def test_depth_of_json(text: bytes, depth: int) -> None:
    assert strict._depth(text) == depth


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_json_does_not_break_the_interpreter(opening: bytes) -> None:
    """Packages such as py_ecc raise the limit that otherwise stops the parser."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10**7)
    try:
        with pytest.raises(ModelError, match="too deeply"):
            strict.parse_object(b'{"a":' + opening * 10**5, "config.json")
    finally:
        sys.setrecursionlimit(before)


@pytest.mark.parametrize("part", [b"[],", b"0,"])
def test_json_that_would_fill_the_memory(part: bytes) -> None:
    limit = strict.MAX_BRACKETS if part == b"[]," else strict.MAX_COMMAS
    with pytest.raises(ModelError, match=r"config\.json: has more parts"):
        strict.parse_object(b'{"a": [' + part * (limit + 1) + b"0]}", "config.json")
