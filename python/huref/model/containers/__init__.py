"""Containers: the ways in which models are stored, each opened as one `Container`.

A folder in the Hugging Face layout with safetensors (or pickled weights, where they are allowed), a GGUF file (alone,
in parts, or in a folder), either of them with an adapter.
"""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path

from ...absent import absent
from ...errors import ModelError, ModelWarning
from ...place import is_gguf, with_adapter
from ..config import ADAPTER_CONFIG, ADAPTER_WEIGHTS, CONFIG, read_config
from ..quantised import dequantised
from ..tokenizer import read_vocabulary
from . import names, words
from .adapter import merged
from .container import Container
from .gguf import chosen, open_gguf
from .weights import has_weights, open_checkpoint


def open_container(path: Path, *, alone: bool = True) -> Container:
    """A model, wherever it is stored; reads headers only. `alone`: an adapter beside it is not asked for.

    Raises:
        NotFoundError: there is no such file or folder.
        ModelError: it is not a model that can be read; the message names file and tensor or field.

    """
    if (pair := with_adapter(path)) is not None:
        base, adapter = pair
        if not (adapter / ADAPTER_CONFIG).is_file():
            raise ModelError(f"{adapter}: no {ADAPTER_CONFIG}; expected the folder of an adapter (LoRA) behind the +")
        return merged(open_container(base, alone=False), adapter, path)
    if not path.exists():
        raise absent(path, "folder")
    if is_gguf(path):
        return open_gguf(path, path)
    if not path.is_dir():
        raise ModelError(words.of_file(path))
    if not has_weights(path) and (file := chosen(path)) is not None:
        return open_gguf(file, path)
    if not (path / CONFIG).is_file():
        raise ModelError(words.of_folder(path))
    config = read_config(path)
    if alone and ((path / ADAPTER_CONFIG).is_file() or any(path.glob(ADAPTER_WEIGHTS))):
        warnings.warn(
            f"{path}: an adapter (LoRA) stands beside the model, which is read without it; {path.name}+{path.name} is "
            "the two together",
            ModelWarning,
            stacklevel=2,
        )
    checkpoint = names.own(dequantised(open_checkpoint(path), config), config)
    return Container(path, config, checkpoint, partial(read_vocabulary, path))


__all__ = ["Container", "open_container"]
