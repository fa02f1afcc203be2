"""The check of a nearness file: everything in its statement is bound, and what a policy demands of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from huref.artefacts.context import NOBODY, Context
from huref.artefacts.draw import Draw
from huref.artefacts.nearness import Answer, NearBundle, Nearness
from huref.artefacts.policy import DEFAULT, Policy
from huref.errors import InputError, UsageError
from huref.verifier.batch import check_many
from huref.verifier.near import check, must_be_allowed
from tests.support.bundles import CONTEXT, TOY_POLICY, nearness, toy

MADE = nearness(context=CONTEXT)
(K,) = MADE.statement.answer.cosines


def with_statement(**changes: object) -> NearBundle:
    return replace(MADE, statement=replace(MADE.statement, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("made", [MADE, nearness(), nearness("below", 256)])
def test_what_is_verified(made: NearBundle) -> None:
    report = check(made, TOY_POLICY)
    assert report.ok
    report.raise_for_status()
    assert report.verified.proof is not None
    assert report.verified.proof.protocol == "huref/nearness/v1"
    assert report.verified.commitment == made.statement.committed.id
    assert report.verified.draws is None
    assert report.verified.nearness is not None
    assert report.verified.nearness.judged is None
    assert [entry.what for entry in report.not_checked] == ["theirs", "challenge", "owner", "order", "layers", "files"]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: {"theirs": (s.theirs[1], s.theirs[0], *s.theirs[2:])},
        lambda s: {"theirs": tuple(-z for z in s.theirs)},
        lambda _: {"answer": Answer("rounded", (K + 1,))},
        lambda _: {"answer": Answer("rounded", (K - 1,))},
        lambda _: {"answer": Answer("rounded", (-K,))},
        lambda _: {"answer": Answer("below", (256,))},
        lambda _: {"answer": Answer("at-least", (1,), (0, 0))},
        lambda s: {"draw": Draw("challenge", bytes(32), s.draw.other)},
        lambda s: {"draw": Draw("challenge", s.draw.beacon, bytes(32))},
        lambda s: {"context": replace(s.context, owner="name:Mallory")},
        lambda _: {"context": NOBODY},
        lambda s: {"shape": replace(s.shape, layers=(1,))},
        lambda s: {"shape": replace(s.shape, tokens=s.shape.tokens[::-1])},
        lambda s: {"commitment": s.commitment[33:] + s.commitment[:33]},
    ],
)
def test_everything_in_the_statement_is_bound(change: Callable[[Nearness], dict[str, object]]) -> None:
    report = check(with_statement(**change(MADE.statement)), TOY_POLICY)
    assert (report.ok, report.code) == (False, "proof-rejected")
    assert report.verified.nearness is None


def test_the_proof_of_one_kind_is_none_of_another() -> None:
    assert check(replace(MADE, proof=toy().proof), TOY_POLICY).code == "proof-rejected"
    assert check(replace(MADE, proof=b""), TOY_POLICY).code == "proof-rejected"


def test_a_context_outside_of_the_grammar_is_no_statement() -> None:
    with pytest.raises(InputError, match="nearness, statement"):
        check(with_statement(context=Context("nobody")), TOY_POLICY)


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        ({"profiles": ("robust-2",)}, "accepts robust-2 only"),
        ({"security_bits": 120}, "bits of security"),
        ({"hidden": 16}, "hidden size"),
        ({"tokens": 64}, "16 tokens"),
        ({"side_percent": 50}, "tokens on its sides"),
        ({"own_vectors": True}, "no own vectors"),
        ({"owners": ("name:Bob",)}, "not the owner"),
        ({"audience": "nobody"}, "not what"),
        ({"signers": ("p256:" + "ab" * 32,)}, "no attestation"),
        ({"dated_before": "2026-01-31T12:00:00Z"}, "no date"),
    ],
)
def test_what_a_policy_demands(demand: dict[str, object], words: str) -> None:
    report = check(MADE, replace(TOY_POLICY, **demand))  # type: ignore[arg-type]
    assert report.code == "policy-not-met"
    assert report.failure is not None
    assert words in report.failure.detail


def test_bounds_that_a_policy_lists() -> None:
    strict, wide = replace(TOY_POLICY, thresholds=(128,)), replace(TOY_POLICY, thresholds=(128, 256))
    assert check(nearness("below", 256), strict).code == "policy-not-met"
    assert check(nearness("below", 256), wide).ok
    assert check(MADE, strict).ok, "a rounded cosine has no bound"


@pytest.mark.parametrize("bound", range(1, 257))
def test_bounds_that_an_answer_may_have(bound: int) -> None:
    for kind in ("below", "at-least"):
        if bound in (32, 64, 128, 192):
            must_be_allowed((kind, bound), DEFAULT)  # type: ignore[arg-type]
        else:
            with pytest.raises(UsageError, match=r"choose one of 0\.125, 0\.25, 0\.5, 0\.75,"):
                must_be_allowed((kind, bound), DEFAULT)  # type: ignore[arg-type]
        must_be_allowed((kind, bound), Policy(thresholds=(bound,)))  # type: ignore[arg-type]


def test_among_bundles() -> None:
    broken = with_statement(answer=Answer("rounded", (K + 1,)))
    sources = [(name, lambda made=made: made) for name, made in (("a", MADE), ("b", toy()), ("c", broken))]
    for verifier in ("rust", "python"):
        found = list(check_many(sources, TOY_POLICY, verifier))  # type: ignore[arg-type]
        assert [(each.name, each.code) for each in found] == [
            *(("a", "verified"), ("b", "verified"), ("c", "proof-rejected")),
        ]
