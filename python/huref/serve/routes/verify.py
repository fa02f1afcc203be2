"""Verifying a bundle: only a verified one gets status 200."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from ...artefacts import kinds
from ...artefacts.report import Report
from .. import contract
from ..pool import Answer
from ..problems import problem
from ..service import Service
from . import name_of


def add(app: FastAPI, service: Service) -> None:
    """POST /v1/verify, and /verify for those who type it."""

    async def verify(request: Request) -> Response:
        """Verify a bundle. Only a verified one gets status 200."""
        async with service.intake.body(request, kinds.BUNDLE.media_type) as body:
            answer = await _answer(service, body)
        if answer.report is not None:
            request.state.digest = answer.report["bundle"]["sha256"]
        if answer.code != "verified":
            return problem(request, answer.code, answer.detail, answer.report)
        request.state.verdict = answer.code
        return JSONResponse(answer.report)

    for path in ("/v1/verify", "/verify"):
        app.add_api_route(
            path,
            verify,
            methods=["POST"],
            operation_id=name_of(path),
            response_model=None,
            responses={200: {"model": Report, "description": "Verified."}, **contract.refusals(*contract.BODY)},
            openapi_extra=contract.artefact(kinds.BUNDLE),
        )


async def _answer(service: Service, body: bytearray) -> Answer:
    """The answer to a bundle, which is verified unless its report is kept."""
    report = await service.remembered(body)
    if report is not None:
        return Answer("verified", "verified", report)
    return await service.do("verify", body)
