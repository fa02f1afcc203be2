"""The column space of an output matrix, and what logits have outside of it (after Yang and Wu, arXiv 2407.01235).

    logits = E h + bias,      E: tokens x hidden

h is the hidden state after the last norm, so norms, rotations and scalings of the hidden space, and a temperature,
leave logits in the span of E's columns. A column of ones is added, because log-probabilities are logits less a number,
and the bias, if there is one. Only tokens that both sides have are looked at; rows that pad a vocabulary, or that were
added to it, drop out with them. A cap on logits (c tanh(l / c)) must be undone first.

*The rest* of logits is the share of their centred norm that lies outside. Of a suspect that computes with E it is what
rounding leaves: 0.005 of bfloat16, 0.02 of a head in 8 bits. Independent models share directions, frequency above all,
so their rest is far from that of random vectors. The null therefore grants a stranger all but a hundredth of the
variance (`GRANT`): only that hundredth must be independent of E, in a direction that is uniformly random. Then the
squared rest is at least GRANT times a Beta((tokens - rank) / 2, rank / 2), whose lower tail has Chernoff's bound

    Pr[Beta(a, b) <= x] <= (x / m)^a ((1 - x) / (1 - m))^b,      m = a / (a + b), x <= m,

times the number of positions, because one of them has a rest no larger than that of all together.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, log10

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: The least share of the variance of a stranger's logits that is independent of the matrix. The strangers of the
#: lineage lab, most of which learnt one text with one tokenizer, have 0.057 and more outside of it.
GRANT = 0.01
#: False positives that the null allows: so many of all strangers.
LEVEL = 1e-9


@dataclass(frozen=True)
class Span:
    """An orthonormal basis of the columns: `basis` tokens x rank, float64."""

    basis: Array

    @classmethod
    def of(cls, matrix: NDArray[np.floating], bias: NDArray[np.floating] | None = None) -> Span:
        """Of an output matrix, tokens x hidden, a bias (tokens) and ones. ValueError unless tokens exceed the columns,
        or if a number is not finite.
        """
        columns = [np.asarray(matrix, np.float64), np.ones((len(matrix), 1))]
        columns += [] if bias is None else [np.asarray(bias, np.float64)[:, None]]
        all_columns = np.concatenate(columns, axis=1)
        if all_columns.shape[0] <= all_columns.shape[1]:
            raise ValueError(
                f"{all_columns.shape[0]} logits of a position say nothing: more than the hidden size needed"
            )
        if not np.isfinite(all_columns).all():
            raise ValueError("the output matrix has entries that are no numbers")
        q, r = np.linalg.qr(all_columns / np.linalg.norm(all_columns, axis=0).clip(1e-300))
        turned, sizes, _ = np.linalg.svd(r)
        return cls(q @ turned[:, sizes > 1e-9 * sizes[0]])

    def outside(self, logits: NDArray[np.floating]) -> Array:
        """What logits, positions x tokens, have outside, as shares of the norm of all centred logits.

        Singular values of the rest, largest first: the norm of all is the rest; that of all but the first r is the rest
        once r directions are granted, which is what LoRA of rank r on the output matrix adds.
        """
        values = np.asarray(logits, np.float64)
        whole = float(np.linalg.norm(values - values.mean(axis=1, keepdims=True)))
        rest = values - (values @ self.basis) @ self.basis.T
        found: Array = np.linalg.svd(rest, compute_uv=False) / max(whole, 1e-300)
        return found


@dataclass(frozen=True)
class Judged:
    """`rest`: see the module; `spared`: the rest without its four largest directions; `p` as log10, and the verdict."""

    tokens: int
    rest: float
    spared: float
    p: float

    @property
    def inside(self) -> bool:
        """Whether the logits lie in the column space, at `LEVEL`."""
        return self.p <= log10(LEVEL)


def judge(span: Span, logits: NDArray[np.floating]) -> Judged:
    """The test: logits positions x tokens, in the order of the rows of the output matrix."""
    outside = span.outside(logits)
    tokens, rank = span.basis.shape
    rest = float(np.linalg.norm(outside))
    return Judged(tokens, rest, float(np.linalg.norm(outside[4:])), chance(rest, tokens, rank, len(logits)))


def chance(rest: float, tokens: int, rank: int, positions: int) -> float:
    """log10 of an upper bound of the probability that a stranger has a rest this small."""
    a, b = (tokens - rank) / 2, rank / 2
    mean = a / (a + b)
    x = rest**2 / GRANT
    if x >= mean:
        return 0.0
    if x == 0:
        return -inf
    bound = a * log(x / mean) + b * log((1 - x) / (1 - mean)) + log(positions)
    return min(0.0, bound / log(10))
