"""BitNet: matrices of -1, 0 and 1. Of a layer with weight W (out x in):

    weight        uint8, out/4 x in    q + 1, four rows in a byte: row i in the low bits, then i + out/4, and so on
    weight_scale  float, one number    s

    W = q / s; with `linear_class` "autobitlinear" W = q s

A checkpoint that is quantised while it computes (`quantization_mode` "online") has plain weights, which are read.
Documentation: transformers, `integrations.bitnet`.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ..packed import Floats, Packed, Stored

FLOATS = ("F32", "BF16", "F16")


def find(stored: Stored) -> dict[str, Packed]:
    """The matrices of a checkpoint; ModelError names what cannot be read."""
    found = {}
    for stem in stored.stems(".weight_scale"):
        quarter, columns = stored.plane(f"{stem}.weight")
        parts = f"{stem}.weight", f"{stem}.weight_scale"
        found[parts[0]] = Packed((4 * quarter, columns), parts, partial(_unpack, stored, parts))
    return found


def _unpack(stored: Stored, parts: tuple[str, str]) -> Floats:
    name, scale = parts
    packed = stored.part(name, ("U8",), stored.plane(name))
    values = np.concatenate([packed >> shift & 3 for shift in (0, 2, 4, 6)]).astype(np.float32) - 1
    each = stored.part(scale, FLOATS, stored.shape(scale)).astype(np.float32).reshape(-1)[:1]
    made: Floats = values * each if stored.settings.fields.get("linear_class") == "autobitlinear" else values / each
    return made
