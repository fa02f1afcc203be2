"""What every container of a model gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..checkpoint import Checkpoint
from ..config import Config
from ..tokenizer import Token


@dataclass(frozen=True)
class Container:
    """A model where it is stored: `path` as it was given, configuration, tensors, and how to read its vocabulary: the
    ordinary tokens and the file that they stand in, ModelError if there is none. `name`: without the folders that it
    is in, or with its revision on a hub.
    """

    path: Path
    config: Config
    checkpoint: Checkpoint
    vocabulary: Callable[[], tuple[list[Token], Path]] = field(repr=False)
    name: str
