"""The tensors of a model, by name, wherever they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError
from .entry import Entry
from .tensor import Tensor


@dataclass(frozen=True)
class Checkpoint:
    """Every tensor by the name that the family looks for. `path`: file or folder of the model, for messages.

    `files`: those that the tensors are read from, and their index.
    """

    path: Path
    place: Mapping[str, Entry]
    files: tuple[Path, ...]

    def label(self, name: str) -> str:
        """File and tensor, for messages."""
        return self.place[name].label

    def tensor(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """A tensor, not read yet; a quantised one becomes float32 when it is.

        ModelError if it is missing, not of this `shape`, or of a type that cannot be read; it names file and tensor.
        """
        if name not in self.place:
            raise ModelError(f"{self.path}: tensor {name!r} is missing")
        if self.shape(name) != shape:
            raise ModelError(
                f"{self.path}: {self.label(name)}: "
                f"shape {list(self.shape(name))}, but the configuration asks for {list(shape)}"
            )
        return self.place[name].tensor()

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor that is there, without touching it."""
        return self.place[name].shape
