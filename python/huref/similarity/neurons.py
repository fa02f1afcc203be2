"""Tests on hidden units, which need no measured null: neurons of two layers are matched with each other.

A neuron reads a vector over the tokens, X up_i, and writes one, X down_i. Both are known up to sign and size whatever
a disguise does to the hidden dimensions; they are compared between models by |cosine|. *Partners* are two neurons
that are each other's best match; so partners are a one-to-one relation between some neurons of both layers.

**order.** Partners by reading and writing together; the statistic k is how many of m partners have the same number in
both layers. Null: the numbering of the neurons of one model is uniform given everything else. It holds exactly for
models that start from independent random numbers and are trained by any rule that treats the neurons of a layer alike
(gradient descent, Adam, weight decay, dropout), whatever the data: permuting neurons at the start permutes them at
the end. A disguise that permutes neurons hides from this test. Few independent pairs differ in k (a third of them has
none), so equal k are ranked by how near the other partners' numbers are, sum |i - j|, against renumberings with as
many agreements: the p-value

    P(more than k) + P(exactly k) (1 + nearer or equal ones) / (1 + renumberings with k)

is uniform under the null, up to the steps of the second part.

**partners.** Partners by reading alone and, separately, by writing alone; k of the m neurons that have both find the
same partner twice. Null: up to `SHARE` of the smaller layer are universal neurons, which training gives to independent
models (Gurnee et al. 2024: 1 to 5 % in GPT-2), and the others pair what they read with what they write at random, which
holds exactly for models at initialisation, where both matrices are drawn independently. No disguise hides from this
test. With u universal ones its p-value is P(at least k - u of m - u): an upper bound, never uniform, because models
have fewer.

Both are the number of fixed points of a uniform permutation of f units, restricted to m places; inclusion and exclusion
give it exactly, with S_j = C(m, j) (f - j)! / f! the expected number of j-sets of fixed points:

    P(at least k) = S_k - C(k, k - 1) S_(k+1) + C(k + 1, k - 1) S_(k+2) - ...

The terms fall like those of exp(-1) or faster, so nothing cancels. The idea, tests whose null follows from the
exchangeability of hidden units, is that of Zhu, Ahmed, Kuditipudi and Liang, "Independence Tests for Language Models"
(ICML 2025).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, lgamma

import numpy as np
from numpy.typing import NDArray

from ..stages.quantise import Quantised
from ..stages.terms import centred

Array = NDArray[np.float64]
Places = NDArray[np.int64]

#: Share of the smaller layer's neurons that independent models may have in common.
SHARE = 0.2
#: Renumberings that break ties of `order`.
RENUMBERED = 400
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
    """`agreeing` of `matched` neurons agree, of `smaller` neurons in the smaller layer; the p-value of that."""

    agreeing: int
    matched: int
    smaller: int
    p_value: float


def neurons(quantised: Quantised) -> Neurons:
    """The neurons of a model of one layer."""
    x = centred(quantised)[:TOKENS]
    return Neurons(*(_unit(x @ quantised.matrix(0, name).astype(np.float64).T) for name in ("up", "down")))


def same_order(a: Neurons, b: Neurons) -> Agreement | None:
    """The test `order`; None if the layers differ in size."""
    size = a.reads.shape[1]
    if b.reads.shape[1] != size:
        return None
    partner = _partners((x * y for x, y in zip(_cosines(a.reads, b.reads), _cosines(a.writes, b.writes), strict=True)))
    places = np.flatnonzero(partner >= 0)
    k, m = int((partner[places] == places).sum()), len(places)
    more = fixed_points(k + 1, m, size)
    exactly = fixed_points(k, m, size) - more
    return Agreement(k, m, size, more + exactly * _nearness(places, partner[places], k, size))


def same_partners(a: Neurons, b: Neurons) -> Agreement:
    """The test `partners`."""
    reading = _partners(_cosines(a.reads, b.reads))
    writing = _partners(_cosines(a.writes, b.writes))
    both = (reading >= 0) & (writing >= 0)
    agreeing, matched = int((both & (reading == writing)).sum()), int(both.sum())
    sizes = a.reads.shape[1], b.reads.shape[1]
    universal = min(agreeing, int(SHARE * min(sizes)))
    p = fixed_points(agreeing - universal, matched - universal, max(sizes) - universal)
    return Agreement(agreeing, matched, min(sizes), p)


def fixed_points(k: int, m: int, f: int) -> float:
    """The probability that a uniform permutation of f units fixes at least k of m given ones, m <= f."""
    if k <= 0:
        return 1.0
    total = 0.0
    for j in range(k, m + 1):
        sets = lgamma(m + 1) - lgamma(j + 1) - lgamma(m - j + 1) + lgamma(f - j + 1) - lgamma(f + 1)
        term = exp(sets + lgamma(j) - lgamma(k) - lgamma(j - k + 1))
        total += term if (j - k) % 2 == 0 else -term
        if term <= total * 1e-17:
            break
    return min(1.0, max(0.0, total))


def _nearness(numbers: Places, partners: Places, agreeing: int, size: int) -> float:
    """Among renumberings of the partners with as many agreements, the share whose numbers are as near; the given
    numbering counts as one of them.
    """
    rng = np.random.default_rng(0)
    distance, alike, nearer = np.abs(numbers - partners).sum(), 1, 1
    for _ in range(RENUMBERED):
        renumbered = rng.permutation(size)[partners]
        if (renumbered == numbers).sum() == agreeing:
            alike += 1
            nearer += int(np.abs(numbers - renumbered).sum() <= distance)
    return nearer / alike


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
