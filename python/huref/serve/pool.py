"""Workers: as many as there are cores, each verifying one bundle at a time, each replaced when it is late or lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass
from typing import Any, cast

from ..errors import (
    BusyError,
    InternalError,
    MemoryLimitError,
    TimeLimitError,
    VerifierLostError,
)
from .settings import Settings
from .worker import LENGTH_BYTES, frame

_MAX_ANSWER = 4 << 20
#: After these answers the process may be in any state, and the next bundle deserves a fresh one.
_LAST_WORDS = (MemoryLimitError.code, InternalError.code)
#: One thread each: the workers share the cores, and every thread of a library reserves address space.
_ENVIRONMENT = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Answer:
    """A worker's answer: "verified" or a code of `huref.errors.TABLE`, a sentence, and the report if there is one."""

    code: str
    detail: str
    report: dict[str, Any] | None = None


class Worker:
    """A process that verifies bundles, seen from outside."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._bundles = cast(asyncio.StreamWriter, process.stdin)
        self._answers = cast(asyncio.StreamReader, process.stdout)

    @classmethod
    async def start(cls, settings: Settings) -> Worker:
        """A worker that is ready. Raises VerifierLostError."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"{__package__}.worker", str(settings.memory_bytes)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | _ENVIRONMENT,
            start_new_session=True,  # an interrupt at the terminal is for the service, which then ends its workers
        )
        worker = cls(process)
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

    async def ask(self, data: bytes | bytearray) -> Answer:
        """The answer to a bundle. Raises VerifierLostError when the process ends before."""
        try:
            self._bundles.write(frame(data))
            self._bundles.write(data)
            await self._bundles.drain()
        except ConnectionError:
            raise VerifierLostError("the verifier ended before it had read the bundle") from None
        return Answer(**json.loads(await self._read()))

    async def end(self) -> None:
        """End the process at once, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self.process.returncode is None

    async def _read(self) -> bytes:
        try:
            length = int.from_bytes(await self._answers.readexactly(LENGTH_BYTES), "big")
            if length > _MAX_ANSWER:
                raise VerifierLostError("the verifier gave no sensible answer")
            return await self._answers.readexactly(length)
        except asyncio.IncompleteReadError:
            raise VerifierLostError("the verifier ended before it answered") from None


class Pool:
    """Verifies at most `settings.workers` bundles at a time; `settings.waiting` more may wait."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = asyncio.Semaphore(settings.workers)
        self._present = 0
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()

    async def open(self) -> None:
        """Start the first worker, so that a service which cannot verify does not start at all."""
        self.idle.append(await Worker.start(self._settings))

    async def verify(self, data: bytes | bytearray) -> Answer:
        """The answer to a bundle.

        Raises:
            BusyError: too many bundles wait already.
            TimeLimitError: the verification took longer than `settings.seconds`; the worker was killed.
            VerifierLostError: the worker ended before it answered.

        """
        if self._present >= self._settings.workers + self._settings.waiting:
            raise BusyError("too many bundles wait already")
        self._present += 1
        try:
            async with self._turns:
                return await self._turn(data)
        finally:
            self._present -= 1

    async def _turn(self, data: bytes | bytearray) -> Answer:
        self.idle = [worker for worker in self.idle if worker.alive]
        worker = self.idle.pop() if self.idle else await Worker.start(self._settings)
        self.busy.add(worker)
        answer = None
        try:
            async with asyncio.timeout(self._settings.seconds):
                answer = await worker.ask(data)
        except TimeoutError:
            raise TimeLimitError(f"the verification took more than {self._settings.seconds:g} seconds") from None
        finally:
            self.busy.discard(worker)
            if answer is None or answer.code in _LAST_WORDS:
                await worker.end()
            else:
                self.idle.append(worker)
        return answer

    async def close(self) -> None:
        """End all workers."""
        await asyncio.gather(*(worker.end() for worker in (*self.idle, *self.busy)))
