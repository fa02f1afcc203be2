"""The null of vectors and its thresholds."""

import pytest

from huref.profile import DEFAULT, named
from huref.similarity.verdict import RELATED, UNRELATED, null_width, of_own, p_value


def test_p_value_is_the_tail_of_a_gaussian() -> None:
    assert null_width(named(DEFAULT)) == pytest.approx(0.06, abs=1e-4)
    assert p_value(0, 0.06) == 0.5
    assert p_value(0.06 * 1.6448536269514722, 0.06) == pytest.approx(0.05)
    # thresholds as the documentation states them
    assert p_value(0.36, null_width(named(DEFAULT))) < RELATED < p_value(0.355, null_width(named(DEFAULT)))
    assert p_value(0.22, null_width(named(DEFAULT))) > UNRELATED > p_value(0.225, null_width(named(DEFAULT)))


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
