"""AWQ, as AutoAWQ stores it (`version` "gemm").

Of a layer with weight W (out x in), in groups of `group_size` inputs (-1: one group; G of them), 4 bits:

    qweight  int32, in x out/8    integers q, packed along the outputs; the eight of a word are those of the columns
                                  0, 2, 4, 6, 1, 3, 5, 7, low bits first
    qzeros   int32, G x out/8     zero points z, packed in the same way; missing where `zero_point` is false: z = 8
    scales   float16, G x out     s

    W = s[g] (q - z[g])

Documentation: AutoAWQ, `WQLinear_GEMM.from_linear`; the fields are those of `AwqConfig` of transformers.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..packed import Floats, Packed, Stored, unpacked, unreadable
from .gptq import FLOATS, group_size

#: Column of each of the eight integers of a word.
ORDER = (0, 2, 4, 6, 1, 3, 5, 7)


def find(stored: Stored) -> dict[str, Packed]:
    """The matrices of a checkpoint; ModelError names what cannot be read."""
    settings = stored.settings
    version = str(settings.fields.get("version", "gemm")).lower()
    if settings.size("bits", default=4) != 4 or version != "gemm":
        unreadable(settings, f"AWQ of {settings.size('bits', default=4)} bits, version {version!a}")
    found = {}
    for stem in stored.stems(".qweight"):
        inputs, words = stored.plane(f"{stem}.qweight")
        shape = (8 * words, inputs)
        parts = filter(stored.has, (f"{stem}.{part}" for part in ("qweight", "qzeros", "scales")))
        found[f"{stem}.weight"] = Packed(shape, tuple(parts), partial(_unpack, stored, stem, shape))
    return found


def _unpack(stored: Stored, stem: str, shape: tuple[int, int]) -> Floats:
    out, inputs = shape
    size = group_size(stored.settings, inputs)
    groups = -(-inputs // size)
    q = _columns(stored.part(f"{stem}.qweight", ("I32",), (inputs, out // 8)))
    scales = stored.part(f"{stem}.scales", FLOATS, (groups, out)).astype(np.float32)
    zeros: NDArray[np.uint8] = np.full((groups, out), 8, dtype=np.uint8)
    if stored.has(f"{stem}.qzeros"):
        zeros = _columns(stored.part(f"{stem}.qzeros", ("I32",), (groups, out // 8)))
    group = np.arange(inputs) // size
    weight = q.astype(np.float32)
    weight -= zeros[group]
    weight *= scales[group]
    return weight.T


def _columns(words: NDArray[np.int32]) -> NDArray[np.uint8]:
    """The integers of each row, in the order of the columns."""
    eights = unpacked(words, 4).reshape(len(words), -1, 8)
    return eights[..., np.argsort(ORDER)].reshape(len(words), -1)
