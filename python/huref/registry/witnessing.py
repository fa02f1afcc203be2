"""A witness over HTTP (c2sp.org/tlog-witness): `POST /add-checkpoint`, and the last checkpoint of each log."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import StoreError, UsageError
from .request import MAX_BYTES, PATH
from .witness import Answer, Witness


def app(witness: Witness) -> Starlette:
    """The application. A witness that cannot keep what it would sign answers 503."""

    async def add(asked: Request) -> Response:
        body = b""
        async for part in asked.stream():
            body += part
            if len(body) > MAX_BYTES:
                return _response(Answer(413, b"too large\n"))
        return _response(await run_in_threadpool(witness.add, body))

    async def last(asked: Request) -> Response:
        found = await run_in_threadpool(witness.last, asked.path_params["origin"])
        return _response(Answer(404, b"nothing was cosigned\n") if found is None else Answer(200, found))

    async def failed(_: Request, why: Exception) -> Response:  # noqa: ARG001 - the log has it
        return _response(Answer(503, b"nothing was signed\n"))

    routes = [Route(f"/{PATH}", add, methods=["POST"]), Route("/{origin}/checkpoint", last)]
    return Starlette(routes=routes, exception_handlers={StoreError: failed})


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, {"content-type": answer.media_type})  # as it is, without a charset


def serve(witness: Witness, host: str, port: int, ready: Callable[[str], object]) -> None:
    """Answer until SIGINT or SIGTERM; `ready` is called with the address. UsageError: it cannot listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as why:
        raise UsageError(f"cannot listen on {host}, port {port}: {why.strerror or why}") from None
    with listener:
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listener.getsockname()[1]}")
        config = uvicorn.Config(app(witness), log_level="warning", limit_concurrency=256, timeout_keep_alive=60)
        uvicorn.Server(config).run(sockets=[listener])
