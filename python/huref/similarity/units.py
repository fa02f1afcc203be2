"""Tests on hidden units, which need no measured null: neurons of two layers are matched with each other.

A neuron reads a vector over the tokens, X up_i, and writes one, X down_i. Both are known up to sign and size whatever
a disguise does to the hidden dimensions; they are compared between models by |cosine|. *Partners* are two neurons
that are each other's best match; so partners are a one-to-one relation between some neurons of both layers.

**order.** Partners by reading and writing together; the statistic k is how many of m partners have the same number in
both layers. Null: the numbering of the neurons of one model is uniform given everything else. It holds exactly for
models that start from independent random numbers and are trained by any rule that treats the neurons of a layer alike
(gradient descent, Adam, weight decay, dropout), whatever the data: permuting neurons at the start permutes them at
the end. A disguise that permutes neurons hides from this test.

**partners.** Partners by reading alone and, separately, by writing alone; k of the m neurons that have both find the
same partner twice. Null: which neuron reads what and which one writes what are paired at random. It holds exactly for
models at initialisation, where both matrices are drawn independently, and no disguise hides from it. Training gives
independent models some universal neurons (Gurnee et al. 2024: 1 to 5 % in GPT-2), so a verdict also asks that `SHARE`
of the smaller layer agrees.

Both are the number of fixed points of a random permutation of f units, restricted to m places:

    P(at least k) <= C(m, k) (f - k)! / f!

a bound for every size, no approximation. The idea, tests whose null follows from the exchangeability of hidden units,
is that of Zhu, Ahmed, Kuditipudi and Liang, "Independence Tests for Language Models" (ICML 2025).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, lgamma

import numpy as np
from numpy.typing import NDArray

from ..quantise import Quantised
from ..terms import centred

Array = NDArray[np.float64]
Places = NDArray[np.int64]

#: Share of the smaller layer's neurons that has to agree before `partners` speaks of descent.
SHARE = 0.2
#: Tokens over which neurons are compared; the first ones, which the hash of their bytes chose.
TOKENS = 1024
#: Rows of a table of cosines that are in memory at the same time.
BLOCK = 1024


@dataclass(frozen=True, eq=False)
class Neurons:
    """What the neurons of a layer read and write, tokens x f, columns of length 1 (or zero)."""

    reads: Array
    writes: Array


@dataclass(frozen=True)
class Agreement:
    """`agreeing` of `matched` neurons agree, of `smaller` neurons in the smaller layer; p-value by the bound."""

    agreeing: int
    matched: int
    smaller: int
    p_value: float

    @property
    def share(self) -> float:
        """Agreeing neurons among those of the smaller layer."""
        return self.agreeing / self.smaller


def neurons(quantised: Quantised) -> Neurons:
    """The neurons of a model of one layer."""
    x = centred(quantised)[:TOKENS]
    return Neurons(*(_unit(x @ quantised.weights.matrix(index).astype(np.float64).T) for index in (5, 6)))


def same_order(a: Neurons, b: Neurons) -> Agreement | None:
    """The test `order`; None if the layers differ in size."""
    size = a.reads.shape[1]
    if b.reads.shape[1] != size:
        return None
    partner = _partners((x * y for x, y in zip(_cosines(a.reads, b.reads), _cosines(a.writes, b.writes), strict=True)))
    matched = partner >= 0
    agreeing = int((partner == np.arange(size)).sum())
    return Agreement(agreeing, int(matched.sum()), size, fixed_points(agreeing, int(matched.sum()), size))


def same_partners(a: Neurons, b: Neurons) -> Agreement:
    """The test `partners`."""
    reading = _partners(_cosines(a.reads, b.reads))
    writing = _partners(_cosines(a.writes, b.writes))
    both = (reading >= 0) & (writing >= 0)
    agreeing, matched = int((both & (reading == writing)).sum()), int(both.sum())
    sizes = a.reads.shape[1], b.reads.shape[1]
    return Agreement(agreeing, matched, min(sizes), fixed_points(agreeing, matched, max(sizes)))


def fixed_points(k: int, m: int, f: int) -> float:
    """A bound on the probability that a uniform permutation of f units fixes at least k of m given ones, k <= m <= f.

    The expected number of j-sets of fixed points is C(m, j) (f - j)! / f!; Markov's inequality, the best j up to k.
    """
    if k == 0:
        return 1.0
    sets = (
        lgamma(m + 1) - lgamma(j + 1) - lgamma(m - j + 1) + lgamma(f - j + 1) - lgamma(f + 1) for j in range(1, k + 1)
    )
    return exp(min(0.0, *sets))


def _unit(columns: Array) -> Array:
    norms = np.linalg.norm(columns, axis=0)
    columns /= np.where(norms > 0, norms, 1)
    return columns


def _cosines(a: Array, b: Array) -> Iterator[Array]:
    """|cosine| of every column of a with every one of b, block of rows by block of rows."""
    for start in range(0, a.shape[1], BLOCK):
        yield np.abs(a[:, start : start + BLOCK].T @ b)


def _partners(table: Iterator[Array]) -> Places:
    """For each row the column that is its best match and whose best match it is; -1 if there is none."""
    choice: list[Places] = []
    best: Array = np.zeros(0)
    chooser: Places = np.zeros(0, dtype=np.int64)
    for block in table:
        start = sum(map(len, choice))
        if not choice:
            best, chooser = np.zeros(block.shape[1]), np.full(block.shape[1], -1)
        rows = block.argmax(axis=0)
        top = block[rows, np.arange(block.shape[1])]
        chooser = np.where(top > best, rows + start, chooser)
        best = np.maximum(best, top)
        choice.append(block.argmax(axis=1))
    chosen = np.concatenate(choice)
    return np.where(chooser[chosen] == np.arange(len(chosen)), chosen, -1)
