"""Two bundles that are kept, beside each other, with what `huref compare` says about them."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ...errors import TABLE, IncomparableError, NotFoundError
from ..html import page, showing
from ..lines import grouped
from ..service import Service
from ..store import Store
from ..store.entries import Entry
from .answers import found, shown

_MOST = 24
_WAYS = ("a", "b")


def add(app: FastAPI, service: Service) -> None:
    """GET /compare."""

    async def compare(request: Request) -> Response:
        given = [request.query_params.get(name, "").strip() for name in _WAYS]
        sides: list[Entry | None] = [None, None]
        said: dict[str, Any] = {"verdict": None, "refusal": None}
        status = 200
        try:
            sides = [await asyncio.to_thread(found, service.store, one, "bundle") if one else None for one in given]
            if all(sides):
                said |= await _compared(service, *filter(None, sides))
        except (IncomparableError, NotFoundError) as why:
            said["refusal"], status = str(why), TABLE[why.code].http
        values = await asyncio.to_thread(_values, service.store, sides)
        return page(request, "compare.html", status, given_a=given[0], given_b=given[1], **said, **values)

    showing(app, "/compare", compare)


async def _compared(service: Service, one: Entry, other: Entry) -> dict[str, Any]:
    """Verdict and lines. IncomparableError: there are none."""
    files = [await asyncio.to_thread(service.store.bytes_of, side) for side in (one, other)]
    answer = await service.do("compare", *files)
    if answer.code != "verified":
        raise IncomparableError(answer.detail)
    said = answer.found
    return {
        "verdict": said["verdict"].capitalize(),
        "lines": grouped(said["lines"]),
        "not_checked": grouped(said["notChecked"]),
    }


def _values(store: Store, sides: list[Entry | None]) -> dict[str, Any]:
    """Both sides; and bundles to choose from, while one of them is wanting."""
    a, b = (None if side is None else shown(store, side) for side in sides)
    rows = [] if a and b else store.entries.before(1 << 62, _MOST, kind="bundle")
    return {"a": a, "b": b, "others": [shown(store, row) for row in rows if a is None or row.sha256 != a.sha256]}
