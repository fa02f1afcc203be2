"""What the OpenAPI file says of every route: the schemas of what comes in, and the problems with their media type."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from fastapi import FastAPI

from ..artefacts import kinds
from ..artefacts.kinds import Kind
from . import problems
from .problems import Problem

_MEANING = {
    400: "What was sent cannot be read, or is of an unknown version.",
    401: "Writing needs a token.",
    403: "The token does not allow this, or the service does not do it.",
    404: "Nothing of this name is kept.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The content type is another one.",
    422: "What was sent was refused; of a bundle, the report says why.",
    429: "Too many requests.",
    431: "Request line and headers are too large.",
    500: "A bug.",
    503: "Busy, a limit was reached, or the store does not answer.",
}
#: Routes that read a body can also answer these.
BODY = (400, 408, 413, 415, 422)
#: Kinds of files whose schemas are components, under these names.
_COMPONENTS = {kinds.BUNDLE: "Bundle", kinds.COMMITMENT: "Commitment", kinds.FINGERPRINT: "Fingerprint"}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, beside those that every route has."""
    every = sorted({*statuses, 429, 431, 500, 503})
    return {status: {"model": Problem, "description": _MEANING[status]} for status in every}


def body(schema: dict[str, Any], *types: str) -> dict[str, Any]:
    """The body that a route takes: JSON of that schema, under `application/json` and these media types."""
    content = {name: {"schema": schema} for name in (*types, "application/json")}
    return {"requestBody": {"required": True, "content": content}}


def artefact(kind: Kind) -> dict[str, Any]:
    """The body of a route that takes a file of that kind."""
    return body({"$ref": _reference(kind)}, kind.media_type)


def any_of(schema: dict[str, Any], *some: Kind) -> dict[str, Any]:
    """The body of a route that takes JSON of that schema, or a file of one of these kinds."""
    files = {kind.media_type: {"schema": {"$ref": _reference(kind)}} for kind in some}
    every = {"anyOf": [schema, *(of["schema"] for of in files.values())]}
    return {"requestBody": {"required": True, "content": {**files, "application/json": {"schema": every}}}}


def file(kind: Kind) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that gives a file of that kind."""
    return {200: {"description": "The file.", "content": {kind.media_type: {"schema": {"$ref": _reference(kind)}}}}}


def binary(*types: str) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that gives bytes of one of these media types."""
    content = {name: {"schema": {"type": "string", "contentMediaType": name}} for name in types}
    return {200: {"description": "The file.", "content": content}}


def install(app: FastAPI) -> None:
    """Add the schemas of files, and give problems the media type that they have."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            contract = plain()
            for path in contract["paths"].values():
                for operation in path.values():
                    if "HTTPValidationError" in str(operation["responses"].get("422")):
                        del operation["responses"]["422"]  # a problem with status 400 here
                    for status, answer in operation["responses"].items():
                        if int(status) >= 400:
                            answer["content"] = {problems.MEDIA_TYPE: answer["content"]["application/json"]}
            schemas = contract["components"]["schemas"]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas |= {name: _schema(kind) for kind, name in _COMPONENTS.items()}
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _reference(kind: Kind) -> str:
    return f"#/components/schemas/{_COMPONENTS[kind]}"


def _schema(kind: Kind) -> Any:
    """The published schema of a kind of file, as a component."""
    name = f"{kind.name}.v{kind.version}.json"
    text = resources.files("huref").joinpath("schemas", name).read_text("utf-8")
    schema = json.loads(text.replace('"#/$defs/', f'"{_reference(kind)}/$defs/'))
    return {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
