"""Equal bundles that arrive at the same time are verified once, and each sender has the answer."""

from __future__ import annotations

import asyncio
import concurrent.futures
from pathlib import Path
from typing import Any

import httpx
import pytest

from huref.artefacts import bundle as bundles
from huref.serve.flights import Flights
from huref.serve.pool import Answer, Pool
from huref.serve.settings import Settings
from tests.service.conftest import serving
from tests.support.bundles import robust

JSON = {"Content-Type": "application/json"}
SENDERS = 6


@pytest.mark.parametrize("path", ["verify", "v1/bundles"])
def test_equal_bundles_are_verified_once(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker is asked only when all of them are there."""
    there, asked = 0, 0
    once, do = Flights.once, Pool.do

    async def arrived(self: Flights[Answer], *given: Any) -> Answer:
        nonlocal there
        there += 1
        return await once(self, *given)

    async def late(self: Pool, *given: Any) -> Answer:
        nonlocal asked
        asked += 1
        async with asyncio.timeout(60):
            while there < SENDERS:
                await asyncio.sleep(0.01)
        return await do(self, *given)

    monkeypatch.setattr(Flights, "once", arrived)
    monkeypatch.setattr(Pool, "do", late)
    data = bundles.dump(robust())

    def send(address: str) -> httpx.Response:
        return httpx.post(f"{address}/{path}", content=data, headers=JSON, timeout=60)

    given = Settings(data=tmp_path, writing="anyone", workers=1, waiting=0)
    with serving(given) as port, concurrent.futures.ThreadPoolExecutor(SENDERS) as threads:
        answers = list(threads.map(send, [f"http://127.0.0.1:{port}"] * SENDERS))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert asked == 1
