"""An index in files finds what a comparison with every vector finds, and survives being cut off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from huref.similarity import stored as module
from huref.similarity.stored import Stored
from huref.similarity.vectors import cosines

LENGTH = 512
Owners = list[tuple[int, bytes, NDArray[np.int32]]]


def vectors(random: np.random.Generator, count: int) -> NDArray[np.int32]:
    return np.rint(4096 * random.standard_normal((count, LENGTH))).astype(np.int32)


def alike(random: np.random.Generator, one: NDArray[np.int32], cosine: float) -> NDArray[np.int32]:
    """A vector with about that cosine."""
    other = vectors(random, 1)[0]
    return np.rint(cosine * one + np.sqrt(1 - cosine**2) * other).astype(np.int32)


def owners(random: np.random.Generator, wanted: NDArray[np.int32], count: int) -> Owners:
    """Strangers of one to three layers, of which every third has a layer that is like one of these."""
    found = []
    for number in range(count):
        rows = vectors(random, 1 + number % 3)
        if number % 3 == 0:
            rows[-1] = alike(random, wanted[number % len(wanted)], random.uniform(-0.9, 0.9))
        found.append((2 * number + 1, bytes([number]) * 32, rows))
    return found


def exact(kept: Owners, wanted: NDArray[np.int32]) -> dict[int, float]:
    """The size of the largest cosine of each owner, by comparison with every vector."""
    every = [
        (number, cosines(*(tuple(map(tuple, side.tolist())) for side in (rows, wanted)))) for number, _, rows in kept
    ]
    return {number: float(np.abs(table).max()) for number, table in every}


@given(seed=st.integers(0, 1 << 30), queries=st.integers(1, 4), least=st.floats(0.25, 0.8), block=st.integers(3, 40))
@settings(max_examples=25, deadline=None)
def test_equal_to_a_comparison_with_every_vector(
    tmp_path_factory: pytest.TempPathFactory, seed: int, queries: int, least: float, block: int
) -> None:
    random = np.random.default_rng(seed)
    wanted = vectors(random, queries)
    kept = owners(random, wanted, 40)
    index = Stored(tmp_path_factory.mktemp("index") / "one", LENGTH)
    index.append(kept[:7])
    index.append(kept[7:])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        best, count = index.candidates(len(index), wanted, least, 100, by_signs=False)
        by_signs, _ = index.candidates(len(index), wanted, least, 100, by_signs=True)
        few, same = index.candidates(len(index), wanted, least, 3, by_signs=False)
    true = exact(kept, wanted)
    reached = {number for number, value in true.items() if value >= least}
    found = dict(best)
    assert reached <= found.keys()
    assert count == same == len(found)
    assert all(true[number] <= bound <= true[number] + 0.03 for number, bound in best)
    assert [bound for _, bound in best] == sorted(found.values(), reverse=True)
    assert few == best[:3]
    assert dict(by_signs).keys() <= found.keys()


def test_what_is_alike_is_found_by_signs(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    wanted = vectors(random, 2)
    index = Stored(tmp_path / "one", LENGTH)
    index.append([(number, bytes(32), vectors(random, 2)) for number in range(1, 200)])
    index.append([(500, bytes(32), np.array([vectors(random, 1)[0], alike(random, wanted[1], 0.6)]))])
    assert [number for number, _ in index.candidates(len(index), wanted, 0.4, 9, by_signs=True)[0]] == [500]


def test_what_a_crash_left_is_cut_off(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    index = Stored(tmp_path / "one", LENGTH)
    assert (len(index), index.tail()) == (0, (0, b"", 0))
    index.append([(4, b"a" * 32, vectors(random, 2)), (9, b"b" * 32, vectors(random, 3))])
    assert (len(index), index.tail()) == (5, (9, b"b" * 32, 3))
    with (tmp_path / "one.rows").open("r+b") as file:
        file.truncate(4 * LENGTH - 1)
    assert len(index) == 3
    index.cut(3)
    assert index.tail() == (9, b"b" * 32, 1)
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == {
        "one.rows": 3 * LENGTH,
        "one.signs": 3 * LENGTH // 8,
        "one.heads": 3 * module.HEAD.itemsize,
    }
    with pytest.raises((OSError, ValueError)):
        index.candidates(5, vectors(random, 1), 0.3, 9, by_signs=False)
