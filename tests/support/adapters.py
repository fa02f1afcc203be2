"""Adapters (LoRA) as peft saves them, and what they make of a base."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file


def write(base: Path, folder: Path, modules: tuple[str, ...], rank: int = 4, **fields: Any) -> dict[str, Any]:
    """An adapter of a llama folder for modules whose names end so; config fields besides. The merged tensors."""
    folder.mkdir(parents=True)
    rng, tensors = np.random.default_rng(8), load_file(base / "model.safetensors")
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": 16, "base_model_name_or_path": "org/base", **fields}
    adapter: dict[str, Any] = {}
    for name in [name for name in tensors if name.endswith(tuple(f"{module}.weight" for module in modules))]:
        module = name.removesuffix(".weight")
        own = next((size for end, size in config.get("rank_pattern", {}).items() if module.endswith(end)), rank)
        alpha = next((size for end, size in config.get("alpha_pattern", {}).items() if module.endswith(end)), 16)
        turned = config.get("fan_in_fan_out", False) or "embed" in module
        rows, columns = tensors[name].shape[::-1] if turned else tensors[name].shape
        a = rng.standard_normal((own, columns)).astype(np.float32) / 8
        b = rng.standard_normal((rows, own)).astype(np.float32) / 8
        kind = "lora_embedding_{}" if "embed" in module else "lora_{}.weight"
        adapter |= {f"base_model.model.{module}.{kind.format(part)}": values for part, values in (("A", a), ("B", b))}
        scale = alpha / (np.sqrt(own) if config.get("use_rslora") else own)
        change = (b.astype(np.float64) @ a) * scale
        tensors[name] = (tensors[name] + (change.T if turned else change)).astype(np.float32)
    save_file(adapter, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return tensors
