"""Requests to witnesses: what is written is read, anything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import LogError
from huref.registry import request
from huref.registry.checkpoint import Checkpoint
from huref.registry.note import Note
from tests.support import logs

NOTE = Note(Checkpoint(logs.ORIGIN, 7, bytes(32)).text).signed(logs.LOG, 1)
GOOD = request.dump(3, [bytes(32), b"x" * 32], NOTE)


@pytest.mark.parametrize("count", [0, 1, 63])
def test_what_is_written_is_read(count: int) -> None:
    found = request.parse(request.dump(7, [bytes([step]) * 32 for step in range(count)], NOTE))
    assert (found.old, len(found.path), found.note, found.head.size) == (7, count, NOTE, 7)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        NOTE.data,
        GOOD.replace(b"old 3", b"old 03"),
        GOOD.replace(b"old 3", b"old -3"),
        GOOD.replace(b"old 3", b"old 8"),
        GOOD.replace(b"old 3", b"Old 3"),
        GOOD.replace(b"old 3\n", b""),
        GOOD.replace(b"A=\n", b"B=\n"),
        GOOD.replace(b"\n", b"\r\n"),
        GOOD[:-1],
        request.dump(3, [bytes(31)], NOTE),
        request.dump(3, [bytes(32)] * 64, NOTE),
        request.dump(0, [], Note("no checkpoint\n", NOTE.lines)),
        b"x" * (request.MAX_BYTES + 1),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(LogError):
        request.parse(data)


@given(st.binary(max_size=60), st.integers(0, 300), st.integers(0, 40))
def test_reading_is_total(noise: bytes, at: int, gone: int) -> None:
    for data in (noise, GOOD[:at] + noise + GOOD[at + gone :]):
        try:
            found = request.parse(data)
        except LogError:
            continue
        assert request.dump(found.old, found.path, found.note) == data
