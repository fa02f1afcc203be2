"""Entries: fixed bytes, no free text."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.errors import InputError
from huref.registry import entry
from huref.registry.entry import Entry
from tests.support import bundles

A, B = "a" * 64, "b" * 64


def test_bytes_of_entries_never_change() -> None:
    assert Entry("commitment", A).data == f"huref/registry-entry/v1\ncommitment\n{A}\n".encode()
    assert Entry("bundle", A, B).data == f"huref/registry-entry/v1\nbundle\n{A}\n{B}\n".encode()


@pytest.mark.parametrize(
    "one", [Entry("bundle", A), Entry("bundle", A, B), Entry("commitment", A), Entry("attestation", B)]
)
def test_what_is_written_is_read(one: Entry) -> None:
    assert entry.parse(one.data) == one


@pytest.mark.parametrize(
    "fields",
    [("card", A), ("bundle", ""), ("bundle", "A" * 64), ("bundle", A, "x"), ("commitment", A, B), ("bundle", f"{A}\n")],
)
def test_what_is_no_entry_is_not_written(fields: Any) -> None:
    with pytest.raises(InputError):
        _ = Entry(*fields).data


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_gives_another_entry_or_none(position: int, byte: int) -> None:
    data = bytearray(Entry("bundle", A, B).data)
    data[position % len(data)] = byte
    with contextlib.suppress(InputError):
        assert entry.parse(bytes(data)).data == bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        Entry("commitment", A).data[:-1],
        Entry("commitment", A).data + b"\n",
        Entry("commitment", A).data + f"{B}\n".encode(),
        Entry("bundle", A, B).data + f"{B}\n".encode(),
        Entry("bundle", A, B).data.replace(b"v1", b"v2"),
        b"huref/registry-entry/v1\nbundle\n" + b"\xff" * 64 + b"\n",
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        entry.parse(data)


def test_entries_of_a_bundle_name_it_and_its_commitment() -> None:
    bundle = bundles.whole()
    one, other = entry.of_bundle(bundle)
    assert (one.kind, one.sha256, one.vector) == ("bundle", bundle.digest, bundle.statement.vector_digest or "")
    assert (other.kind, other.sha256, other.vector) == ("commitment", bundle.statement.commitment.id, "")
