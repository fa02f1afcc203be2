"""Connections: deadlines and sizes for request line and headers, a limit on how many are open, and whole problems.

The parser (llhttp) is strict: a bare line feed, or a length together with chunks, ends the connection. What it lets
pass although two parsers could understand it differently is refused here.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ..errors import HeadersTooLargeError, RequestTimeoutError, UsageError
from . import problems
from .headers import HEADERS
from .settings import Settings

#: Beside those that the settings allow, so many connections may ask for nothing but the service's health.
SPARE = 64
#: The one path that is answered also where there are too many connections.
HEALTH = b"/healthz"


def protocol(settings: Settings) -> type[HttpToolsProtocol]:
    """The protocol of connections under these settings, for uvicorn."""
    return type("Connection", (Connection,), {"settings": settings})


class Connection(HttpToolsProtocol):
    """One connection. `crowded` in the state of a request: there are too many connections to answer it."""

    settings: Settings

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._bytes = self._lines = self._head = self._body = 0
        self._in_head = self._ended = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, at the cost of the one that has been silent for longest."""
        super().connection_made(transport)
        others = len(self.connections) - 1
        if others >= self.settings.connections:
            known = (one for one in self.connections if isinstance(one, Connection) and one is not self)
            silent = [one for one in known if one.began and not one.busy]
            if silent:
                oldest = min(silent, key=lambda one: one.began)
                self.connections.discard(oldest)
                oldest.transport.abort()
            elif others >= self.settings.connections + SPARE:
                transport.abort()
                return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._arrived()
        super().connection_lost(exc)

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def began(self) -> float:
        """Since when a request has been waited for; 0 if none is."""
        return 0.0 if self._deadline is None else self._deadline.when()

    def data_received(self, data: bytes) -> None:
        """Parse; then a request must be whole, or wait under a deadline."""
        if self._ended:
            return
        self._body = 0
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:  # the parser may hold a line that has no end yet
            self._head += len(data) - self._body
            if self._head > self.settings.header_bytes:
                self._too_large()
                return
        if not self.busy:
            self._wait()

    def on_message_begin(self) -> None:
        """A request line begins."""
        super().on_message_begin()
        self._bytes = self._lines = self._head = 0
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        """A part of the request line."""
        self._count(len(url), 0)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or one behind the last chunk."""
        self._count(len(name) + len(value), 1)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Answer, even if that is all that this connection gets."""
        self._in_head = False
        self._must_be_clear()
        self._arrived()
        crowded = len(self.connections) > self.settings.connections
        self.scope["state"]["crowded"] = crowded and self.url.partition(b"?")[0] != HEALTH
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """What uvicorn calls for everything that is no request."""
        if self._bytes > self.settings.header_bytes or self._lines > self.settings.header_count:
            self._too_large()
        else:
            self._refuse(UsageError.code, "this is no request of HTTP/1.1")

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body += len(body)
        super().on_body(body)

    def _must_be_clear(self) -> None:
        """ValueError: a head that the parser lets pass, and that another one could understand differently."""
        version, encodings = self.parser.get_http_version(), self._values(b"transfer-encoding")
        if version not in ("1.0", "1.1"):
            raise ValueError("HTTP/0.9 has no headers, and later versions another form")
        if len(self._values(b"host")) not in ((1,) if version == "1.1" else (0, 1)):
            raise ValueError("one host is asked, and each request says which")
        if encodings and (version == "1.0" or [value.lower() for value in encodings] != [b"chunked"]):
            raise ValueError("chunks are unknown to HTTP/1.0, and other encodings to this server")

    def _values(self, name: bytes) -> list[bytes]:
        """The values of a header of the present request."""
        return [value for key, value in self.headers if key == name]

    def _too_large(self) -> None:
        self._refuse(HeadersTooLargeError.code, "request line and headers are too large, or there are too many")

    def _count(self, size: int, lines: int) -> None:
        self._bytes += size
        self._lines += lines
        if self._bytes > self.settings.header_bytes or self._lines > self.settings.header_count:
            raise HeadersTooLargeError("request line and headers are too large, or there are too many")

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.settings.header_seconds, self._late)

    def _arrived(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self.transport.is_closing() or self.busy:
            return
        if self._in_head:
            self._refuse(RequestTimeoutError.code, "request line and headers did not arrive in time")
        else:
            self.transport.close()

    def _refuse(self, code: str, detail: str) -> None:
        """A problem for what never became a request, or whose body is none; nothing more is read. A request before it
        is still answered.
        """
        self._arrived()
        self._ended = True
        if self.busy and not self.cycle.more_body and not self.pipeline:
            self.cycle.keep_alive = False
            return
        if self.busy and not (self.pipeline or self.cycle.response_started):  # its body was read; that is over
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if not self.busy or self.cycle.disconnected:
            name = str(uuid.uuid4())
            status, content = problems.document(code, detail, name)
            headers = HEADERS | {"X-Request-ID": name, "Content-Type": problems.MEDIA_TYPE, "Connection": "close"}
            lines = [f"{key}: {value}\r\n" for key, value in (headers | {"Content-Length": str(len(content))}).items()]
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{''.join(lines)}\r\n"
            self.transport.write(head.encode("ascii") + content)
        self.transport.close()
