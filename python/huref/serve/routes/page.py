"""The page on which a bundle can be dropped: static files, nothing from other hosts.

The program of its workers is one file, made of some sixty: with the network cut off, nothing is loaded any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from fastapi.responses import Response

from .. import single, static
from ..service import Service
from . import readable


def add(app: FastAPI, _: Service) -> None:
    """GET / and what it loads."""
    found = static.files()
    shown = {path: text.encode() for path, text in found.items() if "/" not in path}
    for path, content in (shown | {"worker.js": single.program(found)}).items():
        answer = _file(content, static.media_type(path))
        readable(app, "/" if path == static.PAGE else f"/{path}", answer, include_in_schema=False)


def _file(content: bytes, media_type: str) -> Callable[[], Awaitable[Response]]:
    async def answer() -> Response:
        return Response(content, media_type=media_type)

    return answer
