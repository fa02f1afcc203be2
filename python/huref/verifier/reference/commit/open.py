"""All opening claims become one (specification, "opening").

A claim is `sum over committed rows of <weights, row> = value`. With powers of gamma they are one sum over the columns
of the commitment rows, which a sumcheck brings to a point sigma. There

    <eq(sigma), sum_m w_m row_m> = last,     w_m public

and `sum_m w_m C_m` is one multi-scalar multiplication, however many claims there were. Weights are never written out
over the bits: `w_m` of a claim about integers follows from suffix sums of `2^b eq(sigma)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..claims import All, BitPoint, Bits, Claims, Matrix, Weights, Y
from ..curve import P
from ..instance import Instance
from ..layout import Integers
from ..pads import Form, combined
from ..poly import dot, eq_at, eq_table, powers
from ..side import Side
from ..sumcheck import sumcheck


@dataclass(frozen=True)
class FinalClaim:
    """What is left to prove: `<eq, sum_m rows[m] row_m> = value` over all rows: weights, Y, bits."""

    eq: list[int]
    rows: list[int]
    value: Form


class RowWeights:
    """The weight of each commitment row at sigma, summed over claims."""

    def __init__(self, instance: Instance, claims: Claims, sigma: list[int], eq: list[int]) -> None:
        shape, profile = instance.shape, instance.profile
        self._sigma, self._eq, self._n = sigma, eq, profile.n
        self._slots = [dot(claims.columns, eq[i * shape.hidden :]) for i in range(shape.slots(profile))]
        self._first = [0]
        for rows in shape.commitment_rows(profile):
            self._first.append(self._first[-1] + rows)
        self.weights = [0] * instance.committed
        self.y = [0] * profile.y_rows
        self.bits = [0] * instance.layout.rows
        # suffix[j] = sum_(k >= j) 2^(k - j) eq[k]
        self._suffix = [0] * (self._n + 1)
        for j in reversed(range(self._n)):
            self._suffix[j] = (2 * self._suffix[j + 1] + eq[j]) % P

    def _add_integers(self, integers: Integers, factor: int) -> None:
        group, high = integers.group, integers.group.width if integers.high is None else integers.high
        for i, weight in enumerate(integers.weights):
            first = group.start + i * group.width
            start, end = first + integers.low, first + high
            bit = weight * factor % P
            while start < end:  # an integer may run over the end of a row
                row, column = divmod(start, self._n)
                length = min(end - start, self._n - column)
                value = self._suffix[column] - (self._suffix[column + length] << length)
                self.bits[row] = (self.bits[row] + bit * value) % P
                bit = (bit << length) % P
                start += length

    def add(self, weights: Weights, factor: int) -> None:
        """Adds a claim's weights, `factor` times."""
        match weights:
            case Bits(runs):
                for run in runs:
                    self._add_integers(run, factor)
            case BitPoint(point):
                variables = len(point) - len(self._sigma)
                factor = factor * eq_at(point[variables:], self._sigma)
                self._add_rows(self.bits, 0, eq_table(point[:variables])[: len(self.bits)], factor)
            case Y(values):
                rows = [dot(values[m * self._n : (m + 1) * self._n], self._eq) for m in range(len(self.y))]
                self._add_rows(self.y, 0, rows, factor)
            case Matrix(matrix, rows):
                slots = len(self._slots)
                sums = [dot(rows[i : i + slots], self._slots) for i in range(0, len(rows), slots)]
                self._add_rows(self.weights, self._first[matrix], sums, factor)
            case All(rows, columns):
                self._add_rows(self.weights, 0, rows, factor * dot(columns, self._eq))

    @staticmethod
    def _add_rows(total: list[int], first: int, values: Sequence[int], factor: int) -> None:
        for m, value in enumerate(values, first):
            total[m] = (total[m] + factor * value) % P


def open_claims(side: Side, instance: Instance, claims: Claims) -> FinalClaim:
    """Batches all claims and runs the last sumcheck."""
    gammas = powers(side.challenge(), len(claims.values))
    sigma, value = sumcheck(side, combined(claims.values, gammas), 2, instance.profile.log_n)
    eq = eq_table(sigma)
    rows = RowWeights(instance, claims, sigma, eq)
    for weights, gamma in zip(claims.weights, gammas, strict=True):
        rows.add(weights, gamma)
    return FinalClaim(eq, rows.weights + rows.y + rows.bits, value)
