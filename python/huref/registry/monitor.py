"""A monitor: it follows what logs and their witnesses show, and raises the alarm over two histories.

All heads of a log, that seen before and those shown now, must be beginnings of the largest one, by the log's tiles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import NoReturn

from ..errors import LogError, NotFoundError, ServiceError, SplitViewError, UsageError, shown
from ..web import ask, must_be_address
from . import checkpoint, note, tree
from .blobs import Blobs
from .checkpoint import Checkpoint, digest
from .note import Note
from .policy import Party, Policy
from .reader import CHECKPOINT
from .tiles import WIDTH, Tiles
from .tree import HASH

SECONDS = 20.0


@dataclass(frozen=True)
class Head:
    """A signed head, and who showed it."""

    source: str
    note: Note
    checkpoint: Checkpoint


class Monitor:
    """Follows the logs of a policy. `kept`: where it keeps the last head of each, and evidence."""

    def __init__(self, policy: Policy, kept: Blobs) -> None:
        """UsageError: the policy has no log with an address."""
        self._policy, self._kept = policy, kept
        self.logs = [log for log in policy.logs if log.address]
        if not self.logs:
            raise UsageError("the policy has no log with an address, so there is nothing to follow")
        for party in (*self.logs, *policy.witnesses.values()):
            if party.address:
                must_be_address(party.address, f"{party.key.name}")

    def follow(self, log: Party) -> tuple[Checkpoint, list[str]]:
        """Look at a log once: its largest head, which is kept, and what could not be looked at.

        Raises:
            SplitViewError: the log shows no tree that has both of two heads; they are kept, the message says where.
            LogError: what the log shows is not signed by it, or its tiles do not lead to its head.
            ServiceError: the log cannot be reached. StoreError: nothing can be kept.

        """
        origin, missed = log.key.name, list[str]()
        heads = [self._head(log.address, f"{log.address.rstrip('/')}/{CHECKPOINT}", origin)]
        for party in self._policy.witnesses.values():
            if party.address:
                address = f"{party.address.rstrip('/')}/{digest(origin)}/{CHECKPOINT}"
                try:
                    heads.append(self._head(party.key.name, address, origin))
                except NotFoundError:
                    continue  # it never cosigned this log
                except (ServiceError, LogError) as why:
                    missed.append(str(why))
        heads += self._last(origin)
        for one, other in combinations(heads, 2):
            if one.checkpoint.size == other.checkpoint.size and one.checkpoint.root != other.checkpoint.root:
                self._alarm(one, other)
        largest = max(heads, key=lambda head: head.checkpoint.size)
        tiles = Tiles(lambda name: _got(f"{log.address.rstrip('/')}/{name}", WIDTH * HASH), largest.checkpoint.size)
        try:
            if tree.root(tiles.size, tiles.node) != largest.checkpoint.root:
                raise LogError(f"{log.address}: its tiles do not lead to the head of size {tiles.size} that it signed")
        except LogError:
            if heads[0].checkpoint == largest.checkpoint:
                raise
            self._alarm(heads[0], largest)  # it shows a tree without what it signed before
        for head in heads:
            if tree.root(head.checkpoint.size, tiles.node) != head.checkpoint.root:
                self._alarm(head, largest)
        self._kept.put(f"{digest(origin)}/checkpoint", largest.note.data)
        return largest.checkpoint, missed

    def _head(self, source: str, address: str, origin: str) -> Head:
        """The head that an address shows, signed by the log."""
        data = _got(address, note.MAX_BYTES)
        if data is None:
            raise NotFoundError(f"{address}: there is no checkpoint")
        return self._checked(source, data, origin, address)

    def _last(self, origin: str) -> Iterator[Head]:
        data = self._kept.get(f"{digest(origin)}/checkpoint")
        if data is not None:
            yield self._checked("seen before", data, origin, "the last checkpoint that was seen")

    def _checked(self, source: str, data: bytes, origin: str, where: str) -> Head:
        try:
            found = note.parse(data)
            head = checkpoint.parse(found.text)
            if head.origin != origin or not found.times(self._policy.of(origin)):
                raise LogError(f"not a checkpoint that log {shown(origin)} signed")
        except LogError as why:
            raise why.within(where) from None
        return Head(source, found, head)

    def _alarm(self, one: Head, other: Head) -> NoReturn:
        """Keep both heads, and raise SplitViewError."""
        both = [one.note.data, other.note.data]
        folder = f"evidence/{hashlib.sha256(b''.join(both)).hexdigest()[:16]}"
        for number, data in enumerate(both, 1):
            self._kept.put(f"{folder}/{number}", data)
        heads = " and ".join(f"size {head.checkpoint.size} ({head.source})" for head in (one, other))
        raise SplitViewError(
            f"log {one.checkpoint.origin} signed two heads, of {heads}, and shows no tree that has both; they are in "
            f"{folder}"
        )


def _got(address: str, limit: int) -> bytes | None:
    """The bytes at an address; None if there are none. ServiceError: it does not answer."""
    answer = ask(address, limit=limit, seconds=SECONDS)
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise ServiceError(f"{address}: answered with {answer.status}")
    return answer.body
