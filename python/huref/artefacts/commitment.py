"""Commitments: a public file that can be published and dated long before a proof, and a private one that opens it.

The weight rows are committed one by one, `C_m = sum_j W_mj G_j + r_m H` on secp256k1 (specification, "commitment"). The
blinds r_m are a pseudo-random function of a secret seed and the weights, so the seed is all that has to be kept: with
it and the model the rows can be made again.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

from .. import _native, disk
from . import kinds, strict
from .shape import Shape, commitment_id

#: Bytes of an encoded point.
POINT = 33
#: Largest sizes of a shape that the core accepts.
MAX_SIZE, MAX_FFN = 1 << 16, 1 << 24


@dataclass(frozen=True)
class Commitment:
    """A commitment to quantised weights, public. `rows`: one point of 33 bytes (SEC1, compressed) for each row."""

    profile: str
    shape: Shape
    rows: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal digits: the commitment's name."""
        return commitment_id(self.profile, self.shape, self.rows)


def dump(commitment: Commitment) -> bytes:
    """The bytes of a commitment file."""
    shape = commitment.shape
    return strict.dump(
        {
            "mediaType": kinds.COMMITMENT.media_type,
            "id": commitment.id,
            "profile": commitment.profile,
            "shape": {
                "hidden": shape.hidden,
                "heads": shape.heads,
                "kvHeads": shape.kv_heads,
                "headDim": shape.head_dim,
                "ffn": shape.ffn,
                "layers": shape.layers,
            },
            "tokens": strict.token_list(shape.tokens),
            "rows": base64.b64encode(commitment.rows).decode(),
        }
    )


def parse(data: bytes, where: str = "commitment") -> Commitment:
    """The commitment of a file; `where` names it in messages.

    Raises:
        InputError: the bytes are not a commitment file, or contradict themselves.
        UnsupportedVersionError: the profile is not known to this release.

    """
    fields = kinds.opened(kinds.COMMITMENT, data, where)
    name = fields.hexadecimal("id", 32).hex()
    profile = fields.provable_profile().name
    sizes = fields.fields("shape")
    layers = sizes.integers("layers", 0, MAX_SIZE - 1)
    if not layers or list(layers) != sorted(set(layers)):
        sizes.refuse("field 'layers' must be ascending and not empty")
    shape = Shape(
        hidden=sizes.integer("hidden", 1, MAX_SIZE),
        heads=sizes.integer("heads", 1, MAX_SIZE),
        kv_heads=sizes.integer("kvHeads", 1, MAX_SIZE),
        head_dim=sizes.integer("headDim", 1, MAX_SIZE),
        ffn=sizes.integer("ffn", 1, MAX_FFN),
        layers=layers,
        tokens=fields.tokens("tokens"),
    )
    sizes.done()
    try:
        _native.security(profile, shape)
    except _native.Rejected as why:
        fields.refuse(f"no statement has this shape ({why.args[1]})")
    rows = fields.base64("rows", POINT * shape.commitment_rows(profile))
    fields.done()
    commitment = Commitment(profile, shape, rows)
    if commitment.id != name:
        fields.refuse("field 'id' is not the digest of the rest")
    return commitment


def read(path: Path) -> Commitment:
    """The commitment in a file. NotFoundError if it is missing, otherwise the errors of `parse`."""
    return parse(disk.read(path), str(path))


def write(path: Path, commitment: Commitment) -> None:
    """Write a commitment file. OutputError if it cannot be written."""
    disk.write(path, dump(commitment))
