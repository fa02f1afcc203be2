"""A file of torch.save, read without running what is in it.

`torch.load(weights_only=True)` makes nothing but tensors and plain containers of a pickle. It is given tensors without
data (FakeTensorMode), so that it says where in the file each begins and takes no memory for them; their numbers are
read as those of every other file. That needs the format since torch 1.6: a zip archive whose members are stored as
they are. Tensors that share numbers or are turned round are read where their rows follow each other.

Documentation: "Serialization semantics" of torch, `torch.load` under FakeTensorMode.
"""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import ModelError
from ...extras import require
from ...foreign import foreign_at
from ..entry import Entry
from .file import File
from .safetensors import READABLE, STORED

#: Types of torch by their names in safetensors files.
TYPES = {
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "int8": "I8",
    "uint8": "U8",
    "int32": "I32",
    "int64": "I64",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
}
#: Where the tensors are, in files that hold more than them.
INSIDE = ("state_dict", "model_state_dict", "model", "module")
#: The pickle itself, which is parsed whole, holds names and shapes.
LONGEST_PICKLE = 1 << 28


class Pickle:
    """The tensors of one file. `names` in its order."""

    def __init__(self, path: Path) -> None:
        """ModelError: it is no such file, holds something else, or makes no sense."""
        require("torch")
        self.path, self._file = path, File(path)
        self._check_archive()
        self._tensors = {name: value for name, value in _loaded(path).items() if isinstance(name, str)}
        self.names = tuple(self._tensors)

    def entries(self) -> dict[str, Entry]:
        """Every tensor, by name."""
        return {name: self._entry(name, tensor) for name, tensor in self._tensors.items()}

    def _check_archive(self) -> None:
        """Members are stored as they are, so nothing gets larger when it is read."""
        try:
            with zipfile.ZipFile(self.path) as archive:
                members = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
            words = foreign_at(self.path)
            known = f"{words}; " if words and "pickled" not in words else ""
            raise ModelError(
                f"{self.path}: {known}no archive of torch.save since version 1.6; load it with torch where you trust "
                "it, and save it again"
            ) from None
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ModelError(f"{self.path}: an archive with compressed members, which torch.save does not write")
        if any(member.filename.endswith(".pkl") and member.file_size > LONGEST_PICKLE for member in members):
            raise ModelError(f"{self.path}: its pickle is longer than the {LONGEST_PICKLE} bytes allowed")

    def _entry(self, name: str, tensor: Any) -> Entry:
        shape = tuple(map(int, tensor.shape))
        stored = TYPES.get(str(tensor.dtype).removeprefix("torch."))
        read = partial(self._read, name, tensor, shape, stored)
        return Entry(
            self.path,
            name,
            shape,
            lambda: read(tuple(READABLE)),
            stored in READABLE,
            read,
        )

    def _read(self, name: str, tensor: Any, shape: tuple[int, ...], stored: str | None, dtypes: tuple[str, ...]) -> Any:
        where = f"{self.path}: tensor {name!r}"
        if stored is None or stored not in dtypes:
            raise ModelError(f"{where} is stored as {tensor.dtype}; {', '.join(dtypes)} can be read here")
        begin = getattr(tensor.untyped_storage(), "_checkpoint_offset", None)
        if not isinstance(begin, int):
            raise ModelError(f"{where}: this torch does not say where it is; a newer one does")
        dtype: np.dtype[Any] = STORED[stored]
        start = begin + int(tensor.storage_offset()) * dtype.itemsize
        if not tensor.is_contiguous():
            raise ModelError(
                f"{where} is a part or a transposition of another; save the model again with save_pretrained"
            )
        if start < 0 or start + math.prod(shape) * dtype.itemsize > self._file.size:
            raise ModelError(f"{where} ends beyond the file: truncated")
        return self._file.plain(start, shape, dtype)


def _loaded(path: Path) -> Mapping[Any, Any]:
    """The tensors of a file, without their data."""
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode

    try:
        with FakeTensorMode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about how the file was written
            whole = torch.load(path, weights_only=True, mmap=False)
        inner = next((whole[name] for name in INSIDE if isinstance(whole.get(name), dict)), whole)
        return {name: value for name, value in inner.items() if isinstance(value, torch.Tensor)}
    except Exception as why:  # whatever torch and a stranger's pickle make of each other
        # torch's own words advise to run the code after all
        raise ModelError(
            f"{path}: cannot be read without running code of its own ({type(why).__name__}); it holds more than "
            "tensors, or is damaged. Do not open it where it could do harm; ask for *.safetensors"
        ) from None


__all__ = ["Pickle"]
