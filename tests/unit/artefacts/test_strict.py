"""Strict reading of JSON files."""

import json
from collections.abc import Callable

import pytest

from huref.artefacts import strict, tokens
from huref.errors import InputError, MalformedBundleError


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b'{"a": 1', "not JSON"),
        (b'{"a": 1} x', "not JSON"),
        (b'{"a": 1, "a": 1}', "'a' is there twice"),
        (b'{"b": {"a": 1, "a": 2}}', "'a' is there twice"),
        (b'{"a": 1.0}', "not an integer"),
        (b'{"a": 1e3}', "not an integer"),
        (b'{"a": [1, -0]}', "must be written as 0"),
        (b'{"a": NaN}', "not an integer"),
        (b'{"a": Infinity}', "not an integer"),
        (b'{"a": 11111111111111111}', "digits"),
        (b'{"a": "\xff"}', "not JSON in UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not JSON in UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"[" * 100_000, "x.json"),
        (b"[" * 1024 + b"]" * 1024, "x.json"),
        (b'{"a":' * 100_000, "x.json"),
    ],
)
def test_parse_refuses(data: bytes, message: str) -> None:
    with pytest.raises(MalformedBundleError, match=message) as caught:
        strict.parse(data, "x.json", MalformedBundleError)
    assert str(caught.value).startswith("x.json: ")


def fields(**values: object) -> strict.Fields:
    return strict.parse(json.dumps(values).encode(), "x.json")


REFUSED: list[tuple[object, Callable[[strict.Fields], object], str]] = [
    (1, lambda f: f.text("a"), "must be a string"),
    ("x\ud800", lambda f: f.text("a"), "must be a string of Unicode characters"),
    (True, lambda f: f.integer("a", 0, 1), "must hold integers"),
    ("1", lambda f: f.integer("a", 0, 1), "must hold integers"),
    (2, lambda f: f.integer("a", 0, 1), "2 is not between 0 and 1"),
    (-1, lambda f: f.integer("a", 0, 1), "-1 is not between"),
    ({}, lambda f: f.integers("a", 0, 1), "must be a list"),
    ([0, 0], lambda f: f.integers("a", 0, 1, 3), "must have 3 items, it has 2"),
    ([0, None], lambda f: f.integers("a", 0, 1), "must hold integers"),
    ("AB", lambda f: f.hexadecimal("a", 1), "lower-case hexadecimal"),
    ("ab ", lambda f: f.hexadecimal("a", 1), "lower-case hexadecimal"),
    ("abc", lambda f: f.hexadecimal("a", 1), "lower-case hexadecimal"),
    ("abab", lambda f: f.hexadecimal("a", 1), "lower-case hexadecimal"),
    (["ab", 1], lambda f: f.byte_strings("a", 2), "lower-case hexadecimal"),
    ("====", lambda f: f.base64("a"), "base64"),
    ("AB==", lambda f: f.base64("a"), "canonical base64"),
    ("A A=", lambda f: f.base64("a"), "base64"),
    ("AAAA", lambda f: f.base64("a", 2), "must hold 2 bytes, it holds 3"),
    ([], lambda f: f.fields("a"), "must be a JSON object"),
    (1, lambda f: f.done(), "unknown field 'a'"),
    (1, lambda f: f.take_value("b"), "field 'b' is missing"),
]


@pytest.mark.parametrize(("value", "read", "message"), REFUSED)
def test_fields_refuse(value: object, read: Callable[[strict.Fields], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(fields(a=value))


def test_token_lists_must_agree_with_themselves() -> None:
    good = tokens.to_fields([b"a", b"\x00\xff"])
    assert tokens.from_fields(fields(**good)) == (b"a", b"\x00\xff")
    for change in ({"count": 3}, {"digest": "00" * 32}, {"list": ["61", "62"]}, {"list": ["61"]}, {"more": 1}):
        with pytest.raises(InputError):
            tokens.from_fields(fields(**good | change))
    with pytest.raises(InputError, match="twice"):
        tokens.from_fields(fields(**tokens.to_fields([b"a", b"a"])))


def test_dump_is_read_again() -> None:
    values = {"text": "ü\n", "list": [1, -2], "object": {"a": []}}
    data = strict.dump(values)
    assert data.isascii()
    assert json.loads(data) == values
