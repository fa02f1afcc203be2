"""Work that several ask for at once is done once; afterwards, and under other keys, it is done again."""

from __future__ import annotations

import asyncio

import pytest

from huref.errors import BusyError
from huref.serve.flights import Flights


class Work:
    """Counts how often it is done; it ends when it may."""

    def __init__(self, result: int | BusyError) -> None:
        self.begun, self.may_end, self.result = 0, asyncio.Event(), result

    async def __call__(self) -> int:
        self.begun += 1
        await self.may_end.wait()
        if isinstance(self.result, BusyError):
            raise self.result
        return self.result


async def together(flights: Flights[int], work: Work, *keys: str) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(flights.once(key, work)) for key in keys]
    await asyncio.sleep(0.01)
    return tasks


def test_those_who_come_together_share_one_result() -> None:
    async def run() -> None:
        flights, work = Flights[int](), Work(5)
        tasks = await together(flights, work, "a", "a", "a", "b")
        assert work.begun == 2
        work.may_end.set()
        assert await asyncio.gather(*tasks) == [5] * 4
        assert await flights.once("a", work) == 5
        assert work.begun == 3

    asyncio.run(run())


def test_a_failure_is_everybodys_and_is_not_kept() -> None:
    async def run() -> None:
        flights, work = Flights[int](), Work(BusyError("busy"))
        tasks = await together(flights, work, "a", "a")
        work.may_end.set()
        for task in tasks:
            with pytest.raises(BusyError):
                await task
        work.result = 7
        assert await flights.once("a", work) == 7

    asyncio.run(run())


def test_one_who_leaves_ends_nothing() -> None:
    async def run() -> None:
        flights, work = Flights[int](), Work(5)
        first, second = await together(flights, work, "a", "a")
        first.cancel()
        await asyncio.sleep(0.01)
        work.may_end.set()
        assert await second == 5
        assert first.cancelled()
        assert work.begun == 1

    asyncio.run(run())
