"""Compression whose bytes are the same on every machine: implementations of zlib differ, so this one is our own.

The format is zlib (RFC 1950) with one block of fixed codes (RFC 1951); any zlib reads it.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections import defaultdict

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


class _Bits:
    """Bits of a block, lowest first; codes are written with their highest bit first."""

    def __init__(self) -> None:
        self.out = bytearray()
        self._held = self._count = 0

    def number(self, value: int, count: int) -> None:
        self._held |= value << self._count
        self._count += count
        while self._count >= 8:
            self.out.append(self._held & 255)
            self._held >>= 8
            self._count -= 8

    def code(self, value: int, count: int) -> None:
        self.number(int(f"{value:0{count}b}"[::-1], 2), count)

    def symbol(self, symbol: int) -> None:
        """A literal, the end of the block, or a length."""
        if symbol < 144:
            self.code(0x30 + symbol, 8)
        elif symbol < 256:
            self.code(0x190 + symbol - 144, 9)
        elif symbol < 280:
            self.code(symbol - 256, 7)
        else:
            self.code(0xC0 + symbol - 280, 8)

    def copy(self, length: int, distance: int) -> None:
        row = bisect_right(_LENGTHS, (length, 99)) - 1
        self.symbol(257 + row)
        self.number(length - _LENGTHS[row][0], _LENGTHS[row][1])
        row = bisect_right(_DISTANCES, (distance, 99)) - 1
        self.code(row, 5)
        self.number(distance - _DISTANCES[row][0], _DISTANCES[row][1])


def compress(data: bytes) -> bytes:
    """`data` in the format of zlib."""
    bits, places = _Bits(), defaultdict[bytes, list[int]](list)
    bits.number(0b011, 3)  # the last block, of fixed codes
    at = 0
    while at < len(data):
        length, start = _match(data, at, places[data[at : at + _SHORTEST]])
        if length:
            bits.copy(length, at - start)
        else:
            bits.symbol(data[at])
        for place in range(at, at + max(length, 1)):
            places[data[place : place + _SHORTEST]].append(place)
        at += max(length, 1)
    bits.symbol(256)
    bits.number(0, 7)  # up to a whole byte
    return b"\x78\x01" + bytes(bits.out) + zlib.adler32(data).to_bytes(4, "big")


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
