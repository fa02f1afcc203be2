"""MLX, as mlx-lm saves it (`quantization` in config.json).

Of a layer with weight W (out x in), in groups of `group_size` inputs (G of them), `bits` bits:

    weight   uint32, out x in bits/32   integers q, one behind the other, low bits first, across words where they end so
    scales   float, out x G             s
    biases   float, out x G             b

    W = s[g] q + b[g]

In mode "mxfp4" q are 4-bit floats, s uint8 powers of two, and there are no biases. The settings may give some layers
bits and group sizes of their own, under their names. The embedding is quantised too; experts are stacked along a first
axis, and then called `switch_mlp`. Documentation: MLX, `mlx.core.quantize`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..config import Config
from ..packed import Floats, Packed, Stored, unreadable
from . import fp4

FLOATS = ("F16", "BF16", "F32")
READ = (2, 3, 4, 5, 6, 8)


def find(stored: Stored) -> dict[str, Packed]:
    """The matrices of a checkpoint; ModelError names what cannot be read."""
    found = {}
    for stem in stored.stems(".scales"):
        own = stored.settings.fields.get(stem)
        settings = Config(stored.settings.path, own, stem) if isinstance(own, dict) else stored.settings
        bits, group = settings.size("bits", default=4), settings.size("group_size", default=64)
        mode = settings.fields.get("mode", "affine")
        if bits not in READ or mode not in ("affine", "mxfp4"):
            unreadable(settings, f"MLX, mode {mode!a}, {bits} bits")
        shape, words = stored.shape(f"{stem}.scales"), stored.shape(f"{stem}.weight")
        inputs = shape[-1] * group if shape else 0
        if len(shape) not in (2, 3) or words != (*shape[:-1], inputs * bits // 32):
            stored.refuse(
                f"{stem}.weight", f"shape {list(words)} beside scales of {list(shape)}: {bits} bits, groups of {group}"
            )
        some = partial(_some, stored, stem, (bits, group, mode == "mxfp4"))
        parts = filter(stored.has, (f"{stem}.{part}" for part in ("weight", "scales", "biases")))
        found[f"{stem}.weight"] = Packed((*shape[:-1], inputs), tuple(parts), partial(some, np.arange(shape[0])), some)
    return found


def _some(stored: Stored, stem: str, how: tuple[int, int, bool], ids: NDArray[np.int64]) -> Floats:
    bits, group, mx = how
    weight, scales, biases = (f"{stem}.{part}" for part in ("weight", "scales", "biases"))
    words = stored.whole(weight, ("U32",), stored.shape(weight)).rows(ids)
    each = stored.whole(scales, ("U8",) if mx else FLOATS, stored.shape(scales)).rows(ids)
    if mx:
        codes = words.view(np.uint8)
        values, each = fp4.numbers(codes), fp4.powers(each)
    else:
        values = _integers(words, bits).astype(np.float32)
    grouped: Floats = values.reshape(*each.shape, group)
    grouped *= each.astype(np.float32)[..., None]
    if not mx:
        grouped += stored.whole(biases, FLOATS, stored.shape(scales)).rows(ids).astype(np.float32)[..., None]
    return grouped.reshape(*each.shape[:-1], -1)


def _integers(words: NDArray[np.uint32], bits: int) -> NDArray[np.uint8]:
    """Unsigned integers that follow each other in the bits of each row."""
    if 32 % bits == 0:
        shifts = np.arange(0, 32, bits, dtype=np.uint32)
        parts = (words[..., None] >> shifts) & np.uint32((1 << bits) - 1)
        return parts.astype(np.uint8).reshape(*words.shape[:-1], -1)
    stream = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=-1, bitorder="little")
    codes = stream.reshape(*words.shape[:-1], -1, bits)
    return np.packbits(codes, axis=-1, bitorder="little")[..., 0]
