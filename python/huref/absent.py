"""What to say where a file or folder is named that is not there: it may be the name of something elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from .errors import NotFoundError

#: A path joins the two slashes of an address to one.
_ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]+:)/+", re.IGNORECASE)
_CACHED = re.compile(r"models--([\w.-]+?)--([\w.-]+)", re.ASCII)
_NAMED = re.compile(r"([\w.-]+)/([\w.-]+)", re.ASCII)


def absent(path: Path, what: str = "file") -> NotFoundError:
    """The error for a path where there is no such file or folder.

    It says what to do with an address, with the name `OWNER/MODEL` of a model on a hub, and with that of its cache.
    """
    name = _ADDRESS.sub(r"\1//", str(path))
    return NotFoundError(f"{name}: no such {what}{_hint(path)}")


def _hint(path: Path) -> str:
    if _ADDRESS.match(str(path)):
        return "; nothing is fetched from an address: download it first and give its path"
    cached, named = _CACHED.fullmatch(path.name), _NAMED.fullmatch(str(path))
    found = cached or (named if path.suffix != ".json" and not path.parent.is_dir() else None)
    if found is None:
        return ""
    owner, model = found.groups()
    return (
        f"; if it is a model on a hub, download it first, for example: hf download {owner}/{model} --local-dir {model}"
    )


def cached(folder: Path) -> str | None:
    """What to do with a folder of a hub's cache, which holds a model in folders further down; None for others."""
    if not (folder / "snapshots").is_dir():
        return None
    models = sorted(config.parent for config in folder.glob("snapshots/*/config.json"))
    if not models:
        return f"{folder}: a folder of a download cache without a model in it; download the model again"
    return f"{folder}: a folder of a download cache; give the model in it: {models[-1]}"
