"""The statement that a proof is about: every public value, and nothing else (specification, "statement")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Shape:
    """Public description of the circuit. Weights come in canonical form, so it has no norms, flags or family.

    `hidden` d, `heads` h, `kv_heads` g (divides h), `head_dim` e, `ffn` f (experts concatenated), `layers` strictly
    ascending, `tokens` the byte strings of the selected tokens in selection order, all different.
    """

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    layers: tuple[int, ...]
    tokens: tuple[bytes, ...]

    def native(self) -> dict[str, Any]:
        """The dictionary that the native module reads."""
        return {
            "hidden": self.hidden,
            "heads": self.heads,
            "kv_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "ffn": self.ffn,
            "layers": list(self.layers),
            "tokens": list(self.tokens),
        }


@dataclass(frozen=True)
class Public:
    """Public outputs: `z` (multiples of 2^-12), shift `e` and scale `a` of each term, scale `c` of the standardisation."""

    z: tuple[int, ...]
    e: tuple[int, ...]
    a: tuple[int, ...]
    c: int

    def native(self) -> dict[str, Any]:
        """The dictionary that the native module reads."""
        return {"z": list(self.z), "e": list(self.e), "a": list(self.a), "c": self.c}

    @classmethod
    def from_native(cls, values: dict[str, Any]) -> Public:
        """The public outputs of the native module's dictionary."""
        return cls(tuple(values["z"]), tuple(values["e"]), tuple(values["a"]), values["c"])


@dataclass(frozen=True)
class Statement:
    """Profile name, shape, weight-row commitments (33 bytes each, concatenated) and public outputs."""

    profile: str
    shape: Shape
    commitment: bytes
    public: Public
