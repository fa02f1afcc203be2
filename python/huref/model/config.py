"""config.json: typed access to its fields, each failure naming the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from reprlib import repr as shown
from typing import Any

from ..errors import ModelError
from . import strict

#: No size of a model that exists comes near; keeps products of sizes far from overflow.
LARGEST = 1 << 24
#: Where the config of a model that wraps a language model keeps that of the language model.
INNER = ("thinker_config", "text_config", "llm_config", "language_config", "decoder")
CONFIG = "config.json"
_BEFORE_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: What peft saves, and nothing else.
ADAPTER_CONFIG, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.*"
#: Layers are gone through one by one.
MOST_LAYERS = 1 << 16


@dataclass(frozen=True)
class Config:
    """The fields of a config.json, or of one object in it. `quantisation`: the settings of a quantised checkpoint."""

    path: Path
    fields: Mapping[str, Any]
    part: str = ""
    quantisation: Config | None = None

    @property
    def where(self) -> str:
        """File and object, for messages."""
        return f"{self.path}: {self.part}" if self.part else str(self.path)

    @property
    def model_type(self) -> str:
        """The `model_type`, by which families are told apart; where it is missing, what the name of its class says."""
        kind, classes = self.fields.get("model_type"), self.fields.get("architectures")
        if self.part and kind is None and isinstance(classes, list) and classes and isinstance(classes[0], str):
            kind = _BEFORE_CAPITALS.sub("_", classes[0].partition("For")[0]).lower()  # DeepseekV2ForCausalLM
        if not isinstance(kind, str):
            raise ModelError(f"{self.where}: no model_type, so the architecture is unknown")
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

    def count(self, name: str, default: int) -> int:
        """A number from 0 up; `default` where the field is missing. ModelError otherwise."""
        value = self.fields.get(name)
        return 0 if value == 0 and value is not False else self.size(name) if self.has(name) else default

    def layer_count(self, *names: str, default: int | None = None) -> int:
        """A size that counts layers."""
        return self.size(*names, default=default, largest=MOST_LAYERS)

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
        """ModelError unless the field is missing or one of `allowed`; `why` says what else would be needed.

        `a.b` is the field b of the object a.
        """
        outer, _, inner = name.rpartition(".")
        fields = (self.fields.get(outer) or {}) if outer else self.fields
        if not isinstance(fields, dict):
            raise ModelError(f"{self.where}: {outer} is {shown(fields)}; expected an object")
        value = fields.get(inner)
        if value is not None and value not in allowed:
            raise ModelError(f"{self.where}: {name} is {shown(value)}; {why}")


def read_config(folder: Path) -> Config:
    """The config of a model folder; of a model that wraps a language model (images, sound), that of the wrapped one.

    Raises:
        ModelError: it cannot be read or is not a JSON object.

    """
    path = folder / CONFIG
    config = Config(path, strict.read_object(path, strict.MEBIBYTE * 4))
    plain = config
    while inner := next((name for name in INNER if isinstance(plain.fields.get(name), dict)), None):
        plain = Config(path, plain.fields[inner], f"{plain.part}.{inner}".lstrip("."))
    return replace(plain, quantisation=_quantisation(config) or _quantisation(plain))


def adapter_alone(folder: Path) -> str:
    """The sentence that says what to do with a folder that holds an adapter without its base model."""
    path = folder / ADAPTER_CONFIG
    base = strict.read_object(path, strict.MEBIBYTE).get("base_model_name_or_path") if path.is_file() else None
    of = f" (of {shown(base)})" if isinstance(base, str) else ""
    return (
        f"{folder}: holds an adapter (LoRA) without its base model{of}; give the two as BASE+{folder}, or merge it "
        'first, for example with peft: python -c "from peft import AutoPeftModelForCausalLM as A; '
        f"A.from_pretrained({str(folder)!r}).merge_and_unload().save_pretrained('MERGED')\", "
        "and copy the tokenizer's files beside it"
    )


def _quantisation(config: Config) -> Config | None:
    """Models of vLLM's tools call the field `compression_config`, those of MLX `quantization`."""
    for name in ("quantization_config", "compression_config", "quantization"):
        if config.has(name):
            fields = config.fields[name]
            if not isinstance(fields, dict):
                raise ModelError(f"{config.where}: {name} is {shown(fields)}; expected an object")
            return Config(config.path, fields, name)
    return None
