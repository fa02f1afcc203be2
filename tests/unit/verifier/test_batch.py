"""Many bundles: the verdict on each is the one it has alone, whatever stands beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import huref
from huref import _native
from huref.artefacts import bundle
from huref.artefacts.bundle import Bundle
from huref.artefacts.context import Context
from huref.artefacts.draw import COMMON, OWN
from huref.artefacts.policy import Policy
from huref.artefacts.report import Report
from huref.errors import (
    TABLE,
    Exit,
    HurefError,
    InternalError,
)
from huref.verifier import batch
from huref.verifier.batch import Outcome, Source, check_many, severest
from huref.verifier.both import CHOICES, Choice, rejection, rejections
from huref.verifier.check import check
from tests.support.bundles import TOY_POLICY, answer, robust, toy, whole

BOTH = replace(TOY_POLICY, name="both", profiles=("robust-2", "toy-2"))


def flipped(position: int) -> Bundle:
    proof = bytearray(toy().proof)
    proof[position] ^= 1
    return replace(toy(), proof=bytes(proof))


def with_statement(**changes: Any) -> Bundle:
    return replace(toy(), statement=replace(toy().statement, **changes))


def with_commitment(**changes: Any) -> Bundle:
    return with_statement(commitment=replace(toy().statement.commitment, **changes))


def bad() -> list[Bundle]:
    """Refused by policy, by form, while the proof is read, and by its last equations."""
    statement = toy().statement
    rows, (outputs,) = statement.commitment.rows, statement.outputs
    vector = outputs.vectors[0]
    return [
        robust(),
        with_commitment(shape=replace(statement.shape, kv_heads=3)),
        with_commitment(shape=replace(statement.shape, heads=1 << 70)),
        with_commitment(rows=rows[:-1]),
        with_commitment(rows=rows[:-33]),
        with_commitment(rows=bytes(33) + rows[33:]),
        with_statement(outputs=(replace(outputs, vectors=((1 << 70, *vector[1:]),)),)),
        with_statement(outputs=(replace(outputs, vectors=((vector[0] + 1, *vector[1:]),)),)),
        with_statement(outputs=(replace(outputs, vector_scales=(outputs.vector_scales[0] + 1,)),)),
        with_statement(draws=(OWN,)),
        with_statement(draws=(COMMON, OWN), outputs=(outputs, outputs)),
        with_statement(context=Context("name:Mallory")),
        with_statement(context=Context("Mallory")),
        with_statement(commitment=toy(2).statement.commitment),
        replace(toy(), proof=b""),
        replace(toy(), proof=toy().proof + b"\0"),
        flipped(0),
        flipped(33 * 4 + 40),
        flipped(-1),
    ]


def alone(given: Bundle, policy: Policy, verifier: Choice = "rust") -> Report | HurefError:
    try:
        return check(given, policy, verifier)
    except HurefError as why:
        return why


def essence(outcome: Outcome) -> object:
    """Everything but the name and the time it took."""
    report = outcome.report and replace(outcome.report, verifier=replace(outcome.report.verifier, seconds=0.0))
    return replace(outcome, name="", report=report)


def sources(bundles: Sequence[Bundle]) -> list[Source]:
    return [(f"{i}", lambda given=given: given) for i, given in enumerate(bundles)]  # type: ignore[misc]


def assert_as_alone(bundles: Sequence[Bundle], policy: Policy = TOY_POLICY, verifier: Choice = "rust") -> list[Outcome]:
    outcomes = list(check_many(sources(bundles), policy, verifier))
    assert [outcome.name for outcome in outcomes] == [f"{i}" for i in range(len(bundles))]
    expected = [essence(Outcome.of("alone", alone(given, policy, verifier))) for given in bundles]
    assert [essence(outcome) for outcome in outcomes] == expected
    return outcomes


def test_good_ones() -> None:
    outcomes = assert_as_alone([*(toy(seed) for seed in range(1, 6)), whole(), answer(1), whole(3), toy(1), answer(2)])
    assert all(outcome.ok for outcome in outcomes)
    assert severest(outcomes) == Exit.OK
    assert list(check_many([], TOY_POLICY)) == []
    assert severest([]) == Exit.OK


@pytest.mark.parametrize("place", range(4))
def test_one_bad_bundle_at_each_place(place: int) -> None:
    good = [toy(seed) for seed in (1, 2, 3)]
    for worse in bad():
        outcomes = assert_as_alone([*good[:place], worse, *good[place:]])
        assert [i for i, outcome in enumerate(outcomes) if not outcome.ok] == [place]


def test_bad_ones_among_good_ones_of_two_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = [other for worse in bad() for other in (toy(1), worse, robust(), toy(2))]
    outcomes = assert_as_alone(mixed, BOTH)
    assert sum(outcome.ok for outcome in outcomes) == 3 * len(bad()) + 1  # under this policy the first is good
    monkeypatch.setattr(batch, "BUNDLES", 3)
    assert [essence(a) for a in check_many(sources(mixed), BOTH)] == [essence(b) for b in outcomes]


@pytest.mark.parametrize("verifier", CHOICES)
def test_each_verifier(verifier: Choice) -> None:
    assert_as_alone([toy(1), flipped(-1), toy(2), with_commitment(rows=b"")], TOY_POLICY, verifier)


def test_the_core_alone_and_together() -> None:
    proofs = [(given.statement, given.proof) for given in [*bad(), toy(1)]]
    assert rejections(proofs) == [rejection(statement, proof, "rust") for statement, proof in proofs]
    assert rejections([]) == []


def test_verifiers_that_disagree_spoil_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huref.verifier.reference.verify.verify", lambda *_: None)
    outcomes = list(check_many(sources([toy(1), flipped(-1), toy(2)]), TOY_POLICY, "both"))
    assert [outcome.code for outcome in outcomes] == ["verified", "internal", "verified"]
    assert severest(outcomes) == Exit.INTERNAL


def test_panic_of_the_core_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: object) -> None:
        raise RuntimeError("the core panicked; this is a bug")

    monkeypatch.setattr(_native, "verify_all", panic)
    with pytest.raises(InternalError):
        list(check_many(sources([toy()]), TOY_POLICY))


def test_bundles_are_read_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a block is held and the next two, whether bundles or the bytes of their commitments end it."""
    read: list[Bundle] = []

    def load() -> Bundle:
        read.append(toy())
        return toy()

    def reading() -> Iterator[Source]:
        for i in range(10):
            yield f"{i}", load

    monkeypatch.setattr(batch, "BUNDLES", 4)
    held = [len(read) for _ in check_many(reading(), TOY_POLICY)]
    assert all(min(done // 4 * 4 + 4, 10) <= count <= done // 4 * 4 + 12 for done, count in enumerate(held))
    read.clear()
    monkeypatch.setattr(batch, "BYTES", 2 * len(toy().statement.commitment.rows))
    held = [len(read) for _ in check_many(reading(), TOY_POLICY)]
    assert all(done // 2 * 2 + 2 <= count <= done // 2 * 2 + 6 for done, count in enumerate(held))


def test_the_worst_exit_code() -> None:
    """In the order of `SEVERITY`, which has every code that a bundle can end in."""

    def outcome(code: str) -> Outcome:
        error = type("Error", (HurefError,), {"code": code})
        return Outcome.of(code, error("a sentence"))

    codes = ("internal", "proof-rejected", "policy-not-met", "malformed-bundle", "not-found", "usage", "memory-limit")
    assert tuple(TABLE[code].exit for code in codes) == batch.SEVERITY
    for i, code in enumerate(codes):
        assert (
            severest([*map(outcome, reversed(codes[i:])), Outcome.of("good", check(toy(), TOY_POLICY))])
            == TABLE[code].exit
        )


def test_verify_many(tmp_path: Path) -> None:
    good, cut = tmp_path / "good.huref.json", tmp_path / "cut.huref.json"
    good.write_bytes(bundle.dump(toy()))
    cut.write_bytes(bundle.dump(toy())[:-10])
    seen: list[tuple[str, int, int]] = []
    outcomes = huref.verify_many(
        [good, str(cut), toy(2), tmp_path / "none", flipped(-1)],
        policy=TOY_POLICY,
        progress=lambda *step: seen.append(step),
    )
    assert seen == [("verify", i, 5) for i in range(1, 6)]
    assert [outcome.name for outcome in outcomes][:3] == [str(good), str(cut), toy(2).digest]
    codes = ["verified", "malformed-bundle", "verified", "not-found", "proof-rejected"]
    assert [outcome.code for outcome in outcomes] == codes
    assert [outcome.report is None for outcome in outcomes] == [False, True, False, True, False]
    assert [outcome.detail is None for outcome in outcomes] == [True, False, True, False, False]
    assert severest(outcomes) == Exit.REJECTED
