"""Pages that the service writes: templates, filled in with text that is escaped.

Browsers keep them and ask each time whether they still hold. They need no JavaScript; `registry.js` adds comfort alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from jinja2 import DictLoader, Environment, StrictUndefined

from ..errors import TABLE, HurefError, UsageError
from .problems import noted, retry_after

_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,300}", re.ASCII)
Answer = Callable[[Request], Awaitable[Response]]


def _environment() -> Environment:
    folder = resources.files(__package__).joinpath("templates")
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".html")}
    made = Environment(
        loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["short"] = lambda digest: f"{digest[:16]}…"
    made.filters["day"] = lambda time: time[:10]
    return made


_templates = _environment()


def rendered(template: str, **values: Any) -> str:
    """A template, filled in."""
    return _templates.get_template(template).render(values)


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """The answer with a page. A browser that has it in this form gets only that it still holds."""
    return changing(request, rendered(template, **values).encode(), "text/html", status, _HEADERS)


def changing(
    request: Request, content: bytes, media_type: str, status: int = 200, headers: dict[str, str] = _HEADERS
) -> Response:
    """What is to be asked for again each time, and is sent only if it has changed."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    given = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    headers = headers | {"ETag": tag}
    if status == 200 and tag in given:
        return Response(status_code=304, headers=headers)
    return Response(content, status, headers, media_type)


def showing(app: FastAPI, path: str, answer: Answer) -> None:
    """A path whose answer is a page, by GET and by HEAD; also where it is that something is wrong."""

    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except HurefError as why:
            return _failed(request, why)

    app.add_api_route(path, answered, methods=["GET", "HEAD"], include_in_schema=False)


def number(request: Request, name: str) -> int | None:
    """A number in the query. UsageError: it is none."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise UsageError(f"{name} must be a number")
    return int(text)


def base(request: Request) -> str:
    """The address of the service, as this client wrote it, with a slash at its end. UsageError: it is no address."""
    url = request.base_url
    if _HOST.fullmatch(url.netloc) is None:
        raise UsageError("the header Host must name this service")
    return f"{url.scheme}://{url.netloc}/"


def _failed(request: Request, why: HurefError) -> Response:
    code, detail = noted(request, why)
    row = TABLE[code]
    again = retry_after(row.http)
    answer = page(request, "error.html", row.http, title=row.title, detail=detail, again=again)
    answer.headers.update(again)
    return answer
