"""config.json: typed access to its fields, each failure naming the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shown
from typing import Any

from ..errors import ModelError
from . import strict

#: No size of a model that exists comes near; keeps products of sizes far from overflow.
LARGEST = 1 << 24
#: Layers are gone through one by one.
MOST_LAYERS = 1 << 16


@dataclass(frozen=True)
class Config:
    """The fields of a config.json, or of one object in it."""

    path: Path
    fields: Mapping[str, Any]
    part: str = ""

    @property
    def where(self) -> str:
        """File and object, for messages."""
        return f"{self.path}: {self.part}" if self.part else str(self.path)

    @property
    def model_type(self) -> str:
        """The `model_type`, by which families are told apart."""
        kind = self.fields.get("model_type")
        if not isinstance(kind, str):
            raise ModelError(f"{self.where}: no model_type, so the architecture cannot be told")
        return kind

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.fields.get(name) is not None

    def size(self, *names: str, default: int | None = None, largest: int = LARGEST) -> int:
        """A positive integer: the first of `names` that is set (not null), else `default`. ModelError otherwise."""
        name = next(filter(self.has, names), None)
        if name is None:
            if default is None:
                raise ModelError(f"{self.where}: {names[0]} is missing")
            return default
        value = self.fields[name]
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= largest:
            raise ModelError(f"{self.where}: {name} is {shown(value)}; expected an integer from 1 to {largest}")
        return value

    def layer_count(self, *names: str) -> int:
        """A size that counts layers."""
        return self.size(*names, largest=MOST_LAYERS)

    def head_size(self, hidden: int, heads: int) -> int:
        """Entries of one head where heads share the hidden state evenly. ModelError where they cannot."""
        if hidden % heads:
            raise ModelError(f"{self.where}: {heads} heads do not divide the hidden size {hidden}")
        return hidden // heads

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of integers from 0 up, or a single one; empty where the field is missing. ModelError otherwise."""
        value = self.fields.get(name, [])
        values = value if isinstance(value, list) else [] if value is None else [value]
        if len(values) > MOST_LAYERS or any(type(item) is not int or item < 0 for item in values):
            raise ModelError(f"{self.where}: {name} is {shown(value)}; expected integers from 0 up")
        return tuple(values)

    def flag(self, name: str, default: bool) -> bool:
        """True or false; `default` where the field is missing or null. ModelError otherwise."""
        value = self.fields.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise ModelError(f"{self.where}: {name} is {shown(value)}; expected true or false")
        return value

    def require(self, name: str, allowed: tuple[object, ...], why: str) -> None:
        """ModelError unless the field is missing or one of `allowed`; `why` says what else would be needed."""
        value = self.fields.get(name)
        if value is not None and value not in allowed:
            raise ModelError(f"{self.where}: {name} is {shown(value)}; {why}")


def read_config(folder: Path) -> Config:
    """The config of a model folder; of a model that wraps a language model (images, sound), that of the wrapped one.

    Raises:
        ModelError: there is none, it is no JSON object, or the weights are quantised or an adapter alone.

    """
    path = folder / "config.json"
    if not path.is_file():
        if (folder / "adapter_config.json").is_file():
            raise ModelError(
                f"{folder}: holds an adapter (LoRA) without its base model; merge it first, for example with peft: "
                "AutoPeftModel.from_pretrained(DIR).merge_and_unload().save_pretrained(OUT)"
            )
        raise ModelError(f"{folder}: no config.json; expected a model folder in the Hugging Face layout")
    config = Config(path, strict.read_object(path, strict.MEBIBYTE * 4))
    if config.has("quantization_config"):
        raise ModelError(f"{path}: the checkpoint is quantised (quantization_config); dequantise it to float16 first")
    inner = config.fields.get("text_config")
    return Config(path, inner, "text_config") if isinstance(inner, dict) else config
