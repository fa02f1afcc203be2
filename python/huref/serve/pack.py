"""Compression whose bytes are the same on every machine: implementations of zlib differ, so this one is our own.

The format is zlib (RFC 1950) with one block that brings its codes (RFC 1951); any zlib reads it.
"""

from __future__ import annotations

import heapq
import zlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

_SHORTEST, _LONGEST, _WINDOW = 3, 258, 1 << 15
_TRIED = 64  # earlier places that are compared with the current one


def _table(first: int, count: int, free: int, step: int) -> list[tuple[int, int]]:
    """(base, extra bits) of lengths or distances: `free` without extra bits, then `step` for each number of them."""
    rows, base = [], first
    for i in range(count):
        extra = max(0, (i - free) // step + 1) if i >= free else 0
        rows.append((base, extra))
        base += 1 << extra
    return rows


_LENGTHS = [*_table(3, 28, 8, 4), (258, 0)]
_DISTANCES = _table(1, 30, 4, 2)


#: Lengths of the codes of code lengths stand in this order.
_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
_END, _LITERALS = 256, 286


class _Bits:
    """Bits of a block, lowest first."""

    def __init__(self) -> None:
        self.out = bytearray()
        self._held = self._count = 0

    def put(self, value: int, count: int) -> None:
        self._held |= value << self._count
        self._count += count
        while self._count >= 8:
            self.out.append(self._held & 255)
            self._held >>= 8
            self._count -= 8


def compress(data: bytes) -> bytes:
    """`data` in the format of zlib."""
    items = list(_items(data))
    literals, distances = ([0] * count for count in (_LITERALS, len(_DISTANCES)))
    for item in items:
        literals[item[0][0]] += 1
        for row, _, _ in item[1:]:
            distances[row] += 1
    both = [_lengths(literals, 15), _lengths(distances, 15)]
    small = _lengths([sum(lengths.count(n) for lengths in both) for n in range(len(_ORDER))], 7)
    bits = _Bits()
    for value, count in ((0b101, 3), (_LITERALS - 257, 5), (len(_DISTANCES) - 1, 5), (len(_ORDER) - 4, 4)):
        bits.put(value, count)  # the last block, which brings its own codes
    for n in _ORDER:
        bits.put(small[n], 3)
    codes = _codes(small)
    for length in (*both[0], *both[1]):
        bits.put(*codes[length])
    tables = [_codes(lengths) for lengths in both]
    for item in items:
        for (symbol, *extra), table in zip(item, tables, strict=False):
            bits.put(*table[symbol])
            bits.put(extra[0], extra[1])
    bits.put(0, 7)  # up to a whole byte
    return b"\x78\x01" + bytes(bits.out) + zlib.adler32(data).to_bytes(4, "big")


#: A literal, the end or a length, and after a length a distance: (symbol, extra bits, their number).
_Item = tuple[tuple[int, int, int], ...]


def _items(data: bytes) -> Iterator[_Item]:
    """The data as literals and as copies of what came before."""
    places = defaultdict[bytes, list[int]](list)
    at = 0
    while at < len(data):
        length, start = _match(data, at, places[data[at : at + _SHORTEST]])
        if length:
            row, extra, count = _row(_LENGTHS, length)
            yield (257 + row, extra, count), _row(_DISTANCES, at - start)
        else:
            yield ((data[at], 0, 0),)
        for place in range(at, at + max(length, 1)):
            places[data[place : place + _SHORTEST]].append(place)
        at += max(length, 1)
    yield ((_END, 0, 0),)


def _row(table: list[tuple[int, int]], value: int) -> tuple[int, int, int]:
    row = bisect_right(table, (value, 99)) - 1
    return row, value - table[row][0], table[row][1]


def _lengths(counts: list[int], most: int) -> list[int]:
    """Lengths of Huffman codes of symbols that occur so often, none above `most`; 0 for those that do not occur."""
    heap: list[tuple[int, int, tuple[int, ...]]]
    heap = [(count, symbol, (symbol,)) for symbol, count in enumerate(counts) if count]
    lengths = [0] * len(counts)
    if len(heap) < 2:  # one code must be there, and one bit be spent on it
        lengths[heap[0][1] if heap else 0] = 1
        return lengths
    heapq.heapify(heap)
    while len(heap) > 1:
        one, other = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in (*one[2], *other[2]):
            lengths[symbol] += 1
        heapq.heappush(heap, (one[0] + other[0], min(one[1], other[1]), (*one[2], *other[2])))
    return lengths if max(lengths) <= most else _lengths([(count + 1) // 2 for count in counts], most)


def _codes(lengths: list[int]) -> list[tuple[int, int]]:
    """The canonical codes of these lengths, their highest bit lowest, and the lengths."""
    codes, code = [(0, 0)] * len(lengths), 0
    for length in range(1, 16):
        for symbol, _ in filter(lambda found: found[1] == length, enumerate(lengths)):
            codes[symbol] = (int(f"{code:0{length}b}"[::-1], 2), length)
            code += 1
        code <<= 1
    return codes


def _match(data: bytes, at: int, places: list[int]) -> tuple[int, int]:
    """The longest of the latest earlier occurrences, and where it begins; 0 if there is none."""
    best, found = 0, 0
    for start in reversed(places[-_TRIED:]):
        if at - start > _WINDOW or at + _SHORTEST > len(data):
            break
        if data[start : start + best + 1] != data[at : at + best + 1]:
            continue
        length = best
        while length < _LONGEST and at + length < len(data) and data[start + length] == data[at + length]:
            length += 1
        if length > best and length >= _SHORTEST:
            best, found = length, start
    return best, found
