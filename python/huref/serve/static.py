"""The files of the page."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

PAGE = "page.html"  # at the path "/"
#: What stands in the page where a registry adds to it: styles, and its navigation.
HEAD, BODY = "<!-- registry: head -->\n", "<!-- registry: body -->\n"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def files() -> dict[str, str]:
    """The text of every file of the page by its path, such as `portrait/plane.js`."""
    found = _files(resources.files(__package__).joinpath("page"), "")
    return {path: file.read_text("utf-8") for path, file in sorted(found, key=lambda entry: entry[0])}


def media_type(path: str) -> str:
    """The media type of a file of the page."""
    return _TYPES[path[path.rindex(".") :]]


def _files(folder: Traversable, under: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, f"{under}{entry.name}/")
        elif any(entry.name.endswith(ending) for ending in _TYPES):
            yield f"{under}{entry.name}", entry
