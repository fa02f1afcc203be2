"""Outputs: the vectors of one draw, one for each layer, with their shifts and scales."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .. import _native
from ..profile import Profile
from . import strict

#: Bounds of every file; those of the core are closer.
MAX_SHIFT, MAX_SCALE, MAX_VECTOR_SCALE = 223, 1 << 22, (1 << 40) - 1

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Outputs:
    """Public outputs of one draw: `vectors` z, one for each layer (multiples of 2^-12); `shifts` e and `scales` a of
    the terms a, b, f of layer after layer; `vector_scales` c of the vectors. The letters are those of the
    specification.
    """

    vectors: tuple[Vector, ...]
    shifts: Vector
    scales: Vector
    vector_scales: Vector

    @property
    def z(self) -> Vector:
        """All vectors, one after the other, as the core and the reference verifier take them."""
        return tuple(number for vector in self.vectors for number in vector)

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal digits, of all vectors as signed integers of 32 bits, big-endian."""
        return vector_digest(self.z)

    @classmethod
    def of(cls, numbers: tuple[Sequence[int], Sequence[int], Sequence[int], Sequence[int]]) -> Outputs:
        """The outputs as the core gives them, the vectors one after the other."""
        z, e, a, c = numbers
        length = len(z) // len(c)
        vectors = (tuple(z[start : start + length]) for start in range(0, len(z), length))
        return cls(tuple(vectors), tuple(e), tuple(a), tuple(c))

    def portrait_vector(self, profile: Profile) -> Vector | None:
        """The one vector of all layers, from which the portrait is drawn: their sum, brought to mean 0 and standard
        deviation 1; None where the layers cancel. Meant for the common draw.
        """
        found = _native.portrait_vector(profile.name, self.z)
        return None if found is None else tuple(found)


def vector_digest(vector: Sequence[int]) -> str:
    """SHA-256, in hexadecimal digits, of a vector as signed integers of 32 bits, big-endian: its name."""
    return hashlib.sha256(struct.pack(f">{len(vector)}i", *vector)).hexdigest()


def to_fields(outputs: Outputs) -> dict[str, Any]:
    """The fields of outputs in files."""
    return {
        "vectors": outputs.vectors,
        "shifts": outputs.shifts,
        "scales": outputs.scales,
        "vectorScales": outputs.vector_scales,
    }


def from_fields(fields: strict.Fields, profile: Profile, layers: int) -> Outputs:
    """The outputs of these four fields, over so many layers. Others may stand beside them."""
    top = profile.units * profile.outputs
    return Outputs(
        vectors=fields.vectors("vectors", -top, top, layers, profile.outputs),
        shifts=fields.integers("shifts", 0, MAX_SHIFT, 3 * layers),
        scales=fields.integers("scales", 1, MAX_SCALE, 3 * layers),
        vector_scales=fields.integers("vectorScales", 1, MAX_VECTOR_SCALE, layers),
    )
