"""Asking time-stamp authorities (RFC 3161) over HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from rfc3161_client import TimestampRequestBuilder
from rfc3161_client.base import HashAlgorithm

from ..artefacts.timestamps import MAX_TOKEN, MOST, Timestamps
from ..errors import InputError, ServiceError, TimestampError, UsageError
from ..progress import Progress, silent
from ..web import ask, must_be_address
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
        must_be_address(address, "a time-stamp authority")
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


def post(address: str, body: bytes) -> bytes:
    """What that address answers, of bounded size and in bounded time. ServiceError: it does not."""
    answer = ask(address, body, media_type="application/timestamp-query", limit=MAX_TOKEN, seconds=SECONDS)
    if answer.status >= 300:
        elsewhere = answer.status < 400
        words = "points to another address; give that one" if elsewhere else f"answered with {answer.status}"
        raise ServiceError(f"{address}: {words}")
    return answer.body
