"""Tiles (c2sp.org/tlog-tiles): the tree and its entries as files of up to 256 hashes or entries.

Row L of tiles holds the nodes of height 8 L. The last tile of a row is partial unless 256 nodes of it are whole; its
name says how many it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ..errors import LogError
from . import tree
from .tree import HASH

#: How tiles are got: the bytes of a name, or None.
Get = Callable[[str], bytes | None]
WIDTH = 256
#: Heights of rows of tiles differ by this.
_ROW = 8
_Whole = TypeVar("_Whole", bytes, list[bytes])


def name(row: int | str, number: int, width: int = WIDTH) -> str:
    """The name of a tile of a row, "entries" among them: `tile/0/x001/234.p/5`."""
    parts = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        parts.append(f"x{number % 1000:03}")
    return f"tile/{row}/{'/'.join(reversed(parts))}" + (f".p/{width}" if width < WIDTH else "")


def width(row: int, number: int, size: int) -> int:
    """How many nodes that tile has in a tree of that size, 0 to 256. Entries have those of row 0."""
    return max(0, min(WIDTH, (size >> _ROW * row) - number * WIDTH))


def rows(size: int) -> range:
    """The rows of a tree of that size that have a node."""
    return range(-(-size.bit_length() // _ROW))


class Tiles:
    """The nodes and entries of a tree of `size` entries, read from tiles; each tile once. `kept`: those read so far.

    It has all whole nodes of smaller trees too, whose partial tiles need not exist.
    """

    def __init__(self, get: Get, size: int) -> None:
        self.size, self.get = size, get
        self.kept: dict[tuple[int | str, int], bytes] = {}

    def node(self, height: int, number: int) -> bytes:
        """The hash of a whole node of the tree. LogError: a tile is missing or too short."""
        row, above = divmod(height, _ROW)
        start = number << above
        tile, at = self.hashes(row, start // WIDTH), HASH * (start % WIDTH)
        return _fold(list(_parts(tile[at : at + (HASH << above)], HASH)))

    def hashes(self, row: int, number: int) -> bytes:
        """The bytes of a tile of hashes, those within this tree. LogError: as for `node`."""
        wide = width(row, number, self.size)
        data = self._read(row, number, wide)
        if len(data) < wide * HASH:
            raise LogError(f"{name(row, number, wide)}: {len(data)} bytes, which are not {wide} hashes")
        return data[: wide * HASH]

    def entries(self, number: int) -> list[bytes]:
        """The entries of a bundle, those within this tree. LogError: it is missing, or its bytes are no such bundle."""
        wide = width(0, number, self.size)
        return unpacked(self._read("entries", number, wide), name("entries", number, wide), wide)

    def _read(self, row: int | str, number: int, wide: int) -> bytes:
        """A tile of at least that width: once the whole one is there, partial ones may be gone."""
        key = (row, number)
        for candidate in (name(row, number, wide), name(row, number)):
            if key not in self.kept and (data := self.get(candidate)) is not None:
                self.kept[key] = data
        if key not in self.kept:
            raise LogError(f"{name(row, number, wide)}: the log lacks this tile")
        return self.kept[key]


def grown(old: Tiles, entries: Sequence[bytes]) -> tuple[dict[str, bytes], Tiles]:
    """The tiles that differ once these entries stand behind a tree, by their names; and the new tree.

    Of the old tree its last tiles alone are read. Errors as for `Tiles.node`.
    """
    size = old.size + len(entries)
    new, changed = Tiles(old.get, size), {}
    number = old.size // WIDTH
    bundle = (old.entries(number) if old.size % WIDTH else []) + list(entries)
    for part in _parts(bundle, WIDTH):
        data = new.kept["entries", number] = packed(part)
        changed[name("entries", number, len(part))] = data
        number += 1
    hashes = [tree.leaf(entry) for entry in entries]
    for row in rows(size):
        before = old.size >> _ROW * row
        number = before // WIDTH
        begun = old.hashes(row, number) if before % WIDTH else b""
        if not hashes:  # this row and those above it stay as they are
            new.kept |= {(row, number): begun} if begun else {}
            continue
        parts, hashes = list(_parts(begun + b"".join(hashes), WIDTH * HASH)), []
        for data in parts:
            new.kept[row, number] = data
            changed[name(row, number, len(data) // HASH)] = data
            if len(data) == WIDTH * HASH:
                hashes.append(_fold(list(_parts(data, HASH))))
            number += 1
    return changed, new


def packed(entries: Sequence[bytes]) -> bytes:
    """A bundle of entries of at most 65,535 bytes each."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpacked(data: bytes, where: str, least: int) -> list[bytes]:
    """The first `least` entries of a bundle. LogError: it has fewer, or ends within one."""
    found, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        found.append(data[at + 2 : end])
        at = end
    if at != len(data) or len(found) < least:
        raise LogError(f"{where}: these bytes are no bundle of {least} entries")
    return found[:least]


def _parts(whole: _Whole, length: int) -> Iterator[_Whole]:
    return (whole[start : start + length] for start in range(0, len(whole), length))


def _fold(hashes: Sequence[bytes]) -> bytes:
    """The node over 2^n nodes."""
    while len(hashes) > 1:
        hashes = [tree.node(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]
