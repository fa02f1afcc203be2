"""How several kinds of evidence become one verdict."""

from dataclasses import replace

import pytest

from huref.similarity import Comparison
from huref.similarity.evidence import (
    TERM_WIDTH,
    Evidence,
    Finding,
    LayerPair,
    _order,
    _partners,
    _terms,
    weigh,
)
from huref.similarity.units import Agreement
from huref.similarity.vectors import p_value

VECTOR = Comparison(0.1, 0.05, "unrelated", 1000, 256, 0.06, "robust-1", "as independent", 0.05)
PAIRS = [LayerPair(3, 2, True, 0.1, -0.2, 0.5), LayerPair(0, 1, True, 0.0, 0.3, 0.1)]


def weighed(comparison: Comparison = VECTOR, **p_values: float) -> Comparison:
    findings = tuple(Finding(name, p, f"{name} says so") for name, p in p_values.items())
    return weigh(comparison, Evidence((), (), (), (), (), findings, 0.5))


@pytest.mark.parametrize(
    ("p", "verdict"),
    [(1e-300, "related"), (2e-10, "related"), (3e-10, "inconclusive"), (2e-5, "inconclusive"), (3e-5, "unrelated")],
)
def test_the_smallest_of_four_p_values_counts_four_times(p: float, verdict: str) -> None:
    found = weighed(terms=1.0, order=p, partners=0.7)
    assert (found.verdict, found.decided_by, found.corrected_p_value) == (verdict, "order", pytest.approx(4 * p))
    assert ("order says so" in found.reason) == (verdict != "unrelated")


def test_the_vector_is_one_of_them() -> None:
    strong = replace(VECTOR, cosine=0.9, p_value=1e-50, verdict="related", reason="the vectors say so")
    found = weighed(strong, terms=1e-20, order=1.0, partners=1.0)
    assert (found.verdict, found.decided_by, found.reason) == ("related", "vector", "the vectors say so")


def test_too_few_tokens_stay_inconclusive() -> None:
    few = replace(VECTOR, tokens_shared=100, verdict="inconclusive", reason="the two share 100 tokens")
    found = weighed(few, terms=1e-60, order=1.0, partners=1.0)
    assert (found.verdict, found.reason) == ("inconclusive", few.reason)


def test_terms_are_corrected_for_three_terms_of_every_pair_of_layers() -> None:
    found = _terms(PAIRS, choices=20)
    assert found.p_value == pytest.approx(60 * p_value(0.5, TERM_WIDTH))
    assert "M_f of layer 3 and M_f of layer 2 correlate at +0.500" in found.sentence


def test_order_takes_the_best_pair_of_layers_that_can_be_counted() -> None:
    found = _order(PAIRS, [None, Agreement(30, 40, 96, 1e-20)], choices=20)
    assert found.p_value == pytest.approx(2e-19)
    assert found.sentence.startswith("30 of 96 neurons of layer 0")
    assert _order(PAIRS, [None, None], choices=20).p_value == 1


def test_universal_neurons_are_no_partners() -> None:
    """Below a fifth of the smaller layer no p-value under random pairing counts."""
    few, many = Agreement(19, 60, 96, 1e-30), Agreement(20, 60, 96, 1e-31)
    assert _partners(PAIRS, [few, few], choices=20).p_value == 1
    assert _partners(PAIRS, [few, many], choices=20).p_value == pytest.approx(2e-30)
