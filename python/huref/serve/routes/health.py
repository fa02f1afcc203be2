"""Whether the service is alive."""

from __future__ import annotations

from fastapi import FastAPI

from ..service import Service
from . import readable


def add(app: FastAPI, _: Service) -> None:
    """GET /healthz."""

    async def health() -> dict[str, str]:
        """Whether the service is alive."""
        return {"status": "ok"}

    readable(app, "/healthz", health)
