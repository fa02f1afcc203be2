"""Canonical form of X under profile robust-2, before rounding, against numpy: sums in other orders, equal numbers."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from huref import _native

Floats = NDArray[np.float64]
#: The core and numpy differ by their rounding, times the condition of the Gram matrix.
TOLERANCE = 1e-9


def centred(x: Floats) -> Floats:
    return x - x.mean(axis=0)


def capped(x: Floats) -> Floats:
    """Rows longer than the lower median of the lengths that are not zero, scaled down to it."""
    lengths = np.linalg.norm(x, axis=1)
    median = np.percentile(lengths[lengths > 0], 50, method="lower")
    return x * np.minimum(1, median / np.maximum(lengths, 1e-300))[:, None]


def inverse(x: NDArray[Any], layer_norm: bool = False, unit_rows: bool = False) -> Floats:
    """X of profile robust-2 by its definition, from singular values."""
    x = x.astype(np.float64)
    if layer_norm:
        x = x - x.mean(axis=1, keepdims=True)
    if unit_rows:
        x = x / np.linalg.norm(x, axis=1, keepdims=True) * np.sqrt(x.shape[1])
    x = centred(capped(centred(x)))
    u, s, v = np.linalg.svd(x, full_matrices=False)
    ridge = (s**2).sum() / min(x.shape[1], x.shape[0] - 1) / 10
    return capped((u * (s / (s**2 + ridge))) @ v)


def embedding(rows: int, columns: int, seed: int = 1) -> NDArray[np.float32]:
    """Rows that share a mean and some long directions, as real ones do."""
    generator = np.random.default_rng(seed)
    spread = 1 + 9 * generator.random(columns) ** 6
    return (generator.standard_normal((rows, columns)) * spread + 3).astype(np.float32)


def agrees(x: NDArray[Any], **kind: bool) -> bool:
    found = _native.inverse_embedding(x, kind.get("layer_norm", False), kind.get("unit_rows", False))
    expected = inverse(x, **kind)
    return bool(np.abs(found - expected).max() < TOLERANCE * np.abs(expected).max())


@pytest.mark.parametrize(
    "shape", [(2, 1), (5, 3), (3, 5), (64, 64), (65, 64), (300, 40), (40, 300), (600, 261)], ids=str
)
def test_agrees_with_numpy(shape: tuple[int, int]) -> None:
    assert agrees(embedding(*shape))


@pytest.mark.parametrize("kind", ["layer_norm", "unit_rows"])
def test_agrees_in_families_with_more_freedom(kind: str) -> None:
    assert agrees(embedding(90, 48), **{kind: True})


def test_agrees_where_ranks_are_not_full() -> None:
    x = embedding(90, 48)
    assert agrees(np.concatenate([x, x[:50], x[:3]]))
    x[:, 20:] = x[:, :28]
    assert agrees(x)
    x[5:] = x[4]
    assert agrees(x)


def test_agrees_with_a_row_of_giant_norm() -> None:
    x = embedding(90, 48)
    x[7] *= 1e4
    assert agrees(x)
    x[8] = 0
    assert agrees(x)


def test_reads_what_quantise_reads() -> None:
    x = embedding(30, 12)
    np.testing.assert_array_equal(
        _native.inverse_embedding(x.T.copy().T, False, False), _native.inverse_embedding(x, False, False)
    )
    x[3, 5] = np.nan
    with pytest.raises(ValueError, match="NaN or infinity at row 3, column 5"):
        _native.inverse_embedding(x, False, False)
