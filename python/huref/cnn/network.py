"""The encoder `cnn` in integers: convolutions with ReLU, and the file that holds them (specification, "fingerprint").

    x     3 x r x r integers of one layer, one channel for each kind of term, |x| <= 2^12
    y     = sum over (channel, row, column) of weight * x  + bias      no padding; a stride in both directions
    x'    = max(0, floor((y + 2^(shift-1)) / 2^shift))                  after every convolution but the last
    CNN(x) = y of the last one, channel after channel, row after row: m numbers

This is what the Rust core computes (rust/circuits/src/network.rs), for many inputs at once. That nothing
overflows is computed from the weights: `bounds` here, and when the core takes them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .. import facts
from ..errors import InputError

FORMAT = "huref/cnn/v1"
#: Bits of an input: terms of norm 2^40 are rounded to multiples of 2^28, so no entry is above 2^12.
INPUT_BITS = 12
#: Sums stay below 2^LIMIT_BITS in magnitude; then 2^16 layers of them, raised by 20 bits, fit 128 bits by far.
LIMIT_BITS = 44
KINDS = 3
#: Largest shift, and number of convolutions: bounds of what a file may say.
MAX_SHIFT, MAX_LAYERS = 31, 8

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Convolution:
    """One layer. `weights` int8, out x in x size x size; `bias` int32, out; `stride`; `shift` (of the last one: 0)."""

    weights: NDArray[np.int8]
    bias: NDArray[np.int32]
    stride: int
    shift: int

    def sums(self, x: Integers) -> Integers:
        """The sums y for inputs n x in x side x side: n x out x side' x side'."""
        size = self.weights.shape[2]
        windows = sliding_window_view(x, (size, size), axis=(2, 3))[:, :, :: self.stride, :: self.stride]
        # float64 is fast, and exact: no partial sum reaches 2^53
        y = np.tensordot(windows.astype(np.float64), self.weights.astype(np.float64), axes=((1, 4, 5), (1, 2, 3)))
        return np.asarray(np.moveaxis(y, -1, 1), dtype=np.int64) + self.bias[:, None, None]

    def rounded(self, y: Integers) -> Integers:
        """`max(0, floor((y + half) / 2^shift))`; a shift of 0 has half = 0."""
        half = (1 << self.shift) >> 1
        return np.asarray(np.maximum(0, (y + half) >> self.shift), dtype=np.int64)

    def reach(self, bound: int) -> int:
        """No sum y is above this in magnitude while no input is above `bound`."""
        each = np.abs(self.weights.astype(np.int64)).sum(axis=(1, 2, 3))
        return max(int(w) * bound + abs(int(b)) for w, b in zip(each, self.bias, strict=True))


@dataclass(frozen=True)
class Network:
    """An encoder: its convolutions in order. `recipe` says how it was trained, for people.

    Raises:
        ValueError: a sum could reach 2^44.

    """

    convolutions: tuple[Convolution, ...]
    recipe: dict[str, Any]

    def __post_init__(self) -> None:
        if max(self.bounds()) >= 1 << LIMIT_BITS:
            raise ValueError(f"a sum could reach 2^{LIMIT_BITS}")

    def bounds(self) -> list[int]:
        """For each convolution a number that no sum in it exceeds in magnitude, whatever the input."""
        bound, found = 1 << INPUT_BITS, []
        for convolution in self.convolutions:
            found.append(convolution.reach(bound))
            bound = (found[-1] + ((1 << convolution.shift) >> 1)) >> convolution.shift
        return found

    def apply(self, x: Integers) -> Integers:
        """Outputs n x m of n inputs 3 x r x r, each number at most 2^12 in magnitude."""
        for convolution in self.convolutions[:-1]:
            x = convolution.rounded(convolution.sums(x))
        return self.convolutions[-1].sums(x).reshape(len(x), -1)

    @property
    def canonical(self) -> bytes:
        """Its canonical bytes (specification, "encodings"), without the recipe: an encoder file of `huref prove`."""
        parts = [FORMAT.encode("ascii"), bytes([len(self.convolutions)])]
        for c in self.convolutions:
            out, channels, size, _ = c.weights.shape
            parts += [number.to_bytes(4, "big") for number in (out, channels, size, c.stride, c.shift)]
            parts += [c.weights.tobytes(), c.bias.astype(">i4").tobytes()]
        return b"".join(parts)

    @property
    def id(self) -> str:
        """SHA-256 of its canonical bytes, which a profile or a custom draw names."""
        return hashlib.sha256(self.canonical).hexdigest()

    def to_bytes(self) -> bytes:
        """The safetensors file: tensors `0.weight`, `0.bias`, .., and all else as JSON under one name of its metadata.

        One name, because safetensors writes several in no fixed order, and equal encoders should be equal files.
        """
        from safetensors.numpy import save

        tensors: dict[str, NDArray[Any]] = {}
        for i, c in enumerate(self.convolutions):
            tensors |= {f"{i}.weight": c.weights, f"{i}.bias": c.bias}
        said = {
            "format": FORMAT,
            "strides": [c.stride for c in self.convolutions],
            "shifts": [c.shift for c in self.convolutions],
            "recipe": self.recipe,
        }
        return bytes(save(tensors, metadata={"huref": json.dumps(said, sort_keys=True)}))

    @classmethod
    def from_bytes(cls, data: bytes, where: str) -> Network:
        """The encoder in a file of `to_bytes`. InputError, which names `where`, if there is none."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            tensors = load(data)
            said = facts.read(data)
            if said["format"] != FORMAT or not 0 < len(said["strides"]) <= MAX_LAYERS:
                raise ValueError(f"its format is not {FORMAT}")
            scales = list(zip(said["strides"], said["shifts"], strict=True))
            if not all(0 < stride <= 32 and 0 <= shift <= MAX_SHIFT for stride, shift in scales):
                raise ValueError("strides or shifts are out of range")
            convolutions = [
                Convolution(_typed(tensors[f"{i}.weight"], np.int8), _typed(tensors[f"{i}.bias"], np.int32), *scale)
                for i, scale in enumerate(scales)
            ]
            return cls(tuple(convolutions), said["recipe"])
        except (KeyError, TypeError, ValueError, SafetensorError) as why:
            raise InputError(f"{where}: no encoder of this release ({why})") from None


def _typed(tensor: NDArray[Any], dtype: Any) -> Any:
    if tensor.dtype != dtype:
        raise ValueError(f"a tensor of {tensor.dtype}, not {np.dtype(dtype)}")
    return tensor
