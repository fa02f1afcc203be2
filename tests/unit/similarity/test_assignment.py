"""The best one-to-one matching, against all matchings."""

from itertools import permutations

import numpy as np
import pytest

from huref.similarity.assignment import best_assignment


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
