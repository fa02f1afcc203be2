"""The page on which a bundle can be dropped: static files, nothing from other hosts.

The program of its workers is one file, made of some sixty: with the network cut off, nothing is loaded any more.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response

from .. import html, single, static
from ..headers import HEADERS
from ..html import Answer
from ..service import Service
from . import readable

_KEPT = {"Cache-Control": "no-cache", "Content-Security-Policy": HEADERS["Content-Security-Policy"]}
_STYLES = '<link rel="stylesheet" href="registry.css">\n'


def add(app: FastAPI, service: Service) -> None:
    """GET / and what it loads."""
    found = static.files()
    shown = {path: text for path, text in found.items() if "/" not in path}
    head, body = ("", "") if service.kept is None else (_STYLES, html.rendered("header.html", at="verify"))
    shown[static.PAGE] = shown[static.PAGE].replace(static.HEAD, head).replace(static.BODY, body)
    shown["worker.js"] = single.program(found).decode()
    for path, text in shown.items():
        answer = _file(text.encode(), static.media_type(path))
        readable(app, "/" if path == static.PAGE else f"/{path}", answer, include_in_schema=False)


def _file(content: bytes, media_type: str) -> Answer:
    async def answer(request: Request) -> Response:
        return html.changing(request, content, media_type, headers=_KEPT)

    return answer
