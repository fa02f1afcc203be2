"""The check of a drift file: everything in its statement is bound, and what a policy demands of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from huref.artefacts.context import NOBODY, Context
from huref.artefacts.drift import Drift, DriftBundle
from huref.artefacts.shape import Shape
from huref.errors import InputError, UsageError
from huref.verifier.batch import check_many
from huref.verifier.both import CHOICES, Choice, drift_rejection
from huref.verifier.drift import check
from tests.support import toys
from tests.support.bundles import CONTEXT, TOY_POLICY, drift, nearness, second, toy

MADE = drift(context=CONTEXT)
PUBLIC = drift(public=True)


def with_statement(**changes: object) -> DriftBundle:
    return replace(MADE, statement=replace(MADE.statement, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("verifier", CHOICES)
@pytest.mark.parametrize("made", [MADE, drift(), PUBLIC])
def test_what_is_verified(made: DriftBundle, verifier: Choice) -> None:
    report = check(made, TOY_POLICY, verifier, public=None if made.statement.public is None else second())
    assert report.ok
    report.raise_for_status()
    assert report.verified.proof is not None
    assert report.verified.proof.protocol == "huref/drift/v1"
    assert report.verified.commitment == made.statement.commitments[0].id
    assert report.verified.draws is None
    assert report.verified.drift is not None
    assert report.verified.drift.bound == made.statement.bound
    assert report.verified.drift.left_out == ("0.v",)
    assert [entry.what for entry in report.not_checked] == ["matrices", "rest", "behaviour", "order", "owner", "files"]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: {"bound": s.bound - 1},
        lambda s: {"bound": s.bound + 1},
        lambda _: {"partition": "whole"},
        lambda _: {"partition": "rows"},
        lambda _: {"exponents": (0, 0, 0, 0, 0, 0, 0)},
        lambda _: {"exponents": (0, 0, 0, None, 0, 0, 1)},
        lambda _: {"exponents": (None, 0, 0, None, 0, 0, 0)},
        lambda s: {"commitments": s.commitments[::-1]},
        lambda s: {"commitments": s.commitments[:1] * 2},
        lambda s: {"context": replace(s.context, owner="name:Mallory")},
        lambda _: {"context": NOBODY},
        lambda s: {"commitments": tuple(replace(c, shape=replace(c.shape, layers=(1,))) for c in s.commitments)},
    ],
)
def test_everything_in_the_statement_is_bound(change: Callable[[Drift], dict[str, object]]) -> None:
    report = check(with_statement(**change(MADE.statement)), TOY_POLICY, "both")
    assert (report.ok, report.code) == (False, "proof-rejected")
    assert report.verified.drift is None


def test_the_proof_of_one_kind_is_none_of_another() -> None:
    for proof in (toy().proof, nearness().proof, PUBLIC.proof, b""):
        assert check(replace(MADE, proof=proof), TOY_POLICY).code == "proof-rejected"


@pytest.mark.parametrize("bit", range(0, 8 * len(MADE.proof), 977))
def test_flipped_bits_of_the_proof(bit: int) -> None:
    proof = bytearray(MADE.proof)
    proof[bit // 8] ^= 1 << bit % 8
    assert check(replace(MADE, proof=bytes(proof)), TOY_POLICY).code == "proof-rejected"


def test_a_public_model_must_be_at_hand_and_the_one_that_is_meant() -> None:
    with pytest.raises(UsageError, match=r"the proof is not verified: .* not at hand"):
        check(PUBLIC, TOY_POLICY)
    report = check(PUBLIC, TOY_POLICY, public=toys.quantised(1, MADE.statement.shape, largest=999).weights)
    assert (report.ok, report.code) == (False, "weights-mismatch")
    assert report.failure is not None
    assert report.failure.check == "public model"
    assert report.verified.drift is None
    renamed = replace(PUBLIC, statement=replace(PUBLIC.statement, public="ab" * 32))
    assert check(renamed, TOY_POLICY, public=second()).code == "weights-mismatch"


@pytest.mark.parametrize("shape", [replace(MADE.statement.shape, ffn=13), replace(MADE.statement.shape, layers=(0, 1))])
def test_a_public_model_of_another_shape(shape: Shape) -> None:
    """Its digest cannot be that of the statement; both verifiers would refuse it, too."""
    public = toys.quantised(1, shape).weights
    refused = {drift_rejection(PUBLIC.statement, PUBLIC.proof, verifier, public) for verifier in ("rust", "python")}
    assert len(refused) == 2 and None not in refused
    fewer = replace(PUBLIC.statement, commitments=(replace(MADE.statement.commitments[0], shape=shape),))
    assert drift_rejection(fewer, PUBLIC.proof, "python", second()) is not None


def test_a_context_outside_of_the_grammar_is_no_statement() -> None:
    with pytest.raises(InputError, match="drift, statement"):
        check(with_statement(context=Context("nobody")), TOY_POLICY)


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        ({"profiles": ("robust-2",)}, "accepts robust-2 only"),
        ({"security_bits": 120}, "bits of security"),
        ({"hidden": 16}, "hidden size"),
        ({"tokens": 64}, "16 tokens"),
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


def test_among_bundles() -> None:
    broken = with_statement(bound=MADE.statement.bound - 1)
    made = (("a", MADE), ("b", toy()), ("c", broken), ("d", PUBLIC))
    found = list(check_many([(name, lambda one=one: one) for name, one in made], TOY_POLICY))  # type: ignore[misc]
    assert [(each.name, each.code) for each in found] == [
        *(("a", "verified"), ("b", "verified"), ("c", "proof-rejected"), ("d", "usage")),
    ]
