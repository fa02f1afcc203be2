"""Bundles that are kept: under their content digest, each verified before."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ...artefacts import kinds
from ...attest import card
from ...errors import NotFoundError
from .. import contract
from ..service import Service
from ..store import Picture
from ..store.entries import Entry
from . import accepting, readable
from .answers import forever, found

#: Pictures may be shown on other pages.
_ELSEWHERE = {"Cross-Origin-Resource-Policy": "cross-origin"}


def add(app: FastAPI, service: Service) -> None:
    """POST /v1/bundles; GET /v1/bundles/{sha256}, its image.png, thumbnail.jpg and badge.svg."""

    async def bundle(request: Request, sha256: str) -> Response:
        """The file of a bundle."""
        entry = await asyncio.to_thread(found, service.store, sha256, "bundle")
        data = await asyncio.to_thread(service.store.bytes_of, entry)
        return forever(request, sha256, data, kinds.BUNDLE.media_type)

    async def image(request: Request, sha256: str) -> Response:
        """The portrait of a bundle, drawn here if the bundle has none."""
        entry = await asyncio.to_thread(found, service.store, sha256, "bundle")
        png = await _picture(service, "portrait", "draw", entry)
        return forever(request, f"{sha256}.png", png, "image/png", **_ELSEWHERE)

    async def thumbnail(request: Request, sha256: str) -> Response:
        """The portrait of a bundle in little."""
        entry = await asyncio.to_thread(found, service.store, sha256, "bundle")
        jpeg = await _picture(service, "thumbnail", "thumbnail", entry)
        return forever(request, f"{sha256}.jpg", jpeg, "image/jpeg", **_ELSEWHERE)

    async def badge(request: Request, sha256: str) -> Response:
        """A small picture that names the commitment of a bundle. It stands for no check."""
        entry = await asyncio.to_thread(found, service.store, sha256, "bundle")
        drawn = card.badge(entry.commitment).encode()
        return forever(request, f"{sha256}.svg", drawn, "image/svg+xml", **_ELSEWHERE)

    accepting(
        app,
        service,
        "bundle",
        "accept",
        "Keep a bundle, which must verify.",
        contract.artefact(kinds.BUNDLE),
        kinds.BUNDLE.media_type,
    )
    missing = contract.refusals(404)
    readable(app, "/v1/bundles/{sha256}", bundle, responses=contract.file(kinds.BUNDLE) | missing)
    readable(app, "/v1/bundles/{sha256}/image.png", image, responses=contract.binary("image/png") | missing)
    readable(app, "/v1/bundles/{sha256}/thumbnail.jpg", thumbnail, responses=contract.binary("image/jpeg") | missing)
    readable(app, "/v1/bundles/{sha256}/badge.svg", badge, responses=contract.binary("image/svg+xml") | missing)


async def _picture(service: Service, kind: Picture, job: str, entry: Entry) -> bytes:
    """A picture of a bundle, made by that job if it is not kept. NotFoundError: there is none."""
    picture = await asyncio.to_thread(service.store.picture, kind, entry)
    if picture is None:
        answer = await service.do(job, await asyncio.to_thread(service.store.bytes_of, entry))
        if answer.code != "verified":
            raise NotFoundError(answer.detail)
        picture = answer.data
        await asyncio.to_thread(service.store.keep_picture, kind, entry, picture)
    return picture
