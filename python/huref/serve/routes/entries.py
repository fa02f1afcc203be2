"""Entries: what was accepted, since when, and whether others show the same vector."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Query
from fastapi.responses import Response

from ...registry.entry import Kind
from .. import contract
from ..service import Service
from . import readable
from .answers import EntryShown, Page, found, fresh_json, shown

_DIGEST = Query(pattern="^[0-9a-f]{64}$")
_MOST = 100


def add(app: FastAPI, service: Service) -> None:
    """GET /v1/entries, /v1/entries/{sha256}."""

    async def entry(sha256: str) -> Response:
        """One entry."""
        return fresh_json(await asyncio.to_thread(_one, service, sha256))

    async def entries(
        start: Annotated[int, Query(ge=0, lt=1 << 62)] = 0,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 20,
        kind: Kind | None = None,
        commitment: Annotated[str | None, _DIGEST] = None,
        vector: Annotated[str | None, _DIGEST] = None,
        bundle: Annotated[str | None, _DIGEST] = None,
    ) -> Response:
        """Entries from position `start` of the log on; of one kind, about one commitment, vector or bundle."""
        chosen = {"kind": kind, "commitment": commitment, "vector": vector, "bundle": bundle}
        return fresh_json(await asyncio.to_thread(_page, service, start, limit, chosen))

    one = {200: {"model": EntryShown, "description": "The entry."}, **contract.refusals(404)}
    some = {200: {"model": Page, "description": "Entries."}, **contract.refusals(400, 404)}
    readable(app, "/v1/entries", entries, responses=some, response_model=None)
    readable(app, "/v1/entries/{sha256}", entry, responses=one, response_model=None)


def _one(service: Service, sha256: str) -> EntryShown:
    return shown(service.store, found(service.store, sha256))


def _page(service: Service, start: int, limit: int, chosen: dict[str, str | None]) -> Page:
    rows = service.store.entries.page(start, limit, **chosen)
    more = None
    if len(rows) == limit:
        given = {name: value for name, value in chosen.items() if value is not None}
        more = f"/v1/entries?{urlencode({'start': (rows[-1].position or 0) + 1, 'limit': limit, **given})}"
    return Page(tuple(shown(service.store, row) for row in rows), more)
