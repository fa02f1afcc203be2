"""Work that several ask for at the same time is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """What is being done now, by its key. For the coroutines of one loop."""

    def __init__(self) -> None:
        self._now: dict[Hashable, asyncio.Task[T]] = {}

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the work, which is begun unless that of the same key is being done; or what it raises.

        It goes on when those who wait for it are cancelled. Nothing is remembered when it is done.
        """
        task = self._now.get(key)
        if task is None:
            task = self._now[key] = asyncio.create_task(work())
            task.add_done_callback(lambda _: self._now.pop(key))
        return await asyncio.shield(task)
