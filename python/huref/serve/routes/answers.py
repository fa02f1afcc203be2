"""Answers that never change, and entries as the service shows them."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from ...artefacts.document import Part
from ...errors import NotFoundError
from ..intake import Intake
from ..store import Store
from ..store.entries import Claim, Entry

_PIECE = 1 << 16
_FOREVER = "public, max-age=31536000, immutable"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
#: What decides between commitments that show one vector, for people.
_DECIDES = (
    "a model folder against the own vectors of each bundle, which nobody can fit weights to: "
    "huref compare MODEL BUNDLE",
    "a challenge that both owners answer: huref challenge COMMITMENT COMMITMENT",
)


@dataclass(frozen=True)
class Shown(Part):
    """A commitment under which a vector was shown: since when the service knows it, and by which bundles."""

    commitment: str
    since: str
    bundles: tuple[str, ...]


@dataclass(frozen=True)
class Contested(Part):
    """One vector under several commitments, the earliest first. `statement` says so; `decides`: what would tell whose
    it is.
    """

    statement: str
    vector: str
    commitments: tuple[Shown, ...]
    decides: tuple[str, ...] = _DECIDES


@dataclass(frozen=True)
class EntryShown(Part):
    """One accepted object: its digest, its kind (bundle, commitment or attestation), and since when it is kept.

    `position`: where it stands in the log; `location`: where the object is; `commitment`: what it is about; `vector`:
    digest of the portrait's vector; `bundle`: what an attestation is of; `about`: what the object itself says;
    `contested`: other commitments show the same vector.
    """

    sha256: str
    kind: str
    accepted: str
    position: int
    location: str
    size: int
    commitment: str
    about: dict[str, Any]
    vector: str | None = None
    bundle: str | None = None
    attestations: tuple[str, ...] | None = None
    contested: Contested | None = None


@dataclass(frozen=True)
class Page(Part):
    """Entries, the earliest first; `next`: where more of them are."""

    entries: tuple[EntryShown, ...]
    next: str | None = None


def shown(store: Store, entry: Entry) -> EntryShown:
    """An entry with what is known of its vector and its attestations. StoreError."""
    signed = None
    if entry.kind == "bundle":
        signed = tuple(one.sha256 for one in store.entries.page(0, 1000, bundle=entry.sha256))
    return EntryShown(
        entry.sha256,
        entry.kind,
        entry.accepted,
        entry.position or 0,
        f"/v1/{entry.kind}s/{entry.sha256}",
        entry.size,
        entry.commitment,
        entry.about,
        entry.vector,
        entry.bundle,
        signed,
        _contested(store, entry),
    )


def digest_of(text: str) -> str:
    """The digest in a path. NotFoundError: it is none, so nothing can have it."""
    if _DIGEST.fullmatch(text) is None:
        raise NotFoundError("a name is 64 lower-case hexadecimal digits")
    return text


def found(store: Store, sha256: str, kind: str | None = None) -> Entry:
    """The entry of that digest and kind. NotFoundError. StoreError."""
    entry = store.entries.get(digest_of(sha256))
    if entry is None or kind not in (None, entry.kind):
        raise NotFoundError(f"no {kind or 'entry'} of this name is kept here")
    return entry


def forever(request: Request, tag: str, content: bytes, media_type: str, **headers: str) -> Response:
    """Bytes that never change; not even sent to those who have them."""
    kept = {"Cache-Control": _FOREVER, "ETag": f'"{tag}"', **headers}
    if _has(request, tag):
        return Response(status_code=304, headers=kept)
    service = request.app.state.service
    return Sent(service.intake, service.settings.body_seconds, content, media_type=media_type, headers=kept)


class Sent(Response):
    """Bytes that count against the budget of all bodies until they are sent, in pieces. One who does not read them in
    time loses the connection.
    """

    def __init__(self, intake: Intake, seconds: float, content: bytes, **more: Any) -> None:
        """BusyError: too much is held already."""
        intake.take(len(content))
        super().__init__(content, **more)
        self._intake, self._seconds = intake, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """The ASGI interface."""
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        try:
            async with asyncio.timeout(self._seconds):
                await send(start)
                for at in range(0, len(self.body), _PIECE):
                    piece = bytes(self.body[at : at + _PIECE])
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            return  # the server closes a connection whose answer is not whole
        finally:
            self._intake.give_back(len(self.body))


def fresh(content: bytes, media_type: str) -> Response:
    """What may change with the next entry."""
    return Response(content, media_type=media_type, headers={"Cache-Control": "no-cache"})


def fresh_json(content: Part) -> Response:
    """A document that may change with the next entry."""
    return fresh(json.dumps(content.to_json()).encode("ascii"), "application/json")


def _has(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return any(one.strip().removeprefix("W/") in (f'"{tag}"', "*") for one in given.split(","))


def _contested(store: Store, entry: Entry) -> Contested | None:
    vectors = {entry.vector} - {None}
    if entry.kind == "commitment":
        vectors = {one.vector for one in store.entries.page(0, 1000, commitment=entry.commitment)} - {None}
    for vector in sorted(filter(None, vectors)):
        claims = store.entries.claims(vector)
        if len(claims) > 1:
            return Contested(
                f"contested: the same vector under {len(claims)} commitments", vector, tuple(map(_shown, claims))
            )
    return None


def _shown(claim: Claim) -> Shown:
    return Shown(claim.commitment, claim.since, claim.bundles)
