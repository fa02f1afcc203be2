"""Products and lengths that do not depend on the order of additions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from huref.model.exact import product, sized
from huref.model.layer import Matrix
from huref.model.tensor import Tensor


def test_products_are_the_same_in_any_order_and_nearly_exact() -> None:
    rng = np.random.default_rng(1)
    left = rng.standard_normal((5, 300)) * np.exp2(rng.integers(-40, 40, (5, 1)))
    right = rng.standard_normal((300, 7)) * np.exp2(rng.integers(-40, 40, (1, 7)))
    found = product(left, right)
    order = rng.permutation(300)
    np.testing.assert_array_equal(product(left[:, order], right[order]), found)
    parts = np.array_split(np.arange(300), 7)
    assert sum(len(part) for part in parts) == 300
    for i in range(5):
        for j in range(7):
            terms = [Fraction(x) * Fraction(y) for x, y in zip(left[i].tolist(), right[:, j].tolist(), strict=True)]
            size = float(sum(map(abs, terms)))
            assert abs(float(sum(terms)) - found[i, j]) < 1e-5 * size


def test_rows_are_divided_by_the_size_of_their_head() -> None:
    rng = np.random.default_rng(2)
    values, norm = rng.standard_normal((6, 40)).astype(np.float32), rng.uniform(0.5, 2, 40)
    values[4:] = 0
    matrix = Matrix("v", (6, 40), Tensor((6, 40), lambda: values))
    found = sized(matrix, 2, norm).values
    for head in range(2):
        rows = slice(2 * head, 2 * head + 2)
        expected = values[rows] / np.sqrt(((values[rows] * norm) ** 2).sum() / 2)
        np.testing.assert_allclose(found[rows], expected, rtol=1e-5)
    assert not found[4:].any()
    scaled = Matrix("v", (6, 40), Tensor((6, 40), lambda: values * np.float32(1024)))
    np.testing.assert_array_equal(sized(scaled, 2, norm).values, found)
