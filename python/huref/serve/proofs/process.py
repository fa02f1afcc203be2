"""The process of `prover`, seen from the service: started, and started again when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import AsyncIterator

from ..settings import Settings

_log = logging.getLogger(__name__)
#: Seconds until it is started again, twice as many each time that it has not lived for long.
_FIRST, _LONGEST, _LONG = 1.0, 60.0, 60.0


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[None]:
    """A prover while the block lasts; it ends at once behind it, and where it stood is known."""
    keeping = asyncio.create_task(_keep(settings))
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


async def _keep(settings: Settings) -> None:
    pause, loop = _FIRST, asyncio.get_running_loop()
    while True:
        began = loop.time()
        code = await _once(settings)
        pause = _FIRST if loop.time() - began > _LONG else min(2 * pause, _LONGEST)
        _log.error("the prover ended (%d); it is started again in %g seconds", code, pause)
        await asyncio.sleep(pause)


async def _once(settings: Settings) -> int:
    prover = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"{__package__}.prover"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # an interrupt at the terminal is for the service
    )
    assert prover.stdin is not None  # noqa: S101 (a pipe, as asked for)
    try:
        with contextlib.suppress(ConnectionError):
            prover.stdin.write(_line(settings))
            await prover.stdin.drain()
        return await prover.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            prover.kill()
        await prover.wait()


def _line(settings: Settings) -> bytes:
    """All settings, secrets too: a pipe is read by nobody else."""
    fields = settings.model_dump(mode="json")
    if settings.database is not None:
        fields["database"] = settings.database.get_secret_value()
    return json.dumps(fields).encode("ascii") + b"\n"
