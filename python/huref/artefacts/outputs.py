"""Outputs: the vector that a proof is about, with its shifts and scales."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..profile import Profile
from . import strict

#: Bounds of every file; those of the core are closer.
MAX_SHIFT, MAX_SCALE, MAX_VECTOR_SCALE = 223, 1 << 22, (1 << 40) - 1


@dataclass(frozen=True)
class Outputs:
    """Public outputs: `vector` z (multiples of 2^-12), `shifts` e and `scales` a of each term, `scale` c of the vector.

    The letters are those of the specification. Terms: a, b, f of layer after layer.
    """

    vector: tuple[int, ...]
    shifts: tuple[int, ...]
    scales: tuple[int, ...]
    scale: int

    @property
    def vector_digest(self) -> str:
        """SHA-256, in hexadecimal digits, of the vector as signed integers of 32 bits, big-endian: its name."""
        return hashlib.sha256(b"".join(z.to_bytes(4, "big", signed=True) for z in self.vector)).hexdigest()

    @classmethod
    def of(cls, outputs: tuple[Sequence[int], Sequence[int], Sequence[int], int]) -> Outputs:
        """The outputs as the core gives them."""
        vector, shifts, scales, scale = outputs
        return cls(tuple(vector), tuple(shifts), tuple(scales), scale)

    @property
    def z(self) -> tuple[int, ...]:
        """The vector, as the core calls it."""
        return self.vector

    @property
    def e(self) -> tuple[int, ...]:
        """The shifts, as the core calls them."""
        return self.shifts

    @property
    def a(self) -> tuple[int, ...]:
        """The scales, as the core calls them."""
        return self.scales

    @property
    def c(self) -> int:
        """The scale of the vector, as the core calls it."""
        return self.scale


def to_fields(outputs: Outputs) -> dict[str, Any]:
    """The fields of outputs in files."""
    return {
        "vector": outputs.vector,
        "shifts": outputs.shifts,
        "scales": outputs.scales,
        "scale": outputs.scale,
    }


def from_fields(fields: strict.Fields, profile: Profile, layers: int) -> Outputs:
    """The outputs of these four fields, over so many layers. Others may stand beside them."""
    top, terms = profile.units * profile.outputs, 3 * layers
    return Outputs(
        vector=fields.integers("vector", -top, top, profile.outputs),
        shifts=fields.integers("shifts", 0, MAX_SHIFT, terms),
        scales=fields.integers("scales", 1, MAX_SCALE, terms),
        scale=fields.integer("scale", 1, MAX_VECTOR_SCALE),
    )
