"""One safetensors file. No tensor is read before it is asked for, and then it is read into memory of our own.

The file is never mapped (`huref.model.formats.file` says why), so the safetensors library does not read it here.
"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from ...errors import ModelError
from ...foreign import foreign_at
from .. import strict
from ..entry import Entry
from ..tensor import Tensor
from .file import File

READABLE: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype(ml_dtypes.bfloat16),
}
#: What quantised checkpoints are stored in besides.
SMALL: dict[str, np.dtype[Any]] = {
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "I32": np.dtype("<i4"),
    "U32": np.dtype("<u4"),
    "I64": np.dtype("<i8"),
    "F8_E4M3": np.dtype(ml_dtypes.float8_e4m3fn),
    "F8_E5M2": np.dtype(ml_dtypes.float8_e5m2),
}
STORED = READABLE | SMALL
#: Eight bytes of length stand before the header. The safetensors library allows headers up to this many bytes.
LENGTH, LONGEST_HEADER = 8, 100_000_000
#: Numbers of a shape are multiplied: no tensor has more of them, or larger ones.
MOST_AXES, LARGEST_NUMBER = 16, (1 << 63) - 1


class Shard:
    """The tensors of one file. `names` are in the order of the header."""

    def __init__(self, path: Path) -> None:
        """Reads and checks the header; ModelError names file and, where there is one, tensor."""
        self.path = path
        self._file = File(path)
        self._header, self._start = _read_header(self._file)
        self.names = tuple(self._header)

    def entries(self) -> dict[str, Entry]:
        """Every tensor, by name."""
        return {name: self._entry(name) for name in self.names}

    def _entry(self, name: str) -> Entry:
        tensor, raw = partial(self.tensor, name), partial(self.raw, name)
        return Entry(self.path, name, self.shape(name), tensor, self._header[name]["dtype"] in READABLE, raw)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor, without touching it."""
        return tuple(self._header[name]["shape"])

    def tensor(self, name: str) -> Tensor:
        """A tensor of float32, float16 or bfloat16 (ml_dtypes), not read yet. ModelError for other types."""
        return self.raw(name, tuple(READABLE))

    def raw(self, name: str, dtypes: tuple[str, ...]) -> Tensor:
        """A tensor that has one of those types, by their names in the header. ModelError for others."""
        entry = self._header[name]
        if entry["dtype"] not in dtypes:
            raise ModelError(
                f"{self.path}: tensor {name!r} is stored as {entry['dtype']}; {', '.join(dtypes)} can be read here "
                "(a quantised checkpoint needs its quantization_config in config.json)"
            )
        return self._file.plain(self._start + entry["data_offsets"][0], self.shape(name), STORED[entry["dtype"]])


def _read_header(file: File) -> tuple[dict[str, dict[str, Any]], int]:
    """The header's entries, and where the data starts."""
    path, size = file.path, file.size
    length = int.from_bytes(file.read(0, LENGTH), "little")
    if size < LENGTH or length > size - LENGTH:
        unknown = f"truncated, or no safetensors file: it has {size} bytes and its header does not fit"
        raise ModelError(f"{path}: {(length > LONGEST_HEADER and foreign_at(path)) or unknown}")
    if length > LONGEST_HEADER:
        raise ModelError(f"{path}: a header of {length} bytes; at most {LONGEST_HEADER} are allowed")
    header = strict.parse_object(file.read(LENGTH, length), f"{path}: header")
    header.pop("__metadata__", None)
    start = LENGTH + length
    for name, entry in header.items():
        _check_entry(f"{path}: tensor {name!r}", entry, size - start)
    _check_places(path, header, size - start)
    return header, start


def _check_entry(where: str, entry: Any, available: int) -> None:
    """Fields, their types, and a place inside the file."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ModelError(f"{where}: its entry in the header must have dtype, shape and data_offsets, and nothing else")
    shape, offsets = entry["shape"], entry["data_offsets"]
    for numbers in (shape, offsets):
        if not isinstance(numbers, list) or any(
            type(number) is not int or not 0 <= number <= LARGEST_NUMBER for number in numbers
        ):
            raise ModelError(f"{where}: shape and data_offsets must be lists of whole numbers below 2^63")
    if not isinstance(entry["dtype"], str) or len(shape) > MOST_AXES or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise ModelError(f"{where}: dtype, shape or data_offsets make no sense")
    if offsets[1] > available:
        raise ModelError(f"{where}: ends at byte {offsets[1]} of {available}: the file is truncated")
    dtype = STORED.get(entry["dtype"])
    if dtype is not None and math.prod(shape) * dtype.itemsize != offsets[1] - offsets[0]:
        raise ModelError(f"{where}: shape {shape} of {entry['dtype']} does not fill bytes {offsets[0]} to {offsets[1]}")


def _check_places(path: Path, header: dict[str, dict[str, Any]], available: int) -> None:
    """One tensor behind the other fills the file: no overlap, no gap, nothing behind the last."""
    end = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, last = entry["data_offsets"]
        if first != end:
            raise ModelError(
                f"{path}: tensor {name!r} begins at byte {first}, but the one before it ends at byte {end}"
            )
        end = last
    if end != available:
        raise ModelError(f"{path}: {available - end} bytes behind the last tensor belong to none")
