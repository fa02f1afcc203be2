"""Since when the log has an entry, by the witnesses that this service knows."""

from __future__ import annotations

from ..artefacts.report import Logged
from ..errors import LogError
from ..registry import checkpoint, dating
from ..registry import proof as proofs
from .store import Store, logged
from .store.entries import Entry


def seen(store: Store, entry: Entry) -> Logged:
    """What the proof of an entry shows under the policy of the service. StoreError, LogError: the log is damaged."""
    assert entry.position is not None  # noqa: S101 (others are not found)
    data = store.log.proof(entry.position)
    try:
        return dating.seen(data, (logged(entry),), store.policy())
    except LogError:  # too few witnesses cosigned
        head = checkpoint.parse(proofs.parse(data).note.text)
        return Logged(entry.kind, head.origin, entry.position, head.size, (), len(store.policy().counted))
