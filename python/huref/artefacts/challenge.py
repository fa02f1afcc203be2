"""Challenges: two owners who do not trust each other are compared on sketches that nobody could prepare for.

The common sketch matrices are public, so owners who want their model to look unrelated can fit a few weights to them
before they commit. The matrices of a challenge follow from its seed, and the seed from both commitments and a beacon:
random bytes that were published after the commitments (specification, "draws"). A challenge file is public; anyone can
make it again from the commitments and the beacon.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import disk
from ..errors import UsageError
from . import kinds, strict
from .draw import FEWEST, MOST, Draw, challenge_seed, read_beacon, read_commitments
from .strict import Fields

#: A challenge file has a few hundred bytes.
MAX_FILE = 4096


@dataclass(frozen=True)
class Challenge:
    """What makes sketches fresh: between whom, and what nobody knew before.

    `commitments` are the ids of both commitments in ascending order, so that both parties get the same seed; `beacon`
    random bytes that were published after them.
    """

    commitments: tuple[str, str]
    beacon: bytes

    @classmethod
    def of(cls, draw: Draw, own: str) -> Challenge:
        """The challenge of a draw of that kind, in a statement about commitment `own`."""
        a, b = sorted((own, draw.other.hex()))
        return cls((a, b), draw.beacon)

    def draw(self, own: str) -> Draw:
        """The draw of the side whose commitment is `own`, which is one of the two."""
        a, b = self.commitments
        return Draw("challenge", self.beacon, bytes.fromhex(b if own == a else a))

    @property
    def seed(self) -> bytes:
        """The seed from which sketch matrices and encoder follow, the same for both sides."""
        a, b = map(bytes.fromhex, self.commitments)
        return challenge_seed(a, b, self.beacon)


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
    """The fields of a challenge file, behind its media type."""
    return {
        "commitments": challenge.commitments,
        "beacon": challenge.beacon.hex(),
        "seed": challenge.seed.hex(),
    }


def from_fields(fields: Fields) -> Challenge:
    """The challenge of these fields; refused unless the seed is the one that follows from the rest."""
    challenge = Challenge(read_commitments(fields), read_beacon(fields))
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
