"""Checking a log as it is kept: every tile, every entry and every checkpoint, against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import HurefError, LogError
from . import checkpoint, entry, head, note, tree
from .blobs import Blobs
from .checkpoint import Checkpoint
from .keys import Key
from .reader import CHECKPOINT, COSIGNED, HEAD, cosigned
from .tiles import WIDTH, Tiles, grown, packed, unpacked
from .tree import HASH


def faults(blobs: Blobs, keys: Sequence[Key] = ()) -> Iterator[str]:
    """A sentence for each fault of a log. `keys`: those of the log; without them no signature is checked.

    What a writer left undone is no fault: the next one finishes it. StoreError: the log cannot be read.
    """
    try:
        published = _signed(blobs, CHECKPOINT, keys)
        decided = head.parse(blobs.get(HEAD) or b"")
        if decided.after.origin != published.origin or decided.after.size < published.size:
            yield f"the head, of size {decided.after.size}, is older than the checkpoint, of size {published.size}"
            return
        whole = Tiles(blobs.get, published.size)
        entries = _entries(whole, decided)
    except LogError as why:
        yield str(why)
        return
    wanted, tiles = grown(Tiles(lambda _: None, 0), entries)
    yield from _heads(blobs, keys, published, decided.after, tiles)
    yield from _tiles(blobs, wanted, published.size)
    places = dict[bytes, int]()
    for position, data in enumerate(entries):
        try:
            entry.parse(data)
        except HurefError as why:
            yield f"entry {position}: {why}"
        if places.setdefault(data, position) != position:
            yield f"entry {position} is the same as entry {places[data]}"


def _entries(whole: Tiles, decided: head.Head) -> list[bytes]:
    """All entries of the decided tree. LogError: a bundle is missing or damaged."""
    bundles = (whole.entries(number) for number in range(decided.before // WIDTH))
    return [data for bundle in bundles for data in bundle] + list(decided.entries)


def _heads(
    blobs: Blobs, keys: Sequence[Key], published: Checkpoint, decided: Checkpoint, tiles: Tiles
) -> Iterator[str]:
    """Whether all signed trees, and the decided one, are those of the entries."""
    for name, one in (("the head", decided), ("the checkpoint", published)):
        if tree.root(one.size, tiles.node) != one.root:
            yield f"{name}, of size {one.size}, does not have the root of its entries"
    for name in blobs.names(COSIGNED):
        try:
            one = _signed(blobs, name, keys)
        except LogError as why:
            yield str(why)
            continue
        if one.origin != published.origin or one.size > published.size or cosigned(one.size) != name:
            yield f"{name}: a checkpoint of {one.origin} of size {one.size} does not belong here"
        elif tree.root(one.size, tiles.node) != one.root:
            yield f"{name}: it does not have the root of its entries"


def _tiles(blobs: Blobs, wanted: dict[str, bytes], size: int) -> Iterator[str]:
    """Whether every tile holds what follows from the entries; partial ones may be of older trees."""
    contents = {_whole(name): data for name, data in wanted.items()}
    lacking = {name for name in wanted if _whole(name) == name}
    for name in blobs.names("tile"):
        lacking.discard(name)
        if blobs.get(name) != _expected(name, contents.get(_whole(name), b"")):
            yield f"{name}: it does not hold what follows from the entries"
    for name in sorted(lacking):
        yield f"{name}: the log lacks this tile"
    try:
        tiles = Tiles(blobs.get, size)
        tree.root(size, tiles.node)
        if size:
            tiles.entries((size - 1) // WIDTH)
    except LogError as why:
        yield str(why)


def _whole(name: str) -> str:
    """The name of the whole tile that a partial one becomes."""
    return name.partition(".p/")[0]


def _expected(name: str, content: bytes) -> bytes | None:
    """What that tile must hold, given what the last or whole one of its place holds; None: it cannot be there."""
    _, partial, wide = name.partition(".p/")
    if not partial:
        return content or None
    count = int(wide) if wide.isdecimal() else WIDTH
    if name.startswith("tile/entries/"):
        try:
            return packed(unpacked(content, name, count))
        except LogError:
            return None
    return content[: HASH * count] if HASH * count <= len(content) else None


def _signed(blobs: Blobs, name: str, keys: Sequence[Key]) -> Checkpoint:
    """A signed checkpoint that is kept under that name. LogError."""
    data = blobs.get(name)
    if data is None:
        raise LogError(f"the log lacks its file {name}")
    try:
        found = note.parse(data)
        if keys and not found.times(keys):
            raise LogError("no key of the log signed it")
        return checkpoint.parse(found.text)
    except LogError as why:
        raise why.within(name) from None
