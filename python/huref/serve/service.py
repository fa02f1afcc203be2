"""What one service consists of; the routes share it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ipaddress
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

from fastapi import Request

from ..errors import ForbiddenError, NotAuthorisedError, NotFoundError, StoreError, UsageError
from ..registry.entry import Kind
from .flights import Flights
from .index import Index
from .index.files import Files
from .intake import Intake
from .metrics import Metrics
from .pool import Answer, Pool
from .rates import Rates, client
from .reading import Reading
from .settings import Settings
from .store import Store

_log = logging.getLogger(__name__)
#: A file of so many bytes is hashed in less time than a thread takes to start.
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Service:
    """The parts of a service. `kept` and `indexed`: None where nothing is kept."""

    settings: Settings
    intake: Intake
    pool: Pool
    rates: Rates
    metrics: Metrics
    kept: Store | None
    indexed: Index | None
    reading: Reading
    flights: Flights[Answer]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The parts for these settings. OutputError, StoreError, UsageError: its store cannot be used."""
        intake, pool, store = Intake(settings), Pool(settings), Store.of(settings)
        index = None if store is None or settings.data is None else Files(settings.data / "index", store.vectors, pool)
        return cls(settings, intake, pool, Rates(settings), Metrics(intake, pool), store, index, Reading(), Flights())

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The service at work; everything is ended in good order.

        Raises:
            VerifierLostError: no worker can be started.
            UsageError: the port of the metrics cannot be listened on.

        """
        try:
            with self.metrics.served(self.settings):
                await self.pool.open()
                async with self.reading.running(self.kept, self.do):
                    yield
        finally:
            await self.pool.close()
            if self.kept is not None:
                self.kept.close()

    @property
    def store(self) -> Store:
        """What is kept. NotFoundError: nothing is."""
        if self.kept is None:
            raise NotFoundError("this service keeps nothing")
        return self.kept

    @property
    def index(self) -> Index:
        """Where vectors are searched. NotFoundError: nothing is kept."""
        if self.indexed is None:
            raise NotFoundError("this service keeps nothing")
        return self.indexed

    async def do(self, job: str, data: bytes | bytearray) -> Answer:
        """The answer of a worker, which gets what is kept here if it needs that.

        Those who ask the same at the same time get one answer, and the report on a verified bundle is remembered.

        Raises:
            UsageError: what it needs is not kept.
            BusyError, TimeLimitError, VerifierLostError: as for `Pool.do`.

        """
        return await self.flights.once((job, await _digest(data)), lambda: self._do(job, data))

    async def _do(self, job: str, *parts: bytes | bytearray) -> Answer:
        answer = await self.pool.do(job, *parts)
        while answer.wanted is not None:
            kind, sha256 = answer.wanted
            entry = None if self.kept is None else await asyncio.to_thread(self.kept.entries.get, sha256)
            if entry is None or entry.kind != kind:
                raise UsageError(f"this needs {kind} {sha256}, which is not kept here; send that first")
            parts = (*parts, await asyncio.to_thread(self.store.bytes_of, entry))
            answer = await self.pool.do(job, *parts)
        if answer.report is not None and answer.code == "verified":
            await asyncio.to_thread(self._remember, answer.report)
        return answer

    def _remember(self, report: dict[str, Any]) -> None:
        """Keep the report on a verified bundle, if anything is kept. That it cannot be kept withholds no answer."""
        if self.kept is None:
            return
        try:
            self.kept.reports.put(report["bundle"]["fileSha256"], report)
        except StoreError as why:
            _log.warning("a report was not kept: %s", why)

    async def remembered(self, file: bytes | bytearray) -> dict[str, Any] | None:
        """The report on a bundle's file, if one is kept and can be read."""
        if self.kept is None:
            return None
        digest = await _digest(file)
        try:
            return self.kept.reports.recent(digest) or await asyncio.to_thread(self.kept.reports.get, digest)
        except StoreError as why:
            _log.warning("reports cannot be read: %s", why)
            return None

    async def may_write(self, request: Request, scope: Kind) -> None:
        """Return if the sender of a request may add such an object.

        Raises:
            ForbiddenError: nothing is kept here, or the token does not allow it.
            NotAuthorisedError: there is no token, or one that does not count.
            RateLimitedError: there were too many such requests.

        """
        if self.kept is None:
            raise ForbiddenError("this service keeps nothing; its operator gave it no folder (huref serve --data DIR)")
        if self.settings.writing == "anyone":
            self.rates.write(client("" if request.client is None else request.client.host))
            return
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthorisedError("writing needs a token: Authorization: Bearer TOKEN")
        token = await asyncio.to_thread(self.kept.tokens.find, text.strip())
        if token is None:
            raise NotAuthorisedError("this token is not known, has expired or was withdrawn")
        if scope not in token.scopes:
            raise ForbiddenError(f"this token allows {', '.join(token.scopes)}, not {scope}")
        self.rates.write(token.id)


async def _digest(file: bytes | bytearray) -> str:
    made = await asyncio.to_thread(hashlib.sha256, file) if len(file) > _AT_ONCE else hashlib.sha256(file)
    return made.hexdigest()


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
