"""The process that works on proof jobs, apart from the service, which answers first.

Its standard input has the settings in one line; when that ends, so does the process, at once: the service has ended,
and the next one goes on where this one stood. Of several on one folder, one works and the others wait for its end.
"""

from __future__ import annotations

import os
import sys
import threading

from filelock import FileLock

from .. import journal
from ..settings import Settings
from ..store import Store
from . import durable, place
from .work import Work

_BEHIND = 10


def main() -> None:
    """Work until the standard input ends."""
    settings = Settings.model_validate_json(sys.stdin.readline())
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    os.nice(_BEHIND)
    journal.configure()
    files = place.folder(settings)
    with FileLock(files / ".lock"):
        store = Store.of(settings)
        if store is None or settings.models is None:
            sys.exit("huref: nothing to prove, and no place to keep it")
        queue = place.queue(settings)
        known = durable.Jobs(store.database, queue, settings.proofs)
        steps = Work(store, known, settings.models.resolve(), files.resolve()).steps
        durable.work(store.database, queue, steps)


def _end_with_the_service() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
