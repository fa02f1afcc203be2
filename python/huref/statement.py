"""The statement that a proof is about: every public value, and nothing else (specification, "statement")."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from . import _native

#: Protocols of a proof: of the fingerprint itself, and of the answer to a challenge.
PROTOCOL, CHALLENGE_PROTOCOL = "huref/fingerprint/v1", "huref/challenge/v1"


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

    def commitment_rows(self, profile: str) -> int:
        """Rows of a commitment: floor(n / d) matrix rows stand side by side, a new matrix starts a new row."""
        slots = max(1, (1 << _native.parameters(profile)["log_n"]) // self.hidden)  # 0 only for shapes that are refused
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        layer = (queries, keys, keys, queries, self.ffn, self.ffn)
        return -(-len(self.tokens) // slots) + len(self.layers) * sum(-(-rows // slots) for rows in layer)


@dataclass(frozen=True)
class Public:
    """Public outputs: `z` (multiples of 2^-12), shift `e` and scale `a` of each term, scale `c` of the whole vector."""

    z: tuple[int, ...]
    e: tuple[int, ...]
    a: tuple[int, ...]
    c: int

    def native(self) -> dict[str, Any]:
        """The dictionary that the native module reads."""
        return {"z": list(self.z), "e": list(self.e), "a": list(self.a), "c": self.c}

    @property
    def vector_digest(self) -> str:
        """SHA-256, in hexadecimal digits, of z as signed integers of 32 bits, big-endian. The name of the vector."""
        return hashlib.sha256(b"".join(z.to_bytes(4, "big", signed=True) for z in self.z)).hexdigest()

    @classmethod
    def from_native(cls, values: dict[str, Any]) -> Public:
        """The public outputs of the native module's dictionary."""
        return cls(tuple(values["z"]), tuple(values["e"]), tuple(values["a"]), values["c"])


@dataclass(frozen=True)
class Challenge:
    """What makes sketches fresh (specification, "challenge"): between whom, and what nobody knew before.

    `commitments` are the ids of both commitments in ascending order, so that both parties get the same seed; `beacon`
    random bytes that were published after them.
    """

    commitments: tuple[str, str]
    beacon: bytes

    @property
    def seed(self) -> bytes:
        """SHA-256 of a label, the ids (32 bytes each) and the beacon: sketch matrices and encoder follow from it."""
        ids = b"".join(map(bytes.fromhex, self.commitments))
        return hashlib.sha256(b"huref/challenge-seed/v1" + ids + self.beacon).digest()


def seed_of(challenge: Challenge | None) -> bytes | None:
    """The seed as the core takes it; None for the fingerprint itself."""
    return None if challenge is None else challenge.seed


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
        return PROTOCOL if self.challenge is None else CHALLENGE_PROTOCOL

    @property
    def commitment_id(self) -> str:
        """The name of the commitment that this statement is about."""
        return commitment_id(self.profile, self.shape, self.commitment)


def commitment_id(profile: str, shape: Shape, rows: bytes) -> str:
    """Name of a commitment: SHA-256, in hexadecimal digits, of its canonical bytes.

    They are the label `huref/commitment/v1`; the profile's name after its length; hidden, heads, kv_heads, head_dim,
    ffn; the number of layers and the layers; the number of tokens and the digest of their list; the rows. Numbers and
    lengths have 32 bits, big-endian.
    """
    sizes = (shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.ffn)
    hasher = hashlib.sha256(b"huref/commitment/v1")
    hasher.update(_number(len(profile)) + profile.encode("ascii"))
    for number in (*sizes, len(shape.layers), *shape.layers, len(shape.tokens)):
        hasher.update(_number(number))
    hasher.update(_native.token_digest(list(shape.tokens)))
    hasher.update(rows)
    return hasher.hexdigest()


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")
