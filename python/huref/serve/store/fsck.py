"""Checking what is kept: rows, bytes and log against each other. Nothing is changed.

What a crash left half done, rows without a place in the log and bytes without a row, is no fault: the next start
finishes the one, and nobody sees the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...artefacts import bundle as bundles
from ...artefacts import commitment as commitments
from ...errors import HurefError
from ...registry import fsck
from ...registry.blobs import Blobs
from ..common import vectors_of
from . import Store, logged
from .entries import Entry

_PAGE = 1000


def faults(store: Store, log: Blobs) -> Iterator[str]:
    """A sentence for each fault of a store whose log is kept there. StoreError: it cannot be read."""
    yield from (f"log: {fault}" for fault in fsck.faults(log))
    start, published = 0, store.log.published().size
    while rows := store.entries.page(start, _PAGE):
        for position in range(start, rows[-1].position or 0):
            if position not in {row.position for row in rows}:
                yield f"entry {position} of the log has no row"
        for row in rows:
            name = f"{row.kind} {row.sha256}"
            try:
                if row.kind == "bundle" and not _has_its_vectors(store, row):
                    yield f"{name}: the table of vectors has others; remove its row there, and the next start reads it"
                store.bytes_of(row)
            except HurefError as why:
                yield str(why)
            if (row.position or 0) >= published or store.log.entry(row.position or 0) != logged(row):
                yield f"{name}: its place in the log, {row.position}, is another entry's"
        start = (rows[-1].position or 0) + 1
    if start != published:
        yield f"the log has {published} entries, the rows lead to {start}"


def _has_its_vectors(store: Store, row: Entry) -> bool:
    """Whether the vectors of a bundle are those of its file, if they are there. HurefError: it cannot be read."""
    kept = store.vectors.get(row.sha256)
    if kept is None:  # the next start reads them
        return True
    data, given = store.bytes_of(row), []
    committed = store.entries.get(row.commitment)
    if committed is not None:
        given.append(commitments.parse(store.bytes_of(committed)))
    found = vectors_of(bundles.parse(data, row.sha256, commitments=given))
    return kept.common == replace(found, listed=b"")
