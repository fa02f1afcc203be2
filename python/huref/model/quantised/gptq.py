"""GPTQ, as AutoGPTQ and GPTQModel store it.

Of a layer with weight W (out x in), in groups of `group_size` inputs (-1: one group; G of them):

    qweight  int32, in bits/32 x out     integers q of `bits` bits, packed along the inputs, low bits first
    qzeros   int32, G x out bits/32      zero points z, packed along the outputs; stored less one, modulo 2^bits,
                                         where `checkpoint_format` is "gptq" (the default), plainly where "gptq_v2"
    scales   float16, G x out            s
    g_idx    int32, in                   group of each input; without it, inputs are grouped in order

    W = s[g] (q - z[g])

Documentation: the quantised linear layers of AutoGPTQ and GPTQModel (`QuantLinear.pack`); the fields are those of
`GPTQConfig` of transformers. 3 bits, which cross words, are not read.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ..config import Config
from ..packed import Floats, Packed, Stored, unpacked, unreadable

FLOATS = ("F16", "BF16", "F32")


def find(stored: Stored) -> dict[str, Packed]:
    """The matrices of a checkpoint; ModelError names what cannot be read."""
    settings = stored.settings
    bits = settings.size("bits", default=4)
    if bits not in (2, 4, 8):
        unreadable(settings, f"GPTQ of {bits} bits")
    settings.require("checkpoint_format", ("gptq", "gptq_v2"), "only the formats gptq and gptq_v2 are read")
    found = {}
    for stem in stored.stems(".qweight"):
        words, out = stored.plane(f"{stem}.qweight")
        if out % (32 // bits):
            stored.refuse(f"{stem}.qweight", f"{out} outputs, expected a multiple of {32 // bits}")
        shape = (out, words * 32 // bits)
        parts = filter(stored.has, (f"{stem}.{part}" for part in ("qweight", "qzeros", "scales", "g_idx")))
        found[f"{stem}.weight"] = Packed(shape, tuple(parts), partial(_unpack, stored, stem, shape, bits))
    return found


def _unpack(stored: Stored, stem: str, shape: tuple[int, int], bits: int) -> Floats:
    out, inputs = shape
    each = 32 // bits
    groups, _ = stored.plane(f"{stem}.scales")
    q = unpacked(stored.part(f"{stem}.qweight", ("I32",), (inputs // each, out)).T, bits)
    zeros = unpacked(stored.part(f"{stem}.qzeros", ("I32",), (groups, out // each)), bits)
    if stored.settings.fields.get("checkpoint_format", "gptq") == "gptq":
        zeros = (zeros + np.uint8(1)) & np.uint8((1 << bits) - 1)
    scales = stored.part(f"{stem}.scales", FLOATS, (groups, out)).astype(np.float32)
    group = _groups(stored, stem, inputs, groups)
    weight = q.astype(np.float32)
    weight -= zeros.T[:, group]
    weight *= scales.T[:, group]
    return weight


def _groups(stored: Stored, stem: str, inputs: int, groups: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    name = f"{stem}.g_idx"
    if stored.has(name):
        group = stored.part(name, ("I32", "I64"), (inputs,)).astype(np.int64)
        if not ((group >= 0) & (group < groups)).all():
            stored.refuse(name, f"names a group that is not there; there are {groups}")
        return group
    size = group_size(stored.settings, inputs)
    if -(-inputs // size) != groups:
        stored.refuse(f"{stem}.scales", f"{groups} groups, expected one for each {size} of {inputs} inputs")
    return np.arange(inputs) // size


def group_size(settings: Config, inputs: int) -> int:
    """Inputs of a group."""
    return inputs if settings.fields.get("group_size") == -1 else settings.size("group_size", default=128)
