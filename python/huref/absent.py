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
        f"; if it is a model on a hub, write hf:{owner}/{model}, of which only what is needed is fetched, or download "
        f"it first: hf download {owner}/{model} --local-dir {model}"
    )


def cached(folder: Path) -> str | None:
    """What to do with a folder of a hub's cache in which `snapshot` finds no model; None for others."""
    if not (folder / "snapshots").is_dir():
        return None
    models = sorted(config.parent for config in folder.glob("snapshots/*/config.json"))
    if not models:
        return f"{folder}: a folder of a download cache without a model in it; download the model again"
    return f"{folder}: a folder of a download cache with {len(models)} revisions; give one of them: {models[-1]}"


def snapshot(folder: Path) -> Path | None:
    """The revision in a folder of a hub's cache: the one that `refs/main` names, or the only one; None for others."""
    found = sorted({path.parent for name in ("config.json", "*.gguf") for path in folder.glob(f"snapshots/*/{name}")})
    try:
        main = (folder / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        main = ""
    named = [path for path in found if path.name == main]
    return (named or found)[0] if named or len(found) == 1 else None
