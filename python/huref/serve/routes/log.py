"""The log: its files, as C2SP's tlog-tiles has them, and the proof that an entry is in it."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ...errors import NotFoundError
from ...registry import policy
from .. import contract
from ..html import base
from ..service import Service
from . import readable
from .answers import forever, found, fresh

_PROOF = "text/plain; charset=utf-8"


def add(app: FastAPI, service: Service) -> None:
    """GET /log/checkpoint and /log/tile/...; GET /v1/entries/{sha256}/proof, /v1/policies/log."""

    async def static(request: Request, path: str) -> Response:
        """A file of the log: `checkpoint`, which changes, or one of its tiles, which never do."""
        data = await asyncio.to_thread(service.store.log.static, path)
        if data is None:
            raise NotFoundError("the log has no such file")
        if path == "checkpoint":
            return fresh(data, _PROOF)
        return forever(request, path, data, "application/octet-stream")

    async def proof(sha256: str) -> Response:
        """The file `.tlog-proof` of an entry, for `huref verify --log-proof`."""
        return fresh(await asyncio.to_thread(_proof, service, sha256), _PROOF)

    async def rules(request: Request) -> Response:
        """A policy for `huref verify --log-policy`: the log's keys and address, and the witnesses that it asks."""
        return fresh(policy.dump(service.store.policy(f"{base(request)}log")).encode(), _PROOF)

    file = contract.binary("application/octet-stream", "text/plain")
    readable(app, "/log/{path:path}", static, responses=file | contract.refusals(404))
    responses = contract.binary("text/plain") | contract.refusals(404)
    readable(app, "/v1/entries/{sha256}/proof", proof, responses=responses)
    readable(app, "/v1/policies/log", rules, responses=responses)


def _proof(service: Service, sha256: str) -> bytes:
    entry = found(service.store, sha256)
    assert entry.position is not None  # noqa: S101 (others are not found)
    return service.store.log.proof(entry.position)
