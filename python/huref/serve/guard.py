"""What is decided before a route is reached: whether there is room for the request."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import BusyError
from .problems import problem


class Guard:
    """Answers in place of the application where a request is not to get there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        answer: ASGIApp = self._app
        if scope["type"] == "http" and scope["state"].get("crowded"):
            answer = problem(Request(scope), BusyError.code, "there are too many connections")
        await answer(scope, receive, send)
