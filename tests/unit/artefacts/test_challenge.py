"""Challenges: one seed for both owners, a strict file, and statements that are never taken for fingerprints."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from huref.artefacts import bundle, fingerprint
from huref.artefacts.bundle import Bundle
from huref.artefacts.challenge import Challenge, between, dump, parse, read, to_fields, write
from huref.artefacts.draw import COMMON, Draw
from huref.artefacts.fingerprint import Fingerprint
from huref.artefacts.statement import Statement
from huref.errors import (
    InputError,
    MalformedBundleError,
    UnsupportedVersionError,
    UsageError,
)
from huref.verifier.check import check
from tests.support.bundles import BEACON, TOY_POLICY, answer, robust, toy, toy_challenge, whole
from tests.support.schemas import validate

A, B = "0a" * 32, "b0" * 32


def test_seed_is_that_of_the_specification_in_either_order() -> None:
    made = between(B, A, BEACON)
    ids = bytes.fromhex(A) + bytes.fromhex(B)
    assert made == between(A, B, BEACON)
    assert made.seed == hashlib.sha256(b"huref/challenge-seed/v1" + ids + BEACON).digest()
    assert made.seed.hex() == "1e1fcb7f2cbed341459397e61bdcd8476eae3ee3658d728839f51946a5914e10"  # frozen


def test_seed_changes_with_everything() -> None:
    made = [
        between(A, B, BEACON),
        between(A, B, BEACON[::-1]),
        between(A, B, BEACON + b"\0"),
        between(A, "b1" * 32, BEACON),
        between("0b" * 32, B, BEACON),
    ]
    assert len({one.seed for one in made}) == len(made)


def test_without_a_beacon_one_is_drawn() -> None:
    one, other = between(A, B), between(A, B)
    assert len(one.beacon) == 32
    assert one.beacon != other.beacon


@pytest.mark.parametrize(
    ("a", "b", "beacon", "words"),
    [(A, A, BEACON, "two commitments"), (A, B, b"x" * 31, "32 to 64 bytes"), (A, B, b"x" * 65, "this one has 65")],
)
def test_what_is_no_challenge_is_not_made(a: str, b: str, beacon: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        between(a, b, beacon)


def test_file(tmp_path: Path) -> None:
    made = between(A, B, BEACON)
    write(tmp_path / "challenge.json", made)
    assert read(tmp_path / "challenge.json") == made
    validate("challenge", dump(made))


def changed(**fields: Any) -> bytes:
    return json.dumps(json.loads(dump(between(A, B, BEACON))) | fields).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed(mediaType="application/json"), "media type"),
        (changed(commitments=[B, A]), "ascending"),
        (changed(commitments=[A, A]), "ascending"),
        (changed(commitments=[A]), "2 items"),
        (changed(commitments=[A, B, B]), "2 items"),
        (changed(commitments=[A, B[:-2]]), "32 bytes"),
        (changed(commitments=[A, B.upper()]), "lower-case"),
        (changed(commitments=A), "list"),
        (changed(beacon=BEACON[:31].hex()), "32 to 64"),
        (changed(beacon=(BEACON * 3).hex()), "32 to 64"),
        (changed(beacon=BEACON.hex().upper()), "lower-case"),
        (changed(beacon=7), "lower-case"),
        (changed(beacon=BEACON[::-1].hex()), "'seed' is not that"),
        (changed(seed="00" * 32), "'seed' is not that"),
        (changed(seed="00" * 31), "64 lower-case"),
        (changed(surplus=1), "unknown field"),
        (b"{}", "'mediaType' is missing"),
        (b"[]", "object"),
        (dump(between(A, B, BEACON))[:-3], "not JSON"),
    ],
    ids=str,
)
def test_files_that_are_no_challenge_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse(data, "x.json")


def test_bundle_of_an_answer_can_be_read_and_fits_the_schema() -> None:
    data = bundle.dump(answer())
    assert bundle.parse(data) == answer()
    validate("bundle", data)
    (drawn,) = json.loads(data)["statement"]["draws"]
    assert {key: drawn[key] for key in ("kind", "commitments", "beacon", "seed")} == {
        "kind": "challenge",
        **to_fields(toy_challenge()),
        "commitments": list(toy_challenge().commitments),
    }
    assert answer().statement.challenge == toy_challenge() == answer(2).statement.challenge
    assert answer().digest != toy().digest


def test_other_statements_say_nothing_of_challenges() -> None:
    for other in (toy(), whole()):
        assert b"challenge" not in bundle.dump(other)
        assert other.statement.challenge is None


def _draw(**fields: Any) -> bytes:
    made = json.loads(bundle.dump(answer()))
    made["statement"]["draws"][0] |= fields
    return json.dumps(made).encode()


OTHER = to_fields(between(A, B, BEACON))
FRESH = to_fields(toy_challenge(BEACON[::-1]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (_draw(kind="common"), "unknown field"),
        (_draw(kind=None), "must be a string"),
        (_draw(**OTHER), "does not name the commitment of this statement"),
        (_draw(**FRESH, surplus=1), "unknown field"),
        (_draw(**FRESH | {"beacon": BEACON.hex()}), "'seed' is not the one that follows"),
        (bundle.dump(toy()).replace(b'"kind":"common"', b'"kind":"challenge"'), "'commitments' is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bundles_whose_challenge_is_none_are_refused_by_parser_and_schema(data: bytes, words: str) -> None:
    with pytest.raises(MalformedBundleError, match=words):
        bundle.parse(data)
    schema = json.loads(Path("proofs/schemas/bundle.v2.json").read_bytes())
    beyond = ("name the commitment", "follows")  # what only a parser can compute
    assert any(word in words for word in beyond) or not Draft202012Validator(schema).is_valid(json.loads(data))


def test_an_unknown_protocol_is_another_version() -> None:
    for other in (b"huref/fingerprint/v3", b"huref/challenge/v1"):
        with pytest.raises(UnsupportedVersionError, match=other.decode()):
            bundle.parse(bundle.dump(answer()).replace(b"huref/fingerprint/v2", other))


def _as_answer(statement: Statement, challenge: Challenge) -> Statement:
    """The statement with its first draw taken for an answer."""
    return replace(statement, draws=(challenge.draw(statement.commitment.id),), outputs=statement.outputs[:1])


def test_an_answer_has_no_portrait() -> None:
    answered = _as_answer(robust().statement, between(robust().statement.commitment.id, A, BEACON))
    assert answered.vector is None
    assert bundle.parse(bundle.dump(replace(robust(), statement=answered, image=None))).image is None
    with pytest.raises(MalformedBundleError, match="'image' must be null"):
        bundle.dump(replace(robust(), statement=answered))


@pytest.mark.parametrize("verifier", ["rust", "python", "both"])
def test_report_says_which_challenge_is_answered(verifier: Any) -> None:
    report = check(answer(), TOY_POLICY, verifier)
    assert report.ok
    assert report.verified.proof is not None
    assert report.verified.proof.protocol == "huref/fingerprint/v2"
    validate("report", json.dumps(report.to_json()).encode())
    (drawn,) = report.to_json()["verified"]["draws"]
    assert drawn["kind"] == "challenge"
    assert {key: drawn[key] for key in OTHER} == to_fields(toy_challenge()) | {
        "commitments": list(toy_challenge().commitments)
    }
    left = {entry.what: entry.why for entry in report.not_checked}
    assert left["challenge"] == "nobody said which one must be answered"
    assert left["order"] == "that both commitments were published before the beacon was known"
    plain = check(toy(), TOY_POLICY, verifier).to_json()
    assert {entry["kind"] for entry in plain["verified"]["draws"]} == {"common"}
    assert "challenge" not in {entry["what"] for entry in plain["notChecked"]}


@pytest.mark.parametrize("verifier", ["rust", "python"])
@pytest.mark.parametrize(
    "other",
    [
        replace(answer(), statement=_as_answer(answer().statement, toy_challenge(BEACON[::-1]))),
        replace(answer(), statement=replace(answer().statement, draws=(COMMON,))),
        replace(answer(), statement=replace(answer().statement, draws=(Draw("own", BEACON),))),
        replace(toy(), statement=_as_answer(toy().statement, toy_challenge())),
        replace(answer(), proof=toy().proof),
        replace(answer(), proof=answer(beacon=BEACON[::-1]).proof),
    ],
    ids=["another challenge", "as common", "as own", "a fingerprint", "its proof", "another answer's proof"],
)
def test_a_proof_holds_under_its_own_challenge_only(other: Bundle, verifier: Any) -> None:
    report = check(other, TOY_POLICY, verifier)
    assert report.code == "proof-rejected"
    assert report.verified.draws is None


def test_an_answer_is_no_fingerprint_file() -> None:
    statement = answer().statement
    made = Fingerprint("toy-2", (0,), statement.shape.tokens, statement.outputs[0], toy_challenge().seed)
    with pytest.raises(UsageError, match="under a seed are no fingerprint"):
        fingerprint.dump(made)


def test_the_draws_of_both_sides_have_one_seed() -> None:
    made = between(A, B, BEACON)
    assert made.draw(A) == Draw("challenge", BEACON, bytes.fromhex(B))
    for own in (A, B):
        assert made.draw(own).seed(own) == made.seed
        assert Challenge.of(made.draw(own), own) == made
