"""Matching of neurons, and the probability behind the tests on hidden units."""

from itertools import permutations
from math import exp, factorial

import numpy as np
import pytest

from huref.similarity import neurons
from huref.similarity.neurons import Neurons, fixed_points, same_order, same_partners


@pytest.mark.parametrize(("m", "f"), [(6, 6), (3, 6), (1, 5), (6, 7), (7, 7)])
def test_fixed_points_of_permutations_are_counted_exactly(m: int, f: int) -> None:
    """Against the number of permutations, counted one by one."""
    fixed = [sum(order[i] == i for i in range(m)) for order in permutations(range(f))]
    for k in range(-1, m + 2):
        probability = sum(count >= k for count in fixed) / factorial(f)
        assert fixed_points(k, m, f) == pytest.approx(probability, rel=1e-12)


def test_fixed_points_of_large_layers() -> None:
    """Poisson in the bulk; in the tail between Bonferroni's two sums, however small."""
    f = 14336
    for k in range(1, 8):
        poisson = 1 - sum(exp(-1) / factorial(i) for i in range(k))
        assert fixed_points(k, f, f) == pytest.approx(poisson, rel=1e-6)
    first = 1 / factorial(100)
    assert first / 101 < fixed_points(100, f, f) < first
    assert fixed_points(f, f, f) == 0


def layer(seed: int, size: int, tokens: int = 200) -> Neurons:
    rng = np.random.default_rng(seed)
    return Neurons(*(block / np.linalg.norm(block, axis=0) for block in rng.standard_normal((2, tokens, size))))


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
    assert paired.p_value == pytest.approx(1 / factorial(32))


def test_a_layer_of_another_size_has_no_order_but_partners() -> None:
    small, large = layer(1, 40), layer(2, 60)
    mixed = Neurons(np.hstack([large.reads, small.reads]), np.hstack([large.writes, small.writes]))
    assert same_order(small, mixed) is None
    found = same_partners(small, mixed)
    assert (found.agreeing, found.smaller) == (40, 40)
    assert found.p_value == fixed_points(32, 32, 92)  # a fifth of the smaller layer may be universal


def test_universal_neurons_are_no_partners() -> None:
    """A fifth of the smaller layer is what independent models may have in common, and chance adds about one."""
    shared, ours, theirs = layer(1, 20), layer(2, 80), layer(3, 80)
    a, b = (
        Neurons(np.hstack([own.reads, shared.reads]), np.hstack([own.writes, shared.writes])) for own in (ours, theirs)
    )
    found = same_partners(a, b)
    assert found.agreeing >= 20
    assert found.p_value > 1e-3


def test_of_equal_counts_the_nearer_numbers_are_the_smaller_p_value() -> None:
    original = layer(1, 40)
    rng = np.random.default_rng(4)
    near, far = np.arange(40) ^ 1, rng.permutation(40)
    assert not (far == np.arange(40)).any()
    first, second = (
        same_order(original, Neurons(original.reads[:, order], original.writes[:, order])) for order in (near, far)
    )
    assert first is not None
    assert second is not None
    assert first.agreeing == second.agreeing == 0
    assert first.p_value == pytest.approx(1 - exp(-1), abs=0.01)
    assert second.p_value > first.p_value + 0.05


def test_neurons_that_do_nothing_are_nobodys_partner() -> None:
    dead = Neurons(np.zeros((200, 40)), np.zeros((200, 40)))
    for found in (same_order(dead, layer(1, 40)), same_order(layer(1, 40), dead), same_partners(dead, dead)):
        assert found is not None
        assert (found.agreeing, found.matched, found.p_value) == (0, 0, 1.0)


def test_blocks_of_rows_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = layer(1, 50), layer(3, 50)
    blended = Neurons(a.reads + 1.2 * b.reads, a.writes + 1.2 * b.writes)
    whole = same_order(a, blended), same_partners(a, blended)
    monkeypatch.setattr(neurons, "BLOCK", 7)
    assert (same_order(a, blended), same_partners(a, blended)) == whole
    assert whole[1].agreeing > 5
