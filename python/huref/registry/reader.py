"""A log as it is kept somewhere, for those who read it: entries, their positions, proofs, and the public files."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import LogError, NotFoundError
from . import checkpoint, entry, note, tree
from .blobs import Blobs, Folder, is_name
from .checkpoint import Checkpoint
from .entry import Entry
from .lookup import Lookup
from .note import Note
from .proof import Proof
from .tiles import WIDTH, Tiles

HEAD, CHECKPOINT, COSIGNED = "head", "checkpoint", "cosigned"
#: In the folder of a log, where each entry stands.
TABLE = ".table.sqlite"


class Reader:
    """A published log. For threads, and while others write it. Everything raises StoreError where it cannot be read."""

    def __init__(self, blobs: Blobs, table: Path | None = None) -> None:
        """`table`: a file of this machine that keeps where each entry stands, and can be lost; without it, there is one
        beside a log in a folder that can be written, and one in memory otherwise.
        """
        if table is None and isinstance(blobs, Folder) and os.access(blobs.root, os.W_OK):
            table = blobs.root / TABLE if (blobs.root / CHECKPOINT).exists() else None
        self._blobs, self._lookup = blobs, Lookup(table)

    def find(self, sha256: str) -> int | None:
        """The position of the first published entry with that digest, in hexadecimal digits; None: there is none."""
        published = self.published()
        found = self._lookup.first(sha256)
        if found is None and self._lookup.size < published.size:  # others have written
            self._lookup.follow(self._tiles(published))
            found = self._lookup.first(sha256)
        return found if found is not None and found < published.size else None

    def entry(self, position: int) -> Entry:
        """The published entry at that position. NotFoundError: there is none."""
        published = self.published()
        if not 0 <= position < published.size:
            raise NotFoundError(f"the log has {published.size} entries, none with number {position}")
        number, at = divmod(position, WIDTH)
        return entry.parse(self._tiles(published).entries(number)[at])

    def proof(self, which: int | str) -> bytes:
        """The file `.tlog-proof` of an entry, by its position or its digest: under the first checkpoint that has it and
        enough cosignatures, or the published one if there is none.

        Raises:
            NotFoundError: the published log has no such entry.
            LogError: the log is damaged. StoreError: it cannot be read.

        """
        position = which if isinstance(which, int) else self.find(which)
        published = self.published()
        if position is None or not 0 <= position < published.size:
            raise NotFoundError(f"the log has no entry {which}")
        first = next(iter(self._blobs.names(COSIGNED, cosigned(position))), CHECKPOINT)
        signed = self.note(first)
        under = checkpoint.parse(signed.text)
        tiles = self._tiles(published)
        path = tree.inclusion(position, under.size, tiles.node)
        if not tree.is_included(tiles.node(0, position), position, under.size, path, under.root):
            raise LogError(
                f"the log's tiles do not lead to the checkpoint of size {under.size}; run: huref registry fsck"
            )
        return Proof(position, tuple(path), signed).data

    def published(self) -> Checkpoint:
        """The published checkpoint. LogError, StoreError: as for `proof`."""
        return checkpoint.parse(self.note(CHECKPOINT).text)

    def static(self, path: str) -> bytes | None:
        """What anybody may read: the checkpoint and the tiles, by their names. None: there is no such file."""
        if path != CHECKPOINT and not path.startswith("tile/"):
            return None
        return self._blobs.get(path) if is_name(path) else None

    def close(self) -> None:
        """Close the table."""
        self._lookup.close()

    def note(self, path: str) -> Note:
        """A signed note that is kept under that name, read. LogError: it is missing or damaged."""
        data = self._blobs.get(path)
        if data is None:
            raise LogError(f"the log lacks its file {path}")
        return note.parse(data)

    def _tiles(self, published: Checkpoint) -> Tiles:
        return Tiles(self._blobs.get, published.size)


def cosigned(size: int) -> str:
    """Where the cosigned checkpoint of a size is kept: all names are in the order of sizes."""
    digits = f"{size:018}"
    return "/".join((COSIGNED, *(digits[at : at + 3] for at in range(0, 18, 3))))
