"""The Merkle tree of RFC 6962 over SHA-256: hashes, proofs and their checks.

A node of height h and number i stands for the entries [i 2^h, (i + 1) 2^h). Proofs are computed from such nodes, which
a caller reads from tiles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

#: Bytes of a hash.
HASH = 32
#: The root of the empty tree.
EMPTY = hashlib.sha256(b"").digest()
#: The hash of the node of a height and a number.
Nodes = Callable[[int, int], bytes]


def leaf(entry: bytes) -> bytes:
    """The hash of an entry: 32 bytes, as are all hashes here."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(size: int, nodes: Nodes) -> bytes:
    """The root of a tree of so many entries."""
    return _range(0, size, nodes) if size else EMPTY


def inclusion(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The path from an entry's sibling to a child of the root. `0 <= index < size`."""
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(middle, high, nodes))
            high = middle
        else:
            path.append(_range(low, middle, nodes))
            low = middle
    return path[::-1]


def consistency(old: int, size: int, nodes: Nodes) -> list[bytes]:
    """The proof that the first `old` entries of a tree were its whole once. `0 <= old <= size`."""
    if old in (0, size):
        return []
    low, high, whole, path = 0, size, True, []
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(middle, high, nodes))
            high = middle
        else:
            path.append(_range(low, middle, nodes))
            low, whole = middle, False
    return ([] if whole else [_range(low, high, nodes)]) + path[::-1]


def is_included(entry: bytes, index: int, size: int, path: Sequence[bytes], top: bytes) -> bool:
    """Whether a tree of that size and root `top` has the leaf hash `entry` at `index`, by this path (RFC 9162)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, entry
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == top


def is_consistent(old: int, old_top: bytes, size: int, top: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree of size `old` and root `old_top` is the beginning of the other, by this proof (RFC 9162)."""
    if old == size:
        return old_top == top and not path
    if old == 0:
        return old_top == EMPTY and not path
    if not 0 < old < size:
        return False
    steps = [old_top, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node(step, before), node(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_top and after == top


def _split(count: int) -> int:
    """The largest power of two below `count`, which is 2 or more."""
    return 1 << (count - 1).bit_length() - 1


def _range(low: int, high: int, nodes: Nodes) -> bytes:
    """The hash over [low, high), whose size divides `low` or is below its last power of two, as in RFC 6962."""
    count = high - low
    height = count.bit_length() - 1
    if count == 1 << height:
        return nodes(height, low >> height)
    middle = low + _split(count)
    return node(_range(low, middle, nodes), _range(middle, high, nodes))
