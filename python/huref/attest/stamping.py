"""Asking time-stamp authorities (RFC 3161) over HTTP."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from rfc3161_client import TimestampRequestBuilder
from rfc3161_client.base import HashAlgorithm

from ..artefacts.timestamps import MAX_TOKEN, MOST, Timestamps
from ..errors import InputError, ServiceError, TimestampError, UsageError, shown
from ..progress import Progress, silent
from .authorities import SKEW, Authorities, decoded, stamp

#: Seconds until an authority has answered in full.
SECONDS = 30.0


def stamped(
    data: bytes, addresses: Sequence[str], authorities: Authorities | None = None, progress: Progress = silent
) -> Timestamps:
    """What each of these authorities signs about the SHA-256 of `data`, which itself is not sent.

    With `authorities` each answer must be by one of them; without, who signed it is left to the verifier.

    Raises:
        UsageError: no address, too many, one that comes twice, or one that is not HTTP.
        InputError: there is no data.
        ServiceError: an authority cannot be reached, or answers something else; the message names it.
        TimestampError: an answer is not one of `authorities`.

    """
    if not 1 <= len(addresses) <= MOST or len(set(addresses)) < len(addresses):
        raise UsageError(f"name 1 to {MOST} time-stamp authorities, each once")
    for address in addresses:
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
            raise UsageError(f"{shown(address)}: not the address of a time-stamp authority, which begins with https://")
    if not data:
        raise InputError("there is nothing to stamp: the file is empty")
    tokens, sha256 = [], hashlib.sha256(data).hexdigest()
    for done, address in enumerate(addresses):
        progress("stamp", done, len(addresses))
        tokens.append(_asked(address, data))
        if authorities is not None:
            authorities.dated("file", sha256, tokens[-1:], address)
    progress("stamp", len(addresses), len(addresses))
    return Timestamps(sha256, tuple(tokens))


def _asked(address: str, data: bytes) -> bytes:
    """The answer of an authority: over this data, to this request, at this time."""
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = post(address, request.as_bytes())
    try:
        token = decoded(answer, address)
    except TimestampError as why:
        raise ServiceError(str(why)) from None
    if token.imprint != hashlib.sha256(data).digest() or token.response.tst_info.nonce != request.nonce:
        raise ServiceError(f"{address}: answered a request that was not made")
    now = datetime.now(UTC)
    if abs(now - token.time) > SKEW:
        apart = f"its clock says {stamp(token.time)}, that of this machine {stamp(now)}"
        raise ServiceError(f"{address}: {apart}: one of them is wrong")
    return answer


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are errors: what was asked of one address is not sent to others."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(address: str, body: bytes) -> bytes:
    """What that address answers, of bounded size and in bounded time. ServiceError: it does not."""
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "huref"}
    request = urllib.request.Request(address, body, headers, method="POST")  # noqa: S310 - the caller checked it
    opener, deadline = urllib.request.build_opener(_Stay), time.monotonic() + SECONDS
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            found = b""
            while part := answer.read1(MAX_TOKEN + 1 - len(found)):
                found += part
                if len(found) > MAX_TOKEN:
                    raise ServiceError(f"{address}: the answer is larger than {MAX_TOKEN} bytes")
                if time.monotonic() > deadline:
                    raise TimeoutError
            return found
    except urllib.error.HTTPError as why:
        words = "points to another address; give that one" if 300 <= why.code < 400 else f"answered with {why.code}"
        raise ServiceError(f"{address}: {words}") from None
    except TimeoutError:
        raise ServiceError(f"{address}: no answer within {SECONDS:.0f} s") from None
    except urllib.error.URLError as why:
        late = isinstance(why.reason, TimeoutError)
        words = f"no answer within {SECONDS:.0f} s" if late else f"cannot be reached ({_short(why.reason)})"
        raise ServiceError(f"{address}: {words}") from None
    except (OSError, http.client.HTTPException, ValueError) as why:
        raise ServiceError(f"{address}: the connection broke off ({_short(why)})") from None


def _short(why: object) -> str:
    text = why.strerror if isinstance(why, OSError) and why.strerror else str(why) or type(why).__name__
    return text if text.isprintable() and len(text) <= 100 else shown(text)
