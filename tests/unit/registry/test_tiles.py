"""Tiles of a tree that grows in any steps are those of the whole tree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huref.errors import LogError
from huref.registry import tiles, tree
from huref.registry.tiles import Tiles, grown
from tests.support import logs

DATA = [b"%d" % number * 3 for number in range(70_000)]


def test_names() -> None:
    assert tiles.name(0, 0) == "tile/0/000"
    assert tiles.name("entries", 1234067, 5) == "tile/entries/x001/x234/067.p/5"
    assert tiles.name(3, 1000) == "tile/3/x001/000"


def test_tiles_of_seventy_thousand_entries_are_those_of_the_standard() -> None:
    kept, tree_of_all = logs.tiled(DATA)
    assert sum(name.startswith("tile/0/") for name in kept) == 274
    assert len(kept["tile/0/273.p/112"]) == 112 * 32
    assert len(kept["tile/1/000"]) == 256 * 32
    assert len(kept["tile/1/001.p/17"]) == 17 * 32
    assert len(kept["tile/2/000.p/1"]) == 32
    assert not any(name.startswith("tile/3/") for name in kept)
    assert logs.root(tree_of_all) == logs.root(Tiles(kept.get, 70_000)) == logs.whole(DATA)


@settings(max_examples=25)
@given(st.lists(st.sampled_from([1, 2, 100, 255, 256, 257, 511, 700]), max_size=6), st.integers(0, 3))
def test_steps_do_not_matter(steps: list[int], rest: int) -> None:
    data = DATA[: sum(steps) + rest]
    kept, grown_to = logs.tiled(data, steps)
    at_once, _ = logs.tiled(data)
    assert at_once.items() <= kept.items()
    assert logs.root(grown_to) == logs.whole(data)
    found = Tiles(at_once.get, len(data))
    assert [one for number in range(-(-len(data) // 256)) for one in found.entries(number)] == data


def test_older_trees_are_in_the_tiles_of_a_newer_one() -> None:
    kept, _ = logs.tiled(DATA[:1000])
    for size in (0, 1, 255, 256, 257, 300, 513, 999, 1000):
        assert tree.root(size, Tiles(kept.get, 1000).node) == logs.whole(DATA[:size])


def test_a_whole_tile_serves_where_the_partial_one_is_gone() -> None:
    kept, _ = logs.tiled(DATA[:300], [200, 100])
    assert "tile/0/000.p/200" in kept
    del kept["tile/0/000.p/200"], kept["tile/entries/000.p/200"]
    assert logs.root(Tiles(kept.get, 200)) == logs.whole(DATA[:200])
    assert Tiles(kept.get, 200).entries(0) == DATA[:200]


def test_what_is_missing_or_damaged_is_said() -> None:
    kept, _ = logs.tiled(DATA[:300])
    whole = dict(kept)
    del kept["tile/0/000"]
    with pytest.raises(LogError, match=r"tile/0/000.p/200: the log lacks"):
        grown(Tiles(kept.get, 200), DATA[:1])
    kept = {**whole, "tile/0/001.p/44": b"short"}
    with pytest.raises(LogError, match=r"tile/0/001.p/44: 5 bytes"):
        logs.root(Tiles(kept.get, 300))
    for damage in (b"", whole["tile/entries/001.p/44"][:-1], whole["tile/entries/001.p/44"] + b"\0"):
        kept = {**whole, "tile/entries/001.p/44": damage}
        with pytest.raises(LogError, match="no bundle of 44"):
            Tiles(kept.get, 300).entries(1)


@given(st.binary(max_size=100), st.integers(0, 5))
def test_bundles_are_read_in_full_or_refused(data: bytes, least: int) -> None:
    try:
        found = tiles.unpacked(data, "here", least)
    except LogError:
        return
    assert len(found) == least
    assert data.startswith(tiles.packed(found))
