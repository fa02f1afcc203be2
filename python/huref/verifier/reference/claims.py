"""Claims about committed rows: `sum over rows of <weights, row> = value` (specification, "opening")."""

from dataclasses import dataclass

from .layout import Integers
from .pads import Form


@dataclass(frozen=True)
class Bits:
    """Weights of integers in the bit string."""

    runs: list[Integers]


@dataclass(frozen=True)
class BitPoint:
    """`eq(point)` over all bit rows; rows beyond the last are absent."""

    point: list[int]


@dataclass(frozen=True)
class Y:
    """Weights over Y, flat."""

    values: list[int]


@dataclass(frozen=True)
class Matrix:
    """Weights over the rows of one matrix, times those of the hidden index."""

    matrix: int
    rows: list[int]


@dataclass(frozen=True)
class All:
    """Weights over all commitment rows of weights, times weights over the columns."""

    rows: list[int]
    columns: list[int]


Weights = Bits | BitPoint | Y | Matrix | All


class Claims:
    """Claims, in the order of their powers of gamma."""

    def __init__(self) -> None:
        self.weights: list[Weights] = []
        self.values: list[Form] = []
        self.columns: list[int] = []
        """Weights of the hidden index, shared by all claims about matrices."""

    def add(self, weights: Weights, value: Form) -> None:
        """`<weights, rows> = value`."""
        self.weights.append(weights)
        self.values.append(value)
