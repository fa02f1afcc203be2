"""How findings on pairs of layers become findings on two models."""

import pytest

from huref.similarity.evidence import _order, _partners, _terms
from huref.similarity.findings import LayerPair
from huref.similarity.neurons import Agreement

PAIRS = [LayerPair(3, 2, True, 0.1, -0.2, 0.5), LayerPair(0, 1, True, 0.0, 0.3, 0.1)]


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
