"""How tests on pairs of layers become findings on two models."""

from math import log

import pytest

from huref.similarity.findings import LayerPair
from huref.similarity.full import finding
from huref.similarity.neurons import Agreement
from huref.similarity.tally import Seen, Tally


def seen(agreeing: int, p: float, a: int = 0, b: int = 1) -> Seen:
    return Seen(a, b, Agreement(agreeing, 60, 96, log(p)))


def test_the_largest_exact_term_is_named() -> None:
    pairs = [
        LayerPair(3, 2, True, 0.1, -0.2, 0.5),
        LayerPair(0, 1, True, 0.0, 0.3, 0.1),
        LayerPair(1, 0, False, 0.9, 0.9, 0.9),
    ]
    found = finding(pairs, 0.03)
    assert found.p_value == pytest.approx(0.03)
    assert found.sentence == "M_f of layer 3 and M_f of layer 2 correlate at +0.500"


@pytest.mark.parametrize("p", [1e-20, 0.01, 0.2])
def test_numbers_are_corrected_for_the_pairs_that_were_read(p: float) -> None:
    tally = Tally()
    tally.add("order/raw", seen(1, 0.3, 3, 2))
    tally.add("order/raw", seen(30, p))
    found = tally.numbered("order/raw", "")
    assert found.p_value == pytest.approx(1 - (1 - p) ** 2 if p > 1e-9 else 2 * p)
    start = "30 of 96 neurons of layer 0 have their counterpart under the same number in layer 1"
    assert found.sentence.startswith(start)
    assert (found.agreeing, found.units) == (30, 96)


def test_partners_are_corrected_for_all_pairs_that_were_possible() -> None:
    tally = Tally()
    tally.add("partners/raw", seen(19, 0.5))
    assert tally.chosen("partners/raw", "", 20).p_value == 1
    tally.add("partners/raw", seen(60, 1e-31))
    assert tally.chosen("partners/raw", "", 20).p_value == pytest.approx(2e-30)


def test_a_test_that_was_not_made_says_why() -> None:
    found = Tally().numbered("order/raw", "no reason")
    assert (found.p_value, found.ran, found.sentence) == (1.0, False, "no reason")


def test_experts_are_named() -> None:
    one = Seen(3, 4, Agreement(1, 2, 3, 0.0), (None, 5))
    assert one.where == ("layer 3", "layer 4, expert 5")
