"""Probabilities of agreement by chance, as natural logarithms: p-values of 1e-827 are ordinary here.

A uniform permutation of f units fixes some of m given ones. With S_j = C(m, j) (f - j)! / f!, the expected number of
j-sets of fixed points, inclusion and exclusion give

    P(at least k) = S_k - C(k, k - 1) S_(k+1) + C(k + 1, k - 1) S_(k+2) - ...

whose terms fall like those of exp(-1) or faster, so nothing cancels. Of several independent permutations the counts
are added: their distributions are convolved, tilted exponentially so that the count in question is the likely one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Log = float
CERTAIN: Log = 0.0
IMPOSSIBLE: Log = -math.inf
TEN = math.log(10)


def fixed_points(k: int, m: int, f: int) -> Log:
    """The logarithm of P(a uniform permutation of f units fixes at least k of m given ones), m <= f."""
    if k <= 0:
        return CERTAIN
    if k > m:
        return IMPOSSIBLE
    first = _sets(k, m, f)
    total = 0.0
    for j in range(k, m + 1):
        term = math.exp(_sets(j, m, f) - first + math.lgamma(j) - math.lgamma(k) - math.lgamma(j - k + 1))
        total += term if (j - k) % 2 == 0 else -term
        if term <= total * 1e-17:
            break
    return min(CERTAIN, first + math.log(total))


def _sets(j: int, m: int, f: int) -> Log:
    """The logarithm of S_j."""
    chosen = math.lgamma(m + 1) - math.lgamma(j + 1) - math.lgamma(m - j + 1)
    return chosen + math.lgamma(f - j + 1) - math.lgamma(f + 1)


def fixed_in_all(k: int, sizes: Sequence[int]) -> Log:
    """The logarithm of P(independent uniform permutations of those sizes fix at least k units, counted together)."""
    if k <= 0:
        return CERTAIN
    if k > sum(sizes):
        return IMPOSSIBLE
    tilt = math.log(max(k / len(sizes), 1.0))
    total, scale = np.ones(1), 0.0
    for size in sizes:
        exact = _exactly(size) + tilt * np.arange(size + 1)
        peak = float(exact.max())
        total = np.convolve(total, np.exp(exact - peak))
        height = float(total.max())
        total, scale = total / height, scale + peak + math.log(height)
    tail = np.arange(k, len(total))
    with np.errstate(divide="ignore"):
        logs = np.log(total[k:]) - tilt * tail
    return min(CERTAIN, scale + float(np.logaddexp.reduce(logs)))


def _exactly(size: int) -> NDArray[np.float64]:
    """The logarithm of P(a uniform permutation of `size` units has exactly j fixed points), j = 0 .. size."""
    signs = np.cumsum([(-1) ** i * math.exp(-math.lgamma(i + 1)) for i in range(size + 1)])
    signs[1:2] = 0.0  # exactly one unit out of place there is not, and rounding must not make one
    with np.errstate(divide="ignore"):
        found: NDArray[np.float64] = np.log(signs[::-1]) - [math.lgamma(j + 1) for j in range(size + 1)]
    return found


def gaussian(z: float) -> Log:
    """The logarithm of P(a standard Gaussian reaches at least z)."""
    if z < 30:
        return math.log(math.erfc(z / math.sqrt(2)) / 2)
    return -z * z / 2 - math.log(z * math.sqrt(2 * math.pi)) - 1 / (z * z)


def smallest_of(count: int, p: Log) -> Log:
    """That of the smallest of so many independent p-values: 1 - (1 - p)^count (Sidak 1967)."""
    if p >= CERTAIN:
        return CERTAIN
    if p < -30:
        return min(CERTAIN, p + math.log(count))
    return math.log(-math.expm1(count * math.log1p(-math.exp(p))))


def times(count: float, p: Log) -> Log:
    """That of the smallest of so many p-values, independent or not (Bonferroni)."""
    return min(CERTAIN, p + math.log(count))


def shown(p: Log) -> str:
    """A p-value for a sentence, however small: `0.031`, `1e-827`."""
    if p == IMPOSSIBLE:
        return "0"
    if p > -300 * TEN:
        return f"{math.exp(p):.2g}"
    exponent = math.floor(p / TEN)
    digits = f"{math.exp(p - exponent * TEN):.2g}"
    return f"1e{exponent + 1}" if digits == "10" else f"{digits}e{exponent}"
