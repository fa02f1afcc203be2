"""Whose model is this, among the bundles that are kept?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response

from ...artefacts import kinds
from ...profile import DEFAULT, named
from .. import contract
from ..problems import problem
from ..search import Asked, Found, neighbours, search
from ..service import Service
from . import readable
from .answers import fresh_json

_Digest = Annotated[str, Query(pattern="^[0-9a-f]{64}$", description="Of a bundle that is kept.")]
_Limit = Annotated[int, Query(ge=1, le=100, description="How many bundles are listed.")]
_RULES = named(DEFAULT)
_TOP = _RULES.units * _RULES.outputs
_VECTORS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["profile", "tokens", "layers", "vectors"],
    "properties": {
        "profile": {"const": DEFAULT},
        "tokens": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "Digest of the list of tokens."},
        "layers": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0, "maximum": 65535}},
        "vectors": {
            "description": "One for each layer, none of them zero.",
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "array",
                "minItems": _RULES.outputs,
                "maxItems": _RULES.outputs,
                "items": {"type": "integer", "minimum": -_TOP, "maximum": _TOP},
            },
        },
    },
}


def add(app: FastAPI, service: Service) -> None:
    """POST and GET /v1/search."""

    async def posted(request: Request, limit: _Limit = 20) -> Response:
        """The kept bundles that are like a bundle, which is verified, a fingerprint, or vectors under a list of tokens
        that is named by its digest. Nothing of it is kept.
        """
        service.store  # noqa: B018 - nothing is received where nothing is kept
        async with service.intake.body(request, kinds.BUNDLE.media_type, kinds.FINGERPRINT.media_type) as body:
            answer = await service.do("query", body)
        if answer.common is None:
            return problem(request, answer.code, answer.detail, answer.report)
        asked = Asked(answer.common, commitment=answer.found.get("commitment"))
        return fresh_json(await search(service, asked, limit))

    async def kept(digest: _Digest, limit: _Limit = 20) -> Response:
        """The kept bundles that are like one of them."""
        return fresh_json(await neighbours(service, digest, limit))

    found: dict[int | str, dict[str, Any]] = {
        200: {"model": Found, "description": "What was found, and how it was looked for."}
    }
    app.add_api_route(
        "/v1/search",
        posted,
        methods=["POST"],
        operation_id="search-by",
        response_model=None,
        responses={**found, **contract.refusals(404, *contract.BODY)},
        openapi_extra=contract.any_of(_VECTORS, kinds.BUNDLE, kinds.FINGERPRINT),
    )
    readable(app, "/v1/search", kept, responses={**found, **contract.refusals(400, 404)}, response_model=None)
