"""Long lists in pages, the newest entry first. An entry at its edge names a page, so that new entries move none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request

from ..html import number
from ..store import Store
from ..store.entries import Entry

#: Behind every entry, and a number that a query may have.
_END = 10**18 - 1


@dataclass(frozen=True)
class Leaf:
    """A page: entries, and the positions behind which the newer ones and the older ones are; None: there are none."""

    entries: Sequence[Entry]
    newer: int | None = None
    older: int | None = None


def leaf(store: Store, request: Request, most: int, kind: str | None = None) -> Leaf:
    """The page that a query asks for by `before` or `after`, positions of the log. UsageError. StoreError."""
    before, after = number(request, "before"), number(request, "after")
    if after is not None:
        rows = list(store.entries.page(after + 1, most + 1, kind=kind))
        newer, shown = len(rows) > most, rows[:most][::-1]
        return Leaf(shown, shown[0].position if newer else None, shown[-1].position if shown else _END)
    rows = list(store.entries.before(_END if before is None else before, most + 1, kind=kind))
    older, shown = len(rows) > most, rows[:most]
    newest = None if before is None else shown[0].position if shown else before - 1
    return Leaf(shown, newest, shown[-1].position if older else None)
