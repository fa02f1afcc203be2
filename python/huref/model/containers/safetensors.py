"""Weights as safetensors: the shards of an index, else model.safetensors, else every *.safetensors file of a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...errors import ModelError
from .. import strict
from ..checkpoint import Checkpoint
from ..config import adapter_alone
from ..formats.safetensors import Shard
from .words import other_layout

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
#: No file system has longer names of files.
LONGEST_NAME = 255
#: Begins the names of files of an adapter, which may stand beside the model.
ADAPTER = "adapter_model"
PICKLED = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt")


def has_weights(folder: Path) -> bool:
    """Whether a folder has weights as safetensors."""
    return any(folder.glob("*.safetensors")) or (folder / INDEX).is_file()


def open_checkpoint(folder: Path) -> Checkpoint:
    """The weights of a folder: the shards of its index, else model.safetensors, else every *.safetensors file.

    Only headers are read.

    Raises:
        ModelError: there is no safetensors file (with a hint if there are pickled ones), a file is damaged, the index
            disagrees with its shards, or one tensor is in two files.

    """
    index = folder / INDEX
    if index.is_file():
        if (folder / SINGLE).is_file():
            raise ModelError(f"{folder}: both {SINGLE} and {INDEX}; which is the model? Remove one of them")
        return _indexed(folder, index)
    names = [SINGLE] if (folder / SINGLE).is_file() else sorted(path.name for path in folder.glob("*.safetensors"))
    if not names:
        raise ModelError(_nothing(folder))
    names = [name for name in names if not name.startswith(ADAPTER)]
    if not names:
        raise ModelError(adapter_alone(folder))
    shards = tuple(Shard(folder / name) for name in names)
    return _checkpoint(folder, shards)


def _nothing(folder: Path) -> str:
    pickled = sorted(path.name for pattern in PICKLED for path in folder.glob(pattern))
    if not pickled:
        return other_layout(folder) or f"{folder}: no *.safetensors file"
    return (
        f"{folder}: only pickled weights ({pickled[0]}), which can run code when they are opened and are not read; "
        "convert them where you trust them: AutoModel.from_pretrained(DIR).save_pretrained(OUT)"
    )


def _places(shards: Iterable[Shard]) -> dict[str, Shard]:
    """Name -> shard; ModelError if a tensor is in two."""
    place: dict[str, Shard] = {}
    for shard in shards:
        for name in shard.names:
            if name in place:
                raise ModelError(f"{shard.path}: tensor {name!r} is in {place[name].path.name} too")
            place[name] = shard
    return place


def _indexed(folder: Path, index: Path) -> Checkpoint:
    """Index and shards must name exactly the same tensors in the same files."""
    stated = strict.read_object(index, 64 * strict.MEBIBYTE).get("weight_map")
    if not isinstance(stated, dict) or not stated:
        raise ModelError(f"{index}: no weight_map")
    files = sorted({_plain_name(index, tensor, file) for tensor, file in stated.items()})
    for file in files:
        if not (folder / file).is_file():
            raise ModelError(f"{folder / file}: missing, though {INDEX} lists it")
    shards = tuple(Shard(folder / file) for file in files)
    place = _places(shards)
    for tensor, file in stated.items():
        if tensor not in place or place[tensor].path.name != file:
            raise ModelError(f"{folder / file}: tensor {tensor!r} is missing, though {INDEX} says it is there")
    for tensor, shard in place.items():
        if tensor not in stated:
            raise ModelError(f"{shard.path}: tensor {tensor!r} is not in {INDEX}")
    return _checkpoint(folder, shards, index)


def _checkpoint(folder: Path, shards: tuple[Shard, ...], *index: Path) -> Checkpoint:
    _places(shards)
    entries = {name: entry for shard in shards for name, entry in shard.entries().items()}
    return Checkpoint(folder, entries, (*index, *(shard.path for shard in shards)))


def _plain_name(index: Path, tensor: str, file: object) -> str:
    """A file name of the index, which must name a file of this very folder: no path, no way out of it."""
    if not (isinstance(file, str) and file.endswith(".safetensors") and _is_plain(file)):
        raise ModelError(f"{index}: tensor {tensor!r}: {file!r} is not the plain name of a *.safetensors file")
    return file


def _is_plain(name: str) -> bool:
    """Printable, because messages show it; and no longer than file systems allow."""
    return name == Path(name).name and "\\" not in name and len(name) <= LONGEST_NAME and name.isprintable()
