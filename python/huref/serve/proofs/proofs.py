"""The proof jobs of one service: begun, shown, cancelled, and worked on while it runs."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ...errors import NotFoundError, UsageError
from ..settings import Settings
from ..store import Store
from . import folder, place, process
from .durable import Job, Jobs


class Proofs:
    """The proof jobs of one service. Methods raise StoreError."""

    def __init__(self, settings: Settings, store: Store, models: Path) -> None:
        """OutputError: there is no place for what is secret. StoreError. UsageError: no such folder of models."""
        if not models.is_dir():
            raise UsageError(f"{models}: no folder of models; setting models names one")
        self._settings, self._models = settings, models.resolve()
        self._jobs = Jobs(store.database, place.queue(settings), settings.proofs)

    def begin(self, owner: str, request: dict[str, Any], key: str | None) -> Job:
        """The job of a request; the one that there is, if this owner has sent that key before.

        Raises:
            NotFoundError: there is no such folder below the operator's.
            UsageError: the key came with a different request.
            RateLimitedError: this owner has as many unfinished jobs as they may have.

        """
        name = secrets.token_hex(16) if key is None else hashlib.sha256(f"{owner}\n{key}".encode()).hexdigest()[:32]
        known = None if key is None else self._jobs.get(name)
        if known is None:
            folder.below(self._models, request["folder"])
            known = self._jobs.begin(name, owner, request)
        if known.request != request:
            raise UsageError("this Idempotency-Key came with a different request before; send a new key")
        return known

    def find(self, name: str, owner: str | None) -> Job:
        """The job of that id, which is this owner's unless `owner` is None. NotFoundError."""
        job = self._jobs.get(name)
        if job is None or owner not in (None, job.owner):
            raise NotFoundError("there is no such proof job")
        return job

    def cancel(self, name: str) -> None:
        """Let the job stop where it next looks. One that has ended stays as it is."""
        self._jobs.cancel(name)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The process that works, which is started again when it ends."""
        try:
            async with process.running(self._settings):
                yield
        finally:
            self._jobs.close()
