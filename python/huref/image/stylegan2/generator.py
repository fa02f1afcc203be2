"""The file of a generator: safetensors of 32-bit numbers, checked in every respect before anything is drawn."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import disk, facts
from ...errors import InputError
from ...extras import require
from .design import Design

FORMAT = "huref/stylegan2-generator/v1"
#: Room for the largest public checkpoints, of 1024 x 1024 pixels (121 MB), twice over.
MAX_BYTES = 256 << 20


@dataclass(frozen=True)
class Generator:
    """A generator: sizes, tensors of float32 by name, and `recipe`, which says for people where it comes from.

    `sha256` (hex) of its file; empty for one that was not read from a file.

    Raises:
        ValueError: a tensor is missing, too much, of another type or shape, or holds something that is no number.

    """

    design: Design
    weights: dict[str, NDArray[np.float32]]
    recipe: dict[str, Any]
    sha256: str = ""

    def __post_init__(self) -> None:
        shapes = self.design.shapes()
        if self.weights.keys() != shapes.keys():
            name = sorted(self.weights.keys() ^ shapes.keys())[0]
            raise ValueError(f"tensor {name[:80]!a} is {'missing' if name in shapes else 'not one of a generator'}")
        for name, shape in shapes.items():
            weight = self.weights[name]
            if weight.dtype != np.float32 or weight.shape != shape:
                raise ValueError(f"tensor {name} is {weight.dtype} {weight.shape}, not float32 {shape}")
            if not np.isfinite(weight).all():
                raise ValueError(f"tensor {name} holds something that is no number")

    def to_bytes(self) -> bytes:
        """The file: tensors by name, and all else as JSON under one name of its metadata.

        One name, because safetensors writes several in no fixed order, and equal generators should be equal files.
        """
        from safetensors.numpy import save

        said = {
            "format": FORMAT,
            "resolution": self.design.resolution,
            "channels": list(self.design.channels),
            "latent": self.design.latent,
            "layers": self.design.layers,
            "clamp": self.design.clamp,
            "recipe": self.recipe,
        }
        tensors = {name: np.array(weight, order="C") for name, weight in self.weights.items()}
        return bytes(save(tensors, metadata={"huref": json.dumps(said, sort_keys=True)}))

    @classmethod
    def from_bytes(cls, data: bytes, where: str) -> Generator:
        """The generator in a file of `to_bytes`, and in no other file.

        Raises:
            InputError: it is none; `where` names it.
            UsageError: the package safetensors is not installed.

        """
        require("safetensors")
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            tensors = load(data)
            said = facts.read(data)
            if said["format"] != FORMAT:
                raise ValueError(f"its format is not {FORMAT}")
            found = cls(_design(said), tensors, said["recipe"], hashlib.sha256(data).hexdigest())
            if said["resolution"] != found.design.resolution:
                raise ValueError("its resolution is not that of its channels")
        except KeyError as why:
            raise InputError(f"{where}: not a generator of huref (no {why})") from None
        except (TypeError, ValueError, SafetensorError) as why:
            raise InputError(f"{where}: not a generator of huref ({why})") from None
        return found


def read(path: Path) -> Generator:
    """The generator in a file. NotFoundError, InputError, UsageError: there is none, or it cannot be used."""
    return Generator.from_bytes(disk.read(path, MAX_BYTES), str(path))


def _design(facts: dict[str, Any]) -> Design:
    channels, clamp = facts["channels"], facts["clamp"]
    numbers = [*channels, facts["latent"], facts["layers"], facts["resolution"]]
    if not all(type(number) is int for number in numbers):
        raise ValueError("a size is not an integer")
    if clamp is not None and type(clamp) not in (int, float):
        raise ValueError("clamp is not a number")
    return Design(tuple(channels), facts["latent"], facts["layers"], clamp)
