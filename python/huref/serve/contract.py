"""What the OpenAPI file says of every route: the bundle's schema, and the problems with their media type."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from ..artefacts import kinds
from . import problems
from .problems import Problem

_MEANING = {
    400: "Not a bundle, or of an unknown version.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The content type is not that of a bundle.",
    422: "The bundle was refused; the report says why.",
    500: "A bug.",
    503: "Busy, or a limit was reached.",
}
_BUNDLE = {"schema": {"type": "object", "description": "A bundle; its schema is proofs/schemas/bundle.v2.json."}}
#: The body of a route that takes a bundle.
BUNDLE = {
    "requestBody": {
        "required": True,
        "content": dict.fromkeys((kinds.BUNDLE.media_type, "application/json"), _BUNDLE),
    },
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with; a bug always can."""
    return {status: {"model": Problem, "description": _MEANING[status]} for status in sorted({*statuses, 500})}


def install(app: FastAPI) -> None:
    """Give problems the media type that they have."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for path in plain()["paths"].values():
                for operation in path.values():
                    for status, answer in operation["responses"].items():
                        if int(status) >= 400:
                            answer["content"] = {problems.MEDIA_TYPE: answer["content"]["application/json"]}
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]
