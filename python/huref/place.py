"""What the name of a model means: a folder, a file of llama.cpp, a model on a hub, a base with an adapter to merge."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

#: First bytes of a GGUF file.
GGUF = b"GGUF"
_HUB = re.compile(
    r"hf:([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@([\w.-]+(?:/[\w.-]+){0,3}?))?(?:/([^/]+\.gguf))?",
    re.ASCII,
)
_PICKLES: ContextVar[bool] = ContextVar("pickles", default=False)
_FAMILY: ContextVar[str | None] = ContextVar("family", default=None)


@contextmanager
def allow_pickles() -> Iterator[None]:
    """Inside, models whose weights are pickled (`*.bin`, `*.pth`) are read, by a reader that makes nothing but tensors
    of them: `torch.load(weights_only=True)`. The workers of Ray that commit such a model read it so too.
    """
    token = _PICKLES.set(True)
    try:
        yield
    finally:
        _PICKLES.reset(token)


def pickles_allowed() -> bool:
    """Whether pickled weights are read here."""
    return _PICKLES.get()


@contextmanager
def reading_as(family: str) -> Iterator[None]:
    """Inside, models whose `model_type` is not known are read as models of that family (docs/reference/models.md)."""
    token = _FAMILY.set(family)
    try:
        yield
    finally:
        _FAMILY.reset(token)


def family_given() -> str | None:
    """The family of models of no known type."""
    return _FAMILY.get()


@dataclass(frozen=True)
class Hub:
    """A model on the Hub: OWNER/NAME, the revision that is asked for, and a file of it."""

    repository: str
    revision: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        at = f"@{self.revision}" if self.revision else ""
        return f"hf:{self.repository}{at}{f'/{self.file}' if self.file else ''}"


def on_hub(path: Path) -> Hub | None:
    """The model that `hf:OWNER/NAME`, `hf:OWNER/NAME@REVISION` or either with `/FILE.gguf` names; None for others."""
    found = _HUB.fullmatch(str(path))
    return None if found is None else Hub(*found.groups())


def is_model(path: Path) -> bool:
    """Whether a path names a model, and no file of huref."""
    return path.is_dir() or on_hub(path) is not None or is_gguf(path) or with_adapter(path) is not None


def is_gguf(path: Path) -> bool:
    """Whether this is a GGUF file, by its first bytes."""
    try:
        if not path.is_file():  # opening a pipe would wait for its writer
            return False
        with path.open("rb") as file:
            return file.read(len(GGUF)) == GGUF
    except OSError:  # the reader of the file says so
        return False


def with_adapter(path: Path) -> tuple[Path, Path] | None:
    """Base and adapter, where a path that is not there is `BASE+ADAPTER`, the last part a folder; None otherwise."""
    if path.exists() or on_hub(path):
        return None
    name = str(path)
    cuts = (at for at, letter in enumerate(name) if letter == "+")
    found = ((Path(name[:at]), Path(name[at + 1 :])) for at in cuts)
    return next((pair for pair in found if _is_there(pair[0]) and _is_there(pair[1])), None)


def _is_there(path: Path) -> bool:
    return on_hub(path) is not None or path.exists()


def resolved(path: Path) -> Path:
    """The name under which other processes find a model, whatever folder they work in."""
    pair = with_adapter(path)
    if pair is not None:
        return Path("+".join(str(resolved(one)) for one in pair))
    return path if on_hub(path) else path.resolve()
