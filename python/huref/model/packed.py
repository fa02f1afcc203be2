"""What formats of quantised checkpoints have in common: a matrix stored in parts, small integers packed into words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from .config import Config
from .entry import Entry
from .tensor import Tensor

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Packed:
    """A matrix, rows x columns, that `unpack` makes in float32 out of `parts`, the tensors of which it is stored.

    `rows`, where it is there, makes some of its rows; of a tensor of three axes, some of its matrices.
    """

    shape: tuple[int, ...]
    parts: tuple[str, ...]
    unpack: Callable[[], Floats]
    rows: Callable[[NDArray[np.int64]], Floats] | None = None

    def unpacked(self) -> Floats:
        """The matrix. Infinite scales make NaN, which is named where the matrix is used."""
        with np.errstate(all="ignore"):
            return self.unpack()

    def _some(self, ids: NDArray[np.int64]) -> Floats:
        assert self.rows is not None  # noqa: S101
        with np.errstate(all="ignore"):
            return self.rows(ids)

    def entry(self, file: Path, name: str) -> Entry:
        """The matrix as a tensor of that name."""
        return Entry(file, name, self.shape, lambda: Tensor(self.shape, self.unpacked, self.rows and self._some))


@dataclass(frozen=True)
class Stored:
    """The tensors of a checkpoint as they are stored, and the settings of its quantisation."""

    place: Mapping[str, Entry]
    settings: Config

    def has(self, name: str) -> bool:
        """Whether there is such a tensor."""
        return name in self.place

    def stems(self, ending: str) -> list[str]:
        """The names that have this ending, without it."""
        return [name.removesuffix(ending) for name in self.place if name.endswith(ending)]

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor; ModelError if it is missing."""
        if name not in self.place:
            raise ModelError(
                f"{self.settings.path.parent}: tensor {name!r} is missing, though its counterparts are there"
            )
        return self.place[name].shape

    def plane(self, name: str) -> tuple[int, int]:
        """Rows and columns of a tensor; ModelError if it is missing or has another number of axes."""
        shape = self.shape(name)
        if len(shape) != 2:
            self.refuse(name, f"shape {list(shape)}, expected rows and columns")
        return shape[0], shape[1]

    def part(self, name: str, dtypes: tuple[str, ...], shape: tuple[int, ...]) -> NDArray[Any]:
        """A tensor of one of those types (names of safetensors) and of that shape. ModelError otherwise."""
        return self.whole(name, dtypes, shape).read()

    def whole(self, name: str, dtypes: tuple[str, ...], shape: tuple[int, ...]) -> Tensor:
        """As `part`, but not read yet."""
        if self.shape(name) != shape:
            self.refuse(name, f"shape {list(self.shape(name))}, expected {list(shape)}")
        return self.place[name].raw(dtypes)

    def refuse(self, name: str, why: str) -> NoReturn:
        """ModelError about a tensor."""
        raise ModelError(f"{self.place[name].file}: tensor {name!r}: {why}")


def unpacked(words: NDArray[np.int32], bits: int) -> NDArray[np.uint8]:
    """The unsigned integers of `bits` bits in 32-bit words, along the last axis, low bits first."""
    shifts = np.arange(0, 32, bits, dtype=np.uint32)
    parts = (words.view(np.uint32)[..., None] >> shifts) & np.uint32((1 << bits) - 1)
    return parts.astype(np.uint8).reshape(*words.shape[:-1], -1)


def unreadable(settings: Config, what: str) -> NoReturn:
    """ModelError: a format that is not read."""
    raise ModelError(
        f"{settings.where}: quantised with {what}, which is not read; dequantise the model where its library runs, and "
        "save it as float16: model.dequantize() for formats that transformers can undo, then save_pretrained(OUT)"
    )
