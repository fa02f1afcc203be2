"""Challenges between two owners: who makes one, who answers it, and what the answers are worth."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import huref
from huref import dispute
from huref.artefacts import bundle
from huref.artefacts.challenge import Challenge, between, write
from huref.artefacts.commitment import write as write_commitment
from huref.artefacts.context import Context, to_fields
from huref.artefacts.dispute import closed
from huref.artefacts.opening import Opening, Seed
from huref.errors import (
    ChallengeMismatchError,
    ContextMismatchError,
    HurefError,
    IncomparableError,
    UsageError,
)
from tests.support.bundles import BEACON, CONTEXT, TOY_POLICY, answer, robust, toy, toy_challenge, whole
from tests.support.schemas import validate


def test_made_from_bundles_and_commitments_in_files_and_at_hand(tmp_path: Path) -> None:
    expected = toy_challenge()
    one, two = toy(1), toy(2)
    bundled, committed = tmp_path / "one.huref.json", tmp_path / "two.json"
    bundled.write_bytes(bundle.dump(one))
    second = two.statement.commitment
    write_commitment(committed, second)
    assert huref.challenge(one, two, beacon=BEACON) == expected
    assert huref.challenge(second, one, beacon=BEACON) == expected
    assert huref.challenge(bundled, committed, beacon=BEACON) == expected
    assert huref.challenge(answer(1), answer(2), beacon=BEACON) == expected
    with pytest.raises(IncomparableError, match="profile toy-2, the other robust-2"):
        huref.challenge(one, robust())
    bundled.write_bytes(b"{}")
    with pytest.raises(HurefError, match=r"one\.huref\.json"):
        huref.challenge(bundled, two)


def test_verify_can_demand_a_challenge(tmp_path: Path) -> None:
    file = tmp_path / "challenge.json"
    write(file, toy_challenge())
    good = huref.verify(answer(), policy=TOY_POLICY, challenge=file)
    assert good.ok
    assert "challenge" not in {entry.what for entry in good.not_checked}
    assert "order" in {entry.what for entry in good.not_checked}
    for wrong, words in (
        (toy(), "the bundle answers no challenge"),
        (whole(), "the bundle answers no challenge"),
        (answer(1, BEACON[::-1]), "the bundle answers"),
    ):
        report = huref.verify(wrong, policy=TOY_POLICY, challenge=file)
        assert (report.ok, report.code) == (False, "challenge-mismatch")
        assert report.failure is not None
        assert report.failure.check == "challenge"
        assert words in report.failure.detail
        with pytest.raises(ChallengeMismatchError):
            report.raise_for_status()
    broken = huref.verify(replace(answer(), proof=b""), policy=TOY_POLICY, challenge=file)
    assert broken.code == "proof-rejected"
    assert "challenge" in {entry.what for entry in broken.not_checked}


def test_compare_takes_both_answers_of_one_challenge_and_nothing_else() -> None:
    found = huref.compare(answer(1), answer(2), policy=TOY_POLICY)
    assert found.challenge == toy_challenge().seed.hex()
    other = huref.compare(answer(2), answer(1), policy=TOY_POLICY)
    assert found == other
    assert found.draw == "challenge"
    assert huref.compare(toy(1), toy(2), policy=TOY_POLICY).challenge is None
    seeds = [toy_challenge(beacon).seed.hex()[:16] for beacon in (BEACON, BEACON[::-1])]
    with pytest.raises(IncomparableError) as caught:
        huref.compare(answer(1), answer(2, BEACON[::-1]), policy=TOY_POLICY)
    assert all(seed in str(caught.value) for seed in seeds)
    for a, b in ((answer(1), toy(2)), (toy(2), answer(1))):
        with pytest.raises(IncomparableError, match="of the common draw"):
            huref.compare(a, b, policy=TOY_POLICY)
    with pytest.raises(IncomparableError, match="both bundles answer for commitment"):
        huref.compare(answer(1), answer(1), policy=TOY_POLICY)


def test_answers_are_given_for_the_commitments_that_are_named() -> None:
    named: Challenge = between("0a" * 32, "b0" * 32, BEACON)

    def opening(name: str) -> Opening:
        return Opening(name, Seed(bytes(32)), "toy-2", (0,), (b"token",))

    dispute.must_name_commitment(named, opening("0a" * 32))
    with pytest.raises(UsageError, match="give its opening"):
        dispute.must_name_commitment(named, None)
    with pytest.raises(ChallengeMismatchError, match=r"0a0a0a0a.*b0b0b0b0.*cccccccc"):
        dispute.must_name_commitment(named, opening("cc" * 32))


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (CONTEXT, ""),
        (Context(owner=CONTEXT.owner), ""),
        (Context(nonce=CONTEXT.nonce), ""),
        (Context("name:Mallory"), "owner 'name:Mallory' was expected; the proof names 'name:Alice'"),
        (Context(CONTEXT.owner, "court of Delft"), "audience 'court of Delft' was expected"),
        (Context(nonce=bytes(16)), f"nonce '{bytes(16).hex()}' was expected; the proof names '{CONTEXT.nonce.hex()}'"),
    ],
    ids=str,
)
def test_verify_can_expect_whom_a_proof_was_made_for(expected: Context, words: str) -> None:
    report = huref.verify(whole(), policy=TOY_POLICY, expected=expected)
    validate("report", json.dumps(report.to_json()).encode())
    made = report.verified.made_for
    assert made is not None
    if not words:
        assert report.ok
        assert set(made.expected) == set(to_fields(expected))
        return
    assert (report.ok, report.code) == (False, "context-mismatch")
    assert report.failure is not None
    assert report.failure.check == "context"
    assert words in report.failure.detail
    assert made.expected == ()
    with pytest.raises(ContextMismatchError):
        report.raise_for_status()


def test_a_proof_for_nobody_is_not_one_for_somebody() -> None:
    report = huref.verify(toy(), policy=TOY_POLICY, expected=Context("name:Alice"))
    assert report.failure is not None
    assert "owner 'name:Alice' was expected; the proof names none" in report.failure.detail
    broken = huref.verify(replace(whole(), proof=b""), policy=TOY_POLICY, expected=CONTEXT)
    assert broken.code == "proof-rejected"
    assert "context" in {entry.what for entry in broken.not_checked}


def test_a_dispute_is_settled_by_answers_over_what_it_says_of_the_commitments() -> None:
    """What a dispute file says of a commitment is compared with the commitment, which the id fixes."""
    opened = dispute.open_dispute(toy(1), toy(2), source="drand", period="1")
    with pytest.raises(UsageError, match="not closed"):
        huref.verify(answer(), policy=TOY_POLICY, dispute=opened)
    settled = closed(opened, BEACON)
    assert settled.challenge == toy_challenge()
    good = huref.verify(answer(), policy=TOY_POLICY, dispute=settled)
    assert (good.ok, good.dispute) == (True, settled)
    assert not huref.verify(toy(), policy=TOY_POLICY, dispute=settled).ok
    first, second = settled.parties
    for wrong in (
        {"layers": (0, 1)},
        {"tokens": 17},
        {"token_digest": "00" * 32},
    ):
        mine, other = ({party.commitment: party for party in (first, second)}[name] for name in ids())
        parties = sorted((replace(mine, **wrong), other), key=lambda party: party.commitment)  # type: ignore[arg-type]
        lying = replace(settled, parties=(parties[0], parties[1]))
        report = huref.verify(answer(), policy=TOY_POLICY, dispute=lying)
        assert (report.ok, report.code) == (False, "challenge-mismatch")
        assert report.failure is not None
        assert "the file of the dispute says other things than commitment" in report.failure.detail
        assert huref.verify(answer(2), policy=TOY_POLICY, dispute=lying).ok


def ids() -> tuple[str, str]:
    return toy(1).statement.commitment.id, toy(2).statement.commitment.id
