"""What one service consists of; the routes share it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self

from .intake import Intake
from .pool import Pool
from .reports import Reports
from .settings import Settings


@dataclass(frozen=True)
class Service:
    """The parts of a service. `reports`: None where nothing is kept."""

    settings: Settings
    intake: Intake
    pool: Pool
    reports: Reports | None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The parts for these settings. Raises OutputError if the folder cannot be written to."""
        reports = None if settings.data is None else Reports(settings.data)
        return cls(settings, Intake(settings), Pool(settings), reports)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The service at work; everything is ended in good order."""
        await self.pool.open()
        try:
            yield
        finally:
            await self.pool.close()
