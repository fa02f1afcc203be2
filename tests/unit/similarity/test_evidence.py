"""How several kinds of evidence become one verdict."""

from dataclasses import replace

import pytest

from huref.similarity import Comparison
from huref.similarity.evidence import ALIKE, Evidence, Finding, LayerPair, _order, _partners, _terms, weigh
from huref.similarity.neurons import Agreement

VECTOR = Comparison(0.1, 0.05, "unrelated", 1000, 256, 0.06, "robust-1", "as independent", 0.05)
PAIRS = [LayerPair(3, 2, True, 0.1, -0.2, 0.5), LayerPair(0, 1, True, 0.0, 0.3, 0.1)]


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
    strong = replace(VECTOR, cosine=0.67, p_value=1e-29, verdict="related")
    assert weighed(0.5, 1.0, comparison=strong).verdict == "inconclusive"
    assert weighed(1e-20, 1.0, comparison=strong).verdict == "related"
    weak = replace(VECTOR, cosine=0.3, p_value=1e-7, verdict="inconclusive", reason="the vectors say so")
    assert weighed(0.5, 1.0, comparison=weak).reason == "the vectors say so"


def test_too_few_tokens_stay_inconclusive() -> None:
    few = replace(VECTOR, tokens_shared=100, verdict="inconclusive", reason="the two share 100 tokens")
    found = weighed(1e-60, 1.0, comparison=few)
    assert (found.verdict, found.reason) == ("inconclusive", few.reason)


def test_the_largest_exact_term_is_named() -> None:
    found = _terms([*PAIRS, LayerPair(1, 0, False, 0.9, 0.9, 0.9)], 0.03)
    assert (found.p_value, found.sentence) == (0.03, "M_f of layer 3 and M_f of layer 2 correlate at +0.500")


def test_order_combines_the_pairs_of_layers_that_can_be_counted() -> None:
    found = _order(PAIRS, [None, Agreement(30, 40, 96, 1e-20)])
    assert found.p_value == pytest.approx(1e-20)
    assert found.sentence.startswith("30 of 96 neurons of layer 0")
    for p in (1e-20, 0.01, 0.2):
        both = _order(PAIRS, [Agreement(1, 40, 96, 0.3), Agreement(30, 40, 96, p)])
        assert both.p_value == pytest.approx(1 - (1 - p) ** 2 if p > 1e-9 else 2 * p)
        assert both.sentence == found.sentence
    assert _order(PAIRS, [None, None]).p_value == 1


def test_partners_take_the_best_pair_of_layers_and_count_all_that_were_possible() -> None:
    few, many = Agreement(19, 60, 96, 0.5), Agreement(60, 60, 96, 1e-31)
    assert _partners(PAIRS, [few, few], choices=20).p_value == 1
    assert _partners(PAIRS, [few, many], choices=20).p_value == pytest.approx(2e-30)
