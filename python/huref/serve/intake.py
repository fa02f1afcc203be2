"""Receiving a body: type, size and time are checked while it arrives. All that is held in memory has one budget."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import Request

from ..errors import (
    BundleTooLargeError,
    BusyError,
    RequestTimeoutError,
    UnsupportedMediaTypeError,
)
from .settings import Settings

_LINGER_SECONDS = 1.0
_JSON = "application/json"


class Intake:
    """The bodies that a service holds in memory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.held = 0

    @contextlib.asynccontextmanager
    async def body(self, request: Request, *types: str) -> AsyncIterator[bytearray]:
        """The body of a request, which counts against the budget until the context ends.

        `types`: the media types that are taken beside `application/json`.

        Raises:
            UnsupportedMediaTypeError: the media type is another one, or the body is encoded.
            BundleTooLargeError: there are more bytes than `settings.body_bytes`, whatever the header says.
            RequestTimeoutError: the body is not complete after `settings.body_seconds`.
            BusyError: the bodies of all requests together exceed `settings.held_bytes`.

        """
        _check_type(request, (*types, _JSON))
        declared = request.headers.get("content-length", "")[:20]  # a longer one is too large as well
        body = bytearray()
        try:
            self._check_length(int(declared) if declared.isascii() and declared.isdigit() else 0)
            await self._receive(request, body)
            yield body
        except BundleTooLargeError:
            await self._linger(request)
            raise
        finally:
            self.held -= len(body)

    def take(self, size: int) -> None:
        """Count so many bytes that are held for another reason, until they are given back. BusyError: too many are."""
        if self.held + size > self._settings.held_bytes:
            raise BusyError("too much is held at once")
        self.held += size

    def give_back(self, size: int) -> None:
        """Count these bytes no more."""
        self.held -= size

    async def _receive(self, request: Request, body: bytearray) -> None:
        try:
            async with asyncio.timeout(self._settings.body_seconds):
                async for chunk in request.stream():
                    self._check_length(len(body) + len(chunk))
                    if self.held + len(chunk) > self._settings.held_bytes:
                        raise BusyError("too much arrives at once")
                    self.held += len(chunk)
                    body += chunk
        except TimeoutError:
            seconds = self._settings.body_seconds
            raise RequestTimeoutError(f"the body did not arrive within {seconds:g} seconds") from None

    async def _linger(self, request: Request) -> None:
        """Throw away a little more of a body that is refused.

        A connection that is closed with unread bytes is reset, and the client might never see why. A client that waits
        for `100 Continue` has not sent any.
        """
        thrown = 0
        if "expect" in request.headers:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                async for chunk in request.stream():
                    thrown += len(chunk)
                    if thrown > self._settings.body_bytes:
                        return

    def _check_length(self, length: int) -> None:
        if length > self._settings.body_bytes:
            raise BundleTooLargeError(f"the body has more than {self._settings.body_bytes} bytes")


def _check_type(request: Request, types: tuple[str, ...]) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in types:
        raise UnsupportedMediaTypeError(f"the content type must be {' or '.join(types)}")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaTypeError("the body must not be encoded")
