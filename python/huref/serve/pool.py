"""Workers: as many as there are cores, each doing one job at a time, each replaced when it is late or lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import Any, cast

from ..errors import BusyError, InternalError, MemoryLimitError, TimeLimitError, VerifierLostError
from .common import Common
from .frames import LENGTH_BYTES, frame, length
from .settings import Settings

_MAX_ANSWER = 4 << 20
#: After these answers the process may be in any state, and the next job deserves a fresh one.
_LAST_WORDS = (MemoryLimitError.code, InternalError.code)
#: One thread each: the workers share the cores, and every thread of a library reserves address space.
_ENVIRONMENT = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
#: A worker that gets its share of the cores has its processor time by then; one that sleeps never has.
_PATIENCE = 6


@dataclass(frozen=True)
class Answer:
    """A worker's answer, the fields of `jobs.Done`; or `wanted`: kind and digest of what the job needs too."""

    code: str = ""
    detail: str = ""
    report: dict[str, Any] | None = None
    found: dict[str, Any] = field(default_factory=dict)
    data: bytes = b""
    wanted: tuple[str, str] | None = None
    common: Common | None = None


class Worker:
    """A process that does jobs, seen from outside."""

    def __init__(self, process: asyncio.subprocess.Process, most: int) -> None:
        self.process = process
        self._most = most
        self._jobs = cast(asyncio.StreamWriter, process.stdin)
        self._answers = cast(asyncio.StreamReader, process.stdout)

    @classmethod
    async def start(cls, settings: Settings) -> Worker:
        """A worker that is ready. Raises VerifierLostError."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"{__package__}.worker", str(settings.memory_bytes), str(settings.seconds)),
            *("" if file is None else str(file) for file in (settings.signers, settings.trusted_root)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | _ENVIRONMENT,
            start_new_session=True,  # an interrupt at the terminal is for the service, which then ends its workers
        )
        worker = cls(process, max(_MAX_ANSWER, settings.body_bytes))
        try:
            async with asyncio.timeout(settings.start_seconds):
                await worker._read()
        except TimeoutError:
            await worker.end()
            raise VerifierLostError("a verifier did not start in time") from None
        except BaseException:
            await worker.end()
            raise
        return worker

    async def ask(self, job: str, *parts: bytes | bytearray) -> Answer:
        """The answer to a job. VerifierLostError, TimeLimitError: the process ended before."""
        try:
            self._jobs.write(frame(job.encode("ascii"), *parts))
            await self._jobs.drain()
        except ConnectionError:
            raise await self._lost() from None
        fields, data = await self._read()
        answer = json.loads(fields)
        wanted, common = answer.pop("wanted", None), answer.pop("common", None)
        return Answer(
            **answer,
            data=data,
            wanted=None if wanted is None else tuple(wanted),
            common=None if common is None else Common.from_json(common),
        )

    async def end(self) -> None:
        """End the process at once, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self.process.returncode is None

    async def _read(self) -> list[bytes]:
        try:
            (count,) = await self._answers.readexactly(1)
            return [await self._part() for _ in range(count)]
        except asyncio.IncompleteReadError:
            raise await self._lost() from None

    async def _part(self) -> bytes:
        size = length(await self._answers.readexactly(LENGTH_BYTES))
        if size > self._most:
            raise VerifierLostError("the verifier gave no sensible answer")
        return await self._answers.readexactly(size)

    async def _lost(self) -> VerifierLostError | TimeLimitError:
        """Why the process ended."""
        if await self.process.wait() == -signal.SIGPROF:
            return TimeLimitError("this takes more processor time than allowed")
        return VerifierLostError("the verifier ended before it answered")


class Pool:
    """Does at most `settings.workers` jobs at a time; `settings.waiting` more may wait."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = asyncio.Semaphore(settings.workers)
        #: How many jobs are done or wait.
        self.present = 0
        #: Whether the last worker that was wanted could be started.
        self.works = True
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()
        #: How many workers were replaced.
        self.replaced = 0

    async def open(self) -> None:
        """Start the first worker, so that a service which cannot verify does not start at all. VerifierLostError."""
        try:
            self.idle.append(await self._start())
        except VerifierLostError as why:
            raise VerifierLostError(f"no verifier can be started ({why}); the lines above say more") from None

    async def do(self, job: str, *parts: bytes | bytearray) -> Answer:
        """The answer to a job. One whose worker is lost is done once more, by a fresh worker.

        Raises:
            BusyError: too many jobs wait already.
            TimeLimitError: it took more processor time than `settings.seconds`, or had none for long.
            VerifierLostError: the worker ended before it answered, and so did the second one.

        """
        if self.present >= self._settings.workers + self._settings.waiting:
            raise BusyError("too many bundles wait already")
        self.present += 1
        try:
            async with self._turns:
                try:
                    return await self._turn(job, *parts)
                except VerifierLostError:
                    self.idle, left = [], self.idle  # they may be lost for the same reason
                    await asyncio.gather(*(worker.end() for worker in left))
                    return await self._turn(job, *parts)
        finally:
            self.present -= 1

    async def _turn(self, job: str, *parts: bytes | bytearray) -> Answer:
        self.idle = [worker for worker in self.idle if worker.alive]
        worker = self.idle.pop() if self.idle else await self._start()
        self.busy.add(worker)
        answer = None
        try:
            async with asyncio.timeout(_PATIENCE * self._settings.seconds):
                answer = await worker.ask(job, *parts)
        except TimeoutError:
            raise TimeLimitError("this takes more time than allowed") from None
        finally:
            self.busy.discard(worker)
            if answer is None or answer.code in _LAST_WORDS:
                self.replaced += 1
                await worker.end()
            else:
                self.idle.append(worker)
        return answer

    async def _start(self) -> Worker:
        try:
            worker = await Worker.start(self._settings)
        except VerifierLostError:
            self.works = False
            raise
        self.works = True
        return worker

    async def close(self) -> None:
        """End all workers."""
        await asyncio.gather(*(worker.end() for worker in (*self.idle, *self.busy)))
