"""Numbers and base64: what is written is read, and nothing else is."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import LogError
from huref.registry.exact import decoded, number


@given(st.integers(0, (1 << 63) - 1), st.binary(max_size=70))
def test_what_is_written_is_read(value: int, data: bytes) -> None:
    assert number(str(value), "it") == value
    assert decoded(base64.b64encode(data).decode(), "it") == data


@given(st.text("0123456789 -+_.e٣", max_size=22))
def test_a_number_has_one_spelling(text: str) -> None:
    try:
        assert str(number(text, "it")) == text
    except LogError as why:
        assert "it: " in str(why)


@given(st.text("AZaz09+/=- \n", max_size=12), st.sampled_from([None, 0, 3, 4]))
def test_bytes_have_one_spelling(text: str, length: int | None) -> None:
    try:
        data = decoded(text, "it", length)
    except LogError:
        return
    assert base64.b64encode(data).decode() == text
    assert length in (None, len(data))


@pytest.mark.parametrize("text", ["", "00", "01", str(1 << 63), "9" * 5000, " 1", "1\n"])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(LogError):
        number(text, "it")
