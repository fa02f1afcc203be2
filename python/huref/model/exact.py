"""Products and lengths that every machine computes alike, however it adds: of integers that no sum rounds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .layer import Matrix, Vector

#: Of the integers that double precision holds.
DIGITS = 53


def integers(values: Vector, axis: int, terms: int) -> tuple[Vector, Vector]:
    """Integers so small that sums of `terms` of their products are exact, and the powers of two that `values` are
    multiples of, nearly: one for each row (axis 1) or column (axis 0).
    """
    room = (DIGITS - terms.bit_length()) // 2
    scales = np.exp2(np.frexp(np.abs(values).max(axis=axis, keepdims=True))[1].astype(np.float64) - room)
    return np.rint(values / scales), scales


def product(left: Vector, right: NDArray[np.generic]) -> Vector:
    """Of two matrices, in double precision."""
    a, of_rows = integers(left, 1, left.shape[1])
    b, of_columns = integers(right.astype(np.float64), 0, left.shape[1])
    made: Vector = (a @ b) * of_rows * of_columns
    return made


def sized(matrix: Matrix, rows: int, norm: Vector | None) -> Matrix:
    """Every `rows` rows divided by their size, a head's, as a norm without weights behind them does. `norm`: the weight
    of the norm that they read through, which sizes depend on.
    """

    def arrange(values: NDArray[np.generic]) -> Vector:
        with np.errstate(all="ignore"):  # infinite weights are named where the matrix is used
            plain = values.astype(np.float64)
            whole, scales = integers(plain if norm is None else plain * norm, 1, plain.shape[1])
            squares = (whole * whole).sum(1) * scales[:, 0] ** 2
            sizes = [math.sqrt(math.fsum(head) / rows) for head in squares.reshape(-1, rows)]
            made: Vector = plain / np.repeat(np.where(sizes, sizes, 1.0), rows)[:, None]
            return made

    return matrix.then(matrix.shape, arrange)
