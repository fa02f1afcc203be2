"""The gallery: bundles that are kept, as portraits."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ..html import base, number, page, showing
from ..service import Service
from ..store import Store
from .answers import digest_of, shown
from .paging import Leaf, leaf

_MOST = 24
_FILTERS = ("vector", "commitment")


def add(app: FastAPI, service: Service) -> None:
    """GET /entries."""

    async def gallery(request: Request) -> Response:
        values = await asyncio.to_thread(_values, service.store, request)
        return page(request, "gallery.html", base=base(request), **values)

    showing(app, "/entries", gallery)


def _values(store: Store, request: Request) -> dict[str, Any]:
    """What the page shows: the newest bundles, or all with one vector or commitment, the earliest first."""
    chosen = next(((name, request.query_params[name]) for name in _FILTERS if name in request.query_params), None)
    found = leaf(store, request, _MOST, "bundle") if chosen is None else _with(store, request, *chosen)
    return {"leaf": found, "filter": chosen, "entries": [shown(store, row) for row in found.entries]}


def _with(store: Store, request: Request, name: str, value: str) -> Leaf:
    start = number(request, "start") or 0
    rows = store.entries.page(start, _MOST + 1, kind="bundle", **{name: digest_of(value)})
    return Leaf(rows[:_MOST], older=rows[_MOST].position if len(rows) > _MOST else None)
