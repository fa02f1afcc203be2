"""Public random matrices with entries 0, +1 and -1 (specification, "ternary matrices")."""

import hashlib

from .curve import SCALAR
from .poly import chunks, combine, unpack


class Ternary:
    """A matrix with entries 0 (one half), +1 and -1 (a quarter each) from SHAKE-128, four entries a byte."""

    def __init__(self, seed: int, label: bytes, rows: int, columns: int) -> None:
        stream = hashlib.shake_128(seed.to_bytes(SCALAR, "big") + label).digest(-(-rows * columns // 4))
        self._rows = list(chunks(unpack(stream, 2), columns, rows))

    def combine(self, weights: list[int]) -> list[int]:
        """`weights^T M`."""
        return combine(self._rows, (0, 0, 1, -1), weights)
