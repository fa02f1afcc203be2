"""One line for each request, as JSON: time, request id, client, what was asked, what came of it, and how long it took.

Text from outside stands in JSON strings, in ASCII and cut off, so that no client can write a line of its own. Contents
of requests, tokens and query strings are not logged.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.stdlib import BoundLogger, ProcessorFormatter

from .metrics import Metrics

_LONGEST = 200
_EVERY: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
#: Has processors of its own, so that a program which runs the service and configures nothing finds no line of ours in
#: its standard output.
_lines: BoundLogger = structlog.wrap_logger(
    logging.getLogger("huref.serve"),
    processors=[*_EVERY, ProcessorFormatter.wrap_for_formatter],
    wrapper_class=BoundLogger,
)


def configure() -> None:
    """Write all log lines of this process to standard error: JSON, or for people at a terminal."""
    people = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    last = [ProcessorFormatter.remove_processors_meta, people]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ProcessorFormatter(foreign_pre_chain=_EVERY, processors=last))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("alembic", "dbos"):
        logging.getLogger(name).setLevel(logging.WARNING)


class Journal:
    """Writes the line of each request when it is answered, and counts it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def noticing(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        finally:
            seconds, state = time.perf_counter() - start, scope["state"]
            self._metrics.answered(scope, status, seconds)
            _lines.info(
                "request",
                id=state["id"],
                client=(scope.get("client") or ("",))[0],
                method=scope["method"][:_LONGEST],
                path=scope["path"][:_LONGEST],
                status=status,
                seconds=round(seconds, 6),
                **{name: state[name] for name in ("digest", "verdict") if name in state},
            )
