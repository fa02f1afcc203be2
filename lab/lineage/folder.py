"""Model folders as tensors and configuration, read and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

Array = NDArray[Any]
Tensors = dict[str, Array]
Config = dict[str, Any]


def read(source: Path) -> tuple[Tensors, Config]:
    """Tensors and configuration of a model folder."""
    return load_file(source / "model.safetensors"), json.loads((source / "config.json").read_text())


def read_tokenizer(source: Path) -> bytes:
    """The bytes of its tokenizer."""
    return (source / "tokenizer.json").read_bytes()


def write(at: Path, tensors: Tensors, config: Config, tokenizer: bytes) -> None:
    """A model folder of one file in float32."""
    at.mkdir(parents=True)
    stored = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in tensors.items()}
    save_file(stored, at / "model.safetensors", metadata={"format": "pt"})
    (at / "config.json").write_text(json.dumps(config))
    (at / "tokenizer.json").write_bytes(tokenizer)
