"""Commitment: public, can be published and dated long before a proof.

The weight rows are committed one by one, `C_m = sum_j W_mj G_j + r_m H` on secp256k1 (specification, "commitment"). The
blinds r_m are a pseudo-random function of a secret seed and the weights, so the seed is all that has to be kept: with
it and the model the rows can be made again.

A commitment file is the object that a bundle carries: the same fields in the same order.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import _native, disk
from . import kinds, strict, tokens
from . import shape as shapes
from .shape import Shape

#: Bytes of an encoded point.
POINT = 33
SCHEME = "pedersen-rows-secp256k1"


@dataclass(frozen=True)
class Commitment:
    """A commitment to quantised weights, public. `rows`: one point of 33 bytes (SEC1, compressed) for each row."""

    profile: str
    shape: Shape
    rows: bytes = field(repr=False)

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal digits: the commitment's name."""
        return commitment_id(self.profile, self.shape, self.rows)


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
    hasher.update(bytes.fromhex(shape.token_digest))
    hasher.update(rows)
    return hasher.hexdigest()


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")


def to_fields(commitment: Commitment) -> dict[str, Any]:
    """The object of a commitment: a whole file, or a part of a bundle."""
    return {
        "mediaType": kinds.COMMITMENT.media_type,
        "id": commitment.id,
        "profile": commitment.profile,
        "shape": shapes.to_fields(commitment.shape),
        "tokens": tokens.to_fields(commitment.shape.tokens),
        "scheme": SCHEME,
        "hiding": True,
        "rows": base64.b64encode(commitment.rows).decode(),
    }


def to_reference(commitment: Commitment) -> dict[str, Any]:
    """The object of a commitment whose rows stand in a file of their own."""
    return {"mediaType": kinds.COMMITMENT.media_type, "id": commitment.id}


def from_fields(fields: strict.Fields) -> Commitment:
    """The commitment of such an object, behind its media type; refused if it contradicts itself."""
    name = fields.hexadecimal("id", 32).hex()
    profile = fields.profile().name
    shape = shapes.from_fields(fields.fields("shape"), tokens.from_fields(fields.fields("tokens")))
    try:
        _native.security(profile, shape, 1)
    except _native.Rejected as why:
        fields.refuse(f"no statement has this shape ({why.args[1]})")
    fields.must_be("scheme", SCHEME)
    fields.must_be("hiding", True)
    rows = fields.base64("rows", POINT * shape.commitment_rows(profile))
    fields.done()
    commitment = Commitment(profile, shape, rows)
    if commitment.id != name:
        fields.refuse("field 'id' is not that of profile, shape, tokens and rows")
    return commitment


def dump(commitment: Commitment) -> bytes:
    """The bytes of a commitment file."""
    return strict.dump(to_fields(commitment))


def parse(data: bytes, where: str = "commitment") -> Commitment:
    """The commitment of a file; `where` names it in messages.

    Raises:
        InputError: the bytes are not a commitment file, or contradict themselves.
        UnsupportedVersionError: the profile is not known to this release.

    """
    return from_fields(kinds.opened(kinds.COMMITMENT, data, where))


def read(path: Path) -> Commitment:
    """The commitment in a file. NotFoundError, and the errors of `parse`."""
    return parse(disk.read(path), str(path))


def write(path: Path, commitment: Commitment) -> None:
    """Write a commitment file. OutputError if that fails."""
    disk.write(path, dump(commitment))
