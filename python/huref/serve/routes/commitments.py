"""Commitments that are kept: one alone is enough for a date, long before any proof."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ...artefacts import kinds
from .. import contract
from ..service import Service
from . import accepting, readable
from .answers import forever, found


def add(app: FastAPI, service: Service) -> None:
    """POST /v1/commitments; GET /v1/commitments/{id}."""

    async def commitment(request: Request, name: str) -> Response:
        """The file of a commitment, by its id."""
        entry = await asyncio.to_thread(found, service.store, name, "commitment")
        data = await asyncio.to_thread(service.store.bytes_of, entry)
        return forever(request, name, data, kinds.COMMITMENT.media_type)

    what = "Keep a commitment. Since when it is kept shows that it existed by then."
    accepting(
        app, service, "commitment", "commit", what, contract.artefact(kinds.COMMITMENT), kinds.COMMITMENT.media_type
    )
    responses = contract.file(kinds.COMMITMENT) | contract.refusals(404)
    readable(app, "/v1/commitments/{name}", commitment, responses=responses)
