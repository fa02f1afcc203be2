"""Probabilities of agreement by chance, against counting."""

from itertools import permutations
from math import exp, factorial, inf, lgamma, log

import numpy as np
import pytest

from huref.similarity.chance import TEN, fixed_in_all, fixed_points, gaussian, shown, smallest_of, times


@pytest.mark.parametrize(("m", "f"), [(6, 6), (3, 6), (1, 5), (6, 7), (7, 7)])
def test_fixed_points_of_permutations_are_counted_exactly(m: int, f: int) -> None:
    """Against the number of permutations, counted one by one."""
    fixed = [sum(order[i] == i for i in range(m)) for order in permutations(range(f))]
    for k in range(-1, m + 2):
        probability = sum(count >= k for count in fixed) / factorial(f)
        assert exp(fixed_points(k, m, f)) == pytest.approx(probability, rel=1e-12)


def test_fixed_points_of_large_layers() -> None:
    """Poisson in the bulk; in the tail between Bonferroni's two sums, however small."""
    f = 14336
    for k in range(1, 8):
        poisson = 1 - sum(exp(-1) / factorial(i) for i in range(k))
        assert exp(fixed_points(k, f, f)) == pytest.approx(poisson, rel=1e-6)
    first = -lgamma(101)
    assert first - log(101) < fixed_points(100, f, f) < first
    assert fixed_points(f, f, f) == pytest.approx(-lgamma(f + 1))


def test_fixed_points_of_several_permutations_are_added() -> None:
    """Against all pairs of permutations of 4 and of 5."""
    counts = [[sum(order[i] == i for i in range(n)) for order in permutations(range(n))] for n in (4, 5)]
    both = np.add.outer(*counts).ravel()
    for k in range(11):
        probability = float((both >= k).mean())
        assert exp(fixed_in_all(k, [4, 5])) == pytest.approx(probability, rel=1e-9)
    assert fixed_in_all(32 * 128, [128] * 32) == pytest.approx(-32 * lgamma(129))
    assert fixed_in_all(6, [6]) == pytest.approx(fixed_points(6, 6, 6))


def test_p_values_below_every_floating_point_number_are_shown() -> None:
    assert shown(-827 * TEN) == "1e-827"
    assert shown(fixed_points(384, 384, 384)) == "4.9e-828"
    assert shown(-350.4 * TEN) == "4e-351"
    assert shown(-350 * TEN + 1e-9) == "1e-350"
    assert shown(log(0.031)) == "0.031"
    assert shown(-inf) == "0"


def test_corrections() -> None:
    assert exp(smallest_of(3, log(0.2))) == pytest.approx(1 - 0.8**3)
    assert smallest_of(3, -800.0) == pytest.approx(-800 + log(3))
    assert smallest_of(4, 0.0) == times(4, log(0.5)) == 0


def test_the_tail_of_a_gaussian() -> None:
    assert exp(gaussian(0)) == 0.5
    assert gaussian(29.999) == pytest.approx(gaussian(30.001), rel=1e-3)
    assert gaussian(6.8) < log(1e-11) < gaussian(6.7)
