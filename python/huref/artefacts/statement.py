"""The statement that a proof is about: every public value, and nothing else (specification, "statement")."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ..profile import named
from .challenge import Challenge
from .shape import Shape, commitment_id


@dataclass(frozen=True)
class Public:
    """Public outputs: `z` (multiples of 2^-12), shift `e` and scale `a` of each term, scale `c` of the whole vector."""

    z: tuple[int, ...]
    e: tuple[int, ...]
    a: tuple[int, ...]
    c: int

    @property
    def vector_digest(self) -> str:
        """SHA-256, in hexadecimal digits, of z as signed integers of 32 bits, big-endian. The name of the vector."""
        return hashlib.sha256(b"".join(z.to_bytes(4, "big", signed=True) for z in self.z)).hexdigest()

    @classmethod
    def of(cls, outputs: tuple[Sequence[int], Sequence[int], Sequence[int], int]) -> Public:
        """The public outputs as the core gives them."""
        z, e, a, c = outputs
        return cls(tuple(z), tuple(e), tuple(a), c)


@dataclass(frozen=True)
class Statement:
    """Profile name, shape, weight-row commitments (33 bytes each, concatenated) and public outputs.

    `challenge`: the one that the outputs answer; None for the fingerprint itself.
    """

    profile: str
    shape: Shape
    commitment: bytes
    public: Public
    challenge: Challenge | None = None

    @property
    def protocol(self) -> str:
        """Name and version of the protocol: the two kinds of statement have different ones."""
        profile = named(self.profile)
        return (profile.fingerprint if self.challenge is None else profile.challenge).protocol

    @property
    def commitment_id(self) -> str:
        """The name of the commitment that this statement is about."""
        return commitment_id(self.profile, self.shape, self.commitment)
