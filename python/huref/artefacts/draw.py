"""Draws: where the public matrices P, Q and R of a vector come from (specification, "draws").

common      the profile: the same for every model, so that all can be compared; weights can be fitted to it
own         the statement's own commitment, and perhaps a beacon: younger than the weights
challenge   two commitments and a beacon that was published after both
custom      P and Q of common; in place of R a network that belongs to no release, so that nobody knows how alike the
            vectors of strangers are
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from .. import _native
from ..profile import Profile
from . import strict

Kind = Literal["common", "own", "challenge", "custom"]

#: Bytes of a beacon: drand and hashes of blocks have 32, the beacon of NIST has 64.
FEWEST, MOST = 32, 64


@dataclass(frozen=True)
class Draw:
    """One set of P, Q and R. `beacon`: bytes that nobody knew before, or none; `other`: in a challenge the id of the
    commitment that is not the statement's own; `network_id`: of a custom draw, SHA-256 of the canonical bytes of its
    `network`. A file names the network; only who has it at hand fills in the bytes, without which no verifier accepts.
    """

    kind: Kind
    beacon: bytes = b""
    other: bytes = b""
    network_id: bytes = b""
    network: bytes = field(default=b"", compare=False, repr=False)

    @classmethod
    def custom(cls, network: bytes) -> Draw:
        """The custom draw with the network of these canonical bytes."""
        return cls("custom", network_id=hashlib.sha256(network).digest(), network=network)

    def seed(self, own: str) -> bytes | None:
        """The seed for a statement about commitment `own` (an id in hexadecimal digits); None for the common draw, and
        for custom ones.
        """
        if self.kind in ("common", "custom"):
            return None
        if self.kind == "own":
            return hashlib.sha256(b"huref/own-seed/v1" + bytes.fromhex(own) + self.beacon).digest()
        return challenge_seed(bytes.fromhex(own), self.other, self.beacon)


def challenge_seed(a: bytes, b: bytes, beacon: bytes) -> bytes:
    """The seed of a challenge between two commitments, in either order."""
    return hashlib.sha256(b"huref/challenge-seed/v1" + min(a, b) + max(a, b) + beacon).digest()


COMMON, OWN = Draw("common"), Draw("own")
#: Kinds of the draws of a statement.
LISTS = (("common",), ("own",), ("challenge",), ("common", "own"), ("custom",), ("custom", "own"))


def sketch_stream(profile: Profile, seed: bytes | None) -> bytes:
    """What the stream of every token begins with, under the draw of that seed; the token's bytes follow."""
    return (profile.common if seed is None else profile.fresh).sketch.encode() + (seed or b"")


def sides(tokens: Sequence[bytes], profile: Profile, seed: bytes | None) -> tuple[int, int]:
    """How many tokens P has, and how many Q: the first bit of each token's stream tells. Few on a side, few degrees of
    freedom: then strangers are alike by chance.
    """
    return _native.sides(sketch_stream(profile, seed), tokens)


def to_fields(draw: Draw, own: str) -> dict[str, Any]:
    """The fields of a draw in a statement about commitment `own`, but for its outputs."""
    fields: dict[str, Any] = {"kind": draw.kind}
    if draw.kind == "challenge":
        fields["commitments"] = sorted([own, draw.other.hex()])
    if draw.kind == "custom":
        fields["network"] = draw.network_id.hex()
    if draw.beacon:
        fields["beacon"] = draw.beacon.hex()
    seed = draw.seed(own)
    return fields if seed is None else fields | {"seed": seed.hex()}


def from_fields(fields: strict.Fields, own: str) -> Draw:
    """The draw of these fields, in a statement about commitment `own`; refused unless the seed follows."""
    kind = fields.text("kind")
    if kind == "common":
        return COMMON
    if kind == "custom":
        return Draw("custom", network_id=fields.hexadecimal("network", 32))
    if kind not in ("own", "challenge"):
        fields.refuse("field 'kind' must be common, own, challenge or custom")
    other = _other(fields, own) if kind == "challenge" else b""
    beacon = read_beacon(fields) if kind == "challenge" or fields.has("beacon") else b""
    draw = Draw(kind, beacon, other)  # type: ignore[arg-type]  # one of the three
    if fields.hexadecimal("seed", 32) != draw.seed(own):
        fields.refuse("field 'seed' is not the one that follows from commitment and beacon")
    return draw


def read_beacon(fields: strict.Fields) -> bytes:
    """The field "beacon" of any file."""
    beacon = fields.hexadecimal("beacon")
    if not FEWEST <= len(beacon) <= MOST:
        fields.refuse(f"field 'beacon' must hold {FEWEST} to {MOST} bytes")
    return beacon


def _other(fields: strict.Fields, own: str) -> bytes:
    """The commitment of a challenge that is not the statement's own."""
    a, b = read_commitments(fields)
    if own not in (a, b):
        fields.refuse("field 'commitments' does not name the commitment of this statement")
    return bytes.fromhex(b if own == a else a)


def read_commitments(fields: strict.Fields) -> tuple[str, str]:
    """The field "commitments" of any file: two different ids in ascending order."""
    a, b = (name.hex() for name in fields.byte_strings("commitments", 2))
    if any(len(name) != 64 for name in (a, b)) or a >= b:
        fields.refuse("field 'commitments' must hold two different ids of 32 bytes in ascending order")
    return a, b
