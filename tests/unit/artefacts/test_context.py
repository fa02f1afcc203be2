"""Contexts: what a proof can be made for, and what is read again of it. Both verifiers know the same grammar."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from huref.artefacts import strict
from huref.artefacts.context import NOBODY, Context, checked, from_fields, to_fields
from huref.errors import InputError, UsageError
from huref.verifier.both import rejection
from tests.support.bundles import whole

KEY = "ed25519:" + "0a" * 32
GOOD = [
    Context(KEY),
    Context("https://login.example.org user:1234"),
    Context("https://" + "i" * 240 + " " + "s" * 240),
    Context("name:Alice of Example, Inc."),
    Context("name:A"),
    Context("name:" + "x" * 200),
    Context(audience="court of Utrecht"),
    Context(audience="x" * 200),
    Context(nonce=bytes(16)),
    Context(nonce=bytes(64)),
    Context(KEY, "~", bytes(32)),
]
BAD = [
    *(Context(owner) for owner in ("Alice", "name:", "name: x", "name:x ", "name:\u00c4", "name:" + "x" * 201)),
    *(Context(owner) for owner in ("ed25519:" + "0A" * 32, KEY[:-1], KEY + "0", " " + KEY, KEY + "\n", "name:a\x7f")),
    *(Context(owner) for owner in ("http://a b", "https://a", "https://a ", "https:// b", "https://a b c")),
    *(Context("https://" + "i" * size + " s") for size in (0, 241)),
    *(Context(audience=text) for text in (" a", "a ", "\u202e", "a\tb", "a\n", "x" * 201, "\ud800")),
    *(Context(nonce=bytes(size)) for size in (1, 15, 65)),
]


@pytest.mark.parametrize("context", [NOBODY, *GOOD], ids=str)
def test_what_is_of_the_grammar(context: Context) -> None:
    assert checked(context) is context


@pytest.mark.parametrize("context", BAD, ids=ascii)
def test_what_is_not_of_the_grammar_is_not_proved_and_not_verified(context: Context) -> None:
    with pytest.raises(UsageError, match=r"owner must be|audience must be|a nonce has 16 to 64 bytes"):
        checked(context)
    for verifier in ("rust", "python"):
        rejected = rejection(replace(whole().statement, context=context), whole().proof, verifier)  # type: ignore[arg-type]
        assert rejected is not None
        assert rejected.check == "context"


@pytest.mark.parametrize("context", GOOD, ids=str)
def test_what_is_of_the_grammar_is_no_matter_of_form_for_verifiers(context: Context) -> None:
    """The proof is for somebody else, so they refuse it; but at a check of the proof."""
    for verifier in ("rust", "python"):
        rejected = rejection(replace(whole().statement, context=context), whole().proof, verifier)  # type: ignore[arg-type]
        assert rejected is not None
        assert rejected.check not in ("context", "shape", "malformed")


@pytest.mark.parametrize("context", GOOD, ids=str)
def test_fields_are_read_again(context: Context) -> None:
    fields = to_fields(context)
    assert "" not in fields.values()
    assert from_fields(strict.Fields(fields, "x")) == context


def test_nobody_is_left_out() -> None:
    assert not NOBODY
    assert to_fields(NOBODY) == {}
    assert all(GOOD)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"owner": ""},
        {"audience": ""},
        {"nonce": ""},
        {"owner": 1},
        {"audience": None},
        {"owner": "x" * 601},
        {"owner": "name:\ud800"},
        {"audience": "\udfff"},
        {"nonce": "0"},
        {"nonce": "AB" * 16},
        {"nonce": 16},
        {"owner": "name:Alice", "role": "thief"},
    ],
    ids=str,
)
def test_fields_are_read_strictly(fields: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        from_fields(strict.Fields(fields, "x"))
