"""Containers: the ways in which models are stored, each opened as one `Container`.

A folder in the Hugging Face layout with safetensors, or a GGUF file (alone, in parts, or in a folder).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ...absent import absent
from ...errors import ModelError
from ...place import is_gguf
from ..config import CONFIG, read_config
from ..quantised import dequantised
from ..tokenizer import read_vocabulary
from . import names, words
from .container import Container
from .gguf import chosen, open_gguf
from .safetensors import has_weights, open_checkpoint


def open_container(path: Path) -> Container:
    """A model, wherever it is stored; reads headers only.

    Raises:
        NotFoundError: there is no such file or folder.
        ModelError: it is not a model that can be read; the message names file and tensor or field.

    """
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
    checkpoint = names.own(dequantised(open_checkpoint(path), config), config)
    return Container(path, config, checkpoint, partial(read_vocabulary, path))


__all__ = ["Container", "open_container"]
