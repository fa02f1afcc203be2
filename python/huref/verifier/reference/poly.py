"""Multilinear extensions. The first variable is the most significant bit of an index."""

from collections.abc import Iterable, Iterator, Sequence
from operator import add, mul

from .curve import P


def eq_table(point: Iterable[int]) -> list[int]:
    """`eq(point, x)` for every x of the cube: `prod_i (point_i x_i + (1 - point_i)(1 - x_i))`."""
    table = [1]
    for r in point:
        high = [v * r % P for v in table]
        table = [x for v, w in zip(table, high, strict=True) for x in ((v - w) % P, w)]
    return table


def eq_at(a: Iterable[int], b: Iterable[int]) -> int:
    """`eq(a, b)` at two points of equal length."""
    out = 1
    for x, y in zip(a, b, strict=True):
        out = out * (2 * x * y - x - y + 1) % P
    return out


def lagrange(degree: int, x: int) -> list[int]:
    """Lagrange coefficients at `x` of the nodes `0, 1, .., degree`."""
    out = []
    for i in range(degree + 1):
        numerator = denominator = 1
        for j in range(degree + 1):
            if i != j:
                numerator = numerator * (x - j) % P
                denominator *= i - j
        out.append(numerator * pow(denominator, -1, P) % P)
    return out


def dot(a: Iterable[int], b: Iterable[int]) -> int:
    """`sum_i a_i b_i` over the shorter length."""
    total: int = sum(map(mul, a, b))
    return total % P


def powers(x: int, count: int) -> list[int]:
    """`1, x, x^2, ..`, `count` of them."""
    out, power = [], 1
    for _ in range(count):
        out.append(power)
        power = power * x % P
    return out


def log2_ceil(x: int) -> int:
    """`ceil(log2 x)`, 0 for 0 and 1."""
    return max(0, x - 1).bit_length()


def unpack(stream: bytes, bits: int) -> bytes:
    """Codes of `bits` bits (1 or 2), one a byte; the lowest bits of a byte of the stream come first."""
    per, mask = 8 // bits, (1 << bits) - 1
    out = bytearray(per * len(stream))
    for k in range(per):
        out[k::per] = stream.translate(bytes(byte >> (bits * k) & mask for byte in range(256)))
    return bytes(out)


def chunks(data: bytes, size: int, count: int) -> Iterator[bytes]:
    """The first `count` runs of `size` bytes."""
    return (data[i * size : (i + 1) * size] for i in range(count))


def combine(rows: Sequence[bytes], values: Sequence[int], weights: Sequence[int]) -> list[int]:
    """`sum_i weights[i] values[rows[i][j]]` for each column j of a matrix of few values, given as codes.

    Several rows at a time: their codes in one column, read as one number below 256, select the sum from a table.
    """
    columns, base, group = len(rows[0]), len(values), 1
    while base ** (group + 1) <= 256:
        group += 1
    sums = [0] * columns
    for start in range(0, len(rows), group):
        part = rows[start : start + group]
        joined = sum(int.from_bytes(row, "little") * base**k for k, row in enumerate(part))
        table = [0]
        for weight in weights[start : start + len(part)]:
            table = [low + weight * value for value in values for low in table]
        sums = list(map(add, sums, map(table.__getitem__, joined.to_bytes(columns, "little"))))
    return [x % P for x in sums]
