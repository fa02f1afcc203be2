"""How several kinds of evidence become one verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import log

import pytest

from huref.similarity.findings import Equal, Evidence, Finding, LayerPair, Word
from huref.similarity.verdict import Comparison, Matched
from huref.similarity.weigh import ALIKE, WEIGHTS, weigh

VECTOR = Comparison(
    cosine=0.1,
    p_value=0.05,
    verdict="unrelated",
    layers=(Matched(0, 0, 0.1),),
    pairs=1,
    tokens_shared=1000,
    tokens_on_sides=(500, 500),
    tokens_needed=256,
    null_width=0.06,
    profile="robust-2",
    reason="as independent",
    corrected_p_value=0.05,
)
NONE = Equal(10, 8, 0, 0, (), 0)
TESTS = [name for name in WEIGHTS if name != "vector"]


def weighed(
    name: str = "order/raw",
    p: float = 1.0,
    alike: float = 0.1,
    comparison: Comparison = VECTOR,
    equal: Equal = NONE,
    shared: Mapping[str, Word] | None = None,
) -> Comparison:
    tests = [Finding.of(other, log(p) if other == name else 0.0, f"{other} says so") for other in TESTS]
    layers = (LayerPair(0, 0, True, alike, 0, 0), LayerPair(1, 1, False, 0.9, 0.9, 0.9))
    terms = Finding.of("terms", log(0.01), "terms say so")
    return weigh(comparison, Evidence(layers, (), (), (), (), equal, tuple(tests), terms), shared or {})


def test_the_shares_of_the_error_are_one() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1)


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize(
    ("p", "verdict"),
    [(1e-300, "related"), (9e-10, "related"), (1.1e-9, "inconclusive"), (9e-5, "inconclusive"), (1.1e-4, "unrelated")],
)
def test_every_test_spends_its_share_of_the_error(name: str, p: float, verdict: str) -> None:
    found = weighed(name, WEIGHTS[name] * p)
    assert (found.verdict, found.decided_by) == (verdict, name)
    assert found.corrected_p_value == pytest.approx(p)
    assert (f"{name} says so" in found.reason.lower()) == (verdict != "unrelated")


def test_p_values_below_every_number_have_a_logarithm() -> None:
    tests = tuple(Finding.of(name, -2000.0 if name == "channels" else 0.0, name) for name in TESTS)
    found = weigh(VECTOR, Evidence((), (), (), (), (), NONE, tests), {})
    assert found.log10_p_value == pytest.approx((-2000 - log(0.02)) / log(10))
    assert (found.verdict, found.corrected_p_value) == ("related", 0)


def test_a_matrix_that_is_the_same_decides() -> None:
    found = weighed(equal=Equal(10, 8, 1, 1, ("a",), 0))
    assert (found.verdict, found.decided_by, found.corrected_p_value) == ("related", "equal tensors", 0)
    assert found.log10_p_value is None
    assert "1 of 8 matrices" in found.reason


def test_equal_vectors_decide_nothing() -> None:
    assert weighed(equal=Equal(10, 8, 0, 0, (), 2), shared={"norms": "equal"}).verdict == "unrelated"


def test_a_part_that_is_alike_is_never_unrelated() -> None:
    assert weighed(shared={"output matrix": "alike"}).verdict == "inconclusive"


def test_terms_that_are_alike_are_no_descent_without_neurons() -> None:
    found = weighed(alike=0.999)
    assert (found.verdict, found.decided_by) == ("inconclusive", "terms")
    assert found.reason.startswith("terms say so, but their neurons have nothing in common")
    assert weighed(alike=ALIKE - 0.01).verdict == "unrelated"


def test_what_bundles_call_related_folders_do() -> None:
    """A cosine of 0.41 has p < 1e-11, and so less than 1e-9 with its share of 0.01; 0.35 has not."""
    assert weighed(comparison=replace(VECTOR, cosine=0.41)).verdict == "related"
    assert weighed(comparison=replace(VECTOR, cosine=0.35)).verdict == "inconclusive"


def test_few_tokens_end_only_what_needs_tokens() -> None:
    few = replace(VECTOR, tokens_shared=100, cosine=0.9, verdict="inconclusive", reason="the two share 100 tokens")
    found = weighed(comparison=few)
    assert found.verdict == "inconclusive"
    assert few.reason in found.reason
    assert weighed(p=1e-60, comparison=few).verdict == "related"
