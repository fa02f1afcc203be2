"""The null and its thresholds, and how several kinds of evidence become one verdict."""

from dataclasses import replace

import pytest

from huref.profile import DEFAULT, named
from huref.similarity.findings import Evidence, Finding, LayerPair
from huref.similarity.verdict import ALIKE, RELATED, UNRELATED, Comparison, Matched, null_width, of_own, p_value, weigh

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


def test_p_value_is_the_tail_of_a_gaussian() -> None:
    assert null_width(named(DEFAULT)) == pytest.approx(0.06, abs=1e-4)
    assert p_value(0, 0.06) == 0.5
    assert p_value(0.06 * 1.6448536269514722, 0.06) == pytest.approx(0.05)
    # thresholds as the documentation states them
    assert p_value(0.36, null_width(named(DEFAULT))) < RELATED < p_value(0.355, null_width(named(DEFAULT)))
    assert p_value(0.22, null_width(named(DEFAULT))) > UNRELATED > p_value(0.225, null_width(named(DEFAULT)))


def weighed(order: float, partners: float, alike: float = 0.1, comparison: Comparison = VECTOR) -> Comparison:
    findings = Finding("order", order, "order says so"), Finding("partners", partners, "partners say so")
    layers = (LayerPair(0, 0, True, alike, 0, 0), LayerPair(1, 1, False, 0.9, 0.9, 0.9))
    return weigh(comparison, Evidence(layers, (), (), (), (), findings, Finding("terms", 0.01, "terms say so")))


@pytest.mark.parametrize(
    ("p", "verdict"),
    [(1e-300, "related"), (9e-10, "related"), (1.1e-9, "inconclusive"), (9e-5, "inconclusive"), (1.1e-4, "unrelated")],
)
def test_order_spends_nearly_all_of_the_error_and_partners_the_rest(p: float, verdict: str) -> None:
    for found, name in ((weighed(0.99 * p, 0.7), "order"), (weighed(1.0, 0.01 * p), "partners")):
        assert (found.verdict, found.decided_by, found.corrected_p_value) == (verdict, name, pytest.approx(p))
        assert (f"{name} say" in found.reason) == (verdict != "unrelated")


def test_terms_that_are_alike_are_no_descent_without_neurons() -> None:
    found = weighed(1.0, 1.0, alike=0.999)
    assert (found.verdict, found.decided_by) == ("inconclusive", "terms")
    assert found.reason.startswith("terms say so, but their neurons have nothing in common")
    assert weighed(1.0, 1.0, alike=ALIKE - 0.01).verdict == "unrelated"


def test_vectors_that_are_alike_are_no_descent_without_neurons() -> None:
    strong = replace(VECTOR, cosine=0.67, p_value=1e-29, corrected_p_value=1e-29, verdict="inconclusive")
    assert weighed(0.5, 1.0, comparison=strong).verdict == "inconclusive"
    assert weighed(1e-20, 1.0, comparison=strong).verdict == "related"
    weak = replace(VECTOR, cosine=0.3, p_value=1e-7, verdict="inconclusive", reason="the vectors say so")
    assert weighed(0.5, 1.0, comparison=weak).reason == "the vectors say so"


def test_too_few_tokens_stay_inconclusive() -> None:
    few = replace(VECTOR, tokens_shared=100, verdict="inconclusive", reason="the two share 100 tokens")
    found = weighed(1e-60, 1.0, comparison=few)
    assert (found.verdict, found.reason) == ("inconclusive", few.reason)


@pytest.mark.parametrize(
    ("cosines", "beacon", "verdict"),
    [
        ([0.51], True, "alike"),
        ([0.49], True, "inconclusive"),  # one layer alone needs more
        ([0.41, 0.41], True, "alike"),
        ([0.39, 0.39], True, "inconclusive"),
        ([0.8, 0.02], True, "alike"),
        ([0.55], False, "inconclusive"),  # a cosine of 0.55 is not 2^40 times rarer than 10^-9
        ([0.62], False, "alike"),
        ([0.4, 0.4], False, "inconclusive"),
        ([0.41, 0.41], False, "alike"),
        ([0.22], True, "nothing"),
        ([0.24], True, "inconclusive"),
        ([0.22], False, "nothing"),  # what speaks for no relation is not multiplied away
        ([0.24], False, "inconclusive"),
        ([-0.9], False, "nothing"),
    ],
)
def test_own_vectors_are_judged_by_their_mean(cosines: list[float], beacon: bool, verdict: str) -> None:
    width = null_width(named(DEFAULT))
    found = of_own(cosines, width, beacon=beacon)
    assert (found.verdict, found.pairs) == (verdict, len(cosines))
    assert found.mean == pytest.approx(sum(cosines) / len(cosines))
    assert found.p_value == p_value(found.mean, width / len(cosines) ** 0.5)
    assert found.corrected_p_value == min(1.0, found.p_value * (1 if beacon else 2.0**40))
