"""Bundles whose vectors are not in the table, since an older release kept them or the rows were lost: they are read
again, one after the other, while the service answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from ..errors import BusyError, HurefError, StoreError
from .pool import Answer
from .store import Store

#: What has a job done.
Do = Callable[[str, bytes], Awaitable[Answer]]

_RETRY_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Reading:
    """`left`: how many bundles are still to be read, or cannot be."""

    def __init__(self) -> None:
        self.left = 0

    @contextlib.asynccontextmanager
    async def running(self, store: Store | None, do: Do) -> AsyncIterator[None]:
        """Read in the background what is missing. StoreError."""
        if store is None:
            yield
            return
        missing = await asyncio.to_thread(store.vectors.missing)
        self.left = len(missing)
        task = asyncio.create_task(self._read(store, do, missing))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _read(self, store: Store, do: Do, missing: Sequence[str]) -> None:
        for sha256 in missing:
            try:
                await _one(store, do, sha256)
                self.left -= 1
            except HurefError as why:
                _log.warning("bundle %s cannot be searched: %s", sha256, why)


async def _one(store: Store, do: Do, sha256: str) -> None:
    entry = await asyncio.to_thread(store.entries.get, sha256)
    if entry is None:
        raise StoreError("it has no place in the log")
    data = await asyncio.to_thread(store.bytes_of, entry)
    while True:
        try:
            answer = await do("vectors", data)
            break
        except BusyError:
            await asyncio.sleep(_RETRY_SECONDS)
    if answer.common is None:
        raise StoreError(answer.detail)
    await asyncio.to_thread(store.vectors.add, sha256, answer.common)
