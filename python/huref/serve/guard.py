"""What is decided before a route is reached: whether there is room for the request, and whether its client may ask."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import BusyError, RateLimitedError
from .problems import problem
from .rates import Rates

#: These are answered always.
_ALWAYS = ("/healthz", "/readyz")


class Guard:
    """Answers in place of the application where a request is not to get there."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app, self._rates = app, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface."""
        answer = self._app if scope["type"] != "http" or scope["path"] in _ALWAYS else self._answer(scope)
        await answer(scope, receive, send)

    def _answer(self, scope: Scope) -> ASGIApp:
        if scope["state"].get("crowded"):
            return problem(Request(scope), BusyError.code, "there are too many connections")
        try:
            self._rates.ask((scope.get("client") or ("",))[0])
        except RateLimitedError as why:
            return problem(Request(scope), why.code, str(why), retry=why.seconds)
        return self._app
