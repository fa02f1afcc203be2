"""Containers: the ways in which models are stored, each opened as one `Container`.

A folder in the Hugging Face layout with safetensors, or a GGUF file (alone, in parts, or in a folder).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ...absent import absent
from ...artefacts import kinds
from ...errors import ModelError
from ...foreign import foreign_at
from ...place import is_gguf
from ..config import read_config
from ..quantised import dequantised
from ..tokenizer import read_vocabulary
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
        kind = kinds.at(path)
        what = f"this is {kind.words}; {kind.used}" if kind else foreign_at(path) or "a file"
        raise ModelError(f"{path}: {what}; expected a model folder with config.json and *.safetensors")
    if not has_weights(path) and (file := chosen(path)) is not None:
        return open_gguf(file, path)
    config = read_config(path)
    return Container(path, config, dequantised(open_checkpoint(path), config), partial(read_vocabulary, path))


__all__ = ["Container", "open_container"]
