"""What one service consists of; the routes share it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ipaddress
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fastapi import Request

from ..errors import ForbiddenError, NotAuthorisedError, NotFoundError, StoreError, UsageError
from ..extras import require
from .attesting import Signers
from .flights import Flights
from .index import Index
from .index.files import Files
from .index.pgvector import Columns
from .intake import Intake
from .metrics import Metrics
from .pool import Answer, Pool
from .rates import Rates, client
from .reading import Reading
from .settings import Settings
from .store import Store

if TYPE_CHECKING:
    from .proofs.proofs import Proofs

_log = logging.getLogger(__name__)
#: A file of so many bytes is hashed in less time than a thread takes to start.
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Service:
    """The parts of a service. `kept` and `indexed`: None where nothing is kept; `proofs`: where nothing is proved."""

    settings: Settings
    intake: Intake
    pool: Pool
    rates: Rates
    metrics: Metrics
    kept: Store | None
    indexed: Index | None
    reading: Reading
    proofs: Proofs | None
    flights: Flights[Answer]

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The parts for these settings. OutputError, StoreError, UsageError: its store cannot be used."""
        Signers.read(settings.signers, settings.trusted_root)
        intake, pool, store = Intake(settings), Pool(settings), Store.of(settings)
        rates, metrics, proofs = Rates(settings), Metrics(intake, pool), _proofs(settings, store)
        index = None if store is None else _index(settings, store, pool)
        return cls(settings, intake, pool, rates, metrics, store, index, Reading(), proofs, Flights())

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The service at work; everything is ended in good order.

        Raises:
            VerifierLostError: no worker can be started.
            UsageError: the port of the metrics cannot be listened on.

        """
        try:
            async with contextlib.AsyncExitStack() as parts:
                parts.enter_context(self.metrics.served(self.settings))
                await self.pool.open()
                await parts.enter_async_context(self.reading.running(self.kept, self.do))
                if self.proofs is not None:
                    await parts.enter_async_context(self.proofs.running())
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

    async def do(self, job: str, *parts: bytes | bytearray) -> Answer:
        """The answer of a worker to these parts, which gets what is kept here if it needs that.

        Those who ask the same at the same time get one answer, and the report on a verified bundle is remembered.

        Raises:
            UsageError: what it needs is not kept.
            BusyError, TimeLimitError, VerifierLostError: as for `Pool.do`.

        """
        named = (job, *[await _digest(part) for part in parts])
        return await self.flights.once(named, lambda: self._do(job, *parts))

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

    async def report(self, file: bytes | bytearray) -> dict[str, Any]:
        """The report on the file of a bundle. Errors as for `do`; that of a bundle which cannot be read any more."""
        report = await self.remembered(file)
        if report is None:
            answer = await self.do("verify", file)
            report = answer.report
            if report is None:
                raise StoreError(f"a kept bundle cannot be read: {answer.detail}")
        return report

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

    async def may_write(self, request: Request, scope: str) -> str:
        """The sender of a request, who may write what that scope allows. Errors as for `sender`.

        RateLimitedError: there were too many such requests.
        """
        who = await self.sender(request, scope)
        self.rates.write(who)
        return who

    async def sender(self, request: Request, scope: str) -> str:
        """The sender of a request, who has that scope: the id of their token, or their address where none is needed.

        Raises:
            ForbiddenError: nothing is kept here, or the token does not allow it.
            NotAuthorisedError: there is no token, or one that does not count.

        """
        if self.kept is None:
            raise ForbiddenError("this service keeps nothing; its operator gave it no folder (huref serve --data DIR)")
        if self.settings.writing == "anyone":
            return client("" if request.client is None else request.client.host)
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthorisedError("writing needs a token: Authorization: Bearer TOKEN")
        token = await asyncio.to_thread(self.kept.tokens.find, text.strip())
        if token is None:
            raise NotAuthorisedError("this token is not known, has expired or was withdrawn")
        if scope not in token.scopes:
            raise ForbiddenError(f"this token allows {', '.join(token.scopes)}, not {scope}")
        return token.id


def _proofs(settings: Settings, kept: Store | None) -> Proofs | None:
    """The proof jobs of these settings, if there are any. UsageError: what they need is missing."""
    if settings.models is None:
        return None
    if kept is None:
        raise UsageError("a service that proves keeps what it proved; give it a folder (huref serve --data DIR)")
    require("dbos")
    from .proofs.proofs import Proofs

    return Proofs(settings, kept, settings.models)


def _index(settings: Settings, store: Store, pool: Pool) -> Index:
    if Columns.is_there(store.vectors):
        return Columns(store.vectors, settings.seconds)
    return Files((settings.data or Path()) / "index", store.vectors, pool)


async def _digest(file: bytes | bytearray) -> str:
    made = await asyncio.to_thread(hashlib.sha256, file) if len(file) > _AT_ONCE else hashlib.sha256(file)
    return made.hexdigest()


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
