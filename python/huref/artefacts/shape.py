"""Shape: the public sizes of what was committed to, and the name of a commitment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .. import _native
from ..profile import named

#: The matrices of a layer, in committed order.
LAYER = ("q", "k", "v", "o", "up", "down")


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

    def matrices(self) -> tuple[int, ...]:
        """Rows of each committed matrix: X, then q, k, v, o, up, down of every layer. All have `hidden` columns."""
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        layer = (queries, keys, keys, queries, self.ffn, self.ffn)
        return (len(self.tokens), *layer * len(self.layers))

    def commitment_rows(self, profile: str) -> int:
        """Rows of a commitment: floor(n / d) matrix rows stand side by side, a new matrix starts a new row."""
        slots = max(1, named(profile).columns // self.hidden)  # 0 only for shapes that are refused
        return sum(-(-rows // slots) for rows in self.matrices())


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
