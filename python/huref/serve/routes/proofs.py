"""Proof jobs: a folder that the operator mounted becomes a bundle that is kept. Weights are never sent here."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from ...artefacts.document import Part
from ...errors import ForbiddenError, RateLimitedError
from .. import contract
from ..proofs.request import KEY, MOST_BYTES, SCHEMA, key_of, parse
from ..service import Service
from . import readable

if TYPE_CHECKING:
    from ..proofs.durable import Job
    from ..proofs.proofs import Proofs

_SCOPE = "proof"
#: Seconds after which a client should ask again; between two looks at a job; without an event, until a sign of life.
_RETRY, _EVERY, _SILENCE = 2, 0.5, 15.0
#: Streams of events that one owner may have open.
_STREAMS = 16
_EVENTS = "text/event-stream"


@dataclass(frozen=True)
class Why(Part):
    """Why a job failed: one of the codes of problems, and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True)
class ProofShown(Part):
    """A proof job. `stage`, `done`, `total`: how far it is, in units of that stage; `commitment` and `bundle`: what it
    made, and `location` of that bundle.
    """

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    folder: str
    stage: str | None = None
    done: int | None = None
    total: int | None = None
    commitment: str | None = None
    bundle: str | None = None
    location: str | None = None
    problem: Why | None = None


def add(app: FastAPI, service: Service) -> None:
    """POST /v1/proofs; GET and DELETE /v1/proofs/{name}; GET /v1/proofs/{name}/events."""
    streams: Counter[str] = Counter()

    async def begin(request: Request) -> Response:
        """Begin a proof of a model in a folder that the operator mounted."""
        owner = await service.may_write(request, _SCOPE)
        proofs, key = _proofs(service), key_of(request.headers.get("idempotency-key"))
        async with service.intake.body(request) as body:
            start = bytes(body[: MOST_BYTES + 1])
        job = await asyncio.to_thread(proofs.begin, owner, parse(start), key)
        return _answer(job, 202, Location=f"/v1/proofs/{job.id}")

    async def show(request: Request, name: str) -> Response:
        """A proof job: its state, and how far it is."""
        return _answer((await _found(request, name))[1], 200)

    async def cancel(request: Request, name: str) -> Response:
        """Cancel a proof job. It stops where it next looks; one that has ended stays as it is."""
        proofs, job = await _found(request, name)
        await asyncio.to_thread(proofs.cancel, job.id)
        return _answer((await _found(request, name))[1], 202)

    async def events(request: Request, name: str) -> Response:
        """Server-sent events: the proof job each time that it changes, until it has ended."""
        proofs, job = await _found(request, name)
        if streams[job.owner] >= _STREAMS:
            raise RateLimitedError(_RETRY, f"{_STREAMS} streams of events are open already; close one")

        async def counted() -> AsyncIterator[bytes]:
            streams[job.owner] += 1
            try:
                async for event in _events(proofs, job):
                    yield event
            finally:
                streams[job.owner] -= 1

        return StreamingResponse(counted(), media_type=_EVENTS)

    async def _found(request: Request, name: str) -> tuple[Proofs, Job]:
        owner = await service.sender(request, _SCOPE)
        proofs = _proofs(service)
        own = None if service.settings.writing == "anyone" else owner
        return proofs, await asyncio.to_thread(proofs.find, name, own)

    shown: dict[str, Any] = {"model": ProofShown, "headers": {"Retry-After": {"schema": {"type": "integer"}}}}
    location = {"Location": {"schema": {"type": "string"}}}
    begun = shown | {"description": "Begun, or begun before under that key.", "headers": shown["headers"] | location}
    app.add_api_route(
        "/v1/proofs",
        begin,
        methods=["POST"],
        operation_id="begin-proof",
        response_model=None,
        responses={202: begun, **contract.refusals(401, 403, 404, *contract.BODY)},
        openapi_extra=contract.body(SCHEMA) | {"parameters": [KEY]},
    )
    missing = contract.refusals(401, 403, 404)
    path = "/v1/proofs/{name}"
    readable(app, path, show, response_model=None, responses={200: shown | {"description": "The job."}, **missing})
    app.add_api_route(
        path,
        cancel,
        methods=["DELETE"],
        operation_id="cancel-proof",
        response_model=None,
        responses={202: shown | {"description": "It is asked to stop."}, **missing},
    )
    stream = {"description": "Events, named by the state.", "content": {_EVENTS: {"schema": {"type": "string"}}}}
    app.add_api_route(
        f"{path}/events",
        events,
        methods=["GET"],
        operation_id="proof-events",
        response_class=Response,
        responses={200: stream, **missing},
    )


def _proofs(service: Service) -> Proofs:
    if service.proofs is None:
        raise ForbiddenError("this service proves nothing; its operator named no folder of models (HUREF_SERVE_MODELS)")
    return service.proofs


def _shown(job: Job) -> ProofShown:
    found, bundle = job.result, job.result.get("bundle")
    why = Why(found["code"], found["detail"]) if job.state == "failed" else None
    return ProofShown(
        job.id,
        job.state,
        job.request["folder"],
        **{name: job.progress.get(name) for name in ("stage", "done", "total")},
        commitment=found.get("commitment"),
        bundle=bundle,
        location=None if bundle is None else f"/v1/bundles/{bundle}",
        problem=why,
    )


def _answer(job: Job, status: int, **headers: str) -> Response:
    if not job.ended:
        headers["Retry-After"] = str(_RETRY)
    return JSONResponse(_shown(job).to_json(), status, headers)


async def _events(proofs: Proofs, job: Job) -> AsyncIterator[bytes]:
    last, spoken = "", time.monotonic()
    while True:
        text = json.dumps(_shown(job).to_json())
        if text != last:
            yield f"event: {job.state}\ndata: {text}\n\n".encode("ascii")
            last, spoken = text, time.monotonic()
        elif time.monotonic() - spoken > _SILENCE:
            yield b": still there\n\n"
            spoken = time.monotonic()
        if job.ended:
            return
        await asyncio.sleep(_EVERY)
        job = await asyncio.to_thread(proofs.find, job.id, None)
