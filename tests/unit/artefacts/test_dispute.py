"""Dispute files and lists of answers: what is written is read again, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from huref import dispute as disputes
from huref.artefacts import answers
from huref.artefacts.answers import Answers
from huref.artefacts.dispute import Dated, Dispute, closed, dump, must_be_closed, parse, read, write
from huref.errors import InputError, OutputError, UnsupportedVersionError, UsageError
from tests.support.bundles import BEACON, toy, toy_challenge
from tests.support.schemas import validate

OPENED = disputes.open_dispute(
    toy(1), toy(2), source="drand quicknet", period="123", published=(Dated("2026-01-31T12:00:00Z", "a page"), None)
)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The file of the dispute after a change of its fields."""
    fields = json.loads(dump(OPENED))
    change(fields)
    return json.dumps(fields).encode()


@pytest.mark.parametrize("made", [OPENED, closed(OPENED, BEACON), replace(OPENED, source="x", round="y")])
def test_what_is_written_is_read_again(made: Dispute, tmp_path: Path) -> None:
    assert parse(dump(made)) == made
    validate("dispute", dump(made))
    write(tmp_path / "d", made)
    assert read(tmp_path / "d") == made


def test_an_open_dispute_has_no_challenge_and_a_closed_one_has_that_of_its_beacon() -> None:
    assert OPENED.challenge is None
    with pytest.raises(UsageError, match="not closed"):
        must_be_closed(OPENED)
    assert must_be_closed(closed(OPENED, BEACON)) == toy_challenge()
    with pytest.raises(UsageError, match="32 to 64 bytes"):
        closed(OPENED, bytes(31))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["parties"].reverse(),
        lambda f: f["parties"].pop(),
        lambda f: f["parties"].__setitem__(1, f["parties"][0]),
        lambda f: f["parties"][0].update(commitment="ab"),
        lambda f: f["parties"][0].update(layers=[]),
        lambda f: f["parties"][0].update(layers=[1, 0]),
        lambda f: f["parties"][0].update(tokens=0),
        lambda f: f["parties"][0].update(tokenDigest="AB" * 32),
        lambda f: f["parties"][0].update(modelLayers=0),
        lambda f: f["parties"][0].update(name="Alice"),
        lambda f: f["parties"][0].update(published={"time": "yesterday", "source": "a page"}),
        lambda f: f["parties"][0].update(published={"time": "2026-02-30T12:00:00Z", "source": "a page"}),
        lambda f: f.update(layers=[0, 1]),
        lambda f: f.update(layers=[]),
        lambda f: f.update(source=""),
        lambda f: f.update(round="\u202e1"),
        lambda f: f.update(beacon="ab" * 31),
        lambda f: f.update(beacon=None),
        lambda f: f.pop("round"),
        lambda f: f.update(more=1),
    ],
)
def test_hostile_disputes(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(InputError):
        parse(changed(change))


def test_a_profile_that_is_not_known() -> None:
    with pytest.raises(UnsupportedVersionError):
        parse(changed(lambda f: f.update(profile="robust-9")))


def test_answers_are_counted_in_a_private_file_beside_the_opening(tmp_path: Path) -> None:
    path = answers.beside(tmp_path / "my.secret")
    assert path.name == "my.secret.answers"
    assert answers.read(path) == Answers()
    for made in (Answers(("ab" * 32, "cd" * 32)), Answers(("ab" * 32,), ("cd" * 32, "cd" * 32))):
        answers.write(path, made)
        assert answers.read(path) == made
        assert path.stat().st_mode & 0o777 == 0o600
        validate("answers", path.read_bytes())
    assert len(made) == 3
    with pytest.raises(OutputError):
        answers.write(tmp_path / "none" / "x", made)


@pytest.mark.parametrize("key", ["seeds", "near"])
@pytest.mark.parametrize("seeds", [["ab" * 31], ["AB" * 32], [1], "ab", None, {}])
def test_hostile_answers(key: str, seeds: object) -> None:
    data = {"mediaType": "application/vnd.huref.answers.v1+json", "seeds": [], key: seeds}
    with pytest.raises(InputError):
        answers.parse(json.dumps(data).encode())
