"""The index: a scan loses nothing that reaches its threshold, and finds hardly more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.similarity import index
from huref.similarity.index import Index
from huref.similarity.vectors import cosines

Vectors = tuple[tuple[int, ...], ...]


def vectors(count: int, seed: int, length: int = 512) -> Vectors:
    numbers = np.random.default_rng(seed).standard_normal((count, length))
    return tuple(tuple(int(x) for x in np.rint(4096 * row)) for row in numbers)


@given(
    seed=st.integers(0, 1 << 30),
    count=st.integers(1, 60),
    queries=st.integers(1, 5),
    length=st.sampled_from([8, 64, 512]),
    least=st.floats(0.01, 0.6),
)
def test_nothing_that_reaches_the_threshold_is_lost(
    seed: int, count: int, queries: int, length: int, least: float
) -> None:
    rows, wanted = vectors(count, seed, length), vectors(queries, seed + 1, length)
    exact = np.abs(cosines(rows, wanted)).max(axis=1)
    found = Index.of(rows).scan(wanted, least)
    assert set(np.flatnonzero(exact >= least)) <= set(found)
    assert all(exact[found] >= least - 0.03)


def test_vectors_with_one_large_number_are_found_though_rounding_leaves_little_of_the_rest() -> None:
    """The bound on what rounding can change is the row's own."""
    (plain,) = vectors(1, 1)
    spiked = (1 << 21, *plain[1:])
    assert list(Index.of([spiked]).scan([(0, *plain[1:])], 0.04)) == [0]
    assert cosines((spiked,), ((0, *plain[1:]),))[0, 0] > 0.04


def test_equal_opposed_and_strange_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BLOCK", 7)  # several blocks, the last one smaller
    rows = vectors(30, 3)
    opposed = tuple(-x for x in rows[20])
    whole = Index.together([Index.of(rows[:13]), Index.of(rows[13:])])
    assert len(whole) == 30
    assert list(whole.scan([rows[4], opposed], 0.5)) == [4, 20]
    assert list(whole.scan(vectors(2, 4), 0.5)) == []
