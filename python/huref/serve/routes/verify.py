"""Verifying a bundle: only a verified one gets status 200."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from ...artefacts.report import Report
from ..contract import BUNDLE, refusals
from ..pool import Answer
from ..problems import problem
from ..service import Service
from . import name_of


def add(app: FastAPI, service: Service) -> None:
    """POST /v1/verify, and /verify for those who type it."""

    async def verify(request: Request) -> Response:
        """Verify a bundle. Only a verified one gets status 200."""
        async with service.intake.body(request) as body:
            answer = await _remembered(service, body)
        if answer.code == "verified":
            return JSONResponse(answer.report)
        return problem(request, answer.code, answer.detail, answer.report)

    for path in ("/v1/verify", "/verify"):
        app.add_api_route(
            path,
            verify,
            methods=["POST"],
            operation_id=name_of(path),
            response_model=None,
            responses={200: {"model": Report, "description": "Verified."}, **refusals(400, 408, 413, 415, 422, 503)},
            openapi_extra=BUNDLE,
        )


async def _remembered(service: Service, body: bytearray) -> Answer:
    """The answer to a bundle, which is verified unless its report is kept."""
    if service.reports is None:
        return await service.pool.verify(body)
    report = await asyncio.to_thread(service.reports.get, body)
    if report is not None:
        return Answer("verified", "verified", report)
    answer = await service.pool.verify(body)
    if answer.code == "verified" and answer.report is not None:
        await asyncio.to_thread(service.reports.put, body, answer.report)
    return answer
