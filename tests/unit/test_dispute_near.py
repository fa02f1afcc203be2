"""Whose vectors a proof of nearness is about, and what is said where that is not known or tells nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

import huref
from huref import Bundle, Commitment, NearBundle, Report, _native
from huref.artefacts.context import NOBODY
from huref.artefacts.nearness import Answer, Nearness
from huref.artefacts.outputs import Outputs
from huref.artefacts.statement import Statement
from huref.errors import ChallengeMismatchError, NearnessMismatchError, ProofRejectedError, UsageError
from tests.support import toys
from tests.support.bundles import BEACON, CLAIMS, TOY_POLICY, answer, nearness, toy


def verified(bundle: NearBundle, theirs: Bundle | None) -> Report:
    return huref.verify(bundle, near=theirs, policy=TOY_POLICY)


def left(report: Report) -> dict[str, str]:
    return {entry.what: entry.why for entry in report.not_checked}


def test_the_other_sides_bundle() -> None:
    report = verified(nearness(), answer())
    near = report.verified.nearness
    assert report.ok
    assert "theirs" not in left(report)
    assert near is not None
    assert near.theirs is not None
    assert near.judged is not None
    assert (near.theirs.sha256, near.theirs.commitment) == (answer().digest, answer().statement.commitment.id)


def test_bundles_of_others_and_broken_ones() -> None:
    broken = replace(answer(), proof=bytes(len(answer().proof)))
    for theirs, error in (
        (toy(), ChallengeMismatchError),
        (answer(2), ChallengeMismatchError),
        (answer(beacon=bytes(32)), ChallengeMismatchError),
        (broken, ProofRejectedError),
    ):
        report = verified(nearness(), theirs)
        assert report.failure is not None
        assert (report.ok, report.failure.check) == (False, "theirs")
        assert report.verified.nearness is not None
        assert report.verified.nearness.judged is None
        with pytest.raises(error, match=r"^the other side's bundle: "):
            report.raise_for_status()


def test_what_was_refused_is_not_compared() -> None:
    report = verified(replace(nearness(), proof=b""), answer())
    assert (report.code, left(report)["theirs"]) == ("proof-rejected", "a check before it failed")


def test_a_bundle_has_vectors_of_its_own() -> None:
    with pytest.raises(UsageError, match="huref compare"):
        huref.verify(answer(2), near=answer(), policy=TOY_POLICY)


def _other_tokens() -> tuple[Bundle, NearBundle]:
    """An answer, and nearness to it, over token lists that have nothing in common."""
    shapes = toys.SHAPE, replace(toys.SHAPE, tokens=tuple(b"other-%d" % i for i in range(16)))
    weights = [toys.quantised(seed, shape).weights for seed, shape in enumerate(shapes)]
    alice, bob = (
        Commitment("toy-2", shape, toys.rows("toy-2", shape, model, bytes(32)))
        for shape, model in zip(shapes, weights, strict=True)
    )
    challenge = huref.challenge(alice, bob, beacon=BEACON)
    draws = (challenge.draw(alice.id),)
    (numbers,), proof = _native.prove(weights[0], bytes(32), alice.rows, draws, NOBODY)
    theirs = Bundle(Statement(alice, draws, (Outputs.of(numbers),)), CLAIMS, proof, image=None)
    z, draw = Outputs.of(numbers).z, challenge.draw(bob.id)
    (kind, cosines, pair), near = _native.near(weights[1], bytes(32), bob.rows, draw, z, ("rounded", 0), NOBODY)
    statement = Nearness("toy-2", bob.shape, bob.rows, draw, z, Answer(kind, tuple(cosines), pair))
    return theirs, NearBundle(statement, replace(CLAIMS, files={}, their_bundle=theirs.digest), near)


def test_tokens_that_have_nothing_in_common_give_no_verdict() -> None:
    theirs, bundle = _other_tokens()
    report = verified(bundle, theirs)
    assert report.ok
    assert report.verified.nearness is not None
    assert report.verified.nearness.theirs is not None
    assert report.verified.nearness.judged is None
    assert "they share 0 of 16 and 16 tokens" in left(report)["verdict"]


def test_vectors_of_somebody_else() -> None:
    _, bundle = _other_tokens()
    statement = replace(bundle.statement, theirs=bundle.statement.theirs[::-1])
    with pytest.raises(NearnessMismatchError):
        huref.dispute.must_be_near(verified(bundle, None), statement, _other_tokens()[0], TOY_POLICY).raise_for_status()
