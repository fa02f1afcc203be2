"""Matching of layers and of neurons, and the bound behind the tests on hidden units."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest

from huref.similarity import units
from huref.similarity.assignment import best_assignment
from huref.similarity.units import Neurons, fixed_points, same_order, same_partners


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (3, 5), (5, 5), (6, 4)])
@pytest.mark.parametrize("ties", [False, True])
def test_the_best_assignment_is_the_best(shape: tuple[int, int], ties: bool) -> None:
    rng = np.random.default_rng(1)
    rows, columns = shape
    for _ in range(20):
        gain = rng.integers(0, 3, shape).astype(float) if ties else rng.standard_normal(shape)
        found = best_assignment(gain)
        small = min(shape)
        assert len(found) == small
        assert len({row for row, _ in found}) == len({column for _, column in found}) == small
        wide = gain if rows <= columns else gain.T
        best = max(sum(wide[i, j] for i, j in enumerate(order)) for order in permutations(range(max(shape)), small))
        assert sum(gain[pair] for pair in found) == pytest.approx(best)


@pytest.mark.parametrize(("m", "f"), [(6, 6), (3, 6), (1, 5), (6, 7)])
def test_the_bound_holds_for_every_count(m: int, f: int) -> None:
    """Against the number of permutations, counted one by one."""
    fixed = [sum(order[i] == i for i in range(m)) for order in permutations(range(f))]
    for k in range(m + 1):
        probability = sum(count >= k for count in fixed) / factorial(f)
        assert probability <= fixed_points(k, m, f) * (1 + 1e-12)
    assert fixed_points(0, m, f) == 1
    assert fixed_points(m, m, f) == pytest.approx(factorial(f - m) / factorial(f))


def layer(seed: int, neurons: int, tokens: int = 200) -> Neurons:
    rng = np.random.default_rng(seed)
    return Neurons(*(block / np.linalg.norm(block, axis=0) for block in rng.standard_normal((2, tokens, neurons))))


def test_a_copy_has_the_same_neurons_under_the_same_numbers() -> None:
    found = same_order(layer(1, 40), layer(1, 40))
    assert found is not None
    assert (found.agreeing, found.matched, found.smaller) == (40, 40, 40)
    assert found.p_value == pytest.approx(1 / factorial(40))


def test_permuted_neurons_lose_their_numbers_and_keep_their_partners() -> None:
    original, order = layer(1, 40), np.random.default_rng(2).permutation(40)
    shuffled = Neurons(-original.reads[:, order], 1.0 * original.writes[:, order])
    numbered, paired = same_order(original, shuffled), same_partners(original, shuffled)
    assert numbered is not None
    assert numbered.p_value > 0.01
    assert (paired.agreeing, paired.matched) == (40, 40)
    assert paired.p_value < 1e-40


def test_a_layer_of_another_size_has_no_order_but_partners() -> None:
    small, large = layer(1, 40), layer(2, 60)
    mixed = Neurons(np.hstack([large.reads, small.reads]), np.hstack([large.writes, small.writes]))
    assert same_order(small, mixed) is None
    found = same_partners(small, mixed)
    assert (found.agreeing, found.smaller, found.share) == (40, 40, 1.0)


def test_neurons_that_do_nothing_are_nobodys_partner() -> None:
    dead = Neurons(np.zeros((200, 40)), np.zeros((200, 40)))
    for found in (same_order(dead, layer(1, 40)), same_order(layer(1, 40), dead), same_partners(dead, dead)):
        assert found is not None
        assert (found.agreeing, found.matched, found.p_value) == (0, 0, 1.0)


def test_blocks_of_rows_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = layer(1, 50), layer(3, 50)
    blended = Neurons(a.reads + 1.2 * b.reads, a.writes + 1.2 * b.writes)
    whole = same_order(a, blended), same_partners(a, blended)
    monkeypatch.setattr(units, "BLOCK", 7)
    assert (same_order(a, blended), same_partners(a, blended)) == whole
    assert whole[1].agreeing > 5


def test_both_tests_reject_independent_layers_no_more_often_than_they_say() -> None:
    """Over 400 pairs; p-values of a bound are too large, never too small."""
    orders, partners = [], []
    for seed in range(400):
        a, b = layer(2 * seed, 12, 30), layer(2 * seed + 1, 12, 30)
        numbered = same_order(a, b)
        assert numbered is not None
        orders.append(numbered.p_value)
        partners.append(same_partners(a, b).p_value)
    for level in (0.05, 0.2, 0.5):
        spread = 3 * np.sqrt(level * (1 - level) / 400)
        assert np.mean(np.array(orders) <= level) <= level + spread
        assert np.mean(np.array(partners) <= level) <= level + spread
    assert min(orders) < 0.2  # it does reject now and then
