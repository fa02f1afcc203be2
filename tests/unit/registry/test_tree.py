"""The tree against its definition, and proofs that hold and do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huref.registry import tree
from tests.support import logs

DATA = [b"%d" % number for number in range(70)]
TILES = logs.tiled(DATA)[1]
LEAVES = [tree.leaf(data) for data in DATA]
ROOTS = [logs.whole(DATA[:size]) for size in range(71)]


def test_roots_are_those_of_the_definition() -> None:
    assert [tree.root(size, TILES.node) for size in range(71)] == ROOTS


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 31, 64, 65, 70])
def test_every_entry_has_one_path(size: int) -> None:
    for index in range(size):
        path = tree.inclusion(index, size, TILES.node)
        assert tree.is_included(LEAVES[index], index, size, path, ROOTS[size])
        others = [other for other in range(-1, size + 2) if other != index]
        assert not any(tree.is_included(LEAVES[index], other, size, path, ROOTS[size]) for other in others)
        assert not tree.is_included(LEAVES[index - 1], index, size, path, ROOTS[size]) or size == 1
        assert not tree.is_included(LEAVES[index], index, size, [*path, bytes(32)], ROOTS[size])
        assert not (path and tree.is_included(LEAVES[index], index, size, path[:-1], ROOTS[size]))


def test_every_size_is_the_beginning_of_every_larger_one() -> None:
    for size in range(71):
        for old in range(size + 1):
            proof = tree.consistency(old, size, TILES.node)
            assert tree.is_consistent(old, ROOTS[old], size, ROOTS[size], proof)
            assert not tree.is_consistent(old, bytes(32), size, ROOTS[size], proof)
            assert not tree.is_consistent(old, ROOTS[old], size, bytes(32), proof) or old == 0 < size
            assert not tree.is_consistent(old, ROOTS[old], size, ROOTS[size], [*proof, bytes(32)])
            assert not (proof and tree.is_consistent(old, ROOTS[old], size, ROOTS[size], proof[:-1]))


def test_a_larger_tree_is_no_beginning() -> None:
    assert not tree.is_consistent(9, ROOTS[9], 8, ROOTS[8], [])
    assert not tree.is_consistent(-1, ROOTS[9], 8, ROOTS[8], [])


HASH = st.binary(min_size=32, max_size=32)


@given(st.integers(-2, 1 << 63), st.integers(-2, 1 << 63), st.lists(HASH, max_size=64), HASH, HASH)
def test_checks_are_total(index: int, size: int, path: list[bytes], a: bytes, b: bytes) -> None:
    assert not tree.is_included(a, index, size, path, b) or (size == 1 and a == b)
    tree.is_consistent(index, a, size, b, path)
