"""The routes, one file for each subject; each has a function `add`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI


def readable(app: FastAPI, path: str, answer: Callable[..., Any], **more: Any) -> None:
    """A path to read from, by GET and by HEAD."""
    app.add_api_route(path, answer, methods=["GET"], operation_id=name_of(path), **more)
    app.add_api_route(path, answer, methods=["HEAD"], **more | {"include_in_schema": False})


def name_of(path: str) -> str:
    """The name of the one operation of a path in the OpenAPI file."""
    return path.strip("/").translate(str.maketrans("/.", "--", "{}"))
