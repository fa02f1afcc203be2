"""GGUF, the file of llama.cpp: metadata, and tensors in blocks of few bits. One file, or several parts of one model.

    magic "GGUF", version u32, number of tensors u64, number of entries u64
    entries   name, type u32, value: numbers, strings, or one list of them
    tensors   name, number of axes u32, sizes u64 (the fastest axis first), type u32, offset u64 behind the header
    padding to `general.alignment`, then the tensors' blocks

A string is its length u64 and its bytes. The header is read here, because the reader of the package `gguf` maps files
(`huref.model.formats.file` says why that is not done) and trusts their numbers; the package makes numbers of blocks.
Documentation: docs/gguf.md of ggml; `gguf.quants` of the package. Version 1 and files of big-endian machines are not
read.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from ...errors import ModelError
from ...extras import require
from ...foreign import foreign_at
from ...place import GGUF
from ..entry import Entry
from ..tensor import Tensor
from .file import File
from .safetensors import READABLE

VERSIONS = (2, 3)
#: Types of numbers in the metadata, by their code; 8 is a string, 9 a list.
NUMBERS = {
    0: "<u1",
    1: "<i1",
    2: "<u2",
    3: "<i2",
    4: "<u4",
    5: "<i4",
    6: "<f4",
    7: "?",
    10: "<u8",
    11: "<i8",
    12: "<f8",
}
STRING, LIST = 8, 9
#: The largest headers are those of vocabularies of 260 000 tokens and their merges, some 10 MB.
LONGEST_HEADER, MOST_ITEMS, MOST_TENSORS, MOST_AXES = 1 << 28, 1 << 22, 1 << 18, 4
#: Read of the file at a time.
PIECE = 1 << 20
LARGEST_ALIGNMENT = 1 << 20
#: Codes of types that are stored as plain numbers.
PLAIN = {0: READABLE["F32"], 1: READABLE["F16"], 30: READABLE["BF16"]}


@dataclass(frozen=True)
class Place:
    """A tensor in the file: its sizes, the slowest axis first; code of its type; offset in the file."""

    shape: tuple[int, ...]
    code: int
    offset: int


class Part:
    """One file. `metadata`: strings, numbers, and lists of them (lists of numbers as arrays)."""

    def __init__(self, path: Path) -> None:
        """Reads and checks the header; ModelError names file and, where there is one, tensor."""
        require("gguf")
        self.path = path
        self._file = File(path)
        self.metadata, self._places = _read_header(self._file)

    def entries(self) -> dict[str, Entry]:
        """Every tensor, by the name that it has in the file."""
        return {name: self.entry(name) for name in self._places}

    def rows(self, name: str) -> int | None:
        """How many rows a tensor has; None if there is no such one."""
        return self._places[name].shape[0] if name in self._places else None

    def entry(self, name: str) -> Entry:
        """A tensor that is there."""
        place = self._places[name]
        known = place.code in PLAIN or place.code in _readable()
        return Entry(self.path, name, place.shape, partial(self._tensor, name, place.shape), known)

    def _tensor(self, name: str, shape: tuple[int, ...]) -> Tensor:
        place = self._places[name]
        if place.code in PLAIN:
            return self._file.plain(place.offset, shape, PLAIN[place.code])
        if place.code not in _readable():
            what = f"its type, {_type_name(place.code)}, cannot be read; convert the file, for example to Q8_0"
            self._refuse(name, what)
        each = math.prod(shape[1:-1])  # rows of numbers in what the first axis counts

        def some(ids: NDArray[np.int64]) -> NDArray[Any]:
            rows = (ids[:, None] * each + np.arange(each)).ravel()
            return self._rows(place, shape[-1], rows).reshape(len(ids), *shape[1:])

        if len(shape) == 1:
            return Tensor(shape, lambda: self._rows(place, shape[0], np.arange(1)).reshape(shape))
        return Tensor(shape, lambda: some(np.arange(shape[0])), some)

    def _rows(self, place: Place, columns: int, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Rows of a tensor whose rows have so many entries, as numbers."""
        size = _bytes(place.code, columns)
        data = np.empty((len(ids), size), np.uint8)
        self._file.fill_rows(place.offset, size, ids, data.reshape(-1))
        from gguf import GGMLQuantizationType, quants

        with np.errstate(all="ignore"):  # infinite scales make NaN, which is named where the matrix is used
            found: NDArray[np.float32] = quants.dequantize(data, GGMLQuantizationType(place.code))
        return found

    def _refuse(self, name: str, why: str) -> NoReturn:
        raise ModelError(f"{self.path}: tensor {name!r}: {why}")


@cache
def _readable() -> frozenset[int]:
    """Codes of types that the package can make numbers of."""
    from gguf import GGMLQuantizationType, quants

    found = set()
    for kind in GGMLQuantizationType:
        try:
            quants.dequantize(np.zeros((1, _bytes(kind, _block(kind)[0])), np.uint8), kind)
        except NotImplementedError:
            continue
        found.add(int(kind))
    return frozenset(found)


def _type_name(code: int) -> str:
    from gguf import GGMLQuantizationType

    return str(GGMLQuantizationType(code).name)


