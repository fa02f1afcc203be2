"""A public model of a statement of drift: integers that everybody has (specification, "drift").

It is the only part that needs numpy, which is loaded where there is such a model.
"""

import hashlib
from typing import TYPE_CHECKING

from .curve import P
from .poly import dot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Model = tuple["NDArray[np.int16]", ...]
"""int16, one array of shape (rows, hidden) for each matrix, in order."""
LIMB = 24
"""Bits of a limb. Sums of 2^15 products of a limb with an integer of 12 bits stay below 2^53: floats hold them."""
LIMBS = 11
AT_A_TIME = 256
"""Commitment rows: 64 MiB of floats under robust-2."""


def is_model(value: object) -> bool:
    """Whether it has the type of a model."""
    import numpy as np

    return isinstance(value, tuple) and all(isinstance(x, np.ndarray) and x.dtype == np.int16 for x in value)


def has_form(model: Model, rows: list[int], hidden: int, widest: int) -> bool:
    """Whether it has matrices of so many rows, and no integer above `widest` in absolute value."""
    if [matrix.shape for matrix in model] != [(count, hidden) for count in rows]:
        return False
    return all(-widest <= int(matrix.min()) and int(matrix.max()) <= widest for matrix in model)


def digest(model: Model) -> bytes:
    """SHA-256 of its integers, matrix after matrix, two bytes each, little-endian."""
    found = hashlib.sha256()
    for matrix in model:
        for start in range(0, len(matrix), AT_A_TIME):
            found.update(matrix[start : start + AT_A_TIME].astype("<i2").tobytes())
    return found.digest()


def evaluate(model: Model, slots: int, rows: list[int], columns: list[int]) -> int:
    """`sum_m rows[m] V_m(c)` mod P over the commitment rows V_m, which hold `slots` matrix rows each."""
    import numpy as np

    limbs = [[x >> LIMB * k & ((1 << LIMB) - 1) for k in range(LIMBS)] for x in columns]
    table, first, total = np.array(limbs, dtype=np.float64), 0, 0
    for matrix in model:
        for start in range(0, len(matrix), AT_A_TIME * slots):
            part = matrix[start : start + AT_A_TIME * slots].astype(np.float64)
            count = -(-len(part) // slots)
            packed = np.zeros((count * slots, part.shape[1]))
            packed[: len(part)] = part
            packed = packed.reshape(count, -1)
            sums = packed @ table[: packed.shape[1]]
            for k, column in enumerate(sums.T):
                total += dot(rows[first : first + count], map(int, column.tolist())) << LIMB * k
            first += count
    return total % P
