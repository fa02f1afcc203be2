"""The log: an append-only list of entries, as files of C2SP's formats in a folder or an object store.

Adding entries is one step that survives every crash:

1. decide: the new head, with the entries, takes the place of the old one if that is still there; of several writers
   one succeeds, and the others begin again behind it;
2. write the tiles that change; 3. sign the new checkpoint, and let witnesses cosign it; 4. publish it, last of all.

Before a writer decides anything it finishes what an earlier one left undone. Nothing is signed before it is decided, so
that no two trees of one size are ever signed. No clock decides anything. The head is on the disk before anything else
is written, and all else follows from it: a loss of power may set the published checkpoint back, until the log is opened
again, and loses no entry.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..errors import LogError, UsageError
from . import checkpoint, head, note, tree
from .blobs import Blobs, Folder
from .checkpoint import Checkpoint
from .entry import Entry
from .head import Head
from .keys import LAST, Key, Secret
from .note import Line, Note
from .reader import CHECKPOINT, HEAD, TABLE, Reader, cosigned
from .tiles import WIDTH, Tiles, grown
from .tree import Nodes

#: Most entries of one step; more are added in several.
MOST = 4096


class Witnesses(Protocol):
    """Those who cosign checkpoints, and how many of them suffice."""

    def cosignatures(self, signed: Note, head: Checkpoint, nodes: Nodes) -> tuple[Line, ...]:
        """What they answer to a signed checkpoint of a tree, in bounded time; nothing if they do not."""

    def suffice(self, signed: Note) -> bool:
        """Whether a checkpoint has enough cosignatures."""

    def largest(self, signed: Note, head: Checkpoint, nodes: Nodes) -> tuple[str, int]:
        """The largest tree that one of them knows beyond this one, and its name; size 0 where none knows a larger one,
        as far as can be said.
        """


class Log(Reader):
    """A log that is written here. For threads; several processes, on several machines, may write one log."""

    def __init__(
        self,
        blobs: Blobs,
        secrets: Sequence[Secret],
        *,
        table: Path | None = None,
        witnesses: Witnesses | None = None,
    ) -> None:
        """Open the log that is kept there; in an empty place, begin one. What was left undone is finished.

        `secrets`: the keys that sign, whose name is the origin; one of type "ed25519" is among them. `table`: as for
        `Reader`.

        Raises:
            UsageError: no key of that type, or one of another name.
            LogError: what is kept there is of another log, or damaged.
            StoreError: it cannot be read or written.

        """
        names = {secret.name for secret in secrets}
        if len(names) != 1 or all(secret.kind != "ed25519" for secret in secrets):
            raise UsageError("a log signs by a key of type ed25519; a further one must have the same name, its origin")
        (self.origin,) = names
        super().__init__(blobs, blobs.root / TABLE if table is None and isinstance(blobs, Folder) else table)
        self._secrets, self._witnesses = tuple(secrets), witnesses
        self._writing, self._waiting = threading.Lock(), list[bytes]()
        self._last: tuple[Head, Tiles] | None = None
        with self._writing:
            self._lookup.follow(self._settle()[1])

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys by which its signatures are checked."""
        return tuple(secret.key for secret in self._secrets)

    def append(self, entries: Sequence[Entry]) -> list[int]:
        """Add entries; their positions. An entry that is in the log stays where it is. When this returns, all of them
        are in the published checkpoint.

        Raises:
            InputError: an entry is none.
            LogError: the log is damaged. StoreError: it cannot be read or written; what was added before may stay.

        """
        wanted = [one.data for one in entries]
        self._waiting.extend(wanted)  # the next writer takes them along
        with self._writing:
            taken, self._waiting = self._waiting, []
            self._add(list(dict.fromkeys([*wanted, *taken])))
        return self._positions([tree.leaf(data) for data in wanted])

    def _positions(self, leaves: Sequence[bytes]) -> list[int]:
        """Where entries stand that are in the log."""
        while True:
            found = [self._lookup.at(leaf) for leaf in leaves]
            known = [position for position in found if position is not None]
            if len(known) == len(leaves):
                return known
            with self._writing:  # a writer who knew an older tree has made the table, which they share, that of its own
                self._lookup.follow(self._settle()[1])

    def feed(self) -> Note:
        """Ask the witnesses to cosign the published checkpoint, and publish what they answer; how it looks then."""
        with self._writing:
            self._publish(*self._settle(), ask_all=True)
        return self.note(CHECKPOINT)

    def _add(self, wanted: Sequence[bytes]) -> None:
        """Add those of these entries that are not there, one step for every `MOST` of them."""
        for start in range(0, len(wanted), MOST):
            while not self._added(wanted[start : start + MOST]):
                pass  # others were first; what they added stands now before it

    def _added(self, wanted: Sequence[bytes]) -> bool:
        """Add those that are not there in one step; False if another writer came first."""
        last, tiles = self._settle()
        self._lookup.follow(tiles)
        new = [data for data in wanted if self._lookup.at(tree.leaf(data)) is None]
        if not new:
            return True
        if self._is_behind(last, tiles):
            return False
        whole = tiles.size // WIDTH * WIDTH
        behind = (*last.entries[whole - last.before :], *new)
        changed, after = grown(Tiles(self._blobs.get, whole), behind)
        decided = Head(whole, Checkpoint(self.origin, after.size, tree.root(after.size, after.node)), behind)
        if not self._blobs.swap(HEAD, last.data, decided.data):
            return False
        self._write(decided, changed, after)
        self._lookup.add(tiles.size, new)
        return True

    def _is_behind(self, last: Head, tiles: Tiles) -> bool:
        """Whether another writer decided something meanwhile that witnesses know.

        LogError: they know what nobody decided here. Its end was lost, and going on would sign a second history.
        """
        if self._witnesses is None:
            return False
        who, size = self._witnesses.largest(self._own(Note(last.after.text)), last.after, tiles.node)
        if size <= last.after.size:
            return False
        if self._blobs.get(HEAD) == last.data:
            raise LogError(
                f"witness {who} knows this log with {size} entries, and here it has {last.after.size}: an older copy "
                "was restored, and nothing is added to it; restore a later one, or begin a new log (runbook, Restore)"
            )
        return True

    def _settle(self) -> tuple[Head, Tiles]:
        """The head, with everything done that follows from it, and its tree."""
        data = self._blobs.get(HEAD)
        if self._last is not None and data == self._last[0].data:
            return self._last
        if data is None:
            return self._begin()
        found = head.parse(data)
        if found.after.origin != self.origin:
            raise LogError(f"this is the log {found.after.origin}, not {self.origin}")
        changed, tiles = grown(Tiles(self._blobs.get, found.before), found.entries)
        if tree.root(tiles.size, tiles.node) != found.after.root:
            raise LogError("the log's tiles do not lead to its head, so nothing is signed; run: huref registry fsck")
        self._write(found, changed, tiles)
        return found, tiles

    def _begin(self) -> tuple[Head, Tiles]:
        is_empty = next(iter(self._blobs.names()), None) is None
        if not is_empty and self._blobs.get(HEAD) is None:  # where there is one now, another writer has begun it
            raise LogError("this place is not empty, and has no head of a log; restore it, or choose an empty place")
        empty = Head(0, Checkpoint(self.origin, 0, tree.EMPTY))
        self._blobs.create(HEAD, empty.data)
        return self._settle()

    def _write(self, decided: Head, changed: dict[str, bytes], tiles: Tiles) -> None:
        """All that follows from a decided head. It can be done again."""
        for path, data in changed.items():  # the head has what is in the partial tiles of rows "entries" and 0
            self._blobs.put(path, data, lasting=".p/" not in path or not path.startswith(("tile/entries/", "tile/0/")))
        self._publish(decided, tiles)
        self._last = decided, tiles
        whole = [path for path in changed if ".p/" not in path]
        self._blobs.delete(*(partial for path in whole for partial in self._blobs.names(f"{path}.p")))

    def _publish(self, decided: Head, tiles: Tiles, *, ask_all: bool = False) -> None:
        """Sign and cosign the checkpoint of a decided head and put it in its place, unless a later one is there.

        Witnesses are asked if cosignatures are wanting, with `ask_all` also if one is.
        """
        made: Note | None = None
        while True:
            before = self._blobs.get(CHECKPOINT)
            signed = Note(decided.after.text)
            there = None if before is None else _read(before)
            if there is not None:
                if checkpoint.parse(there.text).size > decided.after.size and self._blobs.get(HEAD) != decided.data:
                    return
                self._must_go_on(there, tiles)
                signed = signed.merged(there.lines if there.text == signed.text else ())
            made = made or self._signed(signed, decided, tiles, ask_all)
            signed = signed.merged(made.lines)
            if self._witnesses is not None and self._witnesses.suffice(signed):
                self._blobs.create(cosigned(decided.after.size), signed.data)
            if signed.data == before or self._blobs.swap(CHECKPOINT, before, signed.data, lasting=False):
                return

    def _must_go_on(self, there: Note, tiles: Tiles) -> None:
        """LogError unless the decided tree begins with the published one: otherwise nothing may be signed."""
        old = checkpoint.parse(there.text)
        if old.origin != self.origin or old.size > tiles.size or tree.root(old.size, tiles.node) != old.root:
            raise LogError(
                f"the published checkpoint, of size {old.size}, is not one of the tree of size {tiles.size} that is "
                "kept here, so nothing is signed; was an old copy restored?"
            )

    def _signed(self, signed: Note, decided: Head, tiles: Tiles, ask_all: bool) -> Note:
        """The checkpoint with what signatures it lacks."""
        signed = self._own(signed)
        if self._witnesses is not None and (ask_all or not self._witnesses.suffice(signed)):
            signed = signed.merged(self._witnesses.cosignatures(signed, decided.after, tiles.node))
        return signed

    def _own(self, signed: Note) -> Note:
        """A checkpoint with the log's own signatures."""
        there = {(line.name, line.id) for line in signed.lines}
        for secret in self._secrets:
            if (secret.name, secret.key.id) not in there:
                signed = signed.signed(secret, _now())
        return signed


def _read(data: bytes) -> Note | None:
    """The published checkpoint; None: a loss of power left a part of it, and it is made again."""
    try:
        found = note.parse(data)
        checkpoint.parse(found.text)
    except LogError:
        return None
    return found


def _now() -> int:
    """Seconds since 1970, as the clock of this machine says."""
    return max(1, min(LAST, int(time.time())))
