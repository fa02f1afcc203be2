"""Safetensors files: what is read, and what each kind of damage gets: one ModelError that says what and where."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from huref.errors import ModelError
from huref.model.formats.safetensors import Shard


def write_raw(path: Path, header: Any, data: bytes) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def test_unaligned_tensors_are_read(tmp_path: Path) -> None:
    values = np.arange(6, dtype="<f4")
    header = json.dumps({"x": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    header += b" " * (3 - len(header) % 8)
    write_raw(tmp_path / "x.safetensors", header, values.tobytes())
    read = Shard(tmp_path / "x.safetensors").tensor("x").read()
    assert read.flags.aligned
    np.testing.assert_array_equal(read, values.reshape(2, 3))


GOOD = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}


@pytest.mark.parametrize(
    ("header", "data", "words"),
    [
        ({"a": GOOD}, 12, ("'a'", "truncated")),
        ({"a": GOOD}, 20, ()),
        ({"a": GOOD, "b": GOOD | {"data_offsets": [8, 24]}}, 24, ("'b'",)),
        ({"a": GOOD, "b": GOOD | {"data_offsets": [20, 36]}}, 36, ("'b'",)),
        ({"a": GOOD | {"shape": [2, 3]}}, 16, ("'a'", "[2, 3]")),
        ({"a": GOOD | {"shape": [2, -2]}}, 16, ("'a'",)),
        ({"a": GOOD | {"shape": [1 << 62, 1 << 62]}}, 16, ("'a'",)),
        ({"a": GOOD | {"shape": [1 << 63, 1]}}, 16, ("'a'", "2^63")),
        ({"a": GOOD | {"shape": [10**4000] * 10_000}}, 16, ("'a'",)),  # their product would take hours
        ({"a": GOOD | {"shape": [1] * 17}}, 16, ("'a'",)),
        ({"a": GOOD | {"shape": [2.0, 2]}}, 16, ("'a'",)),
        ({"a": GOOD | {"data_offsets": [16, 0]}}, 16, ("'a'",)),
        ({"a": GOOD | {"data_offsets": [0]}}, 16, ("'a'",)),
        ({"a": GOOD | {"dtype": 5}}, 16, ("'a'",)),
        ({"a": GOOD | {"more": 1}}, 16, ("'a'",)),
        ({"a": [1]}, 16, ("'a'",)),
        ([], 16, ("JSON object",)),
        (b"garbage", 16, ("JSON",)),
        (b'{"a":' + json.dumps(GOOD).encode() + b',"a":' + json.dumps(GOOD).encode() + b"}", 16, ("'a'", "twice")),
    ],
)
def test_header_that_makes_no_sense(header: Any, data: int, words: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_raw(path, header, bytes(data))
    with pytest.raises(ModelError) as caught:
        Shard(path)
    for word in (str(path), *words):
        assert word in str(caught.value)


def test_header_beyond_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 1 << 30))
        file.truncate((1 << 30) + 8)
    with pytest.raises(ModelError, match="at most 100000000"):
        Shard(path)


def test_types_that_nothing_is_made_of_are_refused_when_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write_raw(path, {"a": GOOD | {"dtype": "X32"}}, bytes(16))
    with pytest.raises(ModelError, match=f"{path}.*'a'.*X32"):
        Shard(path).tensor("a")


SMALL = {"one": np.arange(6, dtype=np.float32).reshape(2, 3), "two": np.ones(5, np.float16)}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_found_or_does_no_harm(data: st.DataObject, tmp_path: Path) -> None:
    """Any cut, extension or changed byte: refused with ModelError, or read exactly as the library reads it."""
    path = tmp_path / "x.safetensors"
    save_file(SMALL, path)
    raw = bytearray(path.read_bytes())
    match data.draw(st.sampled_from(["cut", "extend", "change"])):
        case "cut":
            del raw[data.draw(st.integers(0, len(raw) - 1)) :]
        case "extend":
            raw += data.draw(st.binary(min_size=1, max_size=9))
        case "change":
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    try:
        shard = Shard(path)
        ours = {name: shard.tensor(name).read() for name in shard.names}
    except ModelError as why:
        assert str(path) in str(why)
        return
    theirs = load_file(path)
    assert ours.keys() == theirs.keys()
    for name, values in theirs.items():
        np.testing.assert_array_equal(ours[name], values)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=st.recursive(st.none() | st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)))
def test_any_json_as_header(header: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    write_raw(path, header, bytes(16))
    with pytest.raises(ModelError):
        Shard(path)
    with pytest.raises(SafetensorError):
        load_file(path)
