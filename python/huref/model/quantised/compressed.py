"""compressed-tensors, the format of llm-compressor and vLLM.

`format` says how matrices are stored. int-quantized, naive-quantized and float-quantized are tables of small numbers
beside scales (`scaled`); mixed checkpoints name none. In **pack-quantized**, of a layer with weight W (out x in):

    weight_packed      int32, out x in bits/32 (rounded up)    integers q + 2^(bits - 1), low bits first
    weight_shape       integers                                out, in
    weight_scale       float, out x G (or out x 1)             s, for groups of in / G inputs each
    weight_g_idx       int32, in                               group of each input; without it, in order

    W = s[g] q

**nvfp4-pack-quantized** is `fp4`'s NVFP4 with other names: weight_packed, weight_scale, and weight_global_scale, which
divides. Zero points (asymmetric), 2:4 sparsity and MXFP4 are not read. Documentation: compressed-tensors,
`compressors`.
"""

from __future__ import annotations

from functools import partial
from reprlib import repr as shown

import numpy as np

from ..config import Config
from ..packed import Floats, Packed, Stored, unpacked, unreadable
from . import fp4, scaled

NVFP4 = "nvfp4-pack-quantized"
READ = ("pack-quantized", "int-quantized", "naive-quantized", "float-quantized", "dense", NVFP4)
PARTS = ("weight_packed", "weight_shape", "weight_scale", "weight_g_idx", "weight_zero_point")


def find(stored: Stored) -> dict[str, Packed]:
    """The matrices of a checkpoint; ModelError names what cannot be read."""
    settings = stored.settings
    for one in (settings.fields, *_groups(settings)):
        name = one.get("format")
        if name is not None and name not in READ:
            unreadable(settings, f"compressed-tensors in the format {shown(name)}")
    sparsity = settings.fields.get("sparsity_config")
    if isinstance(sparsity, dict) and sparsity.get("format", "dense") != "dense":
        unreadable(settings, f"compressed-tensors with sparsity {shown(sparsity['format'])}")
    found = scaled.find(stored)
    found |= fp4.find_nv(stored, "weight_packed", "weight_global_scale")
    for stem in (stem for stem in stored.stems(".weight_packed") if f"{stem}.weight" not in found):
        if stored.has(f"{stem}.weight_zero_point"):
            unreadable(settings, "compressed-tensors, packed with zero points")
        shape = _shape(stored, stem)
        parts = filter(stored.has, (f"{stem}.{part}" for part in PARTS))
        found[f"{stem}.weight"] = Packed(shape, tuple(parts), partial(_unpack, stored, stem, shape))
    return found


def _groups(settings: Config) -> list[dict[str, object]]:
    groups = settings.fields.get("config_groups")
    return [group for group in groups.values() if isinstance(group, dict)] if isinstance(groups, dict) else []


def _shape(stored: Stored, stem: str) -> tuple[int, int]:
    name = f"{stem}.weight_shape"
    out, inputs = (int(number) for number in stored.part(name, ("I64", "I32"), (2,)))
    rows, _ = stored.plane(f"{stem}.weight_packed")
    if out != rows or not 0 < inputs < 1 << 31:
        stored.refuse(name, f"{out} x {inputs}, beside {rows} packed rows")
    return out, inputs


def _unpack(stored: Stored, stem: str, shape: tuple[int, int]) -> Floats:
    out, inputs = shape
    packed, scale = f"{stem}.weight_packed", f"{stem}.weight_scale"
    _, words = stored.plane(packed)
    bits = next((bits for bits in (2, 4, 8) if -(-inputs * bits // 32) == words), None)
    if bits is None:
        stored.refuse(packed, f"{words} words for {inputs} inputs; 2, 4 or 8 bits each are read")
    q = unpacked(stored.part(packed, ("I32",), (out, words)), bits)[:, :inputs].astype(np.float32)
    q -= 1 << (bits - 1)
    scales = stored.part(scale, scaled.FLOATS, stored.shape(scale))
    index = f"{stem}.weight_g_idx"
    if stored.has(index) and scales.size > out:
        group = stored.part(index, ("I32", "I64"), (inputs,)).astype(np.int64)
        rows, groups = stored.plane(scale)
        if rows != out or not ((group >= 0) & (group < groups)).all():
            stored.refuse(index, "does not fit the table of scales")
        q *= scales.astype(np.float32)[:, group]
        return q
    q *= scaled.spread(stored, scale, scales, shape)
    return q
