"""Neurons of two blocks matched with each other."""

from math import exp, lgamma, log

import numpy as np
import pytest

from huref.similarity import mutual, neurons
from huref.similarity.chance import fixed_points
from huref.similarity.neurons import SHARES, Neurons, same_order, same_partners

SHARE = SHARES["tokens"]


def factorial(n: int) -> float:
    """The logarithm."""
    return lgamma(n + 1)


def layer(seed: int, size: int, tokens: int = 200) -> Neurons:
    rng = np.random.default_rng(seed)
    return of(*rng.standard_normal((2, size, tokens)), sizes=rng.random(size))


def of(reads: mutual.Array, writes: mutual.Array, sizes: mutual.Array | None = None) -> Neurons:
    sizes = np.random.default_rng(9).random(len(reads)) if sizes is None else sizes
    return Neurons(mutual.unit(reads), mutual.unit(writes), sizes)


def test_a_copy_has_the_same_neurons_under_the_same_numbers() -> None:
    found = same_order(layer(1, 40), layer(1, 40))
    assert found is not None
    assert (found.agreeing, found.matched, found.smaller) == (40, 40, 40)
    assert found.p == pytest.approx(-factorial(40))


def test_permuted_neurons_lose_their_numbers_and_keep_their_partners() -> None:
    original, order = layer(1, 40), np.random.default_rng(2).permutation(40)
    shuffled = of(-original.reads[order], original.writes[order])
    numbered, paired = same_order(original, shuffled), same_partners(original, shuffled, SHARE)
    assert numbered is not None
    assert numbered.p > log(0.01)
    assert (paired.agreeing, paired.matched) == (40, 40)
    assert paired.p == pytest.approx(-factorial(32))


def test_a_layer_of_another_size_has_no_order_but_partners() -> None:
    small, large = layer(1, 40), layer(2, 60)
    mixed = of(np.vstack([large.reads, small.reads]), np.vstack([large.writes, small.writes]))
    assert same_order(small, mixed) is None
    found = same_partners(small, mixed, SHARE)
    assert (found.agreeing, found.smaller) == (40, 40)
    assert found.p == fixed_points(32, 32, 92)  # a fifth of the smaller layer may be universal


def test_universal_neurons_are_no_partners() -> None:
    """A fifth of the smaller layer is what independent models may have in common, and chance adds about one."""
    shared, ours, theirs = layer(1, 20), layer(2, 80), layer(3, 80)
    a, b = (of(np.vstack([own.reads, shared.reads]), np.vstack([own.writes, shared.writes])) for own in (ours, theirs))
    found = same_partners(a, b, SHARE)
    assert found.agreeing >= 20
    assert found.p > log(1e-3)


def test_of_equal_counts_the_nearer_numbers_are_the_smaller_p_value() -> None:
    original = layer(1, 40)
    rng = np.random.default_rng(4)
    near, far = np.arange(40) ^ 1, rng.permutation(40)
    assert not (far == np.arange(40)).any()
    first, second = (same_order(original, of(original.reads[order], original.writes[order])) for order in (near, far))
    assert first is not None
    assert second is not None
    assert first.agreeing == second.agreeing == 0
    assert exp(first.p) == pytest.approx(1 - exp(-1), abs=0.01)
    assert exp(second.p) > exp(first.p) + 0.05


def test_neurons_that_do_nothing_are_nobodys_partner() -> None:
    dead = of(np.zeros((40, 200)), np.zeros((40, 200)))
    for found in (same_order(dead, layer(1, 40)), same_order(layer(1, 40), dead), same_partners(dead, dead, SHARE)):
        assert found is not None
        assert (found.agreeing, found.matched, found.p) == (0, 0, 0.0)


def test_blocks_of_rows_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = layer(1, 50), layer(3, 50)
    blended = of(a.reads + 1.2 * b.reads, a.writes + 1.2 * b.writes)
    whole = same_order(a, blended), same_partners(a, blended, SHARE)
    for module in (mutual, neurons):
        monkeypatch.setattr(module, "BLOCK", 7)
    assert (same_order(a, blended), same_partners(a, blended, SHARE)) == whole
    assert whole[1].agreeing > 5


def test_doubled_neurons_have_no_number_and_one_partner() -> None:
    """Two layers of which each has every neuron twice, and that have nothing else in common: `argmax` would favour low
    numbers.
    """
    ours, theirs = (
        of(np.repeat(one.reads, 2, axis=0), np.repeat(one.writes, 2, axis=0)) for one in (layer(1, 40), layer(2, 40))
    )
    found = same_order(ours, theirs)
    assert found is not None
    assert found.matched == 0
    shuffled = np.random.default_rng(3).permutation(80)
    again = of(ours.reads[shuffled], ours.writes[shuffled])
    assert same_partners(ours, again, SHARE).agreeing == 40


def test_neurons_sorted_by_size_in_both_have_no_order() -> None:
    one, other = layer(1, 40), layer(2, 40)
    up, down = (np.arange(40.0)[::step] for step in (1, -1))
    assert same_order(of(one.reads, one.writes, up), of(other.reads, other.writes, up + 1)) is None
    assert same_order(of(one.reads, one.writes, up), of(other.reads, other.writes, down)) is not None
    assert same_order(of(one.reads, one.writes, up), of(other.reads, other.writes)) is not None


def test_some_neurons_of_large_blocks_stand_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neurons, "MOST", 10)
    found = same_order(layer(1, 40), layer(1, 40))
    assert found is not None
    assert (found.agreeing, found.smaller) == (10, 10)
    assert found.p == fixed_points(10, 10, 40)
    assert same_partners(layer(1, 40), layer(1, 40), 0).agreeing == 10
