"""Signed notes: the standard's example, hostile ones, and which signatures count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import LogError
from huref.registry import keys, note
from huref.registry.note import Line, Note
from tests.support import logs

EXAMPLE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
KEY = keys.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
TEXT = "log.example/huref\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
SIGNED = Note(TEXT).signed(logs.LOG, 1)


def test_the_standard_s_example() -> None:
    found = note.parse(EXAMPLE.encode())
    assert found.text == "This is an example message.\n"
    assert found.times([KEY]) == {KEY: 0}
    assert found.data.decode() == EXAMPLE


def test_every_changed_character_is_refused() -> None:
    whole = EXAMPLE.encode()
    for at in range(len(whole)):
        for byte in {whole[at] ^ 1, whole[at] ^ 0x20, 0x0A, 0x41, 0xFF} - {whole[at]}:
            try:
                found = note.parse(whole[:at] + bytes([byte]) + whole[at + 1 :]).times([KEY])
            except LogError:
                continue
            assert found == {}, (at, byte)


@pytest.mark.parametrize("count", [16, 63])
def test_many_signatures_are_accepted_and_unknown_ones_left_out(count: int) -> None:
    others = [logs.witness(number, "ml-dsa-44" if number == 1 else "cosignature") for number in range(1, count)]
    found = SIGNED
    for secret in others:
        found = found.signed(secret, 5)
    assert len(found.lines) == count
    again = note.parse(found.data)
    assert again == found
    assert again.times([logs.LOG.key]) == {logs.LOG.key: 0}
    assert again.times([logs.LOG.key, others[-1].key])[others[-1].key] == 5


def test_unknown_keys_may_share_the_name_or_the_id() -> None:
    for line in (Line(logs.ORIGIN, b"\0\0\0\0", b"x"), Line("somebody", logs.LOG.key.id, b"x" * 64)):
        assert Note(TEXT, (line, *SIGNED.lines)).times([logs.LOG.key]) == {logs.LOG.key: 0}
        assert Note(TEXT, (line,)).times([logs.LOG.key]) == {}


def test_a_bad_signature_of_a_known_key_refuses_the_note_wherever_it_stands() -> None:
    bad = Line(logs.ORIGIN, logs.LOG.key.id, bytes(64))
    for lines in ((bad,), (bad, *SIGNED.lines), (*SIGNED.lines, bad)):
        with pytest.raises(LogError, match="does not hold"):
            Note(TEXT, lines).times([logs.LOG.key])


def test_of_two_times_of_one_witness_the_earlier_counts() -> None:
    key = logs.witness(1).key
    found = SIGNED.signed(logs.witness(1), 7).signed(logs.witness(1), 5).signed(logs.witness(1), 9)
    assert found.times([key]) == {key: 5}


def test_merging_keeps_what_is_there_and_adds_once() -> None:
    a, b = logs.witness(1), logs.witness(2)
    first = SIGNED.signed(a, 5)
    second = SIGNED.signed(a, 6).signed(b, 7)
    merged = first.merged(second.lines)
    assert merged.times([a.key, b.key]) == {a.key: 5, b.key: 7}
    assert len(merged.lines) == 3
    assert merged.merged(second.lines) == merged


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        b"text\n- a AAAAAAA=\n",
        "text\n\n— a AAAAAAA=".encode(),
        "text\n\n— a AAAAAAA=\n\n".encode(),
        "text\r\n\n— a AAAAAAA=\n".encode(),
        "te\0xt\n\n— a AAAAAAA=\n".encode(),
        "te\txt\n\n— a AAAAAAA=\n".encode(),
        "text\n\n— a AAAAAA==\n".encode(),
        "text\n\n— a AAAAAAB=\n".encode(),
        "text\n\n— a AAAAAAA\n".encode(),
        "text\n\n—  AAAAAAA=\n".encode(),
        "text\n\n— a+b AAAAAAA=\n".encode(),
        "text\n\n— a\u2003b AAAAAAA=\n".encode(),
        "text\n\n— a AAAAAAA= \n".encode(),
        "text\n\n– a AAAAAAA=\n".encode(),
        "text\n\n— a AAAA-AA=\n".encode(),
        b"te\xffxt\n\n" + "— a AAAAAAA=\n".encode(),
        b"x" * (note.MAX_BYTES + 1),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(LogError):
        note.parse(data)


def test_a_text_may_have_empty_lines() -> None:
    assert note.parse("a\n\nb\n\n\n— a AAAAAAA=\n".encode()).text == "a\n\nb\n\n"


@given(st.one_of(st.binary(max_size=200), st.text("a\n— +A=", max_size=60).map(str.encode)))
def test_reading_is_total_and_of_one_spelling(data: bytes) -> None:
    try:
        found = note.parse(data)
    except LogError:
        return
    assert found.data == data
