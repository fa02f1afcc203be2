"""The family tree: average linkage, by hand."""

import numpy as np
import pytest

from huref.similarity.lineage import Tree, tree


def test_average_linkage() -> None:
    similarity = np.array([[1, 0.1, 0.9, 0.2], [0.1, 1, 0.3, 0.6], [0.9, 0.3, 1, 0.4], [0.2, 0.6, 0.4, 1]])
    found = tree(similarity)
    assert found.members == (0, 2, 1, 3)
    one, other = found.parts
    assert (one.members, one.similarity) == ((0, 2), 0.9)
    assert (other.members, other.similarity) == ((1, 3), 0.6)
    assert found.similarity == pytest.approx((0.1 + 0.2 + 0.3 + 0.4) / 4)


def test_one_model_is_a_tree() -> None:
    assert tree(np.eye(1)) == Tree((0,))


def test_every_model_is_in_the_tree_once_and_similarity_falls_towards_the_root() -> None:
    noise = np.random.default_rng(1).uniform(0, 1, (12, 12))
    found = tree((noise + noise.T) / 2)
    assert sorted(found.members) == list(range(12))

    def check(part: Tree) -> None:
        for child in part.parts:
            assert child.similarity >= part.similarity
            check(child)

    check(found)
