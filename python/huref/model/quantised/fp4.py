"""Matrices in 4-bit floats: MXFP4 of gpt-oss, and NVFP4 as NVIDIA's ModelOpt stores it.

A code is a sign and one of eight sizes; two of them are in a byte, the first in its low bits.

**mxfp4** (`quant_method` "mxfp4"). Of the matrices of E experts, each out x in:

    NAME_blocks   uint8, E x out x in/32 x 16    codes
    NAME_scales   uint8, E x out x in/32         c, one for each 32 codes

    W = value 2^(c - 127); the layers of gpt-oss have them turned round, in x out

**nvfp4** (`quant_method` "modelopt", `quant_algo` "NVFP4"). Of a layer with weight W (out x in):

    weight           uint8, out x in/2     codes
    weight_scale     F8_E4M3, out x in/16  s
    weight_scale_2   float32, one number   t

    W = value s t

Documentation: OCP Microscaling Formats, version 1.0; `convert_moe_packed_tensors` of transformers; ModelOpt,
`NVFP4QTensor`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..packed import Floats, Packed, Stored, unreadable
from . import scaled

SIZES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
VALUES = np.array([*SIZES, *(-size for size in SIZES)], np.float32)
#: What a byte stands for: two numbers.
PAIRS = np.stack([VALUES[np.arange(256) & 15], VALUES[np.arange(256) >> 4]], axis=-1)
GROUP_MX, GROUP_NV = 32, 16
BIAS = 127


def numbers(codes: NDArray[np.uint8]) -> Floats:
    """Two for each byte, along the last axis."""
    found: Floats = PAIRS[codes].reshape(*codes.shape[:-1], -1)
    return found


def powers(codes: NDArray[np.uint8]) -> Floats:
    """Powers of two by their exponents; 255 stands for NaN."""
    found: Floats = np.ldexp(np.float32(1), codes.astype(np.int32) - BIAS)
    found[codes == 255] = np.nan
    return found


def find_mx(stored: Stored) -> dict[str, Packed]:
    """The experts of gpt-oss; ModelError names what cannot be read."""
    found = {}
    for name in stored.stems("_blocks"):
        blocks = stored.shape(f"{name}_blocks")
        if len(blocks) != 4 or blocks[-1] != GROUP_MX // 2:
            stored.refuse(f"{name}_blocks", f"shape {list(blocks)}, expected experts, rows, groups and 16 bytes")
        experts, out, groups, _ = blocks
        shape = experts, GROUP_MX * groups, out
        some = partial(_experts, stored, name, blocks)
        parts = f"{name}_blocks", f"{name}_scales"
        found[name] = Packed(shape, parts, partial(some, np.arange(experts)), some)
    return found


def _experts(stored: Stored, name: str, blocks: tuple[int, ...], ids: NDArray[np.int64]) -> Floats:
    codes = stored.whole(f"{name}_blocks", ("U8",), blocks).rows(ids)
    scales = stored.whole(f"{name}_scales", ("U8",), blocks[:-1]).rows(ids)
    values = numbers(codes)
    values *= powers(scales)[..., None]
    return values.reshape(len(ids), blocks[1], -1).swapaxes(1, 2)


def find_modelopt(stored: Stored) -> dict[str, Packed]:
    """The matrices of a checkpoint of ModelOpt; ModelError names what cannot be read."""
    method = stored.settings.fields.get("quant_algo")
    if method == "FP8":
        return scaled.find(stored)
    if method != "NVFP4":
        unreadable(stored.settings, f"ModelOpt by {method!a}")
    return find_nv(stored, "weight", "weight_scale_2")


def find_nv(stored: Stored, codes: str, scale: str) -> dict[str, Packed]:
    """Matrices in NVFP4: parts of those names hold the codes and the scale of the whole, which compressed-tensors has
    the other way round, as what divides.
    """
    found = {}
    for stem in stored.stems(f".{scale}"):
        names = f"{stem}.{codes}", f"{stem}.weight_scale", f"{stem}.{scale}"
        out, half = stored.plane(names[0])
        found[f"{stem}.weight"] = Packed(
            (out, 2 * half), tuple(filter(stored.has, names)), partial(_rows, stored, names, (out, half))
        )
    return found


def _rows(stored: Stored, names: tuple[str, str, str], shape: tuple[int, int]) -> Floats:
    out, half = shape
    codes, own, scale = names
    values = numbers(stored.part(codes, ("U8",), shape))
    groups = -(-2 * half // GROUP_NV)
    each = stored.part(own, ("F8_E4M3",), (out, groups)).astype(np.float32)
    whole = stored.part(scale, ("F32",), stored.shape(scale)).reshape(-1)[:1]
    with np.errstate(all="ignore"):  # a scale of zero is named as NaN where the matrix is used
        each = each / whole if scale.endswith("global_scale") else each * whole
    values *= each.repeat(GROUP_NV, axis=1)[:, : 2 * half]
    return values
