"""Containers: the ways in which models are stored, each opened as one `Container`.

A folder in the Hugging Face layout with safetensors (or pickled weights, where they are allowed), a GGUF file (alone,
in parts, or in a folder); either of them on a hub; each of these with an adapter.
"""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path

from ... import disk
from ...absent import absent
from ...absent import snapshot as cached_revision
from ...errors import ModelError, ModelWarning, NotFoundError
from ...place import is_gguf, on_hub, with_adapter
from ..config import ADAPTER_CONFIG, ADAPTER_WEIGHTS, CONFIG, read_config
from ..hub.snapshot import snapshot
from ..quantised import dequantised
from ..tokenizer import read_vocabulary
from . import names, words
from .adapter import merged
from .container import Container
from .gguf import chosen, open_gguf
from .weights import has_weights, open_checkpoint


def open_container(path: Path) -> Container:
    """A model, wherever it is stored; reads headers only.

    Raises:
        NotFoundError: there is no such file or folder, or no such model on the hub.
        ModelError: it is not a model that can be read; the message names file and tensor or field.
        HubError: it is on a hub, which cannot be reached or refuses.

    """
    if (pair := with_adapter(path)) is None:
        return _opened(path)
    folder, name = _folder(pair[1])
    if not (folder / ADAPTER_CONFIG).is_file():
        raise ModelError(f"{pair[1]}: no {ADAPTER_CONFIG}; expected the folder of an adapter (LoRA) behind the +")
    return merged(_opened(pair[0], adapted=True), folder, path, name)


def _folder(path: Path) -> tuple[Path, str]:
    """The folder of a path, and the name of what is in it."""
    if (hub := on_hub(path)) is None:
        return cached_revision(path) or path, path.resolve().name
    found = snapshot(hub, disk.cache() / "hub")
    return found.folder, found.name


def _opened(given: Path, adapted: bool = False) -> Container:
    """A model without an adapter. `adapted`: one follows, so that none beside the model is named."""
    hub = on_hub(given)
    folder, name = _folder(given)
    if hub is not None and hub.file is not None:
        if not (folder / hub.file).exists():
            raise NotFoundError(f"{given}: no such file on the Hub")
        return open_gguf(folder / hub.file, given, f"{name}/{hub.file}")
    if not folder.exists():
        raise absent(folder, "folder")
    if is_gguf(folder):
        return open_gguf(folder, given, name)
    if not folder.is_dir():
        raise ModelError(words.of_file(folder))
    if not has_weights(folder) and (file := chosen(folder)) is not None:
        return open_gguf(file, given, name)
    if not (folder / CONFIG).is_file():
        raise ModelError(words.of_folder(folder))
    if not adapted and ((folder / ADAPTER_CONFIG).is_file() or any(folder.glob(ADAPTER_WEIGHTS))):
        _warn(given)
    config = read_config(folder)
    checkpoint = names.own(dequantised(open_checkpoint(folder), config), config)
    return Container(given, config, checkpoint, partial(read_vocabulary, folder), name)


def _warn(path: Path) -> None:
    warnings.warn(
        f"{path}: an adapter (LoRA) stands beside the model, which is read without it; {path.name}+{path.name} is the "
        "two together",
        ModelWarning,
        stacklevel=2,
    )


__all__ = ["Container", "open_container"]
