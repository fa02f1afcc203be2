"""Serving: the application behind its connections, until a signal comes."""

from __future__ import annotations

import socket

import uvicorn

from .app import create_app
from .service import Service
from .settings import Settings
from .wire import protocol


class Server(uvicorn.Server):
    """A server of the application. Making one raises OutputError if the folder of the settings cannot be used."""

    def __init__(self, settings: Settings) -> None:
        app = create_app(settings)
        self._service: Service = app.state.service
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol(settings),
                lifespan="off",  # `answer` begins and ends what the application needs: errors get out as they are
                server_header=False,
                proxy_headers=bool(settings.proxies),
                forwarded_allow_ips=settings.proxies,
                access_log=False,  # `journal` writes it
                log_config=None,
                timeout_graceful_shutdown=int(settings.seconds),
            )
        )

    async def answer(self, listener: socket.socket) -> None:
        """Serve on that socket until SIGINT or SIGTERM. VerifierLostError: no worker can be started."""
        async with self._service.running():
            await self.serve([listener])
