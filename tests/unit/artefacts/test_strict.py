"""Strict reading and careful writing of JSON files."""

import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from huref import disk
from huref.artefacts import strict, tokens
from huref.errors import InputError, MalformedBundleError, NotFoundError, OutputError


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
        (b'{"a": NaN}', "not an integer"),
        (b'{"a": Infinity}', "not an integer"),
        (b'{"a": 11111111111111111}', "digits"),
        (b'{"a": "\xff"}', "not JSON in UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not JSON in UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"[" * 100_000, "x.json"),
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
    (1, lambda f: f.take("b"), "field 'b' is missing"),
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


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with pytest.raises(NotFoundError, match="no such file"):
        disk.read(path)
    with pytest.raises(InputError, match="cannot be read"):
        disk.read(tmp_path)
    path.write_bytes(b"12345")
    assert disk.read(path, 5) == b"12345"
    with pytest.raises(InputError, match="larger than 4 bytes"):
        disk.read(path, 4)


def test_write_replaces_completely(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old and longer")
    disk.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_writing_fails_with_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "x", Path("/dev/full"), tmp_path):
        with pytest.raises(OutputError, match="cannot be written"):
            disk.write(path, b"data")
    assert [file.name for file in tmp_path.iterdir()] == []
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_private_files_are_private_from_the_start_and_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    modes = []
    fsync = os.fsync

    def spy(handle: int) -> None:
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", spy)
    before = os.umask(0)
    try:
        disk.write_private(path, b"secret")
    finally:
        os.umask(before)
    assert modes == [0o600]
    with pytest.raises(OutputError, match="exists already"):
        disk.write_private(path, b"other")
    assert path.read_bytes() == b"secret"


def test_a_full_disk_leaves_no_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for write in (disk.write, disk.write_private):
        with pytest.raises(OutputError, match="No space left"):
            write(tmp_path / "x", b"data")
    assert [file.name for file in tmp_path.iterdir()] == []


def test_two_writers_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    contents = [bytes([i]) * 100_000 for i in range(4)]
    threads = [threading.Thread(target=disk.write, args=(path, data)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert [file.name for file in tmp_path.iterdir()] == ["x"]
