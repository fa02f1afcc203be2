"""Challenges between two owners: who makes one, who answers it, and what the answers are worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import huref
from huref import dispute
from huref.artefacts import bundle
from huref.artefacts.challenge import Challenge, between, write
from huref.artefacts.commitment import write as write_commitment
from huref.artefacts.opening import Opening, Seed
from huref.errors import ChallengeMismatchError, HurefError, IncomparableError, UsageError
from tests.support.bundles import BEACON, TOY_POLICY, answer, robust, toy, toy_challenge


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
    assert "dates" in {entry.what for entry in good.not_checked}
    for wrong, words in (
        (toy(), "is a fingerprint and answers no challenge"),
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
    assert found == huref.compare(answer(2), answer(1), policy=TOY_POLICY)
    assert huref.compare(toy(1), toy(2), policy=TOY_POLICY).challenge is None
    seeds = [toy_challenge(beacon).seed.hex()[:16] for beacon in (BEACON, BEACON[::-1])]
    with pytest.raises(IncomparableError) as caught:
        huref.compare(answer(1), answer(2, BEACON[::-1]), policy=TOY_POLICY)
    assert all(seed in str(caught.value) for seed in seeds)
    for a, b in ((answer(1), toy(2)), (toy(2), answer(1))):
        with pytest.raises(IncomparableError, match="a fingerprint"):
            huref.compare(a, b, policy=TOY_POLICY)
    with pytest.raises(IncomparableError, match="both bundles answer for commitment"):
        huref.compare(answer(1), answer(1), policy=TOY_POLICY)


def test_answers_are_given_for_the_commitments_that_are_named() -> None:
    named: Challenge = between("0a" * 32, "b0" * 32, BEACON)
    dispute.must_name(named, Opening("0a" * 32, Seed(bytes(32))))
    with pytest.raises(UsageError, match="give its opening"):
        dispute.must_name(named, None)
    with pytest.raises(ChallengeMismatchError, match=r"0a0a0a0a.*b0b0b0b0.*cccccccc"):
        dispute.must_name(named, Opening("cc" * 32, Seed(bytes(32))))
