"""Strict JSON in, careful files out: what every file format of huref has in common.

The reader refuses everything that two parsers could understand differently: duplicate keys, unknown or missing fields,
numbers that are not integers, encodings other than UTF-8. Writing leaves no half-written file behind.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from ..errors import HurefError, InputError, UnsupportedVersionError, shown
from ..profile import PROFILES, Profile

#: Bounds on a whole document, checked before it is parsed: brackets bound the depth, commas the number of values.
MAX_BRACKETS = 1024
MAX_COMMAS = 1 << 20
#: Longest integer that is read at all; every field has closer bounds.
MAX_DIGITS = 16
_SURROGATE = re.compile("[\ud800-\udfff]")
Known = TypeVar("Known", str, int)


class Fields:
    """The fields of one JSON object, each taken exactly once and checked on the way.

    `where` names file and object in messages; `error` is raised for anything unexpected.
    """

    def __init__(self, value: object, where: str, error: type[HurefError] = InputError) -> None:
        self._where = where
        self._error = error
        if not isinstance(value, dict):
            self.refuse("must be a JSON object")
        self._left: dict[str, Any] = dict(value)

    def refuse(self, why: str) -> NoReturn:
        """Raise the error that belongs to this file."""
        raise self._error(f"{self._where}: {why}")

    def take_value(self, key: str) -> Any:
        """Any value."""
        if key not in self._left:
            self.refuse(f"field {key!r} is missing")
        return self._left.pop(key)

    def has(self, key: str) -> bool:
        """Whether an optional field is there."""
        return key in self._left

    def null(self, key: str) -> bool:
        """Whether the field is null; then it is taken."""
        return self._left.get(key, self) is None and self.take_value(key) is None

    def text(self, key: str) -> str:
        """A string without lone surrogates, which JSON can spell and no encoding has."""
        value = self.take_value(key)
        if not isinstance(value, str) or not (value.isascii() or _SURROGATE.search(value) is None):
            self.refuse(f"field {key!r} must be a string of Unicode characters")
        return value

    def must_be(self, key: str, expected: str | bool) -> None:
        """Refuse any value but `expected`."""
        value = self.take_value(key)
        if type(value) is not type(expected) or value != expected:
            self.refuse(f"field {key!r} must be {json.dumps(expected)}")

    def known(self, key: str, value: Known, *known: Known) -> Known:
        """That value of a field; UnsupportedVersionError unless it is one of those that this release knows."""
        if value not in known:
            names = f"{' and '.join(map(repr, known))} {'is' if len(known) == 1 else 'are'}"
            raise UnsupportedVersionError(
                f"{self._where}, field {key!r}: {shown(str(value))} is not known to this release, only {names}"
            )
        return value

    def profile(self) -> Profile:
        """The profile that field "profile" names; UnsupportedVersionError for one that this release does not know."""
        return PROFILES[self.known("profile", self.text("profile"), *PROFILES)]

    def boolean(self, key: str) -> bool:
        """True or false."""
        value = self.take_value(key)
        if not isinstance(value, bool):
            self.refuse(f"field {key!r} must be true or false")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        """An integer from `low` to `high`."""
        return self._bounded(key, self.take_value(key), low, high)

    def integers(self, key: str, low: int, high: int, count: int | None = None) -> tuple[int, ...]:
        """A list of integers from `low` to `high`, `count` of them if given."""
        return tuple(self._bounded(key, item, low, high) for item in self.items(key, count))

    def vectors(self, key: str, low: int, high: int, count: int | None, length: int) -> tuple[tuple[int, ...], ...]:
        """A list of lists of `length` integers from `low` to `high`, `count` of them if given."""
        rows = self.items(key, count)
        if any(not isinstance(row, list) or len(row) != length for row in rows):
            self.refuse(f"field {key!r} must hold lists of {length} integers")
        return tuple(tuple(self._bounded(key, item, low, high) for item in row) for row in rows)

    def items(self, key: str, count: int | None = None) -> list[Any]:
        """A list, of `count` items if given."""
        value = self.take_value(key)
        if not isinstance(value, list):
            self.refuse(f"field {key!r} must be a list")
        if count is not None and len(value) != count:
            self.refuse(f"field {key!r} must have {count} items, it has {len(value)}")
        return value

    def hexadecimal(self, key: str, length: int | None = None) -> bytes:
        """Bytes in lower-case hexadecimal digits, `length` of them if given."""
        return self._unhex(key, self.take_value(key), length)

    def byte_strings(self, key: str, count: int | None = None) -> tuple[bytes, ...]:
        """A list of byte strings in lower-case hexadecimal digits, `count` of them if given."""
        items = self.items(key, count)
        try:
            values = tuple(map(bytes.fromhex, items))
        except (TypeError, ValueError):
            values = ()
        if [value.hex() for value in values] != items:
            self.refuse(f"field {key!r} must be lower-case hexadecimal digits")
        return values

    def base64(self, key: str, length: int | None = None) -> bytes:
        """Bytes in base64, in its one canonical spelling, `length` of them if given."""
        value = self._unbase64(key, self.text(key))
        if length not in (None, len(value)):
            self.refuse(f"field {key!r} must hold {length} bytes, it holds {len(value)}")
        return value

    def base64_strings(self, key: str, most: int) -> tuple[bytes, ...]:
        """A list of byte strings in base64, each of 1 to `most` bytes."""
        values = tuple(self._unbase64(key, item) for item in self.items(key))
        if any(not 1 <= len(value) <= most for value in values):
            self.refuse(f"field {key!r} must hold items of 1 to {most} bytes")
        return values

    def fields(self, key: str) -> Fields:
        """A JSON object."""
        return Fields(self.take_value(key), f"{self._where}, field {key!r}", self._error)

    def objects(self, key: str) -> list[Fields]:
        """A list of JSON objects."""
        where = f"{self._where}, field {key!r}"
        return [Fields(item, f"{where}[{i}]", self._error) for i, item in enumerate(self.items(key))]

    def done(self) -> None:
        """Nothing may be left."""
        if self._left:
            self.refuse(f"unknown field {shown(next(iter(self._left)))}")

    def _bounded(self, key: str, value: object, low: int, high: int) -> int:
        if type(value) is not int:
            self.refuse(f"field {key!r} must hold integers")
        if not low <= value <= high:
            self.refuse(f"field {key!r}: {value} is not between {low} and {high}")
        return value

    def _unbase64(self, key: str, text: object) -> bytes:
        try:
            value = base64.b64decode(text, validate=True) if isinstance(text, str) else None
        except (binascii.Error, ValueError):
            value = None
        if value is None:
            self.refuse(f"field {key!r} must be base64")
        if base64.b64encode(value).decode() != text:
            self.refuse(f"field {key!r} must be canonical base64")
        return value

    def _unhex(self, key: str, value: object, length: int | None) -> bytes:
        try:
            data = bytes.fromhex(value) if isinstance(value, str) else None
        except ValueError:
            data = None
        if data is None or data.hex() != value or length not in (None, len(data)):
            size = "" if length is None else f"{2 * length} "
            self.refuse(f"field {key!r} must be {size}lower-case hexadecimal digits")
        return data


def parse(data: bytes, where: str, error: type[HurefError] = InputError) -> Fields:
    """The fields of a JSON document.

    Raises:
        `error`: the bytes are not UTF-8, not JSON or not an object; a key occurs twice; a number is huge or not an
            integer; there are more brackets or values than any file of huref has.

    """

    def refuse(why: str) -> NoReturn:
        raise error(f"{where}: {why}")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for name, value in pairs:
            if name in fields:
                refuse(f"field {shown(name)} is there twice")
            fields[name] = value
        return fields

    def integer(text: str) -> int:
        if len(text.lstrip("-")) > MAX_DIGITS:
            refuse(f"the number {shown(text)} has more than {MAX_DIGITS} digits")
        if text == "-0":  # which other parsers read as a number of its own
            refuse("the number -0 must be written as 0")
        return int(text)

    def no_integer(text: str) -> NoReturn:
        refuse(f"the number {shown(text)} is not an integer")

    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS or data.count(b",") > MAX_COMMAS:
        refuse("has more parts than any file of huref")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=unique,
            parse_int=integer,
            parse_float=no_integer,
            parse_constant=no_integer,
        )
    except ValueError:  # bad UTF-8 is one too
        raise error(f"{where}: not JSON in UTF-8") from None
    except RecursionError:  # a thousand brackets, one in the other
        refuse("has more parts inside each other than any file of huref")
    return Fields(value, where, error)


def encoded(values: Iterable[bytes]) -> list[str]:
    """Byte strings in base64."""
    return [base64.b64encode(value).decode() for value in values]


def content_digest(document: dict[str, Any], *covered: str) -> str:
    """SHA-256, in hexadecimal digits, over some fields of a document.

    The bytes are those of RFC 8785: fields that hold ASCII strings and integers alone need only sorted keys without
    white space.
    """
    kept = {key: document[key] for key in covered}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def dump(fields: dict[str, Any]) -> bytes:
    """The bytes of a JSON file: ASCII, one field in a line at the top, compact below, a newline at the end."""
    lines = (f"  {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in fields.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")