def _block(code: int) -> tuple[int, int]:
    """Entries and bytes of a block of that type."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    entries, size = GGML_QUANT_SIZES[GGMLQuantizationType(code)]
    return int(entries), int(size)


def _bytes(code: int, columns: int) -> int:
    """Bytes of a row."""
    entries, size = _block(code)
    return columns // entries * size


class _Header:
    """The header, read from its start in pieces. Every number is checked before memory is taken for it."""

    def __init__(self, file: File) -> None:
        self._file, self.where = file, str(file.path)
        self._data, self._at, self._items = b"", 0, 0

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._at

    def take(self, size: int) -> bytes:
        """The next bytes."""
        end = self._at + size
        if end > min(self._file.size, LONGEST_HEADER):
            self.refuse(
                "its header ends beyond the file: truncated"
                if end > self._file.size
                else f"its header has more than {LONGEST_HEADER} bytes"
            )
        if end > len(self._data):
            more = max(PIECE, end - len(self._data), len(self._data))
            self._data += self._file.read(len(self._data), more)
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def number(self, code: int) -> Any:
        """A number of that type."""
        if code not in NUMBERS:
            self.refuse(f"a value of the unknown type {code}")
        dtype = np.dtype(NUMBERS[code])
        return np.frombuffer(self.take(dtype.itemsize), dtype)[0].item()

    def whole(self, form: str) -> int:
        """An unsigned integer."""
        value: int = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return value

    def string(self) -> str:
        """A string; bytes that are no UTF-8 stay as they are, by surrogates."""
        return self.take(self.whole("<Q")).decode("utf-8", "surrogateescape")

    def value(self) -> Any:
        """A value with its type before it."""
        code = self.whole("<I")
        if code == STRING:
            return self.string()
        if code != LIST:
            return self.number(code)
        inner, count = self.whole("<I"), self.whole("<Q")
        self.count(count)
        if inner == STRING:
            return [self.string() for _ in range(count)]
        if inner not in NUMBERS:
            self.refuse(f"a list of values of the type {inner}, which is not read")
        dtype = np.dtype(NUMBERS[inner])
        return np.frombuffer(self.take(count * dtype.itemsize), dtype)

    def count(self, items: int) -> None:
        """Counts parts of the header."""
        self._items += items
        if self._items > MOST_ITEMS:
            self.refuse(f"more than {MOST_ITEMS} parts in its header")

    def refuse(self, why: str) -> NoReturn:
        """ModelError about the file."""
        raise ModelError(f"{self.where}: GGUF: {why}")


def _read_header(file: File) -> tuple[Mapping[str, Any], dict[str, Place]]:
    """Metadata and places of tensors, all inside the file."""
    header = _Header(file)
    if header.take(len(GGUF)) != GGUF:
        raise ModelError(f"{file.path}: {foreign_at(file.path) or 'no GGUF file'}")
    version = header.whole("<I")
    if version not in VERSIONS:
        header.refuse(
            "of a big-endian machine, which is not read"
            if version.to_bytes(4, "little") in (v.to_bytes(4, "big") for v in (1, *VERSIONS))
            else f"version {version}; versions 2 and 3 are read; convert the model again with a current llama.cpp"
        )
    tensors, entries = header.whole("<Q"), header.whole("<Q")
    if tensors > MOST_TENSORS:
        header.refuse(f"{tensors} tensors; at most {MOST_TENSORS} are read")
    header.count(tensors + entries)
    metadata: dict[str, Any] = {}
    for _ in range(entries):
        name = header.string()
        if name in metadata:
            header.refuse(f"the entry {name!a} is there twice")
        metadata[name] = header.value()
    found = _tensors(header, tensors)
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 1 <= alignment <= LARGEST_ALIGNMENT:
        header.refuse(f"general.alignment is {alignment!a}")
    start = -(-header.position // alignment) * alignment
    for name, place in found.items():
        end = start + place.offset + _bytes(place.code, place.shape[-1]) * math.prod(place.shape[:-1])
        if end > file.size:
            header.refuse(f"tensor {name!a} ends at byte {end} of {file.size}: the file is truncated")
    return metadata, {name: Place(at.shape, at.code, start + at.offset) for name, at in found.items()}


def _tensors(header: _Header, count: int) -> dict[str, Place]:
    """Offsets are those behind the header, where it ends being known at last."""
    found: dict[str, Place] = {}
    for _ in range(count):
        name, axes = header.string(), header.whole("<I")
        if not name.isprintable() or name in found:
            header.refuse(f"the tensor {name!a} is there twice, or has no proper name")
        if not 1 <= axes <= MOST_AXES:
            header.refuse(f"tensor {name!r} has {axes} axes")
        shape = tuple(header.whole("<Q") for _ in range(axes))[::-1]
        if not all(shape):
            header.refuse(f"tensor {name!r} has no entries")
        code, offset = header.whole("<I"), header.whole("<Q")
        try:
            entries, _ = _block(code)
        except (KeyError, ValueError):
            header.refuse(f"tensor {name!r}: its type, number {code}, is not known; update the package gguf")
        if shape[-1] % entries:
            header.refuse(f"tensor {name!r}: rows of {shape[-1]} numbers, in blocks of {entries}")
        found[name] = Place(shape, code, offset)
    return found
