"""Quantised checkpoints: matrices in 2 to 8 bits, brought back to float32 when they are asked for.

One file for each format, which says how it is stored and where that is documented. A format that is not read is
rejected with an error that names it, before anything is computed. Dequantised weights are those with which the
quantised model computes, without the rounding to float16 that its kernels add.
"""

from __future__ import annotations

from dataclasses import replace
from reprlib import repr as shown

from ...errors import ModelError
from .. import strict
from ..checkpoint import Checkpoint
from ..config import Config
from ..packed import Stored, unreadable
from . import awq, bitnet, bitsandbytes, compressed, fp4, gptq, mlx, scaled

#: `quant_method` -> reader.
FORMATS = {
    "gptq": gptq.find,
    "awq": awq.find,
    "bitsandbytes": bitsandbytes.find,
    "fp8": scaled.find,
    "fbgemm_fp8": scaled.find,
    "compressed-tensors": compressed.find,
    "mxfp4": fp4.find_mx,
    "modelopt": fp4.find_modelopt,
    "mlx": mlx.find,
    "bitnet": bitnet.find,
}
#: Where AutoGPTQ and ModelOpt wrote their settings before they stood in config.json.
OLDER_SETTINGS, OLDER_MODELOPT = "quantize_config.json", "hf_quant_config.json"
#: `model_type` of families whose layers store `in x out`, which quantisers turn round or not.
TRANSPOSED = ("gpt2",)


def dequantised(checkpoint: Checkpoint, config: Config) -> Checkpoint:
    """The checkpoint with plain matrices in the place of quantised ones; as it is, where nothing is quantised.

    Raises:
        ModelError: the format is not read, or tensors contradict each other.

    """
    settings = _settings(checkpoint, config)
    if settings is None:
        return checkpoint
    method = settings.fields.get("quant_method")
    if not isinstance(method, str) or method not in FORMATS:
        unreadable(settings, f"{shown(method)} (known are: {', '.join(FORMATS)})")
    packed = FORMATS[method](Stored(checkpoint.place, settings))
    if packed and config.model_type in TRANSPOSED:
        unreadable(settings, f"{method} in a {config.model_type} model, whose layers are transposed")
    parts = {part for one in packed.values() for part in one.parts}
    place = {name: entry for name, entry in checkpoint.place.items() if name not in parts}
    both = next((name for name in packed if name in place), None)
    if both is not None:
        raise ModelError(f"{checkpoint.path}: {checkpoint.label(both)} is there quantised and plain; remove one")
    unpacked = {name: one.entry(checkpoint.place[one.parts[0]].file, name) for name, one in packed.items()}
    return replace(checkpoint, place=place | unpacked)


def _settings(checkpoint: Checkpoint, config: Config) -> Config | None:
    """The settings of the quantisation; None if there is none."""
    if config.quantisation is not None:
        settings = config.quantisation
        if {"group_size", "bits"} <= settings.fields.keys() and not settings.has("quant_method"):
            return replace(settings, fields={"quant_method": "mlx", **settings.fields})
        return settings
    path = config.path.with_name(OLDER_SETTINGS)
    if path.is_file():
        return Config(path, {"quant_method": "gptq", **strict.read_object(path, strict.MEBIBYTE)})
    path = config.path.with_name(OLDER_MODELOPT)
    if path.is_file():
        fields = strict.read_object(path, strict.MEBIBYTE).get("quantization")
        return Config(path, {**(fields if isinstance(fields, dict) else {}), "quant_method": "modelopt"})
    name = next((name for name in checkpoint.place if name.endswith(".qweight")), None)
    if name is not None:
        raise ModelError(
            f"{checkpoint.path}: {checkpoint.label(name)} is quantised (GPTQ or AWQ), but config.json has no "
            "quantization_config that says how; add it, or dequantise the model"
        )
    return None


__all__ = ["FORMATS", "dequantised"]
