"""Asking an address over HTTP: an answer of bounded size in bounded time, or one error that says why there is none."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .errors import ServiceError, UsageError, shown


@dataclass(frozen=True)
class Answer:
    """The status, 200 to 599, and the body."""

    status: int
    body: bytes


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are not followed: what was asked of one address is not sent to others."""

    def redirect_request(self, *_: Any) -> None:
        return None


def must_be_address(address: str, what: str) -> None:
    """UsageError unless that is an address of HTTP; `what` it should be the address of."""
    try:
        parts = urlsplit(address)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and address.isprintable()
    except ValueError:
        fine = False
    if not fine:
        raise UsageError(f"{shown(address)}: not the address of {what}, which begins with https://")


def ask(address: str, body: bytes | None = None, *, media_type: str = "", limit: int, seconds: float) -> Answer:
    """What an address answers, whatever the status: a POST of the body, or a GET if there is none.

    ServiceError: it cannot be reached, or does not answer within so many bytes and seconds.
    """
    headers = {"User-Agent": "huref"} | ({"Content-Type": media_type} if media_type else {})
    request = urllib.request.Request(address, body, headers)  # noqa: S310 - the caller checked it
    opener, deadline = urllib.request.build_opener(_Stay), time.monotonic() + seconds
    try:
        try:
            answer = opener.open(request, timeout=seconds)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            found = b""
            while part := answer.read1(limit + 1 - len(found)):
                found += part
                if len(found) > limit:
                    raise ServiceError(f"{address}: the answer is larger than {limit} bytes")
                if time.monotonic() > deadline:
                    raise TimeoutError
            return Answer(answer.status, found)
    except TimeoutError:
        raise ServiceError(f"{address}: no answer within {seconds:.0f} s") from None
    except urllib.error.URLError as why:
        late = isinstance(why.reason, TimeoutError)
        words = f"no answer within {seconds:.0f} s" if late else f"cannot be reached ({_short(why.reason)})"
        raise ServiceError(f"{address}: {words}") from None
    except (OSError, http.client.HTTPException, ValueError) as why:
        raise ServiceError(f"{address}: the connection broke off ({_short(why)})") from None


def _short(why: object) -> str:
    text = why.strerror if isinstance(why, OSError) and why.strerror else str(why) or type(why).__name__
    return text if text.isprintable() and len(text) <= 100 else shown(text)
