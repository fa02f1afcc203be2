"""A token list is chosen so that one side of the sketch has next to no tokens: then strangers are alike by chance.

P has the rank of its tokens, so with two of them a sketch has one row that counts. A prover may choose the list; sides
are counted, and too few decide nothing.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from huref import _native
from huref.artefacts.draw import sides
from huref.artefacts.fingerprint import Fingerprint
from huref.profile import named
from huref.similarity import cosine
from huref.similarity.vectors import compare_vectors
from huref.similarity.verdict import null_width
from huref.stages.encode import encode
from huref.stages.quantise import Quantised
from huref.stages.sketch import sketch
from huref.verifier.check import check
from tests.support import toys
from tests.support.bundles import robust

RULES = named("robust-2")
WORDS = [b"word %d" % i for i in range(600)]
LEFT = [word for word in WORDS if sides([word], RULES, None) == (1, 0)]
RIGHT = [word for word in WORDS if sides([word], RULES, None) == (0, 1)]
STRANGERS = 16


def strangers(tokens: list[bytes]) -> list[Fingerprint]:
    """Random models of one layer over that list."""
    shape = toys.Shape(32, 2, 2, 16, 48, layers=(0,), tokens=tuple(tokens))
    found = []
    for seed in range(STRANGERS):
        weights = _native.Weights.from_integers(RULES.name, shape, toys.matrices(shape, seed))
        model = Quantised(RULES, shape, weights)
        found.append(encode(model, *sketch(model, "cpu")))
    return found


def spread(found: list[Fingerprint]) -> float:
    """Standard deviation of the cosines of strangers."""
    return float(np.std([cosine(a.vectors[0], b.vectors[0]) for a, b in combinations(found, 2)]))


@pytest.mark.parametrize("tokens", [LEFT[:2] + RIGHT, LEFT + RIGHT[:2]], ids=["two on P", "two on Q"])
def test_strangers_are_alike_over_a_lopsided_list_and_nothing_is_said(tokens: list[bytes]) -> None:
    found = strangers(tokens)
    assert spread(found) > 1.5 * null_width(RULES)
    for a, b in combinations(found, 2):
        compared = compare_vectors(a, b)
        assert compared.verdict == "inconclusive"
        assert "one side of the sketch has 2 shared tokens" in compared.reason


def test_over_an_honest_list_they_are_not() -> None:
    found = strangers(LEFT[:128] + RIGHT[:128])
    assert spread(found) < null_width(RULES)
    assert {compare_vectors(a, b).verdict for a, b in combinations(found, 2)} <= {"no relation shown", "inconclusive"}


def test_the_default_policy_refuses_such_a_bundle_before_its_proof() -> None:
    statement = robust().statement
    for tokens in (LEFT[:2] + RIGHT[:62], LEFT[:49] + RIGHT[:15]):
        shape = replace(statement.shape, tokens=tuple(tokens))
        lopsided = replace(statement, commitment=replace(statement.commitment, shape=shape))
        report = check(replace(robust(), statement=lopsided))
        assert report.code == "policy-not-met"
        assert report.failure is not None
        counts = " and ".join(map(str, sides(tokens, RULES, None)))
        assert f"the common draw has {counts} tokens on its sides" in report.failure.detail
