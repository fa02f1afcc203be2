"""The routes, one file for each subject; each has a function `add`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from ...registry.entry import Kind
from .. import contract
from ..problems import problem
from ..service import Service
from .answers import EntryShown, shown


def readable(app: FastAPI, path: str, answer: Callable[..., Any], **more: Any) -> None:
    """A path to read from, by GET and by HEAD."""
    app.add_api_route(path, answer, methods=["GET"], operation_id=name_of(path), **more)
    app.add_api_route(path, answer, methods=["HEAD"], **more | {"include_in_schema": False})


def accepting(
    app: FastAPI, service: Service, kind: Kind, job: str, what: str, body: dict[str, Any], *types: str
) -> None:
    """A path to send objects of a kind to: one that the job accepts is kept, and has an entry."""
    path = f"/v1/{kind}s"

    async def accept(request: Request) -> Response:
        await service.may_write(request, kind)
        async with service.intake.body(request, *types) as data:
            answer = await service.do(job, data)
        if answer.code != "verified":
            return problem(request, answer.code, answer.detail, answer.report)
        entry, new = await asyncio.to_thread(service.store.keep, kind, answer.found, answer.data, answer.common)
        request.state.digest, request.state.verdict = entry.sha256, answer.code
        content = (await asyncio.to_thread(shown, service.store, entry)).to_json()
        return JSONResponse(content, 201 if new else 200, {"Location": content["location"]})

    accept.__doc__ = what
    kept = {"model": EntryShown, "headers": {"Location": {"schema": {"type": "string"}}}}
    app.add_api_route(
        path,
        accept,
        methods=["POST"],
        operation_id=f"keep-{kind}",
        response_model=None,
        responses={
            201: {"description": "Kept from now on.", **kept},
            200: {"description": "Kept before; nothing was added.", **kept},
            **contract.refusals(401, 403, *contract.BODY),
        },
        openapi_extra=body,
    )


def name_of(path: str) -> str:
    """The name of the one operation of a path in the OpenAPI file."""
    return path.strip("/").translate(str.maketrans("/.", "--", "{}"))
