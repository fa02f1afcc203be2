"""Commitments: a public file that can be published and dated long before a proof, and a private one that opens it.

The weight rows are committed one by one, `C_m = sum_j W_mj G_j + r_m H` on secp256k1 (specification, "commitment"). The
blinds r_m are a pseudo-random function of a secret seed and the weights, so the seed is all that has to be kept: with
it and the model the rows can be made again.
"""

from __future__ import annotations

import base64
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from . import _native, jsonfile
from .errors import InputError, ModelError, WeightsMismatchError
from .profile import named
from .progress import Progress, silent
from .statement import Shape, commitment_id

if TYPE_CHECKING:
    from .quantise import Quantised

MEDIA_TYPE = "application/vnd.huref.commitment.v1+json"
OPENING_MEDIA_TYPE = "application/vnd.huref.opening.v1+json"
#: Bytes of an encoded point.
POINT = 33
#: Largest sizes of a shape that the core accepts.
MAX_SIZE, MAX_FFN = 1 << 16, 1 << 24
#: An opening file has a few hundred bytes.
MAX_OPENING = 4096


class Seed:
    """32 secret bytes from which all blinds follow. Shows itself to nobody: no repr, no comparison, no pickle."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise InputError("a seed has 32 bytes")
        self._secret = secret

    @classmethod
    def fresh(cls) -> Seed:
        """A seed from the operating system's random source."""
        return cls(secrets.token_bytes(32))

    def reveal(self) -> bytes:
        """The secret bytes. Do not bind them to a name: tracebacks show names."""
        return self._secret

    def __repr__(self) -> str:
        return "Seed(secret)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a seed is not copied, pickled or sent anywhere")


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


@dataclass(frozen=True)
class Opening:
    """What its owner keeps: the seed behind a commitment, and which commitment that is. Secret."""

    commitment: str
    seed: Seed = field(repr=False)


def commit(quantised: Quantised, progress: Progress = silent) -> tuple[Commitment, Opening]:
    """A fresh commitment to a model, and its opening.

    Raises:
        ModelError: a shape that no statement can have.

    """
    seed = Seed.fresh()
    commitment = _rows(quantised, seed, progress)
    return commitment, Opening(commitment.id, seed)


def recommit(quantised: Quantised, opening: Opening, progress: Progress = silent) -> Commitment:
    """The commitment that an opening belongs to, made again from the model.

    Raises:
        WeightsMismatchError: the model does not give that commitment under this opening.

    """
    commitment = _rows(quantised, opening.seed, progress)
    if commitment.id != opening.commitment:
        raise WeightsMismatchError(
            f"model and opening do not give commitment {opening.commitment[:16]}...: it was made for other weights, or "
            "with another profile, other layers or tokens. Give the model folder and the options that `huref commit` "
            "was given, or leave out the opening to make a new commitment"
        )
    return commitment


def _rows(quantised: Quantised, seed: Seed, progress: Progress) -> Commitment:
    shape, profile = quantised.shape, quantised.profile.name
    try:
        rows = _native.commit(quantised.weights, seed.reveal(), progress)
    except ValueError as why:
        raise ModelError(f"the model cannot be committed to: {why}") from None
    return Commitment(profile, shape, rows)


def dump_commitment(commitment: Commitment) -> bytes:
    """The bytes of a commitment file."""
    shape = commitment.shape
    return jsonfile.dump(
        {
            "mediaType": MEDIA_TYPE,
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
            "tokens": jsonfile.token_list(shape.tokens),
            "rows": base64.b64encode(commitment.rows).decode(),
        }
    )


def parse_commitment(data: bytes, where: str = "commitment") -> Commitment:
    """The commitment of a file; `where` names it in messages.

    Raises:
        InputError: not a commitment file, or one that contradicts itself.
        UnsupportedVersionError: a profile that this release does not know.

    """
    fields = jsonfile.parse(data, where)
    fields.must_be("mediaType", MEDIA_TYPE)
    name = fields.hexadecimal("id", 32).hex()
    profile = named(fields.text("profile")).name
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
        _native.security(profile, shape.native())
    except _native.Rejected as why:
        fields.refuse(f"no statement has this shape ({why.args[1]})")
    rows = fields.base64("rows", POINT * shape.commitment_rows(profile))
    fields.done()
    commitment = Commitment(profile, shape, rows)
    if commitment.id != name:
        fields.refuse("field 'id' is not the digest of the rest")
    return commitment


def read_commitment(path: Path) -> Commitment:
    """The commitment in a file; NotFoundError, and the errors of `parse_commitment`."""
    return parse_commitment(jsonfile.read(path), str(path))


def write_commitment(path: Path, commitment: Commitment) -> None:
    """Write a commitment file; OutputError."""
    jsonfile.write(path, dump_commitment(commitment))


def write_opening(path: Path, opening: Opening) -> None:
    """Write an opening to a new file that only its owner may read; OutputError, also when the file exists."""
    fields = {"mediaType": OPENING_MEDIA_TYPE, "commitment": opening.commitment, "seed": opening.seed.reveal().hex()}
    jsonfile.write_private(path, jsonfile.dump(fields))


def read_opening(path: Path) -> Opening:
    """The opening in a file.

    Raises:
        NotFoundError: there is no such file.
        InputError: not an opening file, or one that everybody may read.

    """
    fields = jsonfile.parse(jsonfile.read(path, MAX_OPENING), str(path))
    fields.must_be("mediaType", OPENING_MEDIA_TYPE)
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        fields.refuse(f"everybody on this machine may read this secret; run: chmod 600 {path}")
    commitment = fields.hexadecimal("commitment", 32).hex()
    opening = Opening(commitment, Seed(fields.hexadecimal("seed", 32)))
    fields.done()
    return opening
