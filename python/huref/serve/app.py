"""The routes of the service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from importlib import metadata
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from ..artefacts import kinds
from ..artefacts.policy import DEFAULT
from ..artefacts.report import Report
from ..profile import PROFILES, Profile
from . import problems, static
from .headers import Headers
from .intake import Intake
from .limits import Limits
from .pool import Answer, Pool
from .problems import Problem, problem
from .reports import Reports

_ABOUT = (
    "Verifies bundles of model fingerprints. Status 200 means verified; every other outcome is a problem (RFC 9457)."
)
_BODY = {"schema": {"type": "object", "description": "A bundle; its schema is proofs/schemas/bundle.v2.json."}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "Not a bundle, or of an unknown version."},
    408: {"model": Problem, "description": "The body did not arrive in time."},
    413: {"model": Problem, "description": "The body is too large."},
    415: {"model": Problem, "description": "The content type is not that of a bundle."},
    422: {"model": Problem, "description": "The bundle was refused; the report says why."},
    500: {"model": Problem, "description": "A bug."},
    503: {"model": Problem, "description": "Busy, or a limit was reached."},
}


def create_app(limits: Limits | None = None, data: Path | None = None) -> FastAPI:
    """The service as an ASGI application. Raises OutputError if `data` cannot be written to."""
    limits = limits or Limits()
    intake, pool = Intake(limits), Pool(limits)
    reports = Reports(data) if data is not None else None

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await pool.open()
        try:
            yield
        finally:
            await pool.close()

    app = FastAPI(
        title="huref",
        version=metadata.version("huref"),
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,  # those pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.pool = pool
    app.add_middleware(Headers)
    problems.install(app)

    async def verify(request: Request) -> Response:
        """Verify a bundle. Only a verified one gets status 200."""
        async with intake.body(request) as body:
            answer = await _remembered(reports, pool, body) if reports is not None else await pool.verify(body)
        if answer.code == "verified":
            return JSONResponse(answer.report)
        return problem(request, answer.code, answer.detail, answer.report)

    async def health() -> dict[str, str]:
        """Whether the service is alive."""
        return {"status": "ok"}

    async def profiles() -> dict[str, Any]:
        """The profiles that this release knows, their numbers, and which of them the policy accepts."""
        return {"profiles": [_profile(profile) for profile in PROFILES.values()]}

    async def policy() -> dict[str, Any]:
        """The policy under which this service verifies, and its digest."""
        return {**DEFAULT.to_json(), "sha256": DEFAULT.digest}

    for path in ("/v1/verify", "/verify"):
        app.post(
            path,
            operation_id=path.strip("/").replace("/", "-"),
            response_model=None,
            responses={200: {"model": Report, "description": "Verified."}, **_PROBLEMS},
            openapi_extra={
                "requestBody": {
                    "required": True,
                    "content": dict.fromkeys((kinds.BUNDLE.media_type, "application/json"), _BODY),
                },
            },
        )(verify)
    _get(app, "/healthz", health)
    _get(app, "/v1/profiles", profiles)
    _get(app, "/v1/policies/default", policy)
    for path, content in static.files().items():
        answer = _file(content, static.media_type(path))
        _get(app, "/" if path == static.PAGE else f"/{path}", answer, public=False)
    _declare_problems(app)
    return app


async def _remembered(reports: Reports, pool: Pool, body: bytearray) -> Answer:
    """The answer to a bundle, which is verified unless its report is kept."""
    report = await asyncio.to_thread(reports.get, body)
    if report is not None:
        return Answer("verified", "verified", report)
    answer = await pool.verify(body)
    if answer.code == "verified" and answer.report is not None:
        await asyncio.to_thread(reports.put, body, answer.report)
    return answer


def _get(app: FastAPI, path: str, answer: Callable[[], Any], *, public: bool = True) -> None:
    """A path to read from, by GET and by HEAD; `public` ones are in the OpenAPI file."""
    app.get(path, operation_id=path.strip("/").replace("/", "-"), include_in_schema=public)(answer)
    app.head(path, include_in_schema=False)(answer)


def _file(content: bytes, media_type: str) -> Callable[[], Any]:
    async def answer() -> Response:
        return Response(content, media_type=media_type)

    return answer


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "accepted": profile.name in DEFAULT.profiles,
        "parameters": profile.numbers,
        "generators": profile.generators,
    }


def _declare_problems(app: FastAPI) -> None:
    """In the OpenAPI file, give problems the media type that they have."""
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
