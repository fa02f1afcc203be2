"""The log for people: its checkpoint, its witnesses, its entries page by page."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ...artefacts.claims import time_text
from ...registry import checkpoint, policy
from ...registry.reader import CHECKPOINT
from ..html import base, page, showing
from ..service import Service
from ..store import Store
from .paging import leaf

_MOST = 50


def add(app: FastAPI, service: Service) -> None:
    """GET /log."""

    async def log(request: Request) -> Response:
        return page(request, "log.html", **await asyncio.to_thread(_values, service.store, request))

    showing(app, "/log", log)


def _values(store: Store, request: Request) -> dict[str, Any]:
    found, signed = leaf(store, request, _MOST), store.log.note(CHECKPOINT)
    rules = store.policy(f"{base(request)}log")
    times = signed.times([one.key for one in rules.witnesses.values()])
    return {
        "head": checkpoint.parse(signed.text),
        "note": signed.data.decode(),
        "policy": policy.dump(rules),
        "witnesses": [(one.key.name, _when(times.get(one.key))) for one in rules.witnesses.values()],
        "leaf": found,
        "entries": found.entries,
    }


def _when(seconds: int | None) -> str | None:
    return time_text(datetime.fromtimestamp(seconds, UTC)) if seconds else None
