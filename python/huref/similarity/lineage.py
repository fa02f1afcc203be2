"""A family tree from pairwise similarities: average linkage (UPGMA; Sokal and Michener 1958)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..artefacts.document import Part


@dataclass(frozen=True)
class Tree(Part):
    """A model (`members` has one number, no `parts`) or two trees joined at the mean `similarity` of their members."""

    members: tuple[int, ...]
    similarity: float = 1.0
    parts: tuple[Tree, ...] = ()


def tree(similarity: NDArray[np.float64]) -> Tree:
    """Join the most similar two trees until there is one; of ties, those with the smallest numbers.

    `similarity`: n x n, symmetric, n at least 1. Members of a tree stand in the order in which it is drawn.
    """
    trees = [Tree((i,)) for i in range(len(similarity))]

    def alike(one: Tree, other: Tree) -> float:
        return float(similarity[np.ix_(one.members, other.members)].mean())

    while len(trees) > 1:
        pairs = [(one, other) for i, one in enumerate(trees) for other in trees[i + 1 :]]
        one, other = max(pairs, key=lambda pair: alike(*pair))
        joined = Tree(one.members + other.members, alike(one, other), (one, other))
        trees = [joined if part is one else part for part in trees if part is not other]
    return trees[0]
