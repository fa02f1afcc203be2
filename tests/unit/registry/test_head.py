"""Heads: what is written is read, anything else is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import LogError
from huref.registry import head
from huref.registry.checkpoint import Checkpoint
from huref.registry.head import Head

ONE = Head(256, Checkpoint("log.example", 258, bytes(32)), (b"a", b"bc\n"))


@given(st.lists(st.binary(max_size=20), max_size=5), st.integers(0, 9))
def test_what_is_written_is_read(entries: list[bytes], tiles: int) -> None:
    found = Head(256 * tiles, Checkpoint("log.example", 256 * tiles + len(entries), bytes(32)), tuple(entries))
    assert head.parse(found.data) == found


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_is_another_head_or_refused(at: int, byte: int) -> None:
    data = bytearray(ONE.data)
    data[at % len(data)] = byte
    with contextlib.suppress(LogError):
        assert head.parse(bytes(data)).data == bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        ONE.data[:-1],
        ONE.data[:40],
        ONE.data.replace(b"v1", b"v2"),
        ONE.data.replace(b"256", b"255"),
        ONE.data.replace(b"258", b"259"),
        ONE.data + b"AA==\n",
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(LogError, match=r"head|number|checkpoint|origin"):
        head.parse(data)
