"""What the name of a model means: a folder, a file of llama.cpp, or a base with an adapter to merge into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

#: First bytes of a GGUF file.
GGUF = b"GGUF"
_PICKLES: ContextVar[bool] = ContextVar("pickles", default=False)
_FAMILY: ContextVar[str | None] = ContextVar("family", default=None)


@contextmanager
def allow_pickles() -> Iterator[None]:
    """Inside, models whose weights are pickled (`*.bin`, `*.pth`) are read, by a reader that makes nothing but tensors
    of them: `torch.load(weights_only=True)`. Not in other processes, such as those of Ray.
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


def is_model(path: Path) -> bool:
    """Whether a path names a model, and no file of huref."""
    return path.is_dir() or is_gguf(path) or with_adapter(path) is not None


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
    if path.exists():
        return None
    name = str(path)
    cuts = (at for at, letter in enumerate(name) if letter == "+")
    found = ((Path(name[:at]), Path(name[at + 1 :])) for at in cuts)
    return next((pair for pair in found if pair[0].exists() and pair[1].is_dir()), None)


def resolved(path: Path) -> Path:
    """The name under which other processes find a model, whatever folder they work in."""
    pair = with_adapter(path)
    return path.resolve() if pair is None else Path("+".join(str(one.resolve()) for one in pair))


def title(path: Path) -> str:
    """The name of a model without the folders that it is in."""
    pair = with_adapter(path)
    return path.resolve().name if pair is None else "+".join(one.resolve().name for one in pair)
