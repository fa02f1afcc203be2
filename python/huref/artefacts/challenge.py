"""Challenges: two owners who do not trust each other are compared on sketches that nobody could prepare for.

A fingerprint's sketch matrices are public, so owners who want their model to look unrelated can fit a few weights to
them before they commit. The matrices of a challenge follow from its seed, and the seed from both commitments and a
beacon: random bytes that were published after the commitments (specification, "challenge"). A challenge file is public;
anyone can make it again from the commitments and the beacon.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import disk
from ..errors import UsageError
from . import kinds, strict
from .strict import Fields

#: Bytes of a beacon: drand and hashes of blocks have 32, the beacon of NIST has 64.
FEWEST, MOST = 32, 64
#: A challenge file has a few hundred bytes.
MAX_FILE = 4096


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


def between(a: str, b: str, beacon: bytes | None = None) -> Challenge:
    """The challenge for two commitments, given by their ids in either order.

    Without a beacon 32 bytes are drawn from the operating system: enough for people who trust the caller.

    Raises:
        UsageError: both are the same commitment, or the beacon is too short or too long.

    """
    if a == b:
        raise UsageError(f"both are commitment {a[:16]}...; a challenge is between two commitments")
    beacon = secrets.token_bytes(FEWEST) if beacon is None else beacon
    if not FEWEST <= len(beacon) <= MOST:
        raise UsageError(f"a beacon has {FEWEST} to {MOST} bytes, this one has {len(beacon)}")
    first, second = sorted((a, b))
    return Challenge((first, second), beacon)


def to_fields(challenge: Challenge) -> dict[str, Any]:
    """The fields of a challenge, as they stand in files and bundles."""
    return {
        "commitments": challenge.commitments,
        "beacon": challenge.beacon.hex(),
        "seed": challenge.seed.hex(),
    }


def from_fields(fields: Fields) -> Challenge:
    """The challenge of these fields; refused unless the seed is the one that follows from the rest."""
    a, b = (name.hex() for name in fields.byte_strings("commitments", 2))
    if any(len(name) != 64 for name in (a, b)) or a >= b:
        fields.refuse("field 'commitments' must hold two different ids of 32 bytes in ascending order")
    beacon = fields.hexadecimal("beacon")
    if not FEWEST <= len(beacon) <= MOST:
        fields.refuse(f"field 'beacon' must hold {FEWEST} to {MOST} bytes")
    challenge = Challenge((a, b), beacon)
    if fields.hexadecimal("seed", 32) != challenge.seed:
        fields.refuse("field 'seed' is not that of commitments and beacon")
    fields.done()
    return challenge


def dump(challenge: Challenge) -> bytes:
    """The bytes of a challenge file."""
    return strict.dump({"mediaType": kinds.CHALLENGE.media_type, **to_fields(challenge)})


def parse(data: bytes, where: str = "challenge") -> Challenge:
    """The challenge of a file; `where` names it in messages. InputError: not a challenge file."""
    return from_fields(kinds.opened(kinds.CHALLENGE, data, where))


def read(path: Path) -> Challenge:
    """The challenge in a file. NotFoundError if it is missing, InputError if it cannot be read."""
    return parse(disk.read(path, MAX_FILE), str(path))


def write(path: Path, challenge: Challenge) -> None:
    """Write a challenge file. OutputError if it cannot be written."""
    disk.write(path, dump(challenge))
