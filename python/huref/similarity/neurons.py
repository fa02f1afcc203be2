"""Tests on hidden units, which need no measured null: neurons of two blocks are matched with each other.

A neuron reads a vector and writes one. They are looked at in a frame that both models share (`frames`): over tokens,
which no disguise changes but by sign and size; or as they stand, entry by entry, which needs no token. They are
compared by |cosine|. *Partners* are two neurons that are each other's best match; so partners are a one-to-one relation
between some neurons of both blocks. Of neurons that read the same up to sign and size, the first one is looked at
by `partners`, none by `order`: ties would be broken by numbers.

**order.** Partners by reading and writing together; the statistic k is how many of m partners have the same number in
both blocks. Null: the numbering of the neurons of one model is uniform given everything else. It holds exactly for
models that start from independent random numbers and are trained by any rule that treats the neurons of a block alike
(gradient descent, Adam, weight decay, dropout), whatever the data: permuting neurons at the start permutes them at
the end. A disguise that permutes neurons hides from this test. Pruning that sorts neurons by size breaks the null where
both models were sorted, so two blocks whose numbers follow the sizes have no order. Few independent pairs differ in k
(a third of them has none), so equal k are ranked by how near the other partners' numbers are, sum |i - j|, against
renumberings with as many agreements: the p-value

    P(more than k) + P(exactly k) (1 + nearer or equal ones) / (1 + renumberings with k)

is uniform under the null, up to the steps of the second part.

**partners.** Partners by reading alone and, separately, by writing alone; k of the m neurons that have both find the
same partner twice. Null: up to a `share` of the smaller block are universal neurons, which training gives to
independent models (Gurnee et al. 2024: 1 to 5 % in GPT-2), and the others pair what they read with what they write at
random, which holds exactly for models at initialisation, where both matrices are drawn independently. No disguise hides
from this test over tokens. With u universal ones its p-value is P(at least k - u of m - u): an upper bound, never
uniform, because models have fewer.

Of the smaller block at most `MOST` neurons are looked at, evenly spaced by number, against all of the other; what is
permuted then is an injection, and the probabilities are the same. The idea, tests whose null follows from the
exchangeability of hidden units, is that of Zhu, Ahmed, Kuditipudi and Liang, "Independence Tests for Language Models"
(ICML 2025).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .chance import CERTAIN, Log, fixed_points
from .mutual import BLOCK, Array, Places, cosines, first_of_equals, partners, rank_correlation, without_equals

#: Share of the smaller block's neurons that independent models may have in common, by frame: in a basis that was drawn
#: at random there are no universal neurons, but some that only outlying dimensions tell apart.
SHARES = {"tokens": 0.2, "raw": 0.05, "fitted": 0.05}
#: Renumberings that break ties of `order`.
RENUMBERED = 400
#: Neurons of the smaller block that are looked at.
MOST = 2048
#: From this rank correlation between number and size on, in both models, neurons count as sorted.
SORTED = 0.5


@dataclass(frozen=True, eq=False)
class Neurons:
    """What the neurons of a block read and write in a frame, f x n each, rows of length 1 (or zero); `sizes`: how large
    each is, f.
    """

    reads: Array
    writes: Array
    sizes: Array

    def __len__(self) -> int:
        return len(self.reads)

    @cached_property
    def distinct(self) -> NDArray[np.bool_]:
        """Those that read what no other does."""
        return without_equals(self.reads)

    @cached_property
    def first(self) -> NDArray[np.bool_]:
        """Those that read what none before them does."""
        return first_of_equals(self.reads)

    @property
    def rank(self) -> float:
        """Rank correlation between their numbers and sizes."""
        return rank_correlation(self.sizes)


@dataclass(frozen=True)
class Agreement:
    """`agreeing` of `matched` units agree, of `smaller` units in the smaller set; `p` the logarithm of the p-value."""

    agreeing: int
    matched: int
    smaller: int
    p: Log


@dataclass(frozen=True, eq=False)
class Tables:
    """|cosine| of what some neurons of the smaller block read, and write, with that of all of the larger, block of rows
    by block of rows; `numbers` of those neurons. 2 x 4 bytes for each of at most MOST x f entries.
    """

    numbers: Places
    reads: tuple[Array, ...]
    writes: tuple[Array, ...]

    @classmethod
    def of(cls, a: Neurons, b: Neurons) -> Tables:
        """Of two blocks, in either order."""
        small, large = _sorted(a, b)
        numbers = spaced(len(small))
        return cls(
            numbers,
            tuple(cosines(small.reads[numbers], large.reads)),
            tuple(cosines(small.writes[numbers], large.writes)),
        )


def same_order(a: Neurons, b: Neurons, tables: Tables | None = None) -> Agreement | None:
    """The test `order`; None if the blocks differ in size, or both are sorted by size. `tables`: where they are there
    already.
    """
    if len(a) != len(b) or sorted_alike(a.rank, b.rank):
        return None
    tables = tables or Tables.of(a, b)
    seen = tables.numbers
    partner = partners(
        np.where(a.distinct[rows][:, None] & b.distinct, reads * writes, 0)
        for rows, reads, writes in zip(_rows(seen), tables.reads, tables.writes, strict=True)
    )
    found = partner >= 0
    numbers, chosen = seen[found], partner[found]
    k, m = int((numbers == chosen).sum()), len(numbers)
    more = fixed_points(k + 1, m, len(a))
    exactly = np.exp(fixed_points(k, m, len(a))) - np.exp(more)
    if exactly <= 1e-12:  # a copy: what breaks ties of strangers is lost in rounding
        return Agreement(k, m, len(seen), fixed_points(k, m, len(a)))
    p = np.log(np.exp(more) + exactly * _nearness(numbers, chosen, k, len(a)))
    return Agreement(k, m, len(seen), min(CERTAIN, float(p)))


def same_partners(a: Neurons, b: Neurons, share: float, tables: Tables | None = None) -> Agreement:
    """The test `partners`, with that share of universal neurons. `tables`: where they are there already."""
    a, b = _sorted(a, b)
    tables = tables or Tables.of(a, b)
    first = a.first[tables.numbers]
    reading, writing = (
        (block * first[rows][:, None] * b.first for rows, block in zip(_rows(np.arange(len(first))), side, strict=True))
        for side in (tables.reads, tables.writes)
    )
    return agree_twice(reading, writing, int(first.sum()), len(b), share)[0]


def _sorted(a: Neurons, b: Neurons) -> tuple[Neurons, Neurons]:
    """The smaller block first."""
    return (b, a) if len(b) < len(a) else (a, b)


def agree_twice(
    reading: Iterator[Array], writing: Iterator[Array], smaller: int, larger: int, share: float
) -> tuple[Agreement, NDArray[np.bool_], Places]:
    """`partners` from two tables, smaller x larger: the agreement, which units agree, and the partners of all."""
    if not smaller:
        return Agreement(0, 0, 0, CERTAIN), np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int64)
    one, other = partners(reading), partners(writing)
    both = (one >= 0) & (other >= 0)
    agreed = both & (one == other)
    agreeing, matched = int(agreed.sum()), int(both.sum())
    universal = min(agreeing, int(share * smaller))
    p = fixed_points(agreeing - universal, matched - universal, larger - universal)
    return Agreement(agreeing, matched, smaller, p), agreed, one


def sorted_alike(one: float, other: float) -> bool:
    """Whether both models' units are sorted by size, in the same direction."""
    return min(abs(one), abs(other)) >= SORTED and one * other > 0


def spaced(units: int) -> Places:
    """At most MOST numbers below `units`, evenly spaced."""
    return np.unique(np.linspace(0, units - 1, min(units, MOST)).astype(np.int64))


def _rows(places: Places) -> Iterator[Places]:
    """The places, in the blocks of `cosines`."""
    return (places[start : start + BLOCK] for start in range(0, len(places), BLOCK))


def _nearness(numbers: Places, partner: Places, agreeing: int, size: int) -> float:
    """Among renumberings of the partners with as many agreements, the share whose numbers are as near; the given
    numbering counts as one of them.
    """
    rng = np.random.default_rng(0)
    distance, alike, nearer = np.abs(numbers - partner).sum(), 1, 1
    for _ in range(RENUMBERED):
        renumbered = rng.permutation(size)[partner]
        if (renumbered == numbers).sum() == agreeing:
            alike += 1
            nearer += int(np.abs(numbers - renumbered).sum() <= distance)
    return nearer / alike
