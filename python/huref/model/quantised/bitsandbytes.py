"""bitsandbytes, as transformers saves it.

**int8** (LLM.int8(), `load_in_8bit`). Of a layer with weight W (out x in):

    weight         int8, out x in      q
    SCB            float32, out        s, the largest size in each row
    weight_format  uint8, one number   0: rows, as above; others are layouts of GPUs and are not read

    W = q s / 127

**nf4, fp4** (`load_in_4bit`). W, row after row, in blocks of B entries:

    weight                                uint8     two codes a byte, the first in the high bits
    weight.quant_map                      float32   16 values v that the codes stand for
    weight.absmax                         float32   a, one for each block
    weight.quant_state.bitsandbytes__nf4  uint8     JSON: shape, blocksize, and others (or ..._fp4)

    W = v[code] a

    "double" quantisation: absmax is uint8, codes c in blocks of their own; a = w[c] b + offset

    weight.nested_quant_map               float32   256 values w
    weight.nested_absmax                  float32   b, one for each block of c
    nested_blocksize, nested_offset                 in the JSON

Documentation: bitsandbytes, `nn.Linear8bitLt` and `functional.QuantState`; QLoRA, arXiv 2305.14314.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import strict
from ..packed import Floats, Packed, Stored

STATE, KINDS = ".quant_state.bitsandbytes__", ("nf4", "fp4")
#: Parts of a matrix of 4 bits.
PARTS = ("", ".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map")
#: The state is a short JSON object.
LONGEST_STATE = 4096


def find(stored: Stored) -> dict[str, Packed]:
    """The matrices of a checkpoint; ModelError names what cannot be read."""
    found = {}
    for stem in stored.stems(".SCB"):
        name = f"{stem}.weight"
        parts = filter(stored.has, (name, f"{stem}.SCB", f"{stem}.weight_format"))
        found[name] = Packed(stored.plane(name), tuple(parts), partial(_rows, stored, stem))
    for kind in KINDS:
        for name in stored.stems(STATE + kind):
            state = _State(stored, name, kind)
            parts = filter(stored.has, (*(name + part for part in PARTS), state.name))
            found[name] = Packed(state.shape, tuple(parts), partial(_blocks, stored, name, state))
    return found


def _rows(stored: Stored, stem: str) -> Floats:
    name, layout = f"{stem}.weight", f"{stem}.weight_format"
    if stored.has(layout) and stored.part(layout, ("U8",), stored.shape(layout)).any():
        stored.refuse(layout, "the layout of a GPU, which is not read; save the model with a newer bitsandbytes")
    shape = stored.plane(name)
    scales = stored.part(f"{stem}.SCB", ("F32", "F16"), shape[:1]).astype(np.float32)
    weight: Floats = stored.part(name, ("I8",), shape).astype(np.float32)
    weight *= (scales / np.float32(127))[:, None]
    return weight


class _State:
    """The JSON of a matrix of 4 bits."""

    def __init__(self, stored: Stored, name: str, kind: str) -> None:
        self.name = name + STATE + kind
        (size,) = stored.shape(self.name) if len(stored.shape(self.name)) == 1 else (LONGEST_STATE + 1,)
        if size > LONGEST_STATE:
            stored.refuse(self.name, "no short list of bytes")
        data = stored.part(self.name, ("U8",), (size,)).tobytes()
        self._fields = strict.parse_object(data, f"{stored.place[self.name].file}: tensor {self.name!r}")
        self._stored = stored
        shape = self._fields.get("shape")
        if not (isinstance(shape, list) and len(shape) == 2 and all(type(n) is int and 0 < n < 1 << 31 for n in shape)):
            stored.refuse(self.name, "'shape' must be two positive integers")
        self.shape = tuple(shape)

    def positive(self, key: str) -> int:
        """An integer from 1 up."""
        value: Any = self._fields.get(key)
        if type(value) is not int or not 1 <= value < 1 << 31:
            self._stored.refuse(self.name, f"{key!r} must be a positive integer")
        return int(value)

    def number(self, key: str) -> float:
        """A finite number."""
        value: Any = self._fields.get(key)
        if type(value) not in (int, float) or not math.isfinite(value):
            self._stored.refuse(self.name, f"{key!r} must be a number")
        return float(value)


def _blocks(stored: Stored, name: str, state: _State) -> Floats:
    size = math.prod(state.shape)
    block = min(size, state.positive("blocksize"))
    shape = stored.shape(name)
    if 2 * math.prod(shape) != size + size % 2:
        stored.refuse(name, f"{math.prod(shape)} bytes for {size} numbers of 4 bits")
    codes = stored.part(name, ("U8",), shape).reshape(-1)
    values = stored.part(name + ".quant_map", ("F32",), (16,))
    numbers = np.stack([values[codes >> 4], values[codes & 15]], axis=-1).reshape(-1)[:size]
    blocks = -(-size // block)
    scales = _scales(stored, name, state, blocks)
    numbers *= np.repeat(scales, block)[:size]
    weight: Floats = numbers.reshape(state.shape)
    return weight


def _scales(stored: Stored, name: str, state: _State, blocks: int) -> NDArray[np.float32]:
    """One for each block."""
    absmax = name + ".absmax"
    if not stored.has(name + ".nested_absmax"):
        return stored.part(absmax, ("F32",), (blocks,)).astype(np.float32)
    codes = stored.part(absmax, ("U8",), (blocks,))
    block = min(blocks, state.positive("nested_blocksize"))
    largest = stored.part(name + ".nested_absmax", ("F32",), (-(-blocks // block),))
    values = stored.part(name + ".nested_quant_map", ("F32",), (256,))
    found: NDArray[np.float32] = values[codes] * np.repeat(largest, block)[:blocks]
    found += np.float32(state.number("nested_offset"))
    return found
