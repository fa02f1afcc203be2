"""One safetensors file, memory-mapped: no tensor is read before it is asked for, and none is copied.

The library checks the header (sizes, overlaps, gaps, length of the file). Three things it does not do are done here: it
keeps the last of two tensors of one name, its messages often do not name the tensor, and it cannot hand out bfloat16 to
numpy without a copy.
"""

from __future__ import annotations

import math
import mmap
import stat
from functools import cached_property
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from ...errors import ModelError
from .. import strict

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
    "I64": np.dtype("<i8"),
    "F8_E4M3": np.dtype(ml_dtypes.float8_e4m3fn),
    "F8_E5M2": np.dtype(ml_dtypes.float8_e5m2),
}
STORED = READABLE | SMALL
#: Eight bytes of length stand before the header. The library allows headers up to this many bytes.
LENGTH, LONGEST_HEADER = 8, 100_000_000
#: Numbers of a shape are multiplied: no tensor has more of them, or larger ones.
MOST_AXES, LARGEST_NUMBER = 16, (1 << 63) - 1


class Shard:
    """The tensors of one file. `names` are in the order of the header."""

    def __init__(self, path: Path) -> None:
        """Reads and checks the header; ModelError names file and, where there is one, tensor."""
        self.path = path
        try:
            self._header, self._start = _read_header(path)
            with safe_open(path, framework="numpy"):
                pass
        except SafetensorError as why:
            raise ModelError(f"{path}: damaged safetensors file: {str(why)!a}") from None
        except OSError as why:
            raise ModelError(f"{path}: cannot be read: {why.strerror or why}") from None
        self.names = tuple(self._header)

    @cached_property
    def _map(self) -> mmap.mmap:
        try:
            with self.path.open("rb") as file:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as why:
            raise ModelError(f"{self.path}: cannot be mapped: {why}") from None

    def release(self) -> None:
        """Gives back the memory of what was read. The system may keep it, and views of tensors stay good."""
        if "_map" in self.__dict__ and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor, without touching it."""
        return tuple(self._header[name]["shape"])

    def is_float(self, name: str) -> bool:
        """Whether a tensor has one of the types that `tensor` gives out."""
        return self._header[name]["dtype"] in READABLE

    def tensor(self, name: str) -> NDArray[Any]:
        """A read-only view of a tensor in the file: float32, float16 or bfloat16 (ml_dtypes). ModelError for other
        types.

        It is a copy only where the file does not align it.
        """
        return self.raw(name, tuple(READABLE))

    def raw(self, name: str, dtypes: tuple[str, ...]) -> NDArray[Any]:
        """A view of a tensor that has one of those types, by their names in the header. ModelError for others."""
        entry = self._header[name]
        if entry["dtype"] not in dtypes:
            raise ModelError(
                f"{self.path}: tensor {name!r} is stored as {entry['dtype']}; {', '.join(dtypes)} can be read here "
                "(a quantised checkpoint needs its quantization_config in config.json)"
            )
        dtype = STORED[entry["dtype"]]
        first, last = (self._start + offset for offset in entry["data_offsets"])
        view = np.frombuffer(self._map, np.uint8)[first:last].view(dtype).reshape(self.shape(name))
        return np.require(view, requirements="A")


def _read_header(path: Path) -> tuple[dict[str, dict[str, Any]], int]:
    """The header's entries and where the data starts."""
    status = path.stat()
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):  # opening a pipe would wait for its writer
        raise ModelError(f"{path}: a device or pipe; weights are read from ordinary files")
    size = status.st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH), "little")
        if size < LENGTH or length > size - LENGTH:
            raise ModelError(
                f"{path}: truncated, or no safetensors file: it has {size} bytes and its header does not fit"
            )
        if length > LONGEST_HEADER:
            raise ModelError(f"{path}: a header of {length} bytes; at most {LONGEST_HEADER} are allowed")
        header = strict.parse_object(file.read(length), f"{path}: header")
    header.pop("__metadata__", None)
    start = LENGTH + length
    for name, entry in header.items():
        _check_entry(f"{path}: tensor {name!r}", entry, size - start)
    return header, start


def _check_entry(where: str, entry: Any, available: int) -> None:
    """Fields, their types, and a place inside the file. Overlaps and gaps the library finds, and names."""
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
