"""Whether the service is alive, and whether it can do its work. Neither waits for a worker, or tells strangers more."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from ...errors import StoreError, VerifierLostError
from .. import contract
from ..service import Service
from . import readable

_SECONDS = 5.0


def add(app: FastAPI, service: Service) -> None:
    """GET /healthz, /readyz."""

    async def health() -> dict[str, str]:
        """Whether the service is alive."""
        return {"status": "ok"}

    async def ready() -> dict[str, str]:
        """Whether workers can be started, and what is kept can be read."""
        if not service.pool.works:
            raise VerifierLostError("no verifier can be started")
        if service.kept is not None:
            try:
                async with asyncio.timeout(_SECONDS):
                    await asyncio.to_thread(service.kept.check)
            except TimeoutError:
                raise StoreError("the store does not answer in time") from None
        return {"status": "ready"}

    readable(app, "/healthz", health)
    readable(app, "/readyz", ready, responses={503: contract.refusals()[503]})
