"""Problems (RFC 9457): every answer that is not a success, with the code of `huref.errors.TABLE`."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route

from ..artefacts.report import Report
from ..errors import ADDRESS, TABLE, HurefError, LogError, RateLimitedError, StoreError, shown
from .headers import HEADERS

MEDIA_TYPE = "application/problem+json"
TYPES = f"{ADDRESS}/errors/"
_RETRY_SECONDS = 2
_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """A problem of RFC 9457. `type` is a page of the documentation, `code` its last part."""

    type: str = Field(examples=[TYPES + "malformed-bundle"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The request, as in the header X-Request-ID.")
    code: str
    report: Report | None = Field(default=None, description="The report of a bundle that was refused.")


def _content(code: str, detail: str, name: str) -> dict[str, Any]:
    row = TABLE[code]
    return {
        "type": TYPES + code,
        "title": row.title,
        "status": row.http,
        "detail": detail,
        "instance": f"urn:uuid:{name}",
        "code": code,
    }


def document(code: str, detail: str, name: str) -> tuple[HTTPStatus, bytes]:
    """Status and body for a code, where there is no request to answer; `name` takes the place of its id."""
    return HTTPStatus(TABLE[code].http), json.dumps(_content(code, detail, name)).encode("ascii")


def problem(
    request: Request, code: str, detail: str, report: dict[str, Any] | None = None, retry: int = _RETRY_SECONDS
) -> JSONResponse:
    """The answer for a code; `retry`: after how many seconds, where the code is about time."""
    row, content = TABLE[code], _content(code, detail, request.state.id)
    request.state.verdict = code
    headers = retry_after(row.http, retry)
    if report is not None:
        content["report"] = report
    if row.http == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if row.http in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
        headers["Connection"] = "close"  # the rest of the body is not read
    return JSONResponse(content, row.http, headers, MEDIA_TYPE)


def retry_after(status: int, seconds: int = _RETRY_SECONDS) -> dict[str, str]:
    """The header that says when to ask again, for a status that is about time."""
    about_time = status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
    return {"Retry-After": str(seconds)} if about_time else {}


def noted(request: Request, error: HurefError) -> tuple[str, str]:
    """Code and sentence for an error, as strangers see them; the rest is in the log."""
    code, detail = error.code, str(error)
    if isinstance(error, StoreError | LogError):  # which may name folders and hosts
        _log.error("request %s: %s", request.state.id, error)
        code, detail = StoreError.code, "what is kept cannot be read or written now"
    request.state.verdict = code
    return code, detail


def install(app: FastAPI) -> None:
    """Turn every exception into a problem."""

    @app.exception_handler(HurefError)
    async def known(request: Request, error: HurefError) -> Response:
        if isinstance(error, RateLimitedError):
            return problem(request, error.code, str(error), retry=error.seconds)
        return problem(request, *noted(request, error))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.NOT_FOUND:
            return problem(request, "not-found", "there is nothing at this path")
        if error.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return problem(request, "usage", "the request cannot be understood")
        here = [
            route for route in app.routes if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE
        ]
        methods = sorted({method for route in here for method in route.methods or ()} | {"OPTIONS"})
        if request.method == "OPTIONS":
            answer = Response(status_code=HTTPStatus.NO_CONTENT)
        else:
            answer = problem(request, "method-not-allowed", f"this path has {', '.join(methods)}")
        answer.headers["Allow"] = ", ".join(methods)
        return answer

    @app.exception_handler(RequestValidationError)
    async def query(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return problem(request, "usage", f"{shown(str(first['loc'][-1]))}: {first['msg'].lower()}")

    @app.exception_handler(ClientDisconnect)
    async def gone(request: Request, _: ClientDisconnect) -> Response:
        return problem(request, "request-timeout", "the body ended early")  # nobody is left to read it

    @app.exception_handler(Exception)
    async def bug(request: Request, error: Exception) -> Response:
        _log.error("request %s", request.state.id, exc_info=error)
        answer = problem(request, "internal", "the service has a bug; the log of its operator names this request")
        answer.headers.update(HEADERS | {"X-Request-ID": request.state.id})  # made outside of the middleware
        return answer
