"""Weights in the files of a folder: the shards of an index, else the file that holds a whole model, else every file.

Safetensors; or files of torch.save, where pickles are allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from ...errors import ModelError
from ...place import pickles_allowed
from .. import strict
from ..checkpoint import Checkpoint
from ..config import adapter_alone
from ..formats.pickled import Pickle
from ..formats.safetensors import Shard
from .words import other_layout

#: No file system has longer names of files.
LONGEST_NAME = 255
#: Files that may stand beside the model: an adapter, and what training keeps.
BESIDE = ("adapter_model*", "training_args*", "optimizer*", "scheduler*", "rng_state*", "scaler*")


@dataclass(frozen=True)
class Kind:
    """Names of files of one kind: all of them by their endings, one that holds a whole model, an index of several."""

    endings: tuple[str, ...]
    single: str
    index: str
    open: Callable[[Path], Shard | Pickle]

    def files(self, folder: Path) -> list[str]:
        """The names of the files of a folder that hold its weights, in order."""
        found = sorted(path.name for ending in self.endings for path in folder.glob(f"*{ending}"))
        return [name for name in found if not any(fnmatch(name, pattern) for pattern in BESIDE)]


SAFE = Kind((".safetensors",), "model.safetensors", "model.safetensors.index.json", Shard)
PICKLED = Kind((".bin", ".pt", ".pth", ".pkl", ".ckpt"), "pytorch_model.bin", "pytorch_model.bin.index.json", Pickle)


def has_weights(folder: Path) -> bool:
    """Whether a folder has weights as safetensors."""
    return any(folder.glob("*.safetensors")) or (folder / SAFE.index).is_file()


def open_checkpoint(folder: Path) -> Checkpoint:
    """The weights of a folder. Only headers are read.

    Raises:
        ModelError: there is no safetensors file (with a hint if there are pickled ones), a file is damaged, the index
            disagrees with its shards, or one tensor is in two files.

    """
    if has_weights(folder) or not pickles_allowed():
        return _opened(folder, SAFE)
    return _opened(folder, PICKLED)


def _opened(folder: Path, kind: Kind) -> Checkpoint:
    index, single = folder / kind.index, folder / kind.single
    if index.is_file():
        if single.is_file():
            raise ModelError(f"{folder}: both {kind.single} and {kind.index}; which is the model? Remove one of them")
        return _indexed(folder, index, kind)
    names = [kind.single] if single.is_file() else kind.files(folder)
    if not names:
        adapter = any(folder.glob("adapter_model*"))
        raise ModelError(adapter_alone(folder) if adapter else _nothing(folder))
    return _checkpoint(folder, tuple(kind.open(folder / name) for name in names))


def _nothing(folder: Path) -> str:
    pickled = PICKLED.files(folder)
    if not pickled:
        return other_layout(folder) or f"{folder}: no *.safetensors file"
    return (
        f"{folder}: only pickled weights ({pickled[0]}), which can run code when they are opened and are not read; "
        "convert them where you trust them: AutoModel.from_pretrained(DIR).save_pretrained(OUT); or let torch read "
        "nothing but tensors from them: --allow-pickle-format"
    )


def _places(shards: Iterable[Shard | Pickle]) -> dict[str, Shard | Pickle]:
    """Name -> shard; ModelError if a tensor is in two."""
    place: dict[str, Shard | Pickle] = {}
    for shard in shards:
        for name in shard.names:
            if name in place:
                raise ModelError(f"{shard.path}: tensor {name!r} is in {place[name].path.name} too")
            place[name] = shard
    return place


def _indexed(folder: Path, index: Path, kind: Kind) -> Checkpoint:
    """Index and shards must name exactly the same tensors in the same files."""
    stated = strict.read_object(index, 64 * strict.MEBIBYTE).get("weight_map")
    if not isinstance(stated, dict) or not stated:
        raise ModelError(f"{index}: no weight_map")
    files = sorted({_plain_name(index, tensor, file, kind) for tensor, file in stated.items()})
    for file in files:
        if not (folder / file).is_file():
            raise ModelError(f"{folder / file}: missing, though {kind.index} lists it")
    shards = tuple(kind.open(folder / file) for file in files)
    place = _places(shards)
    for tensor, file in stated.items():
        if tensor not in place or place[tensor].path.name != file:
            raise ModelError(f"{folder / file}: tensor {tensor!r} is missing, though {kind.index} says it is there")
    for tensor, shard in place.items():
        if tensor not in stated:
            raise ModelError(f"{shard.path}: tensor {tensor!r} is not in {kind.index}")
    return _checkpoint(folder, shards, index)


def _checkpoint(folder: Path, shards: tuple[Shard | Pickle, ...], *index: Path) -> Checkpoint:
    _places(shards)
    entries = {name: entry for shard in shards for name, entry in shard.entries().items()}
    return Checkpoint(folder, entries, (*index, *(shard.path for shard in shards)))


def _plain_name(index: Path, tensor: str, file: object, kind: Kind) -> str:
    """A file name of the index, which must name a file of this very folder: no path, no way out of it."""
    if not (isinstance(file, str) and file.endswith(kind.endings) and _is_plain(file)):
        raise ModelError(f"{index}: tensor {tensor!r}: {file!r} is not the plain name of a *{kind.endings[0]} file")
    return file


def _is_plain(name: str) -> bool:
    """Printable, because messages show it; and no longer than file systems allow."""
    return name == Path(name).name and "\\" not in name and len(name) <= LONGEST_NAME and name.isprintable()
