"""Workers that are late, lost, too many or too large; always one caller's problem alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

import httpx
import pytest

from huref.artefacts import bundle
from huref.errors import BusyError, TimeLimitError, VerifierLostError
from huref.serve.app import create_app
from huref.serve.pool import Pool
from huref.serve.settings import Settings
from tests.support.bundles import robust, toy

pytestmark = pytest.mark.anyio
ONE = Settings(workers=1, waiting=2, seconds=60)


def with_(**changed: float) -> Settings:
    return ONE.model_copy(update=changed)


@contextlib.asynccontextmanager
async def pool(limits: Settings) -> AsyncIterator[Pool]:
    """A pool, and the promise that it leaves no process behind."""
    workers = Pool(limits)
    try:
        await workers.open()
        yield workers
    finally:
        processes = [worker.process for worker in (*workers.idle, *workers.busy)]
        await workers.close()
        assert all(process.returncode is not None for process in processes)


async def until_busy(workers: Pool) -> int:
    """Wait until a bundle is being verified; the process that does it."""
    while not workers.busy:
        await asyncio.sleep(0.005)
    (worker,) = workers.busy
    return worker.process.pid


async def test_a_worker_serves_many_bundles() -> None:
    async with pool(ONE) as workers:
        process = workers.idle[0].process.pid
        answers = await asyncio.gather(*(workers.do("verify", bundle.dump(toy())) for _ in range(3)))
        assert [answer.code for answer in answers] == ["policy-not-met"] * 3
        assert [worker.process.pid for worker in workers.idle] == [process]


async def test_time_limit() -> None:
    async with pool(with_(seconds=0.02)) as workers:
        process = workers.idle[0].process
        with pytest.raises(TimeLimitError):
            await workers.do("verify", bundle.dump(robust()))
        assert workers.idle == []
        assert await process.wait() == -signal.SIGPROF


async def test_time_that_others_take_does_not_count() -> None:
    """A worker that is stopped has no processor time; it goes on when it may."""
    async with pool(with_(seconds=3.0)) as workers:
        task = asyncio.create_task(workers.do("verify", bundle.dump(robust())))
        process = await until_busy(workers)
        os.kill(process, signal.SIGSTOP)
        await asyncio.sleep(4)
        os.kill(process, signal.SIGCONT)
        assert (await task).code == "verified"


async def test_a_worker_that_sleeps_is_given_up() -> None:
    async with pool(with_(seconds=0.1)) as workers:
        task = asyncio.create_task(workers.do("verify", b" " * (8 << 20)))
        os.kill(await until_busy(workers), signal.SIGSTOP)
        with pytest.raises(TimeLimitError):
            await task
        assert workers.idle == []


async def test_a_bundle_whose_worker_is_lost_is_tried_once_more() -> None:
    async with pool(ONE) as workers:
        lost = asyncio.create_task(workers.do("verify", bundle.dump(robust())))
        process = await until_busy(workers)
        os.kill(process, signal.SIGKILL)
        assert (await lost).code == "verified"
        assert process not in [worker.process.pid for worker in workers.idle]


async def test_lost_worker_is_one_callers_problem() -> None:
    async with pool(ONE) as workers:
        lost = asyncio.create_task(workers.do("verify", bundle.dump(robust())))
        waiting = asyncio.create_task(workers.do("verify", bundle.dump(toy())))
        os.kill(first := await until_busy(workers), signal.SIGKILL)
        while first == (second := await until_busy(workers)):
            await asyncio.sleep(0.005)
        os.kill(second, signal.SIGKILL)
        with pytest.raises(VerifierLostError):
            await lost
        assert (await waiting).code == "policy-not-met"
        os.kill(workers.idle[0].process.pid, signal.SIGKILL)
        await workers.idle[0].process.wait()
        assert (await workers.do("verify", bundle.dump(toy()))).code == "policy-not-met"


async def test_memory_limit() -> None:
    async with pool(with_(memory_bytes=230 << 20)) as workers:
        large = '{"\U0001f40d":"' + " " * (31 << 20) + '"}'  # four bytes for each character of the text
        try:
            code = (await workers.do("verify", large.encode())).code
        except VerifierLostError as why:
            code = why.code
        assert code in ("memory-limit", "verifier-lost")
        assert (await workers.do("verify", bundle.dump(toy()))).code == "policy-not-met"


async def test_queue_is_bounded() -> None:
    async with pool(with_(waiting=1)) as workers:
        tasks = [asyncio.create_task(workers.do("verify", bundle.dump(toy()))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await workers.do("verify", bundle.dump(toy()))
        assert {answer.code for answer in await asyncio.gather(*tasks)} == {"policy-not-met"}
        assert (await workers.do("verify", bundle.dump(toy()))).code == "policy-not-met"


async def test_worker_of_a_caller_who_leaves_is_ended() -> None:
    async with pool(ONE) as workers:
        task = asyncio.create_task(workers.do("verify", bundle.dump(robust())))
        process = await until_busy(workers)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert process not in [worker.process.pid for worker in workers.idle]
        assert (await workers.do("verify", bundle.dump(toy()))).code == "policy-not-met"


async def test_workers_end_with_the_service() -> None:
    workers = Pool(ONE)
    await workers.open()
    process = workers.idle[0].process
    assert process.stdin is not None
    process.stdin.close()  # what the operating system does when the service is gone
    assert await asyncio.wait_for(process.wait(), 20) == 0
    await workers.close()


async def test_limits_over_http() -> None:
    app = create_app(with_(seconds=0.02))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with app.state.service.running(), httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        json = {"Content-Type": "application/json"}
        response = await client.post("/verify", content=bundle.dump(robust()), headers=json)
        assert (response.status_code, response.json()["code"]) == (503, "time-limit")
        assert int(response.headers["retry-after"]) > 0


async def test_bug_gives_no_details(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise ValueError("a secret of the machine")

    app = create_app(ONE)
    monkeypatch.setattr(app.state.service.pool, "do", fail)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        response = await client.post("/verify", content=b"{}", headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert "secret" not in response.text
    assert response.headers["x-request-id"] in response.json()["instance"]
    assert response.headers["content-security-policy"].startswith("default-src 'none'")


async def test_time_limit_counts_the_verification_alone() -> None:
    """A fresh worker takes longer to start than this limit."""
    async with pool(with_(seconds=0.5)) as workers:
        await workers.idle.pop().end()
        assert (await workers.do("verify", bundle.dump(toy()))).code == "policy-not-met"
