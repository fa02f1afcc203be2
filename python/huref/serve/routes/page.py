"""The page on which a bundle can be dropped: static files, nothing from other hosts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from fastapi.responses import Response

from .. import static
from ..service import Service
from . import readable


def add(app: FastAPI, _: Service) -> None:
    """GET / and what it loads."""
    for path, content in static.files().items():
        answer = _file(content, static.media_type(path))
        readable(app, "/" if path == static.PAGE else f"/{path}", answer, include_in_schema=False)


def _file(content: bytes, media_type: str) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        return Response(content, media_type=media_type)

    return answer
